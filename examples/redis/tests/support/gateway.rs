//! One process of the gateway.

use super::{CALL_MAX, SECRET, bounded};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// What clients call all the gateways: there is a load balancer in front of them.
pub const URL: &str = "https://api.example";

pub struct Gateway {
    child: Child,
    address: String,
    secret: PathBuf,
}

/// What came back: the status, and the first line of the body.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub http: i32,
    pub text: String,
    pub retry_after: Option<String>,
}

impl Gateway {
    pub fn start(redis: &str, when_down: &str, name: &str) -> Gateway {
        let secret = std::env::temp_dir().join(format!("countermark-redis-{}-{name}.secret", std::process::id()));
        std::fs::write(&secret, SECRET).unwrap();
        let file = secret.to_str().unwrap();
        let arguments =
            ["--listen", "127.0.0.1:0", "--redis", redis, "--secret", file, "--url", URL, "--when-down", when_down];
        let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-redis"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("the gateway says where it listens").to_owned();
        Gateway { child, address, secret }
    }

    pub fn send(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = minreq::Request::new(minreq::Method::Custom(method.into()), format!("{}{path}", self.address));
        let request = request.with_headers(fields.iter().copied()).with_timeout(CALL_MAX.as_secs() + 1);
        let answer = bounded(|| request.send()).unwrap();
        let text = answer.as_str().unwrap().trim().to_owned();
        Answer { http: answer.status_code, text, retry_after: answer.headers.get("retry-after").cloned() }
    }

    pub fn get(&self, token: &str) -> Answer {
        self.send("GET", "/api/orders", &[("Authorization", &format!("Bearer {token}"))])
    }

    pub fn get_proved(&self, token: &str, proof: &str) -> Answer {
        self.send("GET", "/api/orders", &[("Authorization", &format!("DPoP {token}")), ("DPoP", proof)])
    }

    pub fn post(&self, path: &str, token: &str) -> Answer {
        self.send("POST", path, &[("Authorization", &format!("Bearer {token}"))])
    }

    pub fn token(&self, query: &str) -> String {
        let answer = self.send("POST", &format!("/login?{query}"), &[]);
        assert_eq!(answer.http, 200, "{answer:?}");
        answer.text
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.secret);
    }
}

/// An answer with this status and text, and no `Retry-After`.
pub fn answer(http: i32, text: &str) -> Answer {
    Answer { http, text: text.into(), retry_after: None }
}
