//! Raw bytes as a token, against the whole oracle.

use super::lenient_setup;
use crate::oracle::agreed;
use countermark_tests::judge::Attempt;

pub fn check(data: &[u8]) {
    agreed(&lenient_setup(), Attempt::new(data));
}
