//! The gateway: its routes, and the core with the three stores behind it.

use crate::Fault;
use countermark::{
    Algorithm, Challenge, Charge, Claims, Client, Clock, Combination, Evidence, Holder, Keys, Limit, Limits, Mint,
    PROOF_BYTES_MAX, Policy, ProofRules, Report, Request, Scheme, Signer, Source, Standing, Status, Throttle, Verdict,
    Verifier, scratch_bytes,
};
use countermark_redis::{RedisReplay, RedisRevocations, RedisThrottle};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;
use tiny_http::{Header, Method, Response, Server};

/// Who issues the tokens: the gateways themselves.
const ISSUER: &str = "https://gateway.example";
/// How long a token lives, in seconds.
pub const TOKEN_LIFE: u32 = 300;
/// How many requests are answered at a time.
const WORKERS: usize = 4;
/// Logins are guesses, and count for themselves.
const LOGINS: Limit = Limit { requests: 6, seconds: 60, burst: 3 };
const REQUESTS: Limit = Limit { requests: 6_000, seconds: 60, burst: 1_000 };
const LIMITS: Limits = Limits { token_bytes: 2048, ..Limits::DEFAULT };
const SCRATCH_BYTES: usize = scratch_bytes(LIMITS.token_bytes, &LIMITS) + scratch_bytes(PROOF_BYTES_MAX, &Limits::DEFAULT);

/// An answer in the making: the code, and what the body says.
type Reply = Response<std::io::Cursor<Vec<u8>>>;

/// What all workers share.
pub struct Gateway {
    /// The three stores.
    pub revocations: RedisRevocations,
    pub replay: RedisReplay,
    pub throttle: RedisThrottle,
    /// What clients call all the gateways: the start of `htu` in their proofs.
    pub url: String,
}

/// The core's part, which borrows the keys.
#[derive(Clone, Copy)]
struct Core<'c> {
    gateway: &'c Gateway,
    verifier: &'c Verifier<'c>,
    signer: &'c Signer,
    minted: &'c AtomicU64,
}

impl Gateway {
    /// Answers requests until the listening socket fails.
    pub fn serve(&self, server: &Server, secret: &[u8], region: &mut [u64; 64]) -> Result<(), Fault> {
        let mut derive = Hmac::<Sha256>::new_from_slice(secret)?;
        derive.update(b"tokens of the redis gateway");
        let secret = derive.finalize().into_bytes();
        let signer = Signer::of_secret(Algorithm::HS256, None, &secret)?;
        let mut keys = Keys::for_issuer(region, ISSUER)?;
        keys.add_secret(Algorithm::HS256, None, &secret)?;
        let sets = [keys.set()];
        let policy = Policy { issuers: &[ISSUER], require: &["sub", "jti"], limits: LIMITS, ..Policy::default() };
        let holder = Holder { proof: Some(&ProofRules::DPOP), combination: Combination::IfBound, ..Holder::default() };
        let standing = Standing { revocations: Some(&self.revocations), ..Standing::default() };
        let verifier = Verifier::new(&sets, policy, holder)?.with_standing(standing);
        // Token ids of two gateways must not meet.
        let minted = AtomicU64::new(now_ms().unsigned_abs().wrapping_shl(20) ^ u64::from(std::process::id()));
        let core = Core { gateway: self, verifier: &verifier, signer: &signer, minted: &minted };
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(move || core.work(server));
            }
        });
        Err("the listening socket failed".into())
    }
}

