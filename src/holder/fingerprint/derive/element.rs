//! One element of a set, as it is hashed.

/// Bytes that need a change go through a buffer of this size: an element may be of any length.
const PIECE_BYTES: usize = 64;

/// The bytes of one element of a set, borrowed from the header's value.
#[derive(Clone, Copy)]
pub(crate) struct Element<'e> {
    bytes: &'e [u8],
    is_lowered: bool,
    is_escaped: bool,
}

impl<'e> Element<'e> {
    /// The bytes as they are.
    pub(crate) const fn plain(bytes: &'e [u8]) -> Self {
        Element { bytes, is_lowered: false, is_escaped: false }
    }

    /// The bytes in ASCII lower case.
    pub(crate) const fn lowered(bytes: &'e [u8]) -> Self {
        Element { bytes, is_lowered: true, is_escaped: false }
    }

    /// The inside of a quoted string (RFC 8941 3.3.3): a backslash goes, what follows it stays.
    pub(super) const fn escaped(bytes: &'e [u8]) -> Self {
        Element { bytes, is_lowered: false, is_escaped: true }
    }

    pub(super) const fn bytes(&self) -> &'e [u8] {
        self.bytes
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Hands out the bytes to be hashed, in order, in pieces.
    pub(crate) fn pieces(&self, visitor: &mut dyn FnMut(&[u8])) {
        if !self.is_lowered && !self.is_escaped {
            return visitor(self.bytes);
        }
        let mut piece = heapless::Vec::<u8, PIECE_BYTES>::new();
        let mut is_pair = false;
        for byte in self.bytes {
            is_pair = self.is_escaped && *byte == b'\\' && !is_pair;
            if is_pair {
                continue;
            }
            let byte = if self.is_lowered { byte.to_ascii_lowercase() } else { *byte };
            if piece.push(byte).is_err() {
                visitor(&piece);
                piece.clear();
                let _ = piece.push(byte); // it was just emptied
            }
        }
        visitor(&piece);
    }
}
