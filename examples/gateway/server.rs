//! HTTP: a few workers that share one gateway, two routes, and the answers.

use super::Fault;
use super::gateway::{Gateway, LIFETIME, SCRATCH_BYTES, SKETCH_CLAIM, now, random};
use super::known;
use super::login::{self, Refusal};
use countermark::{Challenge, Claims, Clock, Evidence, Headers, NewSketch, Report, Stage, Status};
use serde_json::{Value, json};
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;
use tiny_http::{Header, Method, Request, Response, Server};

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
        while let Ok(mut request) = self.server.recv() {
            let reply = self.answer(&mut request, &mut scratch);
            // The client may have gone; that is its business.
            let _ = request.respond(reply.into_response());
        }
        // `unblock` wakes one worker, so each wakes the next.
        self.server.unblock();
    }

    fn answer(&self, request: &mut Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        let path = request.url().split('?').next().unwrap_or_default();
        match (path, request.method()) {
            ("/login", Method::Post) => self.login(request),
            ("/reissue", Method::Post) => self.reissue(request, scratch),
            ("/login" | "/reissue", _) => Reply::error(405, "method not allowed").with("Allow", "POST"),
            (path, method) if path.starts_with("/api/") => match method {
                Method::Get => self.api(request, path, scratch),
                _ => Reply::error(405, "method not allowed").with("Allow", "GET"),
            },
            _ => Reply::error(404, "not found"),
        }
    }

    /// A token for whoever knows the password, bound to the client that asks.
    fn login(&self, request: &mut Request) -> Reply {
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
            Ok(user) => self.grant(user, &Fields(request.headers())).unwrap_or_else(Reply::failed),
            Err(Refusal::MediaType) => Reply::error(415, "send a form or JSON"),
            Err(Refusal::Unreadable) => Reply::error(400, "send user and password"),
            Err(Refusal::Wrong) => Reply::error(401, "wrong user or password").challenged(Status::CredentialsMissing),
        }
    }

    fn grant(&self, user: &str, headers: &Fields<'_>) -> Result<Reply, Fault> {
        known::with(headers, |client| self.token(user, &self.gateway.mark(client, None)?))?
    }

    fn token(&self, user: &str, mark: &NewSketch<'_>) -> Result<Reply, Fault> {
        let token_id: String = random()?.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let terms = self.gateway.terms(user, mark, &token_id, now().ok_or("the clock is not set")?);
        let token = self.gateway.issue(&terms)?;
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME });
        // RFC 6749 5.1.
        Ok(Reply::new(200, body).with("Cache-Control", "no-store"))
    }

    /// A new token for a client that changed and is still accepted. Its mark carries on what moved, so that no chain of
    /// small steps leads to another client.
    fn reissue(&self, request: &Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        self.judged(request, scratch, |claims, client| {
            let mut name = [0; 64];
            let user = claims.subject().ok_or(Status::Subject)?.copy_to(&mut name)?;
            let mark = self.gateway.mark(client, Some(claims.get(SKETCH_CLAIM)?))?;
            self.token(user, &mark)
        })
    }

    /// The protected part: it greets.
    fn api(&self, request: &Request, path: &str, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        self.judged(request, scratch, |claims, _| {
            // Names are short; a longer one would be none of ours.
            let mut name = [0; 64];
            let user = claims.subject().and_then(|subject| subject.copy_to(&mut name).ok());
            Ok(Reply::new(200, json!({ "user": user, "path": path })))
        })
    }

    /// Judges a request's token, and answers an accepted one by `serve`.
    fn judged(
        &self,
        request: &Request,
        scratch: &mut [u8; SCRATCH_BYTES],
        serve: impl FnOnce(&Claims<'_>, &Evidence<'_>) -> Result<Reply, Fault>,
    ) -> Reply {
        let headers = Fields(request.headers());
        let clock = now().map_or(Clock::Missing, Clock::At);
        let answered = known::with(&headers, |client| {
            let judged = self.gateway.judge(&headers, client, clock, scratch);
            let (report, word, took) = (judged.verdict.report(), judged.word(), judged.took);
            let reply = match judged.claims() {
                Ok(claims) => serve(&claims, client).unwrap_or_else(Reply::failed),
                Err(status) => Reply::refused(status),
            };
            reply.reported(word, &report, took)
        });
        answered.unwrap_or_else(|status| Reply::refused(status).reported("reject", &Report::ended(status), Duration::ZERO))
    }
}

impl Reply {
    /// Step up says how to come back: by a stronger login (RFC 9470 3). A reject says only that the token is worth nothing here.
    fn refused(status: Status) -> Self {
        Reply::error(Challenge::http_status(status), "not for you").challenged(status)
    }

    /// What the core would not mint, because of what the client sent, is the client's answer; the rest is ours alone.
    fn failed(fault: Fault) -> Self {
        match fault.downcast_ref::<Status>() {
            Some(status) if status.is_step_up() => Reply::refused(*status),
            Some(status) if status.stage() == Stage::Holder => Reply::error(400, status.sentence()),
            _ => {
                eprintln!("gateway: {fault}");
                Reply::error(500, "internal error")
            }
        }
    }

    /// For the demonstration only. A real gateway writes these into its log: they tell an attacker how far he got. The
    /// similarity stays here even so: it would tell him which way to go.
    fn reported(self, word: &str, report: &Report, took: Duration) -> Self {
        let is_advised = report.score.is_some_and(|score| score.reissue);
        self.with("Countermark-Advice", if is_advised { "reissue" } else { "" })
            .with("Countermark-Verdict", word)
            .with("Countermark-Code", report.status.code())
            .with("Countermark-Status", report.status.name())
            .with("Countermark-Stage", report.stage().name())
            .with("Countermark-Microseconds", microseconds(took))
    }
}

fn microseconds(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64() * 1e6)
}

/// A request's fields, as countermark reads them: borrowed, in their order.
struct Fields<'r>(&'r [Header]);

impl Headers for Fields<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        let header = self.0.get(position)?;
        Some((header.field.as_str().as_bytes(), header.value.as_bytes()))
    }
}

/// An answer in the making.
struct Reply {
    http: u16,
    fields: Vec<(&'static str, String)>,
    body: Value,
}

impl Reply {
    fn new(http: u16, body: Value) -> Self {
        Reply { http, fields: vec![("Content-Type", "application/json".into())], body }
    }

    fn error(http: u16, sentence: &str) -> Self {
        Reply::new(http, json!({ "error": sentence }))
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    /// Adds what RFC 6750 3 tells the client; nothing when the fault is the gateway's own.
    fn challenged(self, status: Status) -> Self {
        let challenge = Challenge { realm: Some("gateway"), ..Challenge::default() };
        let mut text = [0; 128];
        match challenge.write(status, &mut text) {
            Ok(value) => self.with("WWW-Authenticate", value),
            Err(_) => self,
        }
    }

    fn into_response(self) -> Response<std::io::Cursor<Vec<u8>>> {
        let headers = self.fields.iter().filter_map(|(name, value)| Header::from_bytes(*name, value.as_bytes()).ok());
        let response = Response::from_string(format!("{}\n", self.body)).with_status_code(self.http);
        headers.fold(response, Response::with_header)
    }
}
