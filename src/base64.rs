//! Padded base64 (RFC 4648 4), character by character, without a buffer. Not for secrets.

/// A text being read.
#[derive(Default)]
pub(crate) struct Base64 {
    bits: u32,
    chars: usize,
    padding: usize,
}

impl Base64 {
    /// Takes a character and hands the bytes that it completes to `sink`; `None` when the text is not canonical.
    pub(crate) fn take(&mut self, char: u8, mut sink: impl FnMut(&[u8]) -> Option<()>) -> Option<()> {
        let value = match char {
            b'A'..=b'Z' => char.wrapping_sub(b'A'),
            b'a'..=b'z' => char.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => char.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => 0,
            _ => return None,
        };
        match (char, self.padding) {
            (b'=', 0..=1) => self.padding = self.padding.saturating_add(1),
            (b'=', _) => return None,
            (_, 0) => {}
            _ => return None, // more behind the padding
        }
        self.bits = (self.bits << 6) | u32::from(value);
        self.chars = self.chars.saturating_add(1);
        if self.chars.is_multiple_of(4) {
            let [_, three @ ..] = self.bits.to_be_bytes();
            let (kept, spare) = three.split_at_checked(three.len().saturating_sub(self.padding))?;
            // The bits that padding leaves over are zero: one text for one byte string.
            if spare.iter().any(|byte| *byte != 0) {
                return None;
            }
            sink(kept)?;
            self.bits = 0;
        }
        Some(())
    }

    /// Whether the text may end here.
    pub(crate) fn is_whole(&self) -> bool {
        self.chars.is_multiple_of(4)
    }
}
