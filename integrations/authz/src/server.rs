//! HTTP: connections within limits, and their end.

use crate::Fault;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Every body is short.
pub type Body = http_body_util::Full<hyper::body::Bytes>;

/// What a listener allows.
pub struct Bounds {
    pub peers: Vec<IpNet>,
    pub connections: usize,
    pub header_bytes: usize,
    pub headers: usize,
    pub time: Duration,
}

/// What a listener counts.
pub trait Counts: Send + Sync + 'static {
    /// How many connections are open.
    fn open(&self) -> &AtomicU64;
    /// How many were refused.
    fn refused(&self) -> &AtomicU64;
}

/// A socket that listens.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// Serves until `stop` says so; then no connection is taken any more, and those that are open end with the answer that they wait
/// for, or after the bounds' time.
pub async fn serve<C, H, F>(
    listener: TcpListener,
    bounds: Bounds,
    counts: Arc<C>,
    mut stop: watch::Receiver<bool>,
    handle: H,
) where
    C: Counts,
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(bounds.connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.time).max_headers(bounds.headers);
    http.max_buf_size(bounds.header_bytes).max_header_size(bounds.header_bytes);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, peer)) = accepted else {
            // No file descriptor is free, for instance: others will end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let place = places.clone().try_acquire_owned().ok().filter(|_| is_among(&bounds.peers, peer.ip()));
        let Some(place) = place else {
            counts.refused().fetch_add(1, Ordering::Relaxed);
            continue;
        };
        // An answer is one small packet. Without this it may wait for the last one's receipt.
        let _ = stream.set_nodelay(true);
        let handle = handle.clone();
        let service = service_fn(move |request| {
            let answer = handle(request);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        let counts = counts.clone();
        counts.open().fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            // A proxy that goes away is its own business.
            let _ = connection.await;
            counts.open().fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(bounds.time, graceful.shutdown()).await;
}

fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}
