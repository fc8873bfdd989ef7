//! Why a command could not do its work.

use countermark::Status;

/// A mistake of the user's, or of a file's: one sentence. No part of a token, a key or an argument's value stands in it: what
/// was meant as the name of a file may be the secret itself.
#[derive(Debug)]
pub struct Failure {
    /// The library's status, where it was the library that refused.
    pub status: Option<Status>,
    pub sentence: String,
}

impl Failure {
    pub fn new(sentence: impl Into<String>) -> Self {
        Failure { status: None, sentence: sentence.into() }
    }

    /// What the library said about this.
    pub fn of(what: &str, status: Status) -> Self {
        let sentence = format!("{what}: {} ({}): {}", status.name(), status.code(), status.sentence());
        Failure { status: Some(status), sentence }
    }
}

/// What a command that did its work answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    Refused,
}
