//! The issuer's list of its tokens' statuses (Token Status List, draft-ietf-oauth-status-list-21), and the gateway's copy of it.
//! Here one process is both: what is published is a signed token, and the copy takes nothing else.

use super::Fault;
use super::forge::encoded;
use super::gateway::{self, ISSUER, KID};
use countermark::{
    Algorithm, Clock, Holder, Keys, Limits, Mint, Policy, Request, Signer, Status, StatusList, StatusReference,
    StatusSource, Statuses, Verifier, scratch_bytes,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

/// Where the list would be fetched.
const URI: &str = "https://gateway.example/statuses/1";
/// One bit for each of so many tokens.
const LIST_BYTES: usize = 32;
const LIMITS: Limits = Limits { token_bytes: 1024, ..Limits::DEFAULT };

/// The list at its issuer, and as it was read last.
pub struct Ledger<'g> {
    signer: &'g Signer,
    public_key: [u8; 65],
    issuer: Mutex<[u8; LIST_BYTES]>,
    read: RwLock<Vec<u8>>,
    given: AtomicUsize,
}

impl<'g> Ledger<'g> {
    /// All are valid.
    pub fn new(signer: &'g Signer, now: i64) -> Result<Self, Fault> {
        let mut public_key = [0; 65];
        signer.public(&mut public_key)?;
        let (issuer, read) = (Mutex::new([0; LIST_BYTES]), RwLock::default());
        let ledger = Ledger { signer, public_key, issuer, read, given: AtomicUsize::new(0) };
        ledger.read(&ledger.publish(&[0; LIST_BYTES], now)?, now)?;
        Ok(ledger)
    }

    /// A number for a new token, and the claim that says it.
    pub fn next(&self) -> (usize, String) {
        let index = self.given.fetch_add(1, Ordering::Relaxed);
        (index, format!(r#"{{"status":{{"status_list":{{"idx":{index},"uri":"{URI}"}}}}}}"#))
    }

    /// Makes a token invalid: at the issuer, and here as soon as the new list has been read.
    pub fn invalidate(&self, index: usize, now: i64) -> Result<(), Fault> {
        let mut statuses = self.issuer.lock().unwrap_or_else(PoisonError::into_inner);
        // The first status is in the lowest bit (4.1).
        *statuses.get_mut(index / 8).ok_or("no such status")? |= 1 << (index % 8);
        self.read(&self.publish(&statuses, now)?, now)
    }

    fn publish(&self, statuses: &[u8; LIST_BYTES], now: i64) -> Result<String, Fault> {
        let list = encoded(&stored(statuses))?;
        let claims = format!(r#"{{"ttl":600,"status_list":{{"bits":1,"lst":"{list}"}}}}"#);
        let mint = Mint {
            typ: Some("statuslist+jwt"),
            issuer: Some(ISSUER),
            subject: Some(URI),
            issued_at: Some(now),
            expires_at: Some(now.saturating_add(3600)),
            claims: &claims,
            ..Mint::default()
        };
        Ok(gateway::issue(self.signer, &mint)?)
    }

    /// The list token is a JWT like any other. What it holds is copied, so that a newer one can follow.
    fn read(&self, token: &str, now: i64) -> Result<(), Fault> {
        let mut region = [0; 64];
        let mut keys = Keys::for_issuer(&mut region, ISSUER)?;
        keys.add_sec1(Algorithm::ES256, Some(KID), &self.public_key)?;
        let sets = [keys.set()];
        let policy = Policy {
            issuers: &[ISSUER],
            typ: Some("statuslist+jwt"),
            require: &["sub", "iat"],
            limits: LIMITS,
            ..Policy::default()
        };
        let verifier = Verifier::new(&sets, policy, Holder::default())?;
        let mut scratch = [0; scratch_bytes(LIMITS.token_bytes, &LIMITS)];
        let claims = verifier.verify(&Request::new(token, now), &mut scratch).accepted()?;
        let mut memory = [0; LIST_BYTES];
        let source = StatusSource { uri: URI, issuer: ISSUER, max_age: None };
        let list = StatusList::load(&claims, source, &mut memory, now)?;
        *self.read.write().unwrap_or_else(PoisonError::into_inner) =
            (0..list.len()).map_while(|index| list.get(index)).collect();
        Ok(())
    }
}

/// A store of the host's own. This one never grows stale: whoever changes the list hands it over.
impl Statuses for Ledger<'_> {
    fn status(&self, of: &StatusReference<'_>, _: Clock) -> Result<u8, Status> {
        if !of.issuer.is_some_and(|issuer| issuer.is(ISSUER)) || !of.uri.is(URI) {
            return Err(Status::StatusListMismatch);
        }
        let statuses = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let index = usize::try_from(of.index).map_err(|_| Status::StatusIndex)?;
        statuses.get(index).copied().ok_or(Status::StatusIndex)
    }
}

/// As zlib packs it without compression: one stored block (RFC 1950 2.2, RFC 1951 3.2.4).
fn stored(bytes: &[u8; LIST_BYTES]) -> Vec<u8> {
    let length = LIST_BYTES as u16;
    let (mut low, mut high) = (1u32, 0u32);
    for byte in bytes {
        low = (low.saturating_add((*byte).into())) % 65_521;
        high = (high.saturating_add(low)) % 65_521;
    }
    let checksum = high << 16 | low;
    let head = [0x78, 0x01, 0x01];
    [&head[..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes, &checksum.to_be_bytes()].concat()
}
