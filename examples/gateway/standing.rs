//! What changes while tokens live: which are revoked, what their issuer's list says, and which signatures were checked already.

use super::Fault;
use super::gateway::{ISSUER, LIFETIME, now, random};
use super::statuses::Ledger;
use countermark::{AtomicU64, Claims, RevocationTable, Rule, Signer, Standing, Status, StatusRules, Test, TokenCache};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many revocations are remembered at a time, and how many tokens.
const REVOCATIONS: usize = 10_000;
const TOKENS_CACHED: usize = 1_000;

/// What a token must be allowed behind the door of orders.
pub const ORDER_RULES: [Rule<'static>; 1] = [Rule { path: "scope", test: Test::AllOf(&["orders:read"]), wildcards: false }];

/// All workers share it.
pub struct State<'g> {
    pub revocations: RevocationTable<'g>,
    pub cache: TokenCache<'g>,
    /// Grows with every revocation, so that streams need not ask more often than that.
    pub epoch: AtomicUsize,
    pub statuses: Ledger<'g>,
}

/// Makes the tables, and lends them.
pub fn open<R>(signer: &Signer, body: impl FnOnce(&State<'_>) -> Result<R, Fault>) -> Result<R, Fault> {
    let revoked = words(RevocationTable::words_for(REVOCATIONS));
    let cached = words(TokenCache::words_for(TOKENS_CACHED));
    body(&State {
        revocations: RevocationTable::new(&revoked, &random()?, u32::try_from(LIFETIME)?)?,
        epoch: AtomicUsize::new(0),
        cache: TokenCache::new(&cached, &random()?)?,
        statuses: Ledger::new(signer, now().ok_or("the clock is not set")?)?,
    })
}

/// Memory of a table.
pub fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl State<'_> {
    /// What every token is held against.
    pub fn rules(&self) -> Standing<'_> {
        let status = StatusRules { lists: &self.statuses, required: false, accepted: &[] };
        Standing { revocations: Some(&self.revocations), status: Some(status) }
    }

    /// Log out: this token is worth nothing from now on.
    pub fn revoke(&self, claims: &Claims<'_>, now: i64) -> Result<(), Status> {
        let mut name = [0; 64];
        let token_id = claims.token_id().ok_or(Status::ClaimRequired)?.copy_to(&mut name)?;
        let revoked = self.revocations.revoke_token(ISSUER, token_id, claims.expires_at().unwrap_or(i64::MAX), now);
        self.epoch.fetch_add(1, Ordering::AcqRel);
        revoked
    }

    /// Log out everywhere: so are all of the user's until now. Whoever logs in within the same second does it once more.
    pub fn revoke_all(&self, claims: &Claims<'_>, now: i64) -> Result<(), Status> {
        let mut name = [0; 64];
        let user = claims.subject().ok_or(Status::ClaimRequired)?.copy_to(&mut name)?;
        let revoked = self.revocations.revoke_subject(ISSUER, user, now.saturating_add(1), now);
        self.epoch.fetch_add(1, Ordering::AcqRel);
        revoked
    }
}
