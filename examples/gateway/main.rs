//! A small HTTP gateway on loopback: `POST /login` mints a token that is bound to the calling client: to its likeness, and to the
//! key of its DPoP proof or the certificate of its connection where it shows one. `GET /api/...` verifies the token on every
//! request, `POST /reissue` follows a client that changed. Tokens of other shapes have doors of their own.
//!
//! Everything is built in: keys are made at start, state is in memory, there is nothing to configure. Run bare, it starts
//! on a free port, sends itself real requests as several clients and prints what became of each.
//!
//! It is a demonstration: no TLS, known passwords, no limit on connections. So it binds loopback addresses only.

// Visible to the whole crate for tests/gateway.rs, which includes this file.
pub(crate) mod binding;
pub(crate) mod client;
pub(crate) mod device;
pub(crate) mod door;
pub(crate) mod edge;
pub(crate) mod forge;
pub(crate) mod gateway;
pub(crate) mod known;
pub(crate) mod login;
pub(crate) mod possession;
pub(crate) mod reply;
pub(crate) mod scene;
pub(crate) mod scenes;
pub(crate) mod sealed;
pub(crate) mod sealed_scenes;
pub(crate) mod server;
pub(crate) mod standing;
pub(crate) mod standing_scenes;
pub(crate) mod statuses;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod watch;
pub(crate) mod watch_scenes;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

/// Whatever goes wrong outside a verdict.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "usage: gateway                 send itself requests, print a table; exit status 1 if any differs
       gateway --listen ADDR   keep running on a loopback address, such as 127.0.0.1:8080\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()).collect();
    ExitCode::from(run(&arguments, &mut std::io::stdout(), &mut std::io::stderr()))
}

/// The whole program; the exit status is 0, 1 or 2.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, complaints: &mut dyn Write) -> u8 {
    let result = match arguments {
        [] => demonstrate(&all_scenes(), out).map(|all_passed| if all_passed { 0 } else { 1 }),
        [option, address] if option == "--listen" => match address.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => listen(address, out).map(|()| 0),
            _ => return misused(&format!("{address} is not a loopback address with a port"), complaints),
        },
        _ => return misused("unknown arguments", complaints),
    };
    result.unwrap_or_else(|fault| {
        let _ = writeln!(complaints, "gateway: {fault}");
        1
    })
}

/// What the client is like, what it has, what is around its token, what became of that, and how and whence it comes.
pub(crate) fn all_scenes() -> Vec<scene::Scene> {
    [scenes::SCENES, possession::SCENES, sealed_scenes::SCENES, standing_scenes::SCENES, watch_scenes::SCENES].concat()
}

fn misused(why: &str, complaints: &mut dyn Write) -> u8 {
    // Where nobody can be told, the status still says it.
    let _ = write!(complaints, "gateway: {why}\n{USAGE}");
    2
}

/// Plays the scenes against a gateway of its own. Says whether every answer was the expected one.
pub(crate) fn demonstrate(scenes: &[scene::Scene], out: &mut dyn Write) -> Result<bool, Fault> {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    gateway::open(|gateway| {
        server::serve(gateway, any_port, |serving| {
            let visitor = client::Visitor::new(gateway, serving.address);
            let rows: Vec<table::Row> = scenes.iter().flat_map(|scene| scene.play(&visitor)).collect();
            writeln!(out, "countermark gateway on http://{}, {} workers\n", serving.address, server::WORKERS)?;
            gateway.watch.events().iter().try_for_each(|event| writeln!(out, "event: {event}"))?;
            Ok(table::print(&rows, out)?)
        })?
    })?
}

fn listen(address: SocketAddr, out: &mut dyn Write) -> Result<(), Fault> {
    gateway::open(|gateway| {
        server::serve(gateway, address, |serving| {
            let at = serving.address;
            writeln!(out, "countermark gateway on http://{at}, until it is interrupted\n")?;
            writeln!(out, "  curl -d 'user=alice&password=wonderland' http://{at}/login")?;
            writeln!(out, "  curl -i -H 'Authorization: Bearer TOKEN' http://{at}/api/hello")?;
            out.flush()?;
            // This thread becomes one more worker; it comes back only when the listening socket fails.
            serving.work();
            Err("the listening socket failed".into())
        })?
    })?
}
