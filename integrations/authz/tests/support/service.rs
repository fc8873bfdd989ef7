//! One process of the service.

use super::client::{Answer, send};
use super::{World, end, until};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// The configuration that most tests begin with. `{PROXY}` is the part that differs.
pub const CONFIG: &str = r#"
listen = "127.0.0.1:0"

[admin]
listen = "127.0.0.1:0"

[proxy]
{PROXY}

[token]
issuer = "https://login.example"
audiences = ["https://api.example"]
algorithms = ["ES256"]
typ = "at+jwt"
require = ["sub", "jti"]
realm = "api"
bytes_max = 2048

[keys]
file = "keys.json"
watch_seconds = 1

[state]
secret_file = "secret"
{STATE}

[headers]
X-Auth-Subject = "sub"
X-Auth-Scope = "scope"
"#;

/// The doors that most tests ask at.
pub const DOORS: &str = r#"
[doors.api]

[doors.orders]
rules = [{ claim = "scope", all_of = ["orders:read"] }]

[doors.limited]
limits = [{ by = "address", requests = 6, seconds = 60, burst = 3 }]

[doors.shared]
limits = [{ by = "sub", requests = 6, seconds = 60, burst = 3 }]

[doors.tenant]
limits = [{ by = "tenant", requests = 6, seconds = 60, burst = 3 }]
"#;

pub struct Service {
    pub child: Child,
    pub address: SocketAddr,
    pub admin: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// With `more` behind the common configuration.
    pub fn start(world: &World, proxy: &str, state: &str, more: &str) -> Service {
        let text = CONFIG.replace("{PROXY}", proxy).replace("{STATE}", state) + more;
        Self::start_with(world, &text)
    }

    pub fn start_with(world: &World, config: &str) -> Service {
        let path = world.write("authz.toml", config);
        let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-authz"));
        let mut child = command.arg(&path).stdout(Stdio::piped()).spawn().unwrap();
        let (out, lines) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let kept = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut service = Service { child, address: any, admin: any, lines };
        until("the service says that it listens", || !service.events("listening").is_empty());
        let listening = service.events("listening").remove(0);
        service.address = listening["listen"].as_str().unwrap().parse().unwrap();
        service.admin = listening["admin"].as_str().unwrap_or("127.0.0.1:0").parse().unwrap();
        service
    }

    /// All that it wrote.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// The log's lines of one kind.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        let lines = self.lines();
        let events = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"));
        events.filter(|event| event["event"] == kind).collect()
    }

    /// Runs `ask`, and gives the line that was logged for it.
    pub fn logged(&self, ask: impl FnOnce() -> Answer) -> (Answer, Value) {
        // Lines of earlier answers may still be on their way here.
        let before = self.metric("countermark_answer_seconds_count") as usize;
        until("earlier answers are logged", || self.events("answered").len() >= before);
        let answer = ask();
        until("the answer is logged", || self.events("answered").len() > before);
        (answer, self.events("answered").swap_remove(before))
    }

    /// Asks the operator's door.
    pub fn revoke(&self, body: &str) -> Answer {
        self.revoke_as("application/json", body)
    }

    pub fn revoke_as(&self, kind: &str, body: &str) -> Answer {
        let bytes = body.len();
        let head = format!("POST /revoke HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: {bytes}\r\n");
        let text = format!("{head}Content-Type: {kind}\r\n\r\n{body}");
        super::client::parse(&super::client::exchange([127, 0, 0, 1].into(), self.admin, text.as_bytes()))
    }

    pub fn metrics(&self) -> String {
        send(self.admin, "GET", "/metrics", &[]).body
    }

    /// The value of one sample.
    pub fn metric(&self, sample: &str) -> f64 {
        let page = self.metrics();
        let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    pub fn end(&mut self) -> Option<i32> {
        end(&mut self.child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
