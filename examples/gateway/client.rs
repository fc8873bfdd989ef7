//! Clients that send real requests: browsers by their header fields, and a visitor who uses them.

use super::binding::Binding;
use super::door::Door;
use super::edge::HANDSHAKE_FIELD;
use super::gateway::{Gateway, now};
use super::{Fault, known};
use countermark::{Headers, Mint};
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;

/// The fields that come with every request of a browser: its own, what its page tells, and the address that the edge writes.
/// An empty one is not sent.
#[derive(Clone, Copy)]
pub struct Browser<'b> {
    user_agent: &'static str,
    accept_language: &'static str,
    brands: &'static str,
    platform: &'static str,
    mobile: &'static str,
    address: &'b str,
    page: &'b str,
}

/// A browser at home.
pub const CHROME: Browser<'static> = Browser {
    user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    accept_language: "en-GB,en;q=0.9",
    brands: r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#,
    platform: r#""Windows""#,
    mobile: "?0",
    address: "192.0.2.10",
    page: r#"{"screen":"1920x1080","depth":24,"zone":"Europe/London","languages":["en-GB","en"],"platform":"Win32","cores":8,"canvas":"a1f3c0","gpu":"ANGLE (Intel, UHD 620)"}"#,
};

/// The same browser after its update.
pub const CHROME_UPDATED: Browser<'static> = Browser {
    user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    brands: r#""Google Chrome";v="143", "Chromium";v="143", "Not A(Brand";v="24""#,
    ..CHROME
};

/// The same browser in a café: another network and provider.
pub const CHROME_MOVED: Browser<'static> = Browser { address: "198.51.100.7", ..CHROME };

/// The same browser on another screen, in another language.
pub const CHROME_RESET: Browser<'static> = Browser {
    accept_language: "fr-FR,fr;q=0.9",
    page: r#"{"screen":"2560x1440","depth":24,"zone":"Europe/London","languages":["fr-FR","fr"],"platform":"Win32","cores":8,"canvas":"a1f3c0","gpu":"ANGLE (Intel, UHD 620)"}"#,
    ..CHROME
};

/// The same browser behind something that takes its hints and languages away.
pub const CHROME_STRIPPED: Browser<'static> =
    Browser { accept_language: "", brands: "", platform: "", mobile: "", ..CHROME };

/// Another one, on another machine; it sends no client hints.
pub const FIREFOX: Browser<'static> = Browser {
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    accept_language: "de,en-US;q=0.7,en;q=0.3",
    brands: "",
    platform: "",
    mobile: "",
    address: "203.0.113.5",
    page: r#"{"screen":"1366x768","depth":24,"zone":"Europe/London","languages":["de","en-US","en"],"platform":"Linux x86_64","cores":4,"canvas":"77c2","gpu":"Mesa Intel"}"#,
};

impl<'b> Browser<'b> {
    /// The same browser at another address.
    pub fn at(self, address: &'b str) -> Self {
        Browser { address, ..self }
    }

    /// The same browser on another machine, by what its page tells.
    pub fn of(self, page: &'b str) -> Self {
        Browser { page, ..self }
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, &'b str)> {
        let fields = [
            ("User-Agent", self.user_agent),
            ("Accept-Language", self.accept_language),
            ("Sec-CH-UA", self.brands),
            ("Sec-CH-UA-Platform", self.platform),
            ("Sec-CH-UA-Mobile", self.mobile),
            (known::ADDRESS_FIELD, self.address),
            (known::PAGE_FIELD, self.page),
        ];
        fields.into_iter().filter(|(_, value)| !value.is_empty())
    }
}

/// As they arrive: the names of all fields count, so the one that every request has is not left out.
impl Headers for Browser<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.fields()
            .chain([("Host", "gateway.example")])
            .nth(position)
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
    }
}

/// What came back.
pub struct Answer {
    pub http: u16,
    /// By names in lower case.
    pub fields: HashMap<String, String>,
    pub body: Value,
}

impl Answer {
    /// A field's value; empty when it is absent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The token that a login or a re-issue gave.
    pub fn token(&self) -> Result<String, Fault> {
        let token = self.body.get("access_token").and_then(Value::as_str);
        Ok(token.ok_or_else(|| format!("no token came with HTTP {}", self.http))?.to_owned())
    }
}

/// Sends requests, and mints tokens that the gateway would never hand out: it stands beside the gateway and shares its key.
pub struct Visitor<'v> {
    pub gateway: &'v Gateway<'v>,
    base: String,
}

pub const FORM: &str = "application/x-www-form-urlencoded";

impl<'v> Visitor<'v> {
    pub fn new(gateway: &'v Gateway<'v>, address: SocketAddr) -> Self {
        Visitor { gateway, base: format!("http://{address}") }
    }

    /// The absolute URI of a path.
    pub fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What the edge takes for a handshake with this certificate, in base64: a name and a value for the fields of a request.
    pub fn handshake(&self, certificate: &str) -> (&'static str, String) {
        (HANDSHAKE_FIELD, format!("{} :{certificate}:", self.gateway.handshake_secret))
    }

