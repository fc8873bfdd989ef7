//! The door to the proxies: one question in, one answer out, in bounded time.

use crate::answer::Answer;
use crate::request::{Ask, Unasked};
use crate::server::Body;
use crate::service::Service;
use hyper::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Semaphore;

/// Says the HTTP status once more, for proxies that turn every refusal but 401 and 403 into 500: nginx.
const CODE_FIELD: &str = "x-authz-code";

/// Answers questions. Verdicts are made on threads of their own, for a store may wait.
#[derive(Clone)]
pub struct Desk {
    service: Arc<Service>,
    places: Arc<Semaphore>,
    time: Duration,
}

impl Desk {
    pub fn new(service: Arc<Service>) -> Desk {
        let limits = &service.config.limits;
        let (places, time) = (Arc::new(Semaphore::new(limits.verdicts)), Duration::from_secs(limits.seconds));
        Desk { service, places, time }
    }

    /// The answer. A body is not read.
    pub async fn answer<B>(self, request: Request<B>) -> Response<Body> {
        let start = Instant::now();
        let (parts, _) = request.into_parts();
        if parts.uri.path() == "/healthz" {
            return response(200, &[]);
        }
        let (door, answer) = self.judged(&parts).await;
        // A name that is none of the doors' is the client's text, where the proxy lets it choose: it is no label.
        let door = self.service.doors.get_key_value(door.as_str()).map_or("", |(name, _)| name);
        self.service.metrics.answered(door, answer.http, &answer.told, start.elapsed());
        self.service.log.answered(door, answer.http, &answer.told, start.elapsed());
        response(answer.http, &answer.headers)
    }

    async fn judged(&self, parts: &Parts) -> (String, Answer) {
        let config = self.service.config;
        let certificate = config.holder.certificate.as_ref().map(|certificate| certificate.header.as_str());
        let ask = match Ask::of(parts, &config.proxy, &self.service.exported.names, certificate) {
            Ok(ask) => ask,
            Err(Unasked::NoSuchDoor) => return (String::new(), Answer::fault(404, "no such door")),
            Err(Unasked::Proxy(what)) => return (String::new(), Answer::fault(500, what)),
            Err(Unasked::Forged) => return (String::new(), Answer::fault(400, "forged field")),
        };
        let door = ask.door.clone();
        let busy = |fault| Answer::fault(503, fault).with("Retry-After", 1);
        let Ok(place) = self.places.clone().try_acquire_owned() else { return (door, busy("busy")) };
        let service = self.service.clone();
        let verdict = tokio::task::spawn_blocking(move || {
            let answer = match now_ms() {
                Some(now_ms) => service.judge(&ask, now_ms),
                None => Answer::fault(500, "the clock is not set"),
            };
            // Held until the verdict is made, even where nobody waits for it any more.
            drop(place);
            answer
        });
        let answer = match tokio::time::timeout(self.time, verdict).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::fault(500, "no verdict"),
            Err(_) => busy("late"),
        };
        (door, answer)
    }
}

/// An answer is for one request and nobody keeps it.
pub fn response(http: u16, headers: &[(String, String)]) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(HeaderName::from_static(CODE_FIELD), HeaderValue::from(http));
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            fields.insert(name, value);
        }
    }
    response
}

/// Milliseconds since 1970, or none: a clock before 1970 is not set.
pub fn now_ms() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}
