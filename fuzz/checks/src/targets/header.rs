//! Raw bytes as a header, signed as its `alg` wants it, against the whole oracle.

use super::lenient_setup;
use crate::oracle::{agreed, header, member, string};
use countermark::{Policy, Status};
use countermark_tests::json;
use countermark_tests::judge::{Attempt, Setup};
use countermark_tests::token::{SigningKey, TokenBuilder};

/// Input: one byte that chooses the pinned `typ`, then the header.
pub fn check(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    if text.is_empty() {
        return; // No header at all is the token stage's matter.
    }
    let typ = [None, Some("JWT"), Some("application/at+jwt"), Some("application/a/b")][usize::from(choice & 3)];
    let lenient = lenient_setup();
    let setup = Setup { policy: Policy { typ, ..lenient.policy }, ..lenient };

    let tree = json::read_object(text, 8, 64);
    let alg = tree.as_ref().ok().and_then(|tree| string(member(tree, "alg")?));
    let alg = alg.filter(|alg| ["HS256", "HS384", "HS512", "ES256"].contains(alg)).unwrap_or("HS256");
    let token = TokenBuilder::signed_by(SigningKey::of(alg)).header(text).build();
    let outcome = agreed(&setup, Attempt::new(&token));

    // Said once more without the oracle's order: the signature always holds, so only header, key and typ can fail.
    let is_good = tree.is_ok_and(|tree| header::read(&tree, 64).is_ok());
    let in_header = (200..300).contains(&outcome.status.code());
    assert_eq!(is_good, !in_header, "{outcome:?}");
    assert!(matches!(outcome.status.code(), 0 | 200..400) || outcome.status == Status::Type, "{outcome:?}");
}
