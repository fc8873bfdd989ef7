//! Stage 9: what the token may do. Every rule is judged; the first that is not met is named in the report.
//!
//! Rules are the host's; of a token only the texts are. So the work is bounded by the limits below and by the payload's length.

use crate::claims::Claims;
use crate::error::{Failures, Status};
use crate::json::{Kind, Text, Value};
use crate::limits::{DEPTH_BOUND, PATH_BYTES_MAX, RIGHTS_RULES_MAX, RIGHTS_VALUES_MAX};

/// A list of rules. Arrays and slices of [`Rule`] are lists.
pub trait Rules: Sync {
    /// The rule at this position; none behind the last.
    fn rule(&self, position: usize) -> Option<Rule<'_>>;
}

/// The values that a rule asks for. Arrays and slices of texts are such lists.
pub trait Values: Sync {
    /// The value at this position; none behind the last.
    fn value(&self, position: usize) -> Option<&str>;
}

impl<const COUNT: usize> Rules for [Rule<'_>; COUNT] {
    fn rule(&self, position: usize) -> Option<Rule<'_>> {
        self.get(position).copied()
    }
}

impl Rules for &[Rule<'_>] {
    fn rule(&self, position: usize) -> Option<Rule<'_>> {
        self.get(position).copied()
    }
}

impl<const COUNT: usize> Values for [&str; COUNT] {
    fn value(&self, position: usize) -> Option<&str> {
        self.get(position).copied()
    }
}

impl Values for &[&str] {
    fn value(&self, position: usize) -> Option<&str> {
        self.get(position).copied()
    }
}

/// One requirement of a claim.
///
/// A claim's values are the strings of an array, or one string; `scope` and `scp` as one string are split at spaces (RFC 8693 4.2).
/// A claim of any other type is refused, whatever is asked of it.
#[derive(Clone, Copy)]
pub struct Rule<'r> {
    /// The claim: names with dots between them or, from a slash on, a JSON pointer, as in [`Claims::at`]. At most 256 bytes and
    /// 16 steps.
    pub path: &'r str,
    /// What is asked of it.
    pub test: Test<'r>,
    /// Leniency: a value of the rule that ends in `*` stands for all that begin with what is before it. A star in a token is a star.
    pub wildcards: bool,
}

/// What is asked of a claim. A list has 1 to 32 values.
#[derive(Clone, Copy)]
pub enum Test<'r> {
    /// It has each of these. Not met when the claim is absent.
    AllOf(&'r dyn Values),
    /// It has one of these. Not met when the claim is absent.
    AnyOf(&'r dyn Values),
    /// It has none of these. Met when the claim is absent.
    NoneOf(&'r dyn Values),
    /// It is an integer, and compares so with this number. Not met when the claim is absent.
    Compare(Comparison, i64),
}

/// How the claim's integer, on the left, compares with the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Comparison {
    /// <
    Less = 4,
    /// <=
    LessOrEqual = 5,
    /// =
    Equal = 6,
    /// >=
    GreaterOrEqual = 7,
    /// >
    Greater = 8,
}

impl Rule<'_> {
    /// Writes the rule's values to the start of `out` with spaces between them: for [`Challenge::scope`](crate::Challenge), when
    /// this rule was the first that was not met. Empty for a rule that does not ask for a scope.
    ///
    /// # Errors
    /// [`Status::BufferTooSmall`].
    pub fn write_scope<'o>(&self, out: &'o mut [u8]) -> Result<&'o str, Status> {
        let (Test::AllOf(values) | Test::AnyOf(values)) = self.test else { return Ok("") };
        let mut written = 0usize;
        for value in each(values).filter(|_| is_scope(self.path)) {
            let space = if written == 0 { "" } else { " " };
            for piece in [space, value] {
                let place = out.get_mut(written..).and_then(|free| free.get_mut(..piece.len()));
                place.ok_or(Status::BufferTooSmall)?.copy_from_slice(piece.as_bytes());
                written = written.saturating_add(piece.len());
            }
        }
        out.get(..written).and_then(|text| core::str::from_utf8(text).ok()).ok_or(Status::BufferTooSmall)
    }

    fn check(&self) -> Result<(), Status> {
        // A pointer's first step is behind a slash, a dotted path's before the first dot.
        let separators = match self.path.strip_prefix('/') {
            Some(pointer) => pointer.bytes().filter(|byte| *byte == b'/').count(),
            None => self.path.bytes().filter(|byte| *byte == b'.').count(),
        };
        if self.path.len() > PATH_BYTES_MAX || separators >= DEPTH_BOUND {
            return Err(Status::RightsLimit);
        }
        let (Test::AllOf(values) | Test::AnyOf(values) | Test::NoneOf(values)) = self.test else {
            return if self.path.is_empty() { Err(Status::RightsRule) } else { Ok(()) };
        };
        if values.value(RIGHTS_VALUES_MAX).is_some() {
            return Err(Status::RightsLimit);
        }
        // No part of a scope is empty or has a space, so such a value is a slip of the pen (RFC 6749 3.3).
        let is_no_scope = |value: &str| value.is_empty() || value.bytes().any(|byte| byte == b' ');
        let is_wrong = is_scope(self.path) && each(values).any(is_no_scope);
        if self.path.is_empty() || values.value(0).is_none() || is_wrong { Err(Status::RightsRule) } else { Ok(()) }
    }

    fn judge(&self, claims: &Claims<'_>) -> Result<(), Status> {
        let found = match claims.walk(self.path) {
            Ok(found) => Some(found),
            Err(Status::ClaimType) => return Err(Status::RightsType),
            Err(_) => None,
        };
        if let Test::Compare(comparison, number) = self.test {
            let found = found.ok_or(Status::RightsMissing)?.integer().map_err(|_| Status::RightsType)?;
            let holds = match comparison {
                Comparison::Less => found < number,
                Comparison::LessOrEqual => found <= number,
                Comparison::Equal => found == number,
                Comparison::GreaterOrEqual => found >= number,
                Comparison::Greater => found > number,
            };
            return if holds { Ok(()) } else { Err(Status::RightsMissing) };
        }
        let granted = found.map(|value| Granted::of(value, self.path)).transpose()?;
        let has = |value: &str| granted.is_some_and(|granted| granted.has(&Pattern::new(value, self.wildcards)));
        match self.test {
            Test::AllOf(values) if !each(values).all(has) => Err(Status::RightsMissing),
            Test::AnyOf(values) if !each(values).any(has) => Err(Status::RightsMissing),
            Test::NoneOf(values) if each(values).any(has) => Err(Status::RightsForbidden),
            _ => Ok(()),
        }
    }
}

