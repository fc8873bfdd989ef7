//! Base64url and zlib (RFC 1950), piece by piece, into memory that does not grow.

use crate::base64url;
use crate::error::Status;
use crate::json::Text;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Characters that are decoded at a time: a multiple of four.
const PIECE_CHARS: usize = 256;
const PIECE_BYTES: usize = PIECE_CHARS / 4 * 3;

/// How many bytes the text unpacks to, at the start of `memory`. Every piece of input is read once, and what it writes is bounded by
/// the memory; so is the work.
#[inline(never)] // the decompressor's tables are 10 KiB
pub(super) fn inflate(text: Text<'_>, memory: &mut [u8]) -> Result<usize, Status> {
    let mut state = DecompressorOxide::new();
    let mut characters = text.bytes();
    let (mut written, mut is_done) = (0usize, false);
    loop {
        let (mut piece, mut bytes) = ([0; PIECE_CHARS], [0; PIECE_BYTES]);
        let mut filled = 0usize;
        for (place, character) in piece.iter_mut().zip(&mut characters) {
            *place = character;
            filled = filled.saturating_add(1);
        }
        let is_last = filled < PIECE_CHARS;
        let piece = piece.get(..filled).unwrap_or_default();
        let room = base64url::decoded_len(filled).and_then(|count| bytes.get_mut(..count));
        let mut input: &[u8] = room.and_then(|room| base64url::decode(piece, room)).ok_or(Status::StatusListMalformed)?;
        let more = if is_last { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | more;
        if !is_done {
            let (status, read, wrote) = decompress(&mut state, input, memory, written, flags);
            written = written.saturating_add(wrote);
            input = input.get(read..).unwrap_or_default();
            match status {
                TINFLStatus::Done => is_done = true,
                TINFLStatus::NeedsMoreInput if !is_last => {}
                // The memory is full, and this says so even where nothing but the end is to come.
                TINFLStatus::HasMoreOutput if input.is_empty() && !is_last => {}
                TINFLStatus::HasMoreOutput => return Err(Status::StatusListTooLarge),
                _ => return Err(Status::StatusListMalformed),
            }
        }
        // One stream, and nothing behind it.
        if !input.is_empty() {
            return Err(Status::StatusListMalformed);
        }
        if is_last {
            return if is_done { Ok(written) } else { Err(Status::StatusListMalformed) };
        }
    }
}
