//! HTTP: a few workers that share one gateway, its routes, and the answers.

use super::Fault;
use super::binding::Binding;
use super::door::Door;
use super::gateway::{Gateway, LIFETIME, SCRATCH_BYTES, SKETCH_CLAIM, now, now_ms, random_name};
use super::login::{self, Refusal};
use super::reply::Reply;
use super::standing::{ORDER_RULES, State};
use super::{edge, known, stream};
use countermark::{Challenge, Claims, Clock, Evidence, NewSketch, Report, Scheme, Session, Status};
use serde_json::json;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tiny_http::{Header, Method, Request, Server};

/// How many requests are answered at a time.
pub const WORKERS: usize = 4;
/// The longest body of a login, in bytes.
const BODY_BYTES_MAX: u64 = 1024;

/// A server at work.
pub struct Serving<'s> {
    /// Where it listens.
    pub address: SocketAddr,
    server: &'s Server,
    gateway: &'s Gateway<'s>,
}

/// Serves while `body` runs; all workers have ended when it returns.
pub fn serve<R>(gateway: &Gateway<'_>, at: SocketAddr, body: impl FnOnce(&Serving<'_>) -> R) -> Result<R, Fault> {
    let server = Server::http(at).map_err(|error| format!("cannot listen on {at}: {error}"))?;
    let address = server.server_addr().to_ip().ok_or("the server has no address")?;
    let serving = Serving { address, server: &server, gateway };
    Ok(std::thread::scope(|scope| {
        // Also when `body` panics: the scope waits for the workers.
        let _stop = Stop(&server);
        for _ in 0..WORKERS {
            scope.spawn(|| serving.work());
        }
        body(&serving)
    }))
}

/// Ends the workers when dropped.
struct Stop<'s>(&'s Server);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.unblock();
    }
}

