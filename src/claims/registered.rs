//! The claims that RFC 7519 4.1 and RFC 7800 3.1 register, each with its type. A wrong type is an error, never "absent".

use crate::error::Status;
use crate::json::{Kind, Member, Value};

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

/// Where a value lies in the payload; empty for one that is absent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    start: u16,
    end: u16,
}

impl Span {
    fn of(member: &Member<'_>) -> Span {
        let end = member.start.saturating_add(member.value.raw_bytes().len());
        Span { start: member.start as u16, end: end as u16 }
    }

    pub(crate) fn value(self, text: &[u8]) -> Option<Value<'_>> {
        let raw = text.get(usize::from(self.start)..usize::from(self.end))?;
        if raw.is_empty() { None } else { Some(Value::new(raw)) }
    }
}

/// Where the registered claims lie, and the dates.
#[derive(Clone, Copy, Default)]
pub(crate) struct Registered {
    pub(crate) issuer: Span,
    pub(crate) subject: Span,
    pub(crate) audience: Span,
    pub(crate) token_id: Span,
    pub(crate) confirmation: Span,
    pub(crate) dates: Dates,
    /// What was wrong with the first claim of a wrong type.
    fault: Option<Status>,
}

impl Registered {
    /// Takes note of a claim. The text behind it may still be refused.
    pub(crate) fn note(&mut self, member: &Member<'_>) {
        let value = member.value;
        let mut short = [0; 3];
        let name = member.name.short(&mut short);
        let noted = match name {
            b"iss" => of_kind(member, Kind::String).map(|span| self.issuer = span),
            b"sub" => of_kind(member, Kind::String).map(|span| self.subject = span),
            b"jti" => of_kind(member, Kind::String).map(|span| self.token_id = span),
            b"cnf" => of_kind(member, Kind::Object).map(|span| self.confirmation = span),
            b"aud" => audience(member).map(|span| self.audience = span),
            b"exp" | b"nbf" | b"iat" => self.note_date(name, value),
            _ => Ok(()),
        };
        self.fault = self.fault.or(noted.err());
    }

    /// Each date is rounded its own way, and there must be one after that.
    fn note_date(&mut self, name: &[u8], value: Value<'_>) -> Result<(), Status> {
        let number = value.number()?;
        let (down, up) = (number.round_down(), number.round_up());
        let known = match name {
            b"exp" => {
                self.dates.expires_at = down;
                down
            }
            b"nbf" => {
                self.dates.not_before = up;
                up
            }
            _ => {
                self.dates.issued_at = down;
                self.dates.issued_at_latest = up;
                up
            }
        };
        known.map(|_| ()).ok_or(Status::ClaimDate)
    }

    /// The notes, once the whole text is accepted.
    pub(crate) fn checked(self) -> Result<Self, Status> {
        self.fault.map_or(Ok(self), Err)
    }
}

fn of_kind(member: &Member<'_>, kind: Kind) -> Result<Span, Status> {
    if member.value.kind() == kind { Ok(Span::of(member)) } else { Err(Status::ClaimType) }
}

/// A string, or an array of strings (RFC 7519 4.1.3).
fn audience(member: &Member<'_>) -> Result<Span, Status> {
    let is_list = member.value.elements().is_ok_and(|mut elements| elements.all(|element| element.kind() == Kind::String));
    if is_list { Ok(Span::of(member)) } else { of_kind(member, Kind::String) }
}
