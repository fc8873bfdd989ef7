//! One Redis: its connections, and how long it is waited for.

use redis::{Client, Connection, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisError, RedisResult};
use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Connections that wait for their next use. More are made when more are needed, and closed after it.
const IDLE_MAX: usize = 16;
/// After a failure nobody asks again for so long, so that a Redis that is down costs a timeout once and not with every request.
const REST: Duration = Duration::from_secs(1);

/// A Redis that did not answer, or not with what was asked for. What a store makes of that is its [`WhenDown`](crate::WhenDown).
#[derive(Debug)]
pub struct Down(String);

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "redis: {}", self.0)
    }
}

impl std::error::Error for Down {}

/// One Redis, shared by threads and stores. Connections are made when they are needed, and again after a failure.
///
/// Every connect, write and read ends within the timeout. A call is at most a broken connection, a new one and the question again:
/// about six of them, and usually a fraction of one.
pub struct Server {
    client: Client,
    timeout: Duration,
    idle: Mutex<Vec<Connection>>,
    rests_until: Mutex<Option<Instant>>,
    failures: AtomicU64,
}

impl Server {
    /// The Redis of a URL: `redis://[user:password@]host[:port][/database]` or `redis+unix:///path`. A host's name is looked up here and
    /// not again, for no timeout bounds that. Nothing is sent yet.
    ///
    /// # Errors
    /// A URL that is none, or a host without an address.
    pub fn open(url: &str, timeout: Duration) -> Result<Self, Down> {
        let info = url.into_connection_info().map_err(|error| Down(error.to_string()))?;
        let address = match info.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let mut found =
                    (host.as_str(), *port).to_socket_addrs().map_err(|error| Down(format!("{host}: {error}")))?;
                let address = found.next().ok_or_else(|| Down(format!("{host} has no address")))?;
                ConnectionAddr::Tcp(address.ip().to_string(), address.port())
            }
            other => other.clone(),
        };
        let client = Client::open(info.set_addr(address)).map_err(|error| Down(error.to_string()))?;
        let (idle, rests_until) = Default::default();
        Ok(Server { client, timeout, idle, rests_until, failures: AtomicU64::new(0) })
    }

    /// How many calls failed so far.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// [`Down`], which says why not.
    pub fn ping(&self) -> Result<(), Down> {
        self.ask(|connection| redis::cmd("PING").query(connection))
    }

    /// Asks on a connection of its own.
    pub(crate) fn ask<T>(&self, mut question: impl FnMut(&mut Connection) -> RedisResult<T>) -> Result<T, Down> {
        if lock(&self.rests_until).is_some_and(|until| Instant::now() < until) {
            return Err(self.failed("it did not answer a moment ago".into(), false));
        }
        // What waited may have been closed meanwhile, by a restart of Redis for instance: that is no failure yet. To ask twice is
        // safe: it refuses what it might have admitted, never the other way.
        let waiting = lock(&self.idle).pop();
        if let Some(connection) = waiting {
            match self.ask_on(connection, &mut question) {
                Err(error) if error.is_io_error() && !error.is_timeout() => lock(&self.idle).clear(),
                answered => return answered.map_err(|error| self.failed(error.to_string(), is_of_connection(&error))),
            }
        }
        let connection = self.connect()?;
        self.ask_on(connection, &mut question).map_err(|error| self.failed(error.to_string(), is_of_connection(&error)))
    }

    /// Keeps the connection unless it broke: an answer that came late would be taken for that of the next question.
    fn ask_on<T>(
        &self,
        mut connection: Connection,
        question: &mut impl FnMut(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let answer = question(&mut connection);
        let is_whole = answer.as_ref().err().is_none_or(|error| !is_of_connection(error));
        let mut idle = lock(&self.idle);
        if is_whole && idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        answer
    }

    fn connect(&self) -> Result<Connection, Down> {
        let connect = || {
            let mut connection = self.client.get_connection_with_timeout(self.timeout)?;
            connection.set_read_timeout(Some(self.timeout))?;
            connection.set_write_timeout(Some(self.timeout))?;
            let info: redis::InfoDict = redis::cmd("INFO").arg("memory").query(&mut connection)?;
            Ok((connection, info))
        };
        let (connection, info) = connect().map_err(|error: RedisError| self.failed(error.to_string(), true))?;
        // A Redis that evicts forgets proofs and revocations before their time, and tells nobody.
        let is_bounded = info.get::<u64>("maxmemory").is_none_or(|bytes| bytes > 0);
        let policy = info.get::<String>("maxmemory_policy").unwrap_or_default();
        if is_bounded && policy != "noeviction" {
            return Err(self.failed(format!("maxmemory-policy is {policy:?} and must be noeviction"), true));
        }
        Ok(connection)
    }

    fn failed(&self, why: String, rests: bool) -> Down {
        self.failures.fetch_add(1, Ordering::Relaxed);
        if rests {
            *lock(&self.rests_until) = Instant::now().checked_add(REST);
        }
        Down(why)
    }
}

/// Whether the connection cannot be used any more. After an error that Redis itself answered with (out of memory, a replica that only
/// reads) it can.
fn is_of_connection(error: &RedisError) -> bool {
    !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

/// None of the locks is held while anything can panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
