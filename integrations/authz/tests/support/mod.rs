//! An issuer, the service, and what a proxy has behind it; all on loopback, in a folder that goes with the test.
#![allow(dead_code)] // each test program uses its part

pub mod backend;
pub mod cases;
pub mod client;
pub mod core;
#[path = "../../../../examples/redis/tests/support/device.rs"]
pub mod device;
pub mod front;
pub mod geo;
pub mod proxy;
pub mod service;

use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Algorithm, ComponentSet, Evidence, Mint, NewSketch, Pepper, Preset, Signer, Sketch};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

pub const ISSUER: &str = "https://login.example";
pub const AUDIENCE: &str = "https://api.example";
pub const KID: &str = "one";
pub const PEPPER: &[u8] = b"a pepper of the tests";
pub const SECRET: &[u8; 32] = b"the secret of the tests' stores!";

/// What a browser sends, so that its fingerprint can be minted and shown.
pub const CHROME: &[(&str, &str)] = &[
    (
        "User-Agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("Accept", "*/*"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Sec-CH-UA", r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#),
    ("Sec-CH-UA-Platform", r#""Windows""#),
    ("Sec-CH-UA-Mobile", "?0"),
];
/// The same after its update.
pub const CHROME_UPDATED: &[(&str, &str)] = &[
    (
        "User-Agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    ),
    ("Accept", "*/*"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Sec-CH-UA", r#""Google Chrome";v="143", "Chromium";v="143", "Not A(Brand";v="24""#),
    ("Sec-CH-UA-Platform", r#""Windows""#),
    ("Sec-CH-UA-Mobile", "?0"),
];
/// Another one.
pub const FIREFOX: &[(&str, &str)] = &[
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "de,en-US;q=0.7,en;q=0.3"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
];

/// A folder of its own for each test, with keys and secrets in it.
pub struct World {
    pub folder: PathBuf,
    pub signer: Signer,
}

impl World {
    pub fn new() -> World {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countermark-authz-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let world = World { folder, signer: signer([1; 32], KID) };
        world.write("keys.json", &jwks(&[(&world.signer, KID)]));
        std::fs::write(world.folder.join("pepper"), PEPPER).unwrap();
        std::fs::write(world.folder.join("secret"), SECRET).unwrap();
        world
    }

    /// Writes a file at once: whoever reads it meanwhile sees the old one or the new.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let (new, path) = (self.folder.join(format!("{name}.new")), self.folder.join(name));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &path).unwrap();
        path
    }

    /// A good token for Alice, until `change` makes it something else.
    pub fn token<'m>(&self, change: impl FnOnce(&mut Mint<'m>)) -> String {
        token_by(&self.signer, change)
    }

    /// The same with the mark of a client that sends these fields from 127.0.0.1.
    pub fn marked<'m>(&self, fields: &[(&str, &str)], change: impl FnOnce(&mut Mint<'m>)) -> String {
        self.marked_in(fields, "", "", change)
    }

    /// The same, where the issuer knows the network of the address.
    pub fn marked_in<'m>(
        &self,
        fields: &[(&str, &str)],
        asn: &str,
        country: &str,
        change: impl FnOnce(&mut Mint<'m>),
    ) -> String {
        let peppers = [(0, Pepper::new(PEPPER).unwrap())];
        let sketch = Sketch::preset(Preset::HeadersRoaming, "cmk", &peppers);
        let fields = [&[("Host", "any")], fields].concat();
        let fields = fields.as_slice();
        let evidence = Evidence { address: "127.0.0.1", asn, country, headers: &fields, ..Evidence::NONE };
        let mark =
            NewSketch { sketch: &sketch, evidence: &evidence, salt: [7; 8], opt_out: ComponentSet::EMPTY, previous: None };
        let mut mint: Mint<'m> = mint();
        change(&mut mint);
        issue(&self.signer, &Mint { sketch: Some(&mark), ..mint })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn signer(scalar: [u8; 32], kid: &str) -> Signer {
    Signer::of_scalar(Algorithm::ES256, Some(kid), &scalar).unwrap()
}

/// A JWK Set of these keys.
pub fn jwks(keys: &[(&Signer, &str)]) -> String {
    let jwk = |(signer, kid): &(&Signer, &str)| {
        let mut point = [0; 65];
        signer.public(&mut point).unwrap();
        let [x, y] = [1, 33].map(|start| encoded(&point[start..start + 32]));
        serde_json::json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": x, "y": y})
    };
    serde_json::json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() }).to_string()
}

fn mint() -> Mint<'static> {
    let now = now();
    Mint {
        typ: Some("at+jwt"),
        issuer: Some(ISSUER),
        subject: Some("alice"),
        audience: &[AUDIENCE],
        issued_at: Some(now),
        expires_at: Some(now + 300),
        token_id: Some("token-1"),
        ..Mint::default()
    }
}

pub fn token_by<'m>(signer: &Signer, change: impl FnOnce(&mut Mint<'m>)) -> String {
    let mut mint = mint();
    change(&mut mint);
    issue(signer, &mint)
}

fn issue(signer: &Signer, mint: &Mint<'_>) -> String {
    let (mut scratch, mut token) = ([0; 4096], [0; 4096]);
    signer.issue(mint, &mut scratch, &mut token).unwrap().to_owned()
}

pub fn encoded(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub fn decoded(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks until the answer is yes.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(15), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Ends a process as an operator does, and as a machine does if that takes too long.
pub fn end(child: &mut Child) -> Option<i32> {
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if let Ok(Some(status)) = child.try_wait() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// The folder of this package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
