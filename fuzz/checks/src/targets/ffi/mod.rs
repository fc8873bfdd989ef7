//! The C ABI with arbitrary lengths, sizes, counts, NULLs and short buffers. What may fail is collected in no order: a call
//! succeeds exactly when nothing is wrong, else names one of the things that are; and a failure leaves only zeros.

mod keys;
mod other;
mod values;
mod verifier;
mod verify;

use crate::c_memory::Block;
use crate::input::Input;
use countermark::Status;
use std::collections::HashSet;

/// What is wrong with a call.
type Faults = HashSet<Status>;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let sets = keys::sets(&mut input);
    if let Some(verifier) = verifier::made(&mut input, &sets) {
        for _ in 0..1 + input.below(3) {
            verify::one(&mut input, &verifier);
        }
        verifier.wiped();
    }
    other::all(&mut input);
    keys::wiped(&sets);
}

/// The status fits what is wrong.
fn fits(code: i32, faults: &Faults) {
    let status = Status::from_code(code).expect("a known status");
    match status {
        Status::Accepted => assert!(faults.is_empty(), "success in spite of {faults:?}"),
        status => assert!(faults.contains(&status), "{status:?} is none of {faults:?}"),
    }
}

fn is_zero(block: &Block) -> bool {
    block.slice().iter().all(|byte| *byte == 0)
}

/// Once in sixteen.
fn seldom(input: &mut Input<'_>) -> bool {
    input.byte() % 16 == 15
}

/// A text of C's: NULL with no length, seldom NULL with one, else bytes that need not be UTF-8.
struct CText {
    block: Option<Block>,
    bytes: countermark_ffi::cmk_bytes,
}

impl CText {
    fn of(bytes: &[u8]) -> Self {
        let block = Block::of(bytes);
        CText { bytes: block.bytes(), block: Some(block) }
    }

    fn arbitrary(input: &mut Input<'_>, pool: &[&str]) -> Self {
        match input.below(8) {
            0 => CText { block: None, bytes: countermark_ffi::cmk_bytes::NONE },
            1 if input.flag() => {
                CText { block: None, bytes: countermark_ffi::cmk_bytes { ptr: std::ptr::null(), len: 1 + input.below(9) } }
            }
            2 | 3 => CText::of(input.bytes()),
            _ => CText::of(input.text_of(pool).as_bytes()),
        }
    }

    /// The bytes, if they are there at all.
    fn slice(&self) -> Option<&[u8]> {
        self.block.as_ref().map(Block::slice)
    }

    /// The text; what is wrong with it goes to the faults.
    fn text(&self, faults: &mut Faults, not_utf8: Status) -> Option<&str> {
        if self.block.is_none() && self.bytes.len > 0 {
            faults.insert(Status::NullPointer);
        }
        let text = std::str::from_utf8(self.slice()?);
        text.map_err(|_| faults.insert(not_utf8)).ok()
    }
}
