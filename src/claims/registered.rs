//! The claims that RFC 7519 4.1 and RFC 7800 3.1 register, each with its type. A wrong type is an error, never "absent".

use crate::error::Status;
use crate::json::{self, Kind, Number, Value};

/// The three NumericDates (RFC 7519 2), each rounded so that a fraction never lengthens a life.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dates {
    /// `exp`, down.
    pub(crate) expires_at: Option<i64>,
    /// `nbf`, up.
    pub(crate) not_before: Option<i64>,
    /// `iat`, down: for a maximal age.
    pub(crate) issued_at: Option<i64>,
    /// `iat`, up: against the future.
    pub(crate) issued_at_latest: Option<i64>,
}

/// Where the registered claims' values start in the payload (0: absent), and the dates.
#[derive(Clone, Copy, Default)]
pub(crate) struct Registered {
    pub(crate) issuer: u16,
    pub(crate) subject: u16,
    pub(crate) audience: u16,
    pub(crate) token_id: u16,
    pub(crate) confirmation: u16,
    pub(crate) dates: Dates,
}

impl Registered {
    pub(crate) fn read(text: &[u8], positions: impl Iterator<Item = usize>) -> Result<Self, Status> {
        let mut registered = Registered::default();
        for start in positions {
            let (name, position) = json::name_at(text, start);
            let mut short = [0; 3];
            let name = match name.plain() {
                Some(plain) => plain,
                None => name.copy_to(&mut short).unwrap_or_default().as_bytes(),
            };
            let value = || json::value_at(text, position);
            let place = position as u16;
            match name {
                b"iss" => registered.issuer = of_kind(value(), Kind::String, place)?,
                b"sub" => registered.subject = of_kind(value(), Kind::String, place)?,
                b"jti" => registered.token_id = of_kind(value(), Kind::String, place)?,
                b"cnf" => registered.confirmation = of_kind(value(), Kind::Object, place)?,
                b"aud" => registered.audience = audience(value(), place)?,
                b"exp" => registered.dates.expires_at = Some(date(value(), Number::round_down)?),
                b"nbf" => registered.dates.not_before = Some(date(value(), Number::round_up)?),
                b"iat" => {
                    registered.dates.issued_at = Some(date(value(), Number::round_down)?);
                    registered.dates.issued_at_latest = Some(date(value(), Number::round_up)?);
                }
                _ => {}
            }
        }
        Ok(registered)
    }
}

fn of_kind(value: Value<'_>, kind: Kind, place: u16) -> Result<u16, Status> {
    if value.kind() == kind { Ok(place) } else { Err(Status::ClaimType) }
}

/// A string, or an array of strings (RFC 7519 4.1.3).
fn audience(value: Value<'_>, place: u16) -> Result<u16, Status> {
    let is_list = value.elements().is_ok_and(|mut elements| elements.all(|element| element.kind() == Kind::String));
    if is_list { Ok(place) } else { of_kind(value, Kind::String, place) }
}

fn date(value: Value<'_>, round: fn(&Number) -> Option<i64>) -> Result<i64, Status> {
    round(&value.number()?).ok_or(Status::ClaimDate)
}