impl Core<'_> {
    fn work(&self, server: &Server) {
        let mut scratch = [0; SCRATCH_BYTES];
        while let Ok(request) = server.recv() {
            let reply = self.answer(&request, &mut scratch);
            // The client may have gone; that is its business.
            let _ = request.respond(reply);
        }
    }

    fn answer(&self, request: &tiny_http::Request, scratch: &mut [u8; SCRATCH_BYTES]) -> Reply {
        let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let (scope, limit) = if path == "/login" { ("login", LOGINS) } else { ("rest", REQUESTS) };
        let Some(address) = request.remote_addr() else { return text(500, "no address") };
        let charge = Charge { limit, scope: scope.as_bytes(), client: Client::Address(address.ip()) };
        if let Err(refusal) = self.gateway.throttle.admit(&[charge], now_ms()) {
            let reply = text(http_status(refusal.status), refusal.status.name());
            return with(reply, "Retry-After", &refusal.retry_after.max(1).to_string());
        }
        match (request.method(), path) {
            (Method::Post, "/login") => self.login(query).unwrap_or_else(failed),
            (Method::Post, "/logout") => self.judged(request, path, scratch, |claims, now| {
                let (mut token_id, expires_at) = ([0; 64], claims.expires_at().unwrap_or(i64::MAX));
                let token_id = claims.token_id().ok_or(Status::ClaimRequired)?.copy_to(&mut token_id)?;
                Ok(self.gateway.revocations.revoke_token(ISSUER, token_id, expires_at, now)?)
            }),
            (Method::Post, "/logout/everywhere") => self.judged(request, path, scratch, |claims, now| {
                let mut user = [0; 64];
                let user = claims.subject().ok_or(Status::ClaimRequired)?.copy_to(&mut user)?;
                // Whoever logs in within the same second does it once more.
                Ok(self.gateway.revocations.revoke_subject(ISSUER, user, now.saturating_add(1), now)?)
            }),
            (Method::Get, path) if path.starts_with("/api/") => self.judged(request, path, scratch, |_, _| Ok(())),
            _ => text(404, "not found"),
        }
    }

    /// `user=NAME`, and `jkt=THUMBPRINT` for a token that is bound to a key. A real gateway asks for a password and a proof.
    fn login(&self, query: &str) -> Result<Reply, Fault> {
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let Some(user) = value("user") else { return Ok(text(400, "whose token?")) };
        let (now, token_id) = (now_ms() / 1000, format!("{:x}", self.minted.fetch_add(1, Ordering::Relaxed)));
        let mint = Mint {
            issuer: Some(ISSUER),
            subject: Some(user),
            issued_at: Some(now),
            expires_at: Some(now.saturating_add(TOKEN_LIFE.into())),
            token_id: Some(&token_id),
            confirmed_key: value("jkt"),
            ..Mint::default()
        };
        let (mut scratch, mut token) = ([0; 2048], [0; 2048]);
        Ok(text(200, self.signer.issue(&mint, &mut scratch, &mut token)?))
    }

    /// Judges a request's token, and serves an accepted one.
    fn judged(
        &self,
        request: &tiny_http::Request,
        path: &str,
        scratch: &mut [u8; SCRATCH_BYTES],
        serve: impl FnOnce(&Claims<'_>, i64) -> Result<(), Fault>,
    ) -> Reply {
        let headers = request.headers().iter().map(|header| (header.field.as_str().as_str(), header.value.as_str()));
        let headers: Vec<(&str, &str)> = headers.collect();
        let headers = headers.as_slice();
        let now = now_ms() / 1000;
        let (verdict, scheme) = match Source::default().find(&headers, b"") {
            Ok(credentials) => {
                // Two are enough to refuse them.
                let proofs = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("DPoP"));
                let proofs: Vec<&[u8]> = proofs.map(|(_, value)| value.as_bytes()).take(2).collect();
                let (method, uri) = (request.method().as_str(), format!("{}{path}", self.gateway.url));
                let scheme = credentials.scheme;
                let evidence = Evidence { headers: &headers, proofs: &proofs, method, uri: &uri, scheme, ..Evidence::NONE };
                let request = Request { token: credentials.token, clock: Clock::At(now), evidence };
                let verdict = self.verifier.verify_once(&request, scratch, &self.gateway.replay);
                // Under DPoP a token is served for its proof only (RFC 9449 7.1).
                let is_unproved = scheme == Scheme::DPoP && verdict.report().to_commit.is_none();
                match verdict {
                    Verdict::Accept(..) if is_unproved => (refused(Status::PossessionUnbound), scheme),
                    verdict => (verdict, scheme),
                }
            }
            Err(status) => (refused(status), Scheme::Bearer),
        };
        match verdict.accepted() {
            Ok(claims) => serve(&claims, now).map_or_else(failed, |()| text(200, "served")),
            Err(status) => {
                let mut value = [0; 128];
                let challenge = Challenge { scheme, ..Challenge::default() }.write(status, &mut value);
                let challenge = challenge.ok().filter(|_| http_status(status) != 503).unwrap_or_default();
                // For the demonstration only: the name tells an attacker how far he got.
                with(text(http_status(status), status.name()), "WWW-Authenticate", challenge)
            }
        }
    }
}

fn refused<'s>(status: Status) -> Verdict<'s> {
    Verdict::Reject(Report::ended(status))
}

/// Here only a store that does not answer says "unknown": that is our fault, and no login would help.
fn http_status(status: Status) -> u16 {
    if status == Status::RevocationUnknown { 503 } else { Challenge::http_status(status) }
}

fn failed(fault: Fault) -> Reply {
    eprintln!("gateway: {fault}");
    text(503, "not now")
}

fn text(code: u16, body: &str) -> Reply {
    Response::from_string(format!("{body}\n")).with_status_code(code)
}

/// Adds a field, unless it is empty.
fn with(reply: Reply, name: &str, value: &str) -> Reply {
    let field = Header::from_bytes(name, value).ok().filter(|_| !value.is_empty());
    field.into_iter().fold(reply, Response::with_header)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
