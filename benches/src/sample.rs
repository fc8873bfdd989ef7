//! The tokens that are verified, and what must not be: one good token, and others with one flaw each.

use crate::signed;
use countermark::{Algorithm, Evidence, Mint, Pepper, Recipe, Rotating, Signer};

pub const ISSUER: &str = "https://login.example";
pub const AUDIENCE: &str = "https://api.example";
pub const KEY_ID: &str = "2026-11";
pub const SECRET: &[u8; 32] = b"a secret of thirty-two bytes, ok";
const OTHER_SECRET: &[u8; 32] = b"another one of thirty-two bytes.";
const SCALAR: [u8; 32] = [7; 32];
pub const PEPPER: &[u8; 32] = b"a pepper of thirty-two bytes, ok";
pub const CLAIM: &str = "fp";
const TOKEN_BYTES: usize = 350;

/// What Chrome 142 sends on Windows.
pub static HEADERS: [(&str, &str); 8] = [
    ("Host", "api.example"),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("User-Agent", USER_AGENT),
    ("sec-ch-ua", "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\""),
    ("sec-ch-ua-mobile", "?0"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-GB,en-US;q=0.9,en;q=0.8"),
];
const USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// A good token with its kin.
pub struct Sample {
    pub algorithm: Algorithm,
    pub token: String,
    /// What every row must refuse, each with the name of its flaw.
    pub flawed: Vec<(&'static str, String)>,
    /// Whether the token is bound to the client of [`HEADERS`].
    pub is_bound: bool,
    pub now: i64,
    /// What makes its keys, if that is no plain secret.
    pub rotating: Option<Rotating<'static>>,
}

impl Sample {
    pub fn hs256() -> Self {
        Sample::new(Algorithm::HS256, false)
    }

    /// One of at least so many bytes: a longer list of roles.
    pub fn hs256_of(bytes: usize) -> Self {
        let now = now();
        let mint = |roles: usize, issuer, audience: &'static str, expires_at| {
            let roles: Vec<String> = (0..roles).map(|at| format!("\"team-{at}:read\"")).collect();
            let claims = format!(r#"{{"scope":"read","jti":"0123456789abcdef","roles":[{}]}}"#, roles.join(","));
            let (mut scratch, mut out) = (vec![0; 16_384], vec![0; 16_384]);
            let mint = Mint {
                typ: Some("JWT"),
                issuer: Some(issuer),
                subject: Some("248289761001"),
                audience: &[audience],
                expires_at: Some(expires_at),
                issued_at: Some(now - 60),
                claims: &claims,
                ..Mint::default()
            };
            let signer = signer(Algorithm::HS256, SECRET);
            signer.issue(&mint, &mut scratch, &mut out).expect("a token").to_owned()
        };
        let good = |roles| mint(roles, ISSUER, AUDIENCE, now + 86_400);
        let roles = (0..1_000).find(|roles| good(*roles).len() >= bytes).expect("roles enough");
        let token = good(roles);
        let flawed = vec![
            ("tampered", tampered(&token)),
            ("wrong issuer", mint(roles, "https://other.example", AUDIENCE, now + 86_400)),
            ("wrong audience", mint(roles, ISSUER, "https://other.example", now + 86_400)),
            ("expired", mint(roles, ISSUER, AUDIENCE, now - 1_000)),
        ];
        Sample { algorithm: Algorithm::HS256, token, flawed, is_bound: false, now, rotating: None }
    }

    pub fn fingerprinted() -> Self {
        Sample::new(Algorithm::HS256, true)
    }

    pub fn es256() -> Self {
        Sample::new(Algorithm::ES256, false)
    }

    /// Under the day's key of the user in `sub`, of a rotating secret.
    pub fn rotating(rotating: Rotating<'static>) -> Self {
        Sample { rotating: Some(rotating), ..Sample::made(Algorithm::HS256, false, Some(rotating)) }
    }

    /// Signed by a key of `tests/keys`: RS256, ES384 or EdDSA.
    pub fn signed(algorithm: Algorithm) -> Self {
        let now = now();
        let (token, mut flawed) = signed::tokens(algorithm, now);
        flawed.push(("tampered", tampered(&token)));
        Sample { algorithm, token, flawed, is_bound: false, now, rotating: None }
    }

    fn new(algorithm: Algorithm, is_bound: bool) -> Self {
        Sample::made(algorithm, is_bound, None)
    }

    fn made(algorithm: Algorithm, is_bound: bool, rotating: Option<Rotating<'_>>) -> Self {
        let now = now();
        let pepper = Pepper::new(PEPPER).expect("a pepper");
        let recipe = Recipe::headers(CLAIM, &pepper);
        let evidence = evidence();
        let good = Mint {
            typ: Some("JWT"),
            issuer: Some(ISSUER),
            subject: Some("248289761001"),
            audience: &[AUDIENCE],
            expires_at: Some(now + 86_400),
            issued_at: Some(now - 60),
            digest: is_bound.then_some((&recipe, &evidence)),
            ..Mint::default()
        };
        let mint = |changed: Mint<'_>| mint(algorithm, SECRET, rotating, &changed);
        let token = mint(good);
        let forged = match algorithm {
            Algorithm::ES256 => ("wrong signature", tampered(&token)),
            _ => ("signed with another key", self::mint(algorithm, OTHER_SECRET, rotating, &good)),
        };
        let flawed = vec![
            forged,
            ("tampered", tampered(&token)),
            ("wrong issuer", mint(Mint { issuer: Some("https://other.example"), ..good })),
            ("wrong audience", mint(Mint { audience: &["https://other.example"], ..good })),
            ("expired", mint(Mint { expires_at: Some(now - 1_000), issued_at: Some(now - 2_000), ..good })),
        ];
        Sample { algorithm, token, flawed, is_bound, now, rotating: None }
    }

    pub fn signing_input(&self) -> &str {
        self.token.rsplit_once('.').expect("a dot").0
    }

    /// Header, payload and signature, still encoded.
    pub fn segments(&self) -> [&str; 3] {
        let mut segments = self.token.split('.');
        [(); 3].map(|()| segments.next().expect("three segments"))
    }

    /// What the fingerprint's MAC is over, written down the obvious way.
    pub fn framed_headers(&self) -> Vec<u8> {
        let mut framed = Vec::new();
        for wanted in ["User-Agent", "Accept-Language", "sec-ch-ua", "sec-ch-ua-platform", "sec-ch-ua-mobile"] {
            let (_, value) = HEADERS.iter().find(|(name, _)| *name == wanted).expect("a header");
            framed.extend((value.len() as u32).to_be_bytes());
            framed.extend(value.as_bytes());
        }
        framed
    }

    /// Stops the program when `accepts` is wrong about any token.
    pub fn examine(&self, name: &str, mut accepts: impl FnMut(&str) -> bool) {
        assert!(accepts(&self.token), "{name} refuses the good token");
        for (flaw, token) in &self.flawed {
            assert!(!accepts(token), "{name} accepts a token that is {flaw}");
        }
    }
}

pub fn evidence() -> Evidence<'static> {
    Evidence { headers: &HEADERS, ..Evidence::NONE }
}

pub fn signer(algorithm: Algorithm, secret: &[u8]) -> Signer {
    match algorithm {
        Algorithm::ES256 => Signer::of_scalar(algorithm, Some(KEY_ID), &SCALAR),
        _ => Signer::of_secret(algorithm, Some(KEY_ID), secret),
    }
    .expect("a signer")
}

pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
    since.as_secs() as i64
}

