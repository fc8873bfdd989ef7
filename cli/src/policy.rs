//! The policy file: what a token must be. One JSON object whose members have the names of the library's own settings; what is
//! left out is strict. It holds no secret: keys and peppers are files of their own.

use crate::failure::Failure;
use crate::files;
use crate::rules::Fingerprint;
use crate::strict::{self, Members, inner, inner_present, present};
use countermark::{Algorithm, Limits, Policy, Rotating, RotatingMode, Shape, Source};
use serde::{Deserialize, Deserializer, de::Error};
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    #[serde(deserialize_with = "algorithms")]
    pub algorithms: Vec<Algorithm>,
    pub issuers: Vec<String>,
    pub audiences: Vec<String>,
    pub any_audience: bool,
    #[serde(deserialize_with = "present")]
    pub subject: Option<String>,
    #[serde(deserialize_with = "present")]
    pub typ: Option<String>,
    pub leeway: u32,
    #[serde(deserialize_with = "present")]
    pub max_age: Option<u32>,
    pub require: Vec<String>,
    pub allow_missing_exp: bool,
    #[serde(deserialize_with = "present")]
    pub nonce: Option<String>,
    pub acr: Vec<String>,
    #[serde(deserialize_with = "present")]
    pub auth_max_age: Option<u32>,
    #[serde(deserialize_with = "present")]
    pub max_token_bytes: Option<usize>,
    pub shape: ShapeName,
    pub payload: Payload,
    pub holder: Holder,
    #[serde(deserialize_with = "inner_present")]
    pub fingerprint: Option<Fingerprint>,
    #[serde(deserialize_with = "inner")]
    pub rights: Rights,
    #[serde(deserialize_with = "inner_present")]
    pub rotating: Option<RotatingSettings>,
    #[serde(deserialize_with = "inner")]
    pub source: Carriers,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeName {
    #[default]
    Signed,
    SignedThenEncrypted,
    EncryptedThenSigned,
}

/// Whether the payload is a claims set.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    #[default]
    Claims,
    Opaque,
}

/// How a token must be bound: to a client certificate, to a DPoP key, by a channel binding beside it, or by any of the first two
/// and the channel in `cnf`. The last two are combinations of the library's: a leniency, and the way to move.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    #[default]
    None,
    Certificate,
    Dpop,
    Channel,
    Any,
    IfBound,
    FingerprintUnlessPossession,
}

/// Paths with the values that are asked for.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rights {
    pub all_of: Members<Vec<String>>,
    pub any_of: Members<Vec<String>>,
    pub none_of: Members<Vec<String>>,
}

/// How keys follow from the base of a rotating secret. What is left out is what the field uses, without grace.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotatingSettings {
    mode: Mode,
    claim: String,
    window: u32,
    grace: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Compat,
    Derived,
}

impl Default for RotatingSettings {
    fn default() -> Self {
        RotatingSettings { mode: Mode::Compat, claim: "userId".into(), window: Rotating::compat("").window, grace: 0 }
    }
}

impl RotatingSettings {
    pub fn rotating(&self) -> Rotating<'_> {
        let mode = match self.mode {
            Mode::Compat => RotatingMode::Compat,
            Mode::Derived => RotatingMode::Derived,
        };
        Rotating { mode, claim: &self.claim, window: self.window, grace: self.grace }
    }
}

/// Where in a request the token may be.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Carriers {
    ignore_authorization: bool,
    #[serde(deserialize_with = "present")]
    cookie: Option<String>,
    #[serde(deserialize_with = "present")]
    argument: Option<String>,
}

impl Carriers {
    pub fn source(&self) -> Source<'_> {
        Source {
            ignore_authorization: self.ignore_authorization,
            cookie: self.cookie.as_deref(),
            argument: self.argument.as_deref(),
        }
    }
}

impl Settings {
    /// The file's settings; without a file the strict ones.
    pub fn read(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) => strict::object("--policy", &files::text("--policy", path)?),
            None => Ok(Settings::default()),
        }
    }

    /// Hands the library's policy to `then`.
    pub fn with<T>(&self, then: impl FnOnce(Policy<'_>) -> T) -> T {
        let [issuers, audiences, require, acr] =
            [&self.issuers, &self.audiences, &self.require, &self.acr].map(|list| texts(list));
        then(Policy {
            issuers: &issuers,
            audiences: &audiences,
            any_audience: self.any_audience,
            subject: self.subject.as_deref(),
            typ: self.typ.as_deref(),
            algorithms: &self.algorithms,
            leeway: self.leeway,
            max_age: self.max_age,
            require: &require,
            allow_missing_exp: self.allow_missing_exp,
            nonce: self.nonce.as_deref(),
            acr: &acr,
            auth_max_age: self.auth_max_age,
            limits: Limits { token_bytes: self.max_token_bytes.unwrap_or(Limits::DEFAULT.token_bytes), ..Limits::DEFAULT },
            shape: match self.shape {
                ShapeName::Signed => Shape::Signed,
                ShapeName::SignedThenEncrypted => Shape::SignedThenEncrypted,
                ShapeName::EncryptedThenSigned => Shape::EncryptedThenSigned,
            },
            ..Policy::default()
        })
    }
}

/// The texts of a list, borrowed.
pub fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn algorithms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Algorithm>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let known = |name: &String| {
        Algorithm::from_name(name).ok_or_else(|| D::Error::custom(format!("{name:?} is not an algorithm of this build")))
    };
    names.iter().map(known).collect()
}
