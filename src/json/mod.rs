//! Strict JSON (RFC 8259), read in place: a reader that accepts or refuses a whole text, and views into an accepted one.
//!
//! The reader runs first, always. The views trust the text's form, but no bound: on a text that was never checked they
//! answer nonsense, and nothing worse.

mod number;
mod reader;
mod text;
mod value;

pub(crate) use number::Number;
pub use reader::Fault;
#[cfg(feature = "_tools")]
pub(crate) use reader::read_any;
pub(crate) use reader::{INDEX_ENTRY_BYTES, Member, index_bytes, positions, read_object};
pub use text::Text;
#[cfg(any(feature = "typed", feature = "dpop"))]
pub(crate) use text::read_escape;
pub use value::{Elements, Kind, Members, Value};
pub(crate) use value::{name_at, value_at};

/// The four bytes that RFC 8259 2 calls white space.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