    /// `POST /login` by Alice, with fields that the token will be bound to.
    pub fn bound(&self, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Result<Answer, Fault> {
        let body = "user=alice&password=wonderland";
        let request = minreq::post(self.uri("/login")).with_header("Content-Type", FORM).with_body(body);
        send(request.with_headers(fields.iter().copied()), browser)
    }

    /// `POST /login`
    pub fn login(&self, browser: &Browser<'_>, content_type: &str, body: &str) -> Result<Answer, Fault> {
        let request = minreq::post(self.uri("/login")).with_header("Content-Type", content_type).with_body(body);
        send(request, browser)
    }

    /// Alice's token, by logging in.
    pub fn token(&self, browser: &Browser<'_>) -> Result<String, Fault> {
        self.bound(browser, &[])?.token()
    }

    /// Alice's token for a door, by logging in there.
    pub fn token_for(&self, door: Door, browser: &Browser<'_>) -> Result<String, Fault> {
        let body = "user=alice&password=wonderland";
        let request = minreq::post(self.uri(door.login())).with_header("Content-Type", FORM).with_body(body);
        send(request, browser)?.token()
    }

    /// A token for Alice in this browser, otherwise than the gateway would mint it.
    pub fn minted(&self, browser: &Browser<'_>, change: impl FnOnce(&mut Mint<'_>, i64)) -> Result<String, Fault> {
        self.minted_by(browser, |terms, now| {
            change(terms, now);
            self.gateway.issue(Door::Api, terms)
        })
    }

    /// The same, minted by whatever is given.
    pub fn minted_by(
        &self,
        browser: &Browser<'_>,
        mint: impl FnOnce(&mut Mint<'_>, i64) -> Result<String, Fault>,
    ) -> Result<String, Fault> {
        let now = now().ok_or("the clock is not set")?;
        known::with(browser, |client| {
            let mark = self.gateway.mark(client, None)?;
            let unbound = Binding::default();
            let mut terms = self.gateway.terms("alice", &mark, &unbound, "minted-beside-the-gateway", now);
            mint(&mut terms, now)
        })?
    }

    /// `POST /reissue` with a token: the answer.
    pub fn reissue(&self, browser: &Browser<'_>, token: &str) -> Result<Answer, Fault> {
        self.reissue_with(browser, &[("Authorization", &format!("Bearer {token}"))])
    }

    /// `POST /reissue` with these fields.
    pub fn reissue_with(&self, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Result<Answer, Fault> {
        send(minreq::post(self.uri("/reissue")).with_headers(fields.iter().copied()), browser)
    }

    /// `GET /api/hello` with a token.
    pub fn show(&self, browser: &Browser<'_>, token: &str) -> Result<Answer, Fault> {
        self.get(browser, &[("Authorization", &format!("Bearer {token}"))])
    }

    /// `POST` to a path that ends tokens.
    pub fn log_out(&self, path: &str, browser: &Browser<'_>, token: &str) -> Result<Answer, Fault> {
        send(minreq::post(self.uri(path)).with_header("Authorization", format!("Bearer {token}")), browser)
    }

    /// `GET /stream/hello` with a token: answered piece by piece.
    pub fn stream(&self, browser: &Browser<'_>, token: &str) -> Result<Stream, Fault> {
        let request = minreq::get(self.uri("/stream/hello")).with_header("Authorization", format!("Bearer {token}"));
        Ok(Stream(request.with_headers(browser.fields()).with_timeout(30).send_lazy()?))
    }

    /// `GET` of another path with a token.
    pub fn show_at(&self, path: &str, browser: &Browser<'_>, token: &str) -> Result<Answer, Fault> {
        send(minreq::get(self.uri(path)).with_header("Authorization", format!("Bearer {token}")), browser)
    }

    /// `GET /api/hello` with these fields. The crate keeps them in a map, so two of one name differ in their case.
    pub fn get(&self, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Result<Answer, Fault> {
        send(minreq::get(self.uri("/api/hello")).with_headers(fields.iter().copied()), browser)
    }
}

/// A response that goes on.
pub struct Stream(minreq::ResponseLazy);

impl Stream {
    /// The next line.
    pub fn line(&mut self) -> Result<Answer, Fault> {
        let mut line = Vec::new();
        for byte in &mut self.0 {
            match byte? {
                (b'\n', _) => break,
                (byte, _) => line.push(byte),
            }
        }
        let body = serde_json::from_slice(&line)?;
        Ok(Answer { http: u16::try_from(self.0.status_code)?, fields: self.0.headers.clone(), body })
    }

    /// The last line, which says why it is.
    pub fn end(&mut self) -> Result<Answer, Fault> {
        loop {
            let mut answer = self.line()?;
            let Some(ended) = answer.body.as_object().filter(|line| line.contains_key("code")).cloned() else { continue };
            if ended.get("in_time") != Some(&Value::Bool(true)) {
                return Err("it went on for more than an interval".into());
            }
            let said = |name| ended.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let fields = ["code", "status", "stage"].map(|name| (format!("countermark-{name}"), said(name)));
            answer.fields.extend(fields);
            answer.fields.insert("countermark-verdict".into(), "reject".into());
            return Ok(answer);
        }
    }
}

fn send(request: minreq::Request, browser: &Browser<'_>) -> Result<Answer, Fault> {
    let response = request.with_headers(browser.fields()).with_follow_redirects(false).with_timeout(30).send()?;
    let body = serde_json::from_slice(response.as_bytes()).unwrap_or_default();
    Ok(Answer { http: u16::try_from(response.status_code)?, fields: response.headers, body })
}