impl Serving<'_> {
    /// Answers requests until the server stops.
    pub fn work(&self) {
        let mut scratch = [0; SCRATCH_BYTES];
        std::thread::scope(|streams| {
            while let Ok(mut request) = self.server.recv() {
                // The client may have gone; that is its business.
                match self.opened(&request, &mut scratch) {
                    Some((user, session)) => drop(streams.spawn(move || self.stream(request, &user, session))),
                    None => {
                        let reply = self.answer(&mut request, &mut scratch);
                        drop(request.respond(reply.into_response()));
                    }
                }
            }
            // `unblock` wakes one worker, so each wakes the next; and then waits for the streams that it opened.
            self.server.unblock();
        });
    }

    fn answer(&self, request: &mut Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        let path = request.url().split('?').next().unwrap_or_default();
        let not_allowed = |allowed| Reply::error(405, "method not allowed").with("Allow", allowed);
        let (login, door) = (Door::of_login(path), Door::of(path));
        if let Some(refused) = self.too_many(request, if login.is_some() { "login" } else { "rest" }) {
            return refused;
        }
        match (login, door, request.method()) {
            (Some(door), _, Method::Post) => self.login(request, door),
            (Some(_), ..) => not_allowed("POST"),
            (_, Some(door), Method::Get) => self.api(request, door, path, scratch),
            (_, Some(_), _) => not_allowed("GET"),
            (.., Method::Post) if path == "/reissue" => self.reissue(request, scratch),
            (.., Method::Post) if path == "/logout" => {
                self.log_out(request, scratch, |state, claims, now| state.revoke(claims, now))
            }
            (.., Method::Post) if path == "/logout/everywhere" => {
                self.log_out(request, scratch, |state, claims, now| state.revoke_all(claims, now))
            }
            _ if ["/reissue", "/logout", "/logout/everywhere"].contains(&path) => not_allowed("POST"),
            _ => Reply::error(404, "not found"),
        }
    }

    /// The answer to a client that asks too often.
    fn too_many(&self, request: &Request, route: &str) -> Option<Reply> {
        let start = Instant::now();
        let field = request.headers().iter().find(|header| header.field.equiv(known::ADDRESS_FIELD));
        let address = field.and_then(|header| header.value.as_str().parse().ok());
        let address = address.or(request.remote_addr().map(SocketAddr::ip))?;
        let refusal = self.gateway.watch.admit(route, address, now_ms()?).err()?;
        let retry_after = if refusal.retry_after == 0 { String::new() } else { refusal.retry_after.to_string() };
        let reply = Reply::error(Challenge::http_status(refusal.status), "not now").with("Retry-After", retry_after);
        Some(reply.reported("reject", &Report::ended(refusal.status), start.elapsed()))
    }

    /// A token for whoever knows the password, bound to the client that asks.
    fn login(&self, request: &mut Request, door: Door) -> Reply {
        let mut body = Vec::new();
        let bounded = request.as_reader().take(BODY_BYTES_MAX.saturating_add(1)).read_to_end(&mut body);
        if bounded.is_err() {
            return Reply::error(400, "unreadable body");
        }
        if body.len() as u64 > BODY_BYTES_MAX {
            return Reply::error(413, "body too large");
        }
        let content_type = request.headers().iter().find(|header| header.field.equiv("content-type"));
        match login::user(content_type.map_or("", |header| header.value.as_str()), &body) {
            Ok(user) => self.grant(user, door, request).unwrap_or_else(Reply::failed),
            Err(Refusal::MediaType) => Reply::error(415, "send a form or JSON"),
            Err(Refusal::Unreadable) => Reply::error(400, "send user and password"),
            Err(Refusal::Wrong) => {
                Reply::error(401, "wrong user or password").challenged(Status::CredentialsMissing, Scheme::Bearer, "")
            }
        }
    }

    fn grant(&self, user: &str, door: Door, request: &Request) -> Result<Reply, Fault> {
        let now = now().ok_or("the clock is not set")?;
        self.with_client(request, |client| match Binding::of_login(client, now, &self.gateway.replay) {
            Ok(binding) => self.token(user, door, &self.gateway.mark(client, None)?, &binding, now),
            // RFC 9449 5.
            Err(_) => Ok(Reply::error(400, "invalid_dpop_proof")),
        })?
    }

    fn token(&self, user: &str, door: Door, mark: &NewSketch<'_>, binding: &Binding, now: i64) -> Result<Reply, Fault> {
        let token_id = random_name()?;
        let token = self.gateway.issue(door, &self.gateway.terms(user, mark, binding, &token_id, now))?;
        let scheme = if binding.key.is_some() { Scheme::DPoP } else { Scheme::Bearer };
        let body = json!({ "access_token": token, "token_type": scheme.name(), "expires_in": LIFETIME });
        // RFC 6749 5.1.
        Ok(Reply::new(200, body).with("Cache-Control", "no-store"))
    }

    /// A session for a request that opens a stream; any other is answered as usual.
    fn opened(&self, request: &Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Option<(String, Session)> {
        let is_stream = Door::of(request.url()) == Some(Door::Stream) && *request.method() == Method::Get;
        if !is_stream || self.too_many(request, "rest").is_some() {
            return None;
        }
        let (now, epoch) = (now()?, self.epoch());
        let judge = |client: &Evidence<'_>| {
            let judged = self.gateway.judge(Door::Stream, client.headers, client, Clock::At(now), scratch);
            let claims = judged.claims().ok()?;
            let mut name = [0; 64];
            let user = claims.subject()?.copy_to(&mut name).ok()?.to_owned();
            Some((user, Session::begin(&stream::RULES, claims.expires_at()?, epoch, now).ok()?))
        };
        self.with_client(request, judge).ok().flatten()
    }

    fn stream(&self, request: Request, user: &str, session: Session) {
        let (headers, url) = (request.headers().to_vec(), request.url().to_owned());
        let mut scratch = [0; SCRATCH_BYTES];
        let again = || {
            let clock = now().map_or(Clock::Missing, Clock::At);
            let judged = self.with_fields(&headers, "GET", &url, |client| {
                let judged = self.gateway.judge(Door::Stream, client.headers, client, clock, &mut scratch);
                let status = judged.verdict.report().status;
                (status, judged.claims().ok().and_then(|claims| claims.expires_at()).unwrap_or(i64::MAX))
            });
            judged.unwrap_or_else(|status| (status, i64::MAX))
        };
        // The client may have gone.
        let _ = stream::serve(&mut request.into_writer(), user, session, || self.epoch(), again);
    }

    fn epoch(&self) -> u64 {
        self.gateway.state.epoch.load(Ordering::Acquire) as u64
    }

    /// Hands over what is known of the client that sends the request.
    fn with_client<R>(&self, request: &Request, then: impl FnOnce(&Evidence<'_>) -> R) -> Result<R, Status> {
        self.with_fields(request.headers(), request.method().as_str(), request.url(), then)
    }

    fn with_fields<R>(
        &self,
        headers: &[Header],
        method: &str,
        url: &str,
        then: impl FnOnce(&Evidence<'_>) -> R,
    ) -> Result<R, Status> {
        let fields = edge::forward(headers, &self.gateway.handshake_secret);
        // Where this server is reached, and not what the request says of that: a client writes its `Host` field.
        let path = url.split('?').next().unwrap_or_default();
        let uri = format!("http://{}{path}", self.address);
        known::with(&fields.as_slice(), |client| then(&Evidence { method, uri: &uri, ..*client }))
    }

    /// A new token for a client that changed and is still accepted. Its mark carries on what moved, so that no chain of
    /// small steps leads to another client.
    fn reissue(&self, request: &Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        self.judged(request, Door::Api, scratch, |claims, client| {
            let mut name = [0; 64];
            let user = claims.subject().ok_or(Status::Subject)?.copy_to(&mut name)?;
            let mark = self.gateway.mark(client, Some(claims.get(SKETCH_CLAIM)?))?;
            self.token(user, Door::Api, &mark, &Binding::of_token(claims)?, now().ok_or("the clock is not set")?)
        })
    }

    /// Whoever can use a token can end it, and all of its user.
    fn log_out(
        &self,
        request: &Request,
        scratch: &mut [u8; SCRATCH_BYTES],
        revoke: impl FnOnce(&State<'_>, &Claims<'_>, i64) -> Result<(), Status>,
    ) -> Reply {
        self.judged(request, Door::Api, scratch, |claims, _| {
            revoke(self.gateway.state, claims, now().ok_or("the clock is not set")?)?;
            Ok(greeting(claims, "/logout"))
        })
    }

    /// The protected part: it greets.
    fn api(&self, request: &Request, door: Door, path: &str, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        self.judged(request, door, scratch, |claims, _| Ok(greeting(claims, path)))
    }

    /// Judges a request's token, and answers an accepted one by `serve`.
    fn judged(
        &self,
        request: &Request,
        door: Door,
        scratch: &mut [u8; SCRATCH_BYTES],
        serve: impl FnOnce(&Claims<'_>, &Evidence<'_>) -> Result<Reply, Fault>,
    ) -> Reply {
        let now = now();
        let answered = self.with_client(request, |client| {
            let clock = now.map_or(Clock::Missing, Clock::At);
            let judged = self.gateway.judge(door, client.headers, client, clock, scratch);
            let (report, word, took, scheme) = (judged.verdict.report(), judged.word(), judged.took, judged.scheme);
            let reply = match judged.claims() {
                Ok(claims) => serve(&claims, client).unwrap_or_else(Reply::failed),
                Err(status) => Reply::refused(status, scheme, &lacking(&report)),
            };
            let nonce = now.filter(|_| report.status == Status::ProofNonce).map(|now| self.gateway.nonce(now));
            reply.with("DPoP-Nonce", nonce.unwrap_or_default()).reported(word, &report, took)
        });
        answered.unwrap_or_else(|status| {
            Reply::refused(status, Scheme::Bearer, "").reported("reject", &Report::ended(status), Duration::ZERO)
        })
    }
}

fn greeting(claims: &Claims<'_>, path: &str) -> Reply {
    // Names are short; a longer one would be none of ours.
    let mut name = [0; 64];
    let user = claims.subject().and_then(|subject| subject.copy_to(&mut name).ok());
    Reply::new(200, json!({ "user": user, "path": path }))
}

/// The scope that a token would need (RFC 6750 3.1).
fn lacking(report: &Report) -> String {
    let rule = report.unmet.and_then(|unmet| ORDER_RULES.get(usize::from(unmet)));
    let mut text = [0; 64];
    rule.and_then(|rule| rule.write_scope(&mut text).ok()).unwrap_or_default().to_owned()
}
