//! Structured input out of the fuzzer's bytes, read from the front only, so that seeds can be written by hand.

use arbitrary::Unstructured;

/// What is left of the fuzzer's bytes. Behind the end everything is zero or empty.
pub struct Input<'d>(Unstructured<'d>);

impl<'d> Input<'d> {
    pub fn new(data: &'d [u8]) -> Self {
        Input(Unstructured::new(data))
    }

    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub fn word(&mut self) -> u16 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub fn long(&mut self) -> i64 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number in 0 .. bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound.max(1)
    }

    /// One of the things.
    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// Bytes behind their length in one byte.
    pub fn bytes(&mut self) -> &'d [u8] {
        let wanted = usize::from(self.byte());
        self.0.bytes(wanted.min(self.0.len())).unwrap_or_default()
    }

    /// The same as text; what is not UTF-8 is replaced.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    pub fn optional_text(&mut self) -> Option<String> {
        self.flag().then(|| self.text())
    }

    /// A text of the pool, or one of the input's own when the pool has none left.
    pub fn text_of(&mut self, pool: &[&str]) -> String {
        match self.below(pool.len() + 1) {
            own if own == pool.len() => self.text(),
            known => pool[known].to_string(),
        }
    }

    pub fn rest(self) -> &'d [u8] {
        self.0.take_rest()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
