//! A Redis of the test's own, with its own port and directory, which ends with the test.
#![allow(dead_code)] // each test program uses its part

pub mod device;
pub mod gateway;

use countermark_redis::{Server, Tags};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

pub const SECRET: &[u8] = b"a test's secret that all machines share";
/// How long the tests' stores wait for Redis.
pub const TIMEOUT: Duration = Duration::from_millis(200);
/// What a call may take at most, whatever Redis does: six timeouts, and room for a busy machine.
pub const CALL_MAX: Duration = Duration::from_secs(3);

pub struct Redis {
    child: Option<Child>,
    port: u16,
    folder: PathBuf,
    arguments: Vec<String>,
}

impl Redis {
    /// On a free port of the loopback interface. `arguments` go behind the others.
    pub fn start(arguments: &[&str]) -> Redis {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countermark-redis-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let arguments = arguments.iter().map(|text| text.to_string()).collect();
        let mut redis = Redis { child: None, port: 0, folder, arguments };
        // Somebody else may take a port between our look at it and Redis's start.
        for _ in 0..5 {
            redis.port = free_port();
            redis.run();
            if redis.answers() {
                return redis;
            }
        }
        panic!("redis-server does not answer (Debian: apt install redis-server)");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection pool of its own, as another machine has.
    pub fn server(&self) -> Arc<Server> {
        Arc::new(Server::open(&self.url(), TIMEOUT).unwrap())
    }

    /// Asks by a connection of its own.
    pub fn query<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        let (name, arguments) = words.split_first().unwrap();
        redis::cmd(name).arg(arguments).query(&mut connection).unwrap()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Runs it on the same port again, with nothing in it.
    pub fn restart(&mut self) {
        self.kill();
        self.run();
        assert!(self.answers(), "redis-server does not come back");
    }

    /// From now on it takes connections and says nothing.
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn run(&mut self) {
        let port = self.port.to_string();
        let folder = self.folder.to_str().unwrap();
        let own = ["--port", &port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
        let mut command = Command::new("redis-server");
        command.args(own).args(&self.arguments).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("redis-server starts (Debian: apt install redis-server)"));
    }

    fn answers(&mut self) -> bool {
        let client = redis::Client::open(self.url()).unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if self.child.as_mut().is_none_or(|child| child.try_wait().is_ok_and(|ended| ended.is_some())) {
                return false;
            }
            let connection = client.get_connection_with_timeout(Duration::from_secs(1));
            if connection.is_ok_and(|mut connection| redis::cmd("PING").exec(&mut connection).is_ok()) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn tags() -> Tags {
    Tags::new(SECRET).unwrap()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// The answer, which did not take longer than a call may.
pub fn bounded<T>(call: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let answer = call();
    assert!(start.elapsed() < CALL_MAX, "a call took {:?}", start.elapsed());
    answer
}

/// Numbers that are the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % bound
    }
}
