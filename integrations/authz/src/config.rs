//! The configuration file: TOML, every member known, every number bounded.

use ipnet::IpNet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where proxies ask.
    pub listen: SocketAddr,
    /// Which networks may ask there: the proxies' own. Whoever else connects is not answered.
    #[serde(default = "loopback")]
    pub peers: Vec<IpNet>,
    /// How the proxy says what it was asked.
    pub proxy: Proxy,
    pub token: Token,
    pub keys: Keys,
    #[serde(default)]
    pub holder: Holder,
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    #[serde(default)]
    pub state: State,
    #[serde(default)]
    pub geo: Geo,
    #[serde(default)]
    pub risk: Option<Risk>,
    #[serde(default)]
    pub admin: Option<Admin>,
    #[serde(default)]
    pub limits: Limits,
    /// Names of header fields and the claims that fill them.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What may be asked, by name: the proxy asks for `/door/NAME`.
    pub doors: BTreeMap<String, Door>,
}

/// What the proxy tells of the request that it has. All others of these fields are a client's, and not read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `X-Original-Method`, `X-Original-URI`: what nginx's configuration and HAProxy's script set.
    Original,
    /// `X-Forwarded-Method`, `X-Forwarded-Uri`: what Caddy and Traefik set.
    Forwarded,
    /// The authorization request's own method, and its path behind the door's: Envoy.
    Path,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    pub dialect: Dialect,
    /// The field whose last address is the client's.
    #[serde(default = "forwarded_for")]
    pub address: String,
    /// Scheme and host as clients know them, such as `https://api.example`: what proofs are for. `Host` is the client's own text, and
    /// not asked.
    #[serde(default)]
    pub origin: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub issuer: String,
    #[serde(default)]
    pub audiences: Vec<String>,
    #[serde(default)]
    pub any_audience: bool,
    /// Names of algorithms; whatever the keys say, without it.
    #[serde(default)]
    pub algorithms: Vec<String>,
    #[serde(default)]
    pub typ: Option<String>,
    #[serde(default)]
    pub require: Vec<String>,
    #[serde(default)]
    pub leeway_seconds: u32,
    #[serde(default)]
    pub max_age_seconds: Option<u32>,
    /// The longest that a token lives: so long a logout everywhere is remembered, and older tokens are refused, as are those without `iat`.
    #[serde(default = "day")]
    pub life_seconds: u32,
    #[serde(default = "token_bytes")]
    pub bytes_max: usize,
    /// A cookie that may hold the token, beside `Authorization`.
    #[serde(default)]
    pub cookie: Option<String>,
    #[serde(default)]
    pub realm: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// A JWK or JWK Set, or PEM.
    pub file: PathBuf,
    /// The algorithm of a PEM key.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// How often the file is looked at.
    #[serde(default = "five")]
    pub watch_seconds: u64,
}

/// What a token must be bound to beside its fingerprint.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    #[serde(default)]
    pub dpop: bool,
    /// Proofs must carry a nonce of this service, which changes that often.
    #[serde(default)]
    pub nonce_seconds: Option<u32>,
    /// The field in which the proxy gives the client's certificate, and its form. The proxy must remove what a client wrote there.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// Tokens that are bound to neither key nor certificate are refused. A fingerprint does not take their place; where one is
    /// configured, every token must have it anyway.
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub header: String,
    pub form: CertificateForm,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateForm {
    /// nginx's `$ssl_client_escaped_cert`, Traefik's `X-Forwarded-Tls-Client-Cert` with `pem`.
    EscapedPem,
    /// RFC 9440.
    ClientCert,
    /// Envoy's `x-forwarded-client-cert`.
    ForwardedClientCert,
    /// HAProxy's `%[ssl_c_der,base64]`, Caddy's `{tls_client_certificate_der_base64}`.
    Base64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// A preset of the core that looks at what requests show: `headers`, `headers-strict`.
    pub preset: String,
    #[serde(default = "cmk")]
    pub claim: String,
    /// 16 bytes or more, the same that the issuer mints with.
    pub pepper_file: PathBuf,
    #[serde(default)]
    pub pepper_number: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// Redis for many instances; tables in memory without it.
    pub redis: Option<String>,
    pub timeout_ms: u64,
    /// 32 bytes or more, the same for all instances; made at start without it, which only suits memory.
    pub secret_file: Option<PathBuf>,
    pub when_down: WhenDown,
    /// Entries of the tables in memory.
    pub proofs: usize,
    pub revocations: usize,
    pub clients: usize,
}

impl Default for State {
    fn default() -> Self {
        let (proofs, revocations, clients) = (100_000, 100_000, 100_000);
        State { redis: None, timeout_ms: 250, secret_file: None, when_down: WhenDown::Closed, proofs, revocations, clients }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum WhenDown {
    Closed,
    Open,
}

/// Databases in MaxMind's format.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geo {
    #[serde(default)]
    pub asn: Option<PathBuf>,
    /// A country or a city database.
    #[serde(default)]
    pub country: Option<PathBuf>,
}

/// What is odd about a visit. Records of subjects are kept in memory, by this instance alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// How many subjects are known at a time.
    #[serde(default = "subjects")]
    pub subjects: usize,
}

/// Where the operator asks: metrics, health, revocations. Never reachable for clients.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    pub listen: SocketAddr,
    #[serde(default = "loopback")]
    pub peers: Vec<IpNet>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub connections: usize,
    /// Verdicts at a time. Beyond that the answer is 503 at once.
    pub verdicts: usize,
    pub header_bytes: usize,
    pub headers: usize,
    /// For a request to arrive, and for its verdict.
    pub seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connections: 1024, verdicts: 64, header_bytes: 32 * 1024, headers: 100, seconds: 5 }
    }
}

/// What a proxy asks for by name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    #[serde(default)]
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub limits: Vec<Limit>,
}

/// One requirement of a claim: exactly one of the lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub claim: String,
    #[serde(default)]
    pub all_of: Vec<String>,
    #[serde(default)]
    pub any_of: Vec<String>,
    #[serde(default)]
    pub none_of: Vec<String>,
    #[serde(default)]
    pub wildcards: bool,
}

/// How often: by `address` before anything of the token is read, or by a claim of an accepted token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub by: String,
    pub requests: u32,
    pub seconds: u32,
    pub burst: u32,
}

fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"].iter().filter_map(|network| network.parse().ok()).collect()
}

fn forwarded_for() -> String {
    "X-Forwarded-For".into()
}

fn cmk() -> String {
    "cmk".into()
}

fn day() -> u32 {
    86_400
}

fn token_bytes() -> usize {
    4096
}

fn five() -> u64 {
    5
}

fn subjects() -> usize {
    100_000
}
