//! The operator's door: health, metrics, revocations. It has a listener of its own, for clients must not reach it.

use crate::Fault;
use crate::ask::now_ms;
use crate::server::Body;
use crate::service::Service;
use crate::stores::Revoked;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, ORIGIN};
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const BODY_BYTES_MAX: usize = 4096;
/// Whoever sends a body slower than that holds one of few connections.
const BODY_TIME: Duration = Duration::from_secs(5);

/// What `POST /revoke` takes: exactly one of the names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    jti: Option<String>,
    kid: Option<String>,
    sub: Option<String>,
    /// With `jti` and `kid`: the `exp` of what is revoked, in seconds since 1970. For ever without it.
    expires_at: Option<i64>,
    /// With `sub`: tokens issued before; now without it.
    not_before: Option<i64>,
}

pub async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Response<Body> {
    // Only browsers send it, and no page has any business here.
    if request.headers().contains_key(ORIGIN) {
        return text(StatusCode::FORBIDDEN, "not for browsers\n".into());
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") => text(StatusCode::OK, "ok\n".into()),
        (&Method::GET, "/metrics") => {
            let failures = service.stores.server.as_ref().map_or(0, |server| server.failures());
            let lost = service.log.lost.load(Ordering::Relaxed);
            let page = service.metrics.page(service.keys.current().usable, failures, lost);
            let mut response = text(StatusCode::OK, page);
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        // A page in the operator's browser can send other types without asking, and must not log anybody out.
        (&Method::POST, "/revoke") if !is_json(&request) => {
            text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json\n".into())
        }
        (&Method::POST, "/revoke") => {
            let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
            let body = match tokio::time::timeout(BODY_TIME, body).await {
                Ok(Ok(body)) => body,
                Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, format!("more than {BODY_BYTES_MAX} bytes\n")),
                Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "too slow\n".into()),
            };
            let Ok(asked) = serde_json::from_slice::<Revocation>(&body.to_bytes()) else {
                return text(StatusCode::BAD_REQUEST, "send an object with jti, kid or sub\n".into());
            };
            // A store may wait.
            let done = tokio::task::spawn_blocking(move || revoke(&service, &asked)).await;
            match done {
                Ok(Ok(true)) => text(StatusCode::OK, "revoked\n".into()),
                Ok(Ok(false)) => text(StatusCode::BAD_REQUEST, "exactly one of jti, kid, sub, and its time\n".into()),
                Ok(Err(fault)) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not revoked: {fault}\n")),
                Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "not revoked\n".into()),
            }
        }
        (_, "/healthz" | "/metrics" | "/revoke") => text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n".into()),
        _ => text(StatusCode::NOT_FOUND, "not found\n".into()),
    }
}

fn is_json(request: &Request<Incoming>) -> bool {
    request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json")
}

/// Whether it was understood.
fn revoke(service: &Service, asked: &Revocation) -> Result<bool, Fault> {
    let now = now_ms().ok_or("the clock is not set")?.div_euclid(1000);
    let leeway = i64::from(service.config.token.leeway_seconds);
    let expires_at = asked.expires_at.map_or(i64::MAX, |date| date.saturating_add(leeway));
    let (what, revoked) = match (&asked.jti, &asked.kid, &asked.sub) {
        (Some(id), None, None) if asked.not_before.is_none() => ("token", Revoked::Token { id, expires_at }),
        (None, Some(id), None) if asked.not_before.is_none() => ("key", Revoked::Key { id, expires_at }),
        (None, None, Some(name)) if asked.expires_at.is_none() => {
            // Tokens of this second count too: whoever logs in within it does it once more.
            let not_before = asked.not_before.unwrap_or(now.saturating_add(1));
            ("subject", Revoked::Subject { name, not_before })
        }
        _ => return Ok(false),
    };
    service.stores.revoker.revoke(&service.config.token.issuer, &revoked, now)?;
    service.log.event("revoked", json!({ "what": what }));
    Ok(true)
}

fn text(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
