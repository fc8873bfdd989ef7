//! The types of the registered claims (RFC 7519 4.1, RFC 7800 3.1).

use super::{string, strings};
use countermark::Status;
use countermark_tests::dates;
use countermark_tests::json::{Json, Node};

/// Each date as the core must round it.
#[derive(Clone, Copy, Default)]
pub struct Dates {
    pub exp: Option<i64>,
    pub nbf: Option<i64>,
    pub iat_down: Option<i64>,
    pub iat_up: Option<i64>,
}

/// Checks the types, in the order in which the claims stand.
pub fn types(payload: &Node) -> Result<Dates, Status> {
    let mut found = Dates::default();
    let Json::Object(members) = &payload.json else { panic!("an object was read") };
    for (name, value) in members {
        match name.as_str() {
            "iss" | "sub" | "jti" if string(value).is_none() => return Err(Status::ClaimType),
            "aud" if string(value).is_none() && strings(value).is_none() => return Err(Status::ClaimType),
            "cnf" if !matches!(value.json, Json::Object(_)) => return Err(Status::ClaimType),
            "exp" | "nbf" | "iat" => {
                if value.json != Json::Number {
                    return Err(Status::ClaimType);
                }
                let rounded = dates::round(&value.raw);
                match name.as_str() {
                    "exp" => found.exp = Some(rounded.down.ok_or(Status::ClaimDate)?),
                    "nbf" => found.nbf = Some(rounded.up.ok_or(Status::ClaimDate)?),
                    _ => {
                        found.iat_down = Some(rounded.down.ok_or(Status::ClaimDate)?);
                        found.iat_up = Some(rounded.up.ok_or(Status::ClaimDate)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}
