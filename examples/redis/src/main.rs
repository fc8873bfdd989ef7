//! A small gateway that keeps what changes in Redis: start two of them beside one store, and what one has seen the other knows.
//!
//! It is a demonstration: no TLS, no passwords, and whoever asks gets a token. So it binds loopback addresses only.

mod gateway;

use countermark_redis::{RedisReplay, RedisRevocations, RedisThrottle, Server, Tags, WhenDown};
use gateway::{Gateway, TOKEN_LIFE};
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Whatever goes wrong outside a verdict.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How long Redis is waited for. One on the same network answers in less than a millisecond.
const TIMEOUT: Duration = Duration::from_millis(250);

const USAGE: &str = "usage: gateway --listen ADDR --redis URL --secret FILE [--url URL] [--when-down closed|open]

  --listen ADDR    a loopback address, such as 127.0.0.1:8080
  --redis URL      such as redis://127.0.0.1:6379
  --secret FILE    32 bytes or more, the same for every gateway: its key signs the tokens and hides the names in Redis
  --url URL        what clients call the gateways, as they put it into their proofs; http://ADDR without it
  --when-down ...  whether anybody is served while Redis does not answer; nobody without it\n";

struct Arguments {
    listen: SocketAddr,
    redis: String,
    secret: String,
    url: Option<String>,
    when_down: WhenDown,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()).collect();
    let Some(arguments) = read(&arguments) else {
        let _ = write!(std::io::stderr(), "{USAGE}");
        return ExitCode::from(2);
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "gateway: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Option<Arguments> {
    let (mut listen, mut redis, mut secret, mut url, mut when_down) = (None, None, None, None, WhenDown::Closed);
    let (pairs, rest) = arguments.as_chunks::<2>();
    for [name, value] in pairs {
        match (name.as_str(), value.as_str()) {
            ("--listen", value) => listen = value.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback()),
            ("--redis", value) => redis = Some(value.to_owned()),
            ("--secret", value) => secret = Some(value.to_owned()),
            ("--url", value) => url = Some(value.to_owned()),
            ("--when-down", "closed") => when_down = WhenDown::Closed,
            ("--when-down", "open") => when_down = WhenDown::Open,
            _ => return None,
        }
    }
    let read = Arguments { listen: listen?, redis: redis?, secret: secret?, url, when_down };
    rest.is_empty().then_some(read)
}

fn run(arguments: &Arguments) -> Result<(), Fault> {
    let secret = std::fs::read(&arguments.secret).map_err(|error| format!("{}: {error}", arguments.secret))?;
    let tags = Tags::new(&secret)?;
    let server = Arc::new(Server::open(&arguments.redis, TIMEOUT)?);
    let when_down = arguments.when_down;
    let revocations = RedisRevocations::new(server.clone(), tags.clone(), when_down, TOKEN_LIFE);
    let replay = RedisReplay::new(server.clone(), tags.clone(), when_down);
    let throttle = RedisThrottle::new(server, tags, when_down);

    let http = tiny_http::Server::http(arguments.listen)?;
    let address = http.server_addr().to_ip().ok_or("the server has no address")?;
    let url = arguments.url.clone().unwrap_or_else(|| format!("http://{address}"));
    let mut region = [0; 64];
    let gateway = Gateway { revocations, replay, throttle, url };
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    gateway.serve(&http, &secret, &mut region)
}