/// The token with a `scope` and a `jti` long enough to make an HS256 token of `TOKEN_BYTES`.
fn mint(algorithm: Algorithm, secret: &[u8], rotating: Option<Rotating<'_>>, mint: &Mint<'_>) -> String {
    let signer = match (rotating, mint.subject, mint.issued_at) {
        (Some(rotating), Some(user), Some(at)) => {
            Signer::of_rotating(Some(KEY_ID), secret, &rotating, user, at).expect("a signer")
        }
        _ => signer(algorithm, secret),
    };
    let mut tokens = (0..100).map(|filler| {
        let claims = format!(r#"{{"scope":"read","jti":"{}"}}"#, &"0123456789abcdef".repeat(7)[..filler]);
        let (mut scratch, mut out) = ([0; 2048], [0; 2048]);
        signer.issue(&Mint { claims: &claims, ..*mint }, &mut scratch, &mut out).expect("a token").to_owned()
    });
    let wanted = if algorithm == Algorithm::ES256 { TOKEN_BYTES + 43 } else { TOKEN_BYTES };
    tokens.find(|token| token.len() >= wanted).expect("a token of the size")
}

/// The token with its payload's last character but two exchanged for another.
fn tampered(token: &str) -> String {
    let last_dot = token.rfind('.').expect("a dot");
    let mut bytes = token.as_bytes().to_vec();
    let place = &mut bytes[last_dot - 3];
    *place = if *place == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).expect("ASCII")
}
