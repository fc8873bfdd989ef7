//! An HTTP authorization service: a proxy asks it for every request, and serves what it answers with 200. `README.md` has the
//! configurations of Caddy, nginx, Envoy, Traefik and HAProxy.

mod admin;
mod answer;
mod ask;
mod config;
mod geo;
mod headers;
mod judge;
mod keys;
mod load;
mod log;
mod metrics;
mod request;
mod server;
mod service;
mod stores;
mod watch;

use ask::Desk;
use clap::Parser;
use log::Log;
use metrics::Metrics;
use serde_json::json;
use server::{Bounds, Counts, bind, serve};
use service::Service;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Whatever goes wrong outside a verdict.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Threads of the operator's listener are few, and it is never busy.
const ADMIN_CONNECTIONS: usize = 16;

/// Answers proxies whether a request may be served.
///
/// SIGHUP reads the keys' file again; SIGTERM and SIGINT end the service once open questions are answered.
#[derive(Parser)]
#[command(name = "countermark-authz", version)]
struct Arguments {
    /// The configuration, in TOML.
    config: PathBuf,
    /// Reads everything, says what is wrong, and does not serve.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "countermark-authz: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Fault> {
    let config = load::read(&arguments.config)?;
    let verdicts = config.limits.verdicts;
    let service = Arc::new(Service::open(config, Log::new(std::io::stdout()))?);
    if arguments.check {
        let keys = service.keys.current();
        writeln!(std::io::stdout(), "{} usable keys, {} skipped; the configuration is good", keys.usable, keys.skipped)?;
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // One for each verdict at a time, one for the keys' file, and a few for the operator.
        .max_blocking_threads(verdicts.saturating_add(ADMIN_CONNECTIONS))
        .build()?;
    let ended = runtime.block_on(work(service.clone()));
    // A store that does not answer must not hold the end up.
    runtime.shutdown_timeout(Duration::from_secs(5));
    service.log.end();
    ended
}

async fn work(service: Arc<Service>) -> Result<(), Fault> {
    let (config, limits) = (service.config, &service.config.limits);
    let listener = bind(config.listen).await?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let time = Duration::from_secs(limits.seconds);
    let bounds = |peers: &[ipnet::IpNet], connections| Bounds {
        peers: peers.to_vec(),
        connections,
        header_bytes: limits.header_bytes,
        headers: limits.headers,
        time,
    };
    let counts = Arc::new(OfProxies(service.clone()));
    let (listens, mut admin_listens) = (listener.local_addr()?, None);
    let desk = Desk::new(service.clone());
    let proxies = serve(listener, bounds(&config.peers, limits.connections), counts, stopped.clone(), move |request| {
        desk.clone().answer(request)
    });
    let mut tasks = vec![tokio::spawn(proxies)];
    if let Some(admin) = &config.admin {
        let listener = bind(admin.listen).await?;
        admin_listens = Some(listener.local_addr()?);
        let asked = service.clone();
        let serving = serve(
            listener,
            bounds(&admin.peers, ADMIN_CONNECTIONS),
            Arc::new(Uncounted::default()),
            stopped,
            move |request| admin::answer(asked.clone(), request),
        );
        tasks.push(tokio::spawn(serving));
    }
    let keys = service.keys.current();
    let (listens, admin_listens) = (listens.to_string(), admin_listens.map(|address| address.to_string()));
    let (usable, skipped) = (keys.usable, keys.skipped);
    let listening = json!({ "listen": listens, "admin": admin_listens, "keys": usable, "keys_skipped": skipped });
    service.log.event("listening", listening);

    let (mut hangup, mut terminate) = (signal(SignalKind::hangup())?, signal(SignalKind::terminate())?);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut look = tokio::time::interval(Duration::from_secs(config.keys.watch_seconds));
    // A file system that does not answer holds one reader up, and no signal.
    let (mut reader, mut is_due, mut is_asked) = (None, false, false);
    loop {
        tokio::select! {
            _ = hangup.recv() => is_asked = true,
            _ = look.tick() => is_due = true,
            () = done(&mut reader) => reader = None,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
        if reader.is_none() && (is_due || is_asked) {
            let (service, is_asked) = (service.clone(), std::mem::take(&mut is_asked));
            reader = Some(tokio::task::spawn_blocking(move || reload(&service, is_asked)));
            is_due = false;
        }
    }
    service.log.event("stopping", json!({}));
    let _ = stop.send(true);
    for task in tasks {
        let _ = task.await;
    }
    service.log.event("stopped", json!({}));
    Ok(())
}

/// Until the reader is done; without one, never.
async fn done(reader: &mut Option<tokio::task::JoinHandle<()>>) {
    match reader {
        Some(task) => drop(task.await),
        None => std::future::pending().await,
    }
}

/// Reads the keys' file, if it has changed or the operator asks.
fn reload(service: &Service, is_asked: bool) {
    if !is_asked && !service.keys.has_changed() {
        return;
    }
    match service.keys.reload() {
        Ok(keys) => {
            service.metrics.reloads.fetch_add(1, Ordering::Relaxed);
            service.log.event("keys", json!({ "keys": keys.usable, "keys_skipped": keys.skipped }));
        }
        Err(fault) => {
            service.metrics.reloads_failed.fetch_add(1, Ordering::Relaxed);
            service.log.event("keys refused", json!({ "why": fault.to_string(), "keys": service.keys.current().usable }));
        }
    }
}

/// The counts of the proxies' listener.
struct OfProxies(Arc<Service>);

impl OfProxies {
    fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}

impl Counts for OfProxies {
    fn open(&self) -> &AtomicU64 {
        &self.metrics().connections
    }

    fn refused(&self) -> &AtomicU64 {
        &self.metrics().connections_refused
    }
}

/// The operator's own are in no metric.
#[derive(Default)]
struct Uncounted(AtomicU64);

impl Counts for Uncounted {
    fn open(&self) -> &AtomicU64 {
        &self.0
    }

    fn refused(&self) -> &AtomicU64 {
        &self.0
    }
}
