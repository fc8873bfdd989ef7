//! `cmk_rule`: what a token may do, as C writes it. Rules, values and texts stay the caller's, where they are.

use crate::memory::{Apart, cmk_bytes, list};
use countermark::{Comparison, Rule, Rules, Status, Test, Values};

const WILDCARDS: u32 = 1;

/// One rule as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_rule {
    pub path: cmk_bytes,
    pub values: *const cmk_bytes,
    pub value_count: usize,
    pub number: i64,
    pub test: i32,
    pub flags: u32,
}

// SAFETY: it is only read, and so is what it points to, by the caller's promise.
unsafe impl Sync for cmk_rule {}

impl Values for cmk_rule {
    fn value(&self, position: usize) -> Option<&str> {
        // SAFETY: the caller's promise; `check` has seen that each is a text.
        unsafe { list(self.values, self.value_count).ok()?.get(position)?.text().ok() }
    }
}

impl cmk_rule {
    fn rule(&self) -> Result<Rule<'_>, Status> {
        let compare = |comparison| Test::Compare(comparison, self.number);
        let test = match self.test {
            1 => Test::AllOf(self),
            2 => Test::AnyOf(self),
            3 => Test::NoneOf(self),
            4 => compare(Comparison::Less),
            5 => compare(Comparison::LessOrEqual),
            6 => compare(Comparison::Equal),
            7 => compare(Comparison::GreaterOrEqual),
            8 => compare(Comparison::Greater),
            _ => return Err(Status::RightsRule),
        };
        if self.flags & !WILDCARDS != 0 {
            return Err(Status::Argument);
        }
        // SAFETY: the caller's promise.
        Ok(Rule { path: unsafe { self.path.text() }?, test, wildcards: self.flags & WILDCARDS != 0 })
    }
}

/// The rules of a verifier.
#[derive(Clone, Copy)]
pub(crate) struct KeptRules<'a>(&'a [cmk_rule]);

impl<'a> KeptRules<'a> {
    /// # Safety
    /// `rules` points to `count` rules that are valid for `'a`, and so is what they point to; or it is NULL.
    pub(crate) unsafe fn new(rules: *const cmk_rule, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let rules = unsafe { list(rules, count) }?;
        for rule in rules {
            rule.rule()?;
            // SAFETY: the caller's promise.
            unsafe { list(rule.values, rule.value_count)?.iter().try_for_each(|value| value.text().map(drop))? };
        }
        Ok(KeptRules(rules))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Rules for KeptRules<'_> {
    fn rule(&self, position: usize) -> Option<Rule<'_>> {
        self.0.get(position)?.rule().ok()
    }
}

/// Everything that is read through the rules, for overlap checks.
///
/// # Safety
/// As [`KeptRules::new`].
pub(crate) unsafe fn read_by(rules: *const cmk_rule, count: usize, apart: &mut Apart<'_>) -> Result<(), Status> {
    // SAFETY: the caller's promise, for the whole function.
    unsafe {
        let rules = list(rules, count)?;
        apart.and_list(rules);
        for rule in rules {
            apart.and_bytes(rule.path);
            let values = list(rule.values, rule.value_count)?;
            apart.and_list(values);
            values.iter().for_each(|value| {
                apart.and_bytes(*value);
            });
        }
        Ok(())
    }
}

impl KeptRules<'_> {
    /// The same for the rules of a verifier.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        // SAFETY: they are as `new` got them. A failure is that of an empty list.
        let _ = unsafe { read_by(self.0.as_ptr(), self.0.len(), apart) };
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_rule_scope"))]
pub unsafe extern "C" fn cmk_rule_scope(
    rule: *const cmk_rule,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    scope: *mut cmk_bytes,
) -> i32 {
    use crate::memory::{Range, fill, list_mut, object};
    let written = [Range::of(buffer.cast::<u8>(), buffer_bytes), Range::of_object(scope)];
    // SAFETY: the caller's promise, for the whole block.
    unsafe {
        let made = (|| {
            written[0].apart_from(written[1])?;
            let mut apart = Apart::new(&written);
            apart.and_object(rule).verdict()?;
            let read = read_by(object(rule)?, 1, &mut apart);
            // Before any other error, which would clear the scope.
            apart.verdict()?;
            read?;
            let kept = KeptRules::new(rule, 1)?;
            let rule = kept.rule(0).ok_or(Status::RightsRule)?;
            let text = rule.write_scope(list_mut(buffer.cast::<u8>(), buffer_bytes)?)?;
            Ok(cmk_bytes::of(text.as_bytes()))
        })();
        if let Err(Status::Overlap) = made {
            return Status::Overlap.code();
        }
        fill(scope, made)
    }
}