fn each(values: &dyn Values) -> impl Iterator<Item = &str> {
    (0..RIGHTS_VALUES_MAX).map_while(|position| values.value(position))
}

fn each_rule(rules: &dyn Rules) -> impl Iterator<Item = Rule<'_>> {
    (0..RIGHTS_RULES_MAX).map_while(|position| rules.rule(position))
}

/// Whether the path leads to a claim whose one string is a list (RFC 8693 4.2; `scp` is what some issuers call it).
fn is_scope(path: &str) -> bool {
    let name = path.strip_prefix('/').unwrap_or(path);
    ["scope", "scp"].iter().any(|scope| crate::bytes::equal(name.as_bytes(), scope.as_bytes()))
}

/// Whether the rules make sense: asked once, when a verifier gets them.
pub(crate) fn check(rules: &dyn Rules) -> Result<(), Status> {
    if rules.rule(RIGHTS_RULES_MAX).is_some() {
        return Err(Status::RightsLimit);
    }
    each_rule(rules).try_for_each(|rule| rule.check())
}

/// Holds the claims against every rule; the position of the first that is not met.
#[inline(never)] // as `Header::read`
pub(crate) fn judge(rules: &dyn Rules, claims: &Claims<'_>, failures: &mut Failures) -> Option<u16> {
    let mut unmet = None;
    for (position, rule) in each_rule(rules).enumerate() {
        if let Err(status) = rule.judge(claims) {
            failures.set(status);
            unmet = unmet.or(Some(position as u16));
        }
    }
    unmet
}

/// The values that a claim grants.
#[derive(Clone, Copy)]
enum Granted<'a> {
    One(Text<'a>),
    /// Between spaces.
    Scope(Text<'a>),
    /// An array of strings.
    Many(Value<'a>),
}

impl<'a> Granted<'a> {
    fn of(value: Value<'a>, path: &str) -> Result<Self, Status> {
        if let Ok(text) = value.text() {
            return Ok(if is_scope(path) { Granted::Scope(text) } else { Granted::One(text) });
        }
        let is_list = value.elements().is_ok_and(|mut elements| elements.all(|element| element.kind() == Kind::String));
        if is_list { Ok(Granted::Many(value)) } else { Err(Status::RightsType) }
    }

    fn has(self, pattern: &Pattern<'_>) -> bool {
        match self {
            Granted::One(text) => pattern.fits(text.bytes()),
            Granted::Many(list) => list
                .elements()
                .is_ok_and(|mut list| list.any(|value| value.text().is_ok_and(|text| pattern.fits(text.bytes())))),
            Granted::Scope(text) => {
                let (mut bytes, mut is_over) = (text.bytes(), false);
                while !is_over {
                    let mut read = 0usize;
                    // One part, to its end, with the space behind it. Between two spaces there is none.
                    let part = core::iter::from_fn(|| {
                        let byte = bytes.next();
                        is_over = byte.is_none();
                        read = read.saturating_add(1);
                        byte.filter(|byte| *byte != b' ')
                    });
                    if pattern.fits(part) && read > 1 {
                        return true;
                    }
                }
                false
            }
        }
    }
}

/// A value, or the beginning of one.
struct Pattern<'p> {
    text: &'p [u8],
    is_beginning: bool,
}

impl<'p> Pattern<'p> {
    fn new(value: &'p str, wildcards: bool) -> Self {
        match value.strip_suffix('*').filter(|_| wildcards) {
            Some(beginning) => Pattern { text: beginning.as_bytes(), is_beginning: true },
            None => Pattern { text: value.as_bytes(), is_beginning: false },
        }
    }

    /// Reads all of `bytes`.
    fn fits(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let (mut wanted, mut fits) = (self.text.iter(), true);
        for byte in bytes {
            fits &= match wanted.next() {
                Some(next) => *next == byte,
                None => self.is_beginning,
            };
        }
        fits && wanted.next().is_none()
    }
}
