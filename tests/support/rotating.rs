//! Rotating secrets as the design writes them down, by the crates `hmac` and `sha2`: slow, obvious, and nothing of the core's.

use super::judge::{KeySource, Setup};
use super::token::SigningKey;
use countermark::{RotatingMode, Status};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;

pub const BASE: &[u8] = b"a base of the field, 32 bytes or more";
pub const DAY: i64 = 86_400;
/// The start of a window of a day.
pub const MIDNIGHT: i64 = 19_700 * DAY;

/// One rotating secret.
#[derive(Clone, Debug)]
pub struct Secret {
    pub base: Vec<u8>,
    pub mode: RotatingMode,
    pub claim: String,
    pub window: u32,
    pub grace: u32,
}

impl Secret {
    pub fn new(mode: RotatingMode) -> Self {
        Secret { base: BASE.to_vec(), mode, claim: "userId".into(), window: DAY as u32, grace: 0 }
    }

    pub fn source(&self) -> KeySource {
        self.named(None)
    }

    pub fn named(&self, kid: Option<&str>) -> KeySource {
        let Secret { base, mode, claim, window, grace } = self.clone();
        KeySource::Rotating(kid.map(str::to_string), base, mode, claim, window, grace)
    }

    pub fn setup(&self) -> Setup<'static> {
        Setup::with([self.source()])
    }

    /// A user's key in the window of this number.
    pub fn key(&self, user: &str, window: i64) -> SigningKey {
        let hmac = |message: &[u8]| {
            let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&self.base).unwrap();
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        };
        SigningKey::Hs256(match self.mode {
            RotatingMode::Compat => {
                let hex: String =
                    hmac(format!("{user}-{window}").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
                [&self.base, hex.as_bytes()].concat()
            }
            RotatingMode::Derived => {
                let mut message = b"countermark/rotating/v1".to_vec();
                message.extend((user.len() as u32).to_be_bytes());
                message.extend(user.as_bytes());
                message.extend((window as u64).to_be_bytes());
                hmac(&message)
            }
        })
    }

    /// The windows whose keys the token may be signed with, or why there are none.
    pub fn windows(&self, payload: &Value, now: i64, leeway: i64) -> Result<(String, Vec<i64>), Status> {
        let user = match payload.get(&self.claim).ok_or(Status::RotatingUserMissing)? {
            Value::String(user) => user.clone(),
            Value::Number(number) => {
                let number = number.as_i64().filter(|number| number.abs() <= 1 << 53);
                number.ok_or(Status::RotatingUserType)?.to_string()
            }
            _ => return Err(Status::RotatingUserType),
        };
        let issued_at = payload.get("iat").and_then(Value::as_i64).ok_or(Status::RotatingTimeMissing)?;
        let number = |time: i64| (time as f64 / self.window as f64).floor() as i64;
        let (own, current) = (number(issued_at), number(now));
        if own > current + 1 || own > number(now + leeway) {
            return Err(Status::RotatingWindowAhead);
        }
        if own < current - i64::from(self.grace) {
            return Err(Status::RotatingWindowPast);
        }
        let mut windows = vec![own];
        if issued_at - own * i64::from(self.window) < 2 && own > 0 {
            windows.push(own - 1);
        }
        Ok((user, windows))
    }
}
