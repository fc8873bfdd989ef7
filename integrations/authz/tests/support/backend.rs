//! What the proxies protect: it says which fields it got.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tiny_http::{Response, Server};

pub struct Backend {
    pub address: SocketAddr,
    server: Arc<Server>,
    served: Arc<AtomicUsize>,
}

impl Backend {
    pub fn start() -> Backend {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let (address, served) = (server.server_addr().to_ip().unwrap(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..4 {
            let (server, served) = (server.clone(), served.clone());
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    served.fetch_add(1, Ordering::Relaxed);
                    let fields = request.headers().iter();
                    let fields =
                        fields.map(|header| (header.field.as_str().as_str().to_ascii_lowercase(), header.value.as_str()));
                    let target = (":target".to_owned(), request.url());
                    let fields = fields.chain([target]).map(|(name, value)| (name, value.into()));
                    let fields = fields.collect::<serde_json::Map<_, _>>();
                    let _ = request.respond(Response::from_string(serde_json::Value::Object(fields).to_string()));
                }
                server.unblock();
            });
        }
        Backend { address, server, served }
    }

    /// How many requests came through.
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.server.unblock();
    }
}
