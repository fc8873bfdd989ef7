//! Accepts or refuses a whole text, in one pass, without recursion.

use super::text::Unescaped;
use super::{Text, Value, is_space};
use crate::bytes::{self, WORD_BYTES};
use crate::cursor::Cursor;
use crate::limits::{DEPTH_BOUND, Limits};

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, not UTF-8, or not of the kind that was asked for.
    Syntax,
    /// Two members of one name in one object.
    Duplicate,
    /// Nested too deep, too many members, or too many open at once for the index.
    Limit,
}

/// One entry of the index: where a member's name starts, little-endian.
pub(crate) const INDEX_ENTRY_BYTES: usize = 2;

/// Bytes of index that reading `text_bytes` can need. A member takes at least 5 bytes of text: `"":0,`.
pub(crate) const fn index_bytes(text_bytes: usize, limits: &Limits) -> usize {
    let by_text = (text_bytes / 5).saturating_add(1);
    let by_limits = limits.members.saturating_mul(limits.depth);
    let entries = if by_text < by_limits { by_text } else { by_limits };
    entries.saturating_mul(INDEX_ENTRY_BYTES)
}

/// A member of the outermost object, as the reader comes by.
pub(crate) struct Member<'t> {
    pub(crate) name: Text<'t>,
    pub(crate) value: Value<'t>,
    /// Where the value starts.
    pub(crate) start: usize,
}

/// Reads a text that must be one object. What is left in the index are the positions of the outermost members' names.
///
/// Each outermost member is shown to `visit` before the rest of the text is known to be good: it may only take notes.
pub(crate) fn read_object<'t, 'i>(
    text: &'t [u8],
    limits: &Limits,
    index: &'i mut [u8],
    visit: &mut dyn FnMut(&Member<'t>),
) -> Result<&'i mut [u8], Fault> {
    let mut cursor = Cursor::new(text);
    cursor.skip_while(is_space);
    if cursor.peek() != Some(b'{') {
        return Err(Fault::Syntax);
    }
    read_any(text, limits, index, visit)
}

/// Reads a text that may be any value.
pub(crate) fn read_any<'t, 'i>(
    text: &'t [u8],
    limits: &Limits,
    index: &'i mut [u8],
    visit: &mut dyn FnMut(&Member<'t>),
) -> Result<&'i mut [u8], Fault> {
    // 16 bits hold every position: `TOKEN_BYTES_BOUND` and the size limit of key sets see to it for every caller.
    if core::str::from_utf8(text).is_err() || text.len() > usize::from(u16::MAX) {
        return Err(Fault::Syntax);
    }
    let mut levels = [Level::CLOSED; DEPTH_BOUND];
    let mut reader = Reader {
        cursor: Cursor::new(text),
        limits,
        names: Names { index, open: 0, outermost: 0 },
        levels: &mut levels,
        depth: 0,
        outer: Outer { name: Text::known(&[], false), start: 0 },
        visit,
    };
    reader.document()?;
    let Names { index, outermost, .. } = reader.names;
    index.get_mut(..outermost.saturating_mul(INDEX_ENTRY_BYTES)).ok_or(Fault::Limit)
}

/// Where the names start whose entries these are.
pub(crate) fn positions(index: &[u8]) -> impl Iterator<Item = usize> {
    index.as_chunks::<INDEX_ENTRY_BYTES>().0.iter().map(|entry| usize::from(u16::from_le_bytes(*entry)))
}

/// The names of the members of every open object, outermost first.
struct Names<'i> {
    index: &'i mut [u8],
    open: usize,
    outermost: usize,
}

impl Names<'_> {
    #[inline]
    fn push(&mut self, position: usize) -> Result<(), Fault> {
        let entry = self.index.as_chunks_mut().0.get_mut(self.open).ok_or(Fault::Limit)?;
        *entry = (position as u16).to_le_bytes();
        self.open = self.open.saturating_add(1);
        Ok(())
    }

    fn positions_from(&self, first: u16) -> impl Iterator<Item = usize> {
        let start = usize::from(first).saturating_mul(INDEX_ENTRY_BYTES);
        let end = self.open.saturating_mul(INDEX_ENTRY_BYTES);
        positions(self.index.get(start..end).unwrap_or_default())
    }
}

/// One open object or array.
#[derive(Clone, Copy)]
struct Level {
    /// One bit for each class of names seen: only names of one class are compared.
    classes: usize,
    /// The first of this object's names in the index.
    first: u16,
    is_object: bool,
}

impl Level {
    const CLOSED: Level = Level { classes: 0, first: 0, is_object: false };
}

/// The member of the outermost object that is being read.
struct Outer<'t> {
    name: Text<'t>,
    start: usize,
}

struct Reader<'t, 'i, 'r> {
    cursor: Cursor<'t>,
    limits: &'r Limits,
    names: Names<'i>,
    levels: &'r mut [Level; DEPTH_BOUND],
    depth: usize,
    outer: Outer<'t>,
    visit: &'r mut dyn FnMut(&Member<'t>),
}

impl<'t> Reader<'t, '_, '_> {
    #[inline]
    fn document(&mut self) -> Result<(), Fault> {
        loop {
            self.space();
            let opened = self.value()?;
            if !opened && !self.next_place()? {
                break;
            }
        }
        self.space();
        if self.cursor.is_finished() { Ok(()) } else { Err(Fault::Syntax) }
    }

    /// Reads a scalar, or opens an object or array that is not empty (then true), up to the place of its first value.
    #[inline]
    fn value(&mut self) -> Result<bool, Fault> {
        match self.cursor.peek().ok_or(Fault::Syntax)? {
            b'"' => self.string().map(|_| false),
            b'{' => self.open(true),
            b'[' => self.open(false),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// After a value: closes what ends here, and goes to the place of the next value. False at the end of the document.
    #[inline]
    fn next_place(&mut self) -> Result<bool, Fault> {
        loop {
            let Some(level) = self.level() else { return Ok(false) };
            let is_object = level.is_object;
            if self.depth == 1 && is_object {
                let Outer { name, start } = self.outer;
                (self.visit)(&Member { name, value: Value::new(self.cursor.since(start)), start });
            }
            self.space();
            if self.cursor.eat(b',') {
                self.space();
                if is_object {
                    self.name()?;
                }
                return Ok(true);
            }
            if !self.cursor.eat(if is_object { b'}' } else { b']' }) {
                return Err(Fault::Syntax);
            }
            self.close();
        }
    }

    #[inline]
    fn level(&mut self) -> Option<&mut Level> {
        self.levels.get_mut(self.depth.checked_sub(1)?)
    }

    #[inline]
    fn open(&mut self, is_object: bool) -> Result<bool, Fault> {
        self.cursor.skip(1);
        if self.depth >= self.limits.depth {
            return Err(Fault::Limit);
        }
        let first = self.names.open as u16;
        *self.levels.get_mut(self.depth).ok_or(Fault::Limit)? = Level { classes: 0, first, is_object };
        self.depth = self.depth.saturating_add(1);
        self.space();
        if self.cursor.eat(if is_object { b'}' } else { b']' }) {
            self.close();
            return Ok(false);
        }
        if is_object {
            self.name()?;
        }
        Ok(true)
    }

    #[inline]
    fn close(&mut self) {
        let first = self.level().map_or(0, |level| usize::from(level.first));
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.names.outermost = self.names.open;
        }
        self.names.open = first;
    }

    /// A member's name, the colon and the space around it.
    #[inline]
    fn name(&mut self) -> Result<(), Fault> {
        let start = self.cursor.position().saturating_add(1);
        let escaped = self.string()?;
        let quoted = self.cursor.since(start);
        let name = quoted.split_last().map_or(quoted, |(_, name)| name);
        // A name with escapes could equal any other: it belongs to every class.
        let class = if escaped { usize::MAX } else { class(name) };
        let limit = self.limits.members;
        let Some(&mut Level { ref mut classes, first, .. }) = self.level() else { return Err(Fault::Syntax) };
        let seen = *classes & class != 0;
        *classes |= class;
        if self.names.open.saturating_sub(usize::from(first)) >= limit {
            return Err(Fault::Limit);
        }
        let cursor = self.cursor;
        if seen && self.names.positions_from(first).any(|other| Self::same_name(cursor, start, other)) {
            return Err(Fault::Duplicate);
        }
        self.names.push(start)?;
        self.space();
        if !self.cursor.eat(b':') {
            return Err(Fault::Syntax);
        }
        self.space();
        if self.depth == 1 {
            self.outer = Outer { name: Text::known(name, escaped), start: self.cursor.position() };
        }
        Ok(())
    }

    #[inline(never)]
    fn same_name(cursor: Cursor<'t>, left: usize, right: usize) -> bool {
        let (left, right) = (cursor.from(left), cursor.from(right));
        match (left.first(), right.first()) {
            // Most names differ in their first byte; only an escape can stand for another.
            (Some(first), Some(other)) if first != other && *first != b'\\' && *other != b'\\' => false,
            _ => {
                let same = equal_start(left, right);
                let rest = |name: &'t [u8]| Unescaped::new(name.get(same..).unwrap_or_default());
                rest(left).eq(rest(right))
            }
        }
    }

    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline)]
    fn space(&mut self) {
        self.cursor.skip_while(is_space);
    }

    #[inline]
    fn word(&mut self, word: &[u8]) -> Result<bool, Fault> {
        if self.cursor.eat_all(word) { Ok(false) } else { Err(Fault::Syntax) }
    }

    /// RFC 8259 6.
    #[inline]
    fn number(&mut self) -> Result<bool, Fault> {
        let digits = |cursor: &mut Cursor<'_>| match cursor.skip_while(|byte| byte.is_ascii_digit()) {
            0 => Err(Fault::Syntax),
            _ => Ok(()),
        };
        self.cursor.eat(b'-');
        if !self.cursor.eat(b'0') {
            digits(&mut self.cursor)?;
        }
        if self.cursor.eat(b'.') {
            digits(&mut self.cursor)?;
        }
        if self.cursor.eat(b'e') || self.cursor.eat(b'E') {
            let _ = self.cursor.eat(b'+') || self.cursor.eat(b'-');
            digits(&mut self.cursor)?;
        }
        Ok(false)
    }

    /// RFC 8259 7, from quote to quote. Tells whether it holds an escape.
    #[cfg_attr(target_os = "none", inline(never))] // on bare metal flash counts more than a call
    #[cfg_attr(not(target_os = "none"), inline)]
    fn string(&mut self) -> Result<bool, Fault> {
        let mut escaped = false;
        if !self.cursor.eat(b'"') {
            return Err(Fault::Syntax);
        }
        loop {
            while let Some(word) = self.cursor.rest().first_chunk() {
                let plain = plain_bytes(*word);
                self.cursor.skip(plain);
                if plain < word.len() {
                    break;
                }
            }
            match self.cursor.next().ok_or(Fault::Syntax)? {
                b'"' => return Ok(escaped),
                b'\\' => {
                    escaped = true;
                    self.cursor = after_escape(self.cursor)?;
                }
                0..0x20 => return Err(Fault::Syntax),
                _ => {}
            }
        }
    }
}

/// Behind the escape whose backslash is behind the cursor. Apart from the reader, so that its cursor stays in a register.
#[cold]
#[inline(never)]
fn after_escape(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, Fault> {
    match cursor.next().ok_or(Fault::Syntax)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(cursor),
        b'u' => match unit(&mut cursor)? {
            0xd800..0xdc00 if cursor.eat_all(b"\\u") => match unit(&mut cursor)? {
                0xdc00..0xe000 => Ok(cursor),
                _ => Err(Fault::Syntax),
            },
            0xd800..0xe000 => Err(Fault::Syntax),
            _ => Ok(cursor),
        },
        _ => Err(Fault::Syntax),
    }
}

fn unit(cursor: &mut Cursor<'_>) -> Result<u32, Fault> {
    let digits = cursor.rest().first_chunk::<4>().ok_or(Fault::Syntax)?;
    cursor.skip(digits.len());
    super::text::code_unit(digits).ok_or(Fault::Syntax)
}

/// How many bytes at the start of two names are the same and plain, by words: names that differ late cost no more.
fn equal_start(left: &[u8], right: &[u8]) -> usize {
    let words = left.as_chunks().0.iter().zip(right.as_chunks().0);
    words.take_while(|(left, right)| left == right && plain_bytes(**left) == WORD_BYTES).count().saturating_mul(WORD_BYTES)
}

/// The class of a name without escapes: equal names have equal classes.
#[inline]
fn class(name: &[u8]) -> usize {
    let at = |position: usize| name.get(position).copied().unwrap_or_default();
    let mixed = u32::from_le_bytes([at(0), at(1), at(2), name.len() as u8]).wrapping_mul(0x9e37_79b1);
    // The upper bits, as many as number the bits of a word; the shift takes the rest off.
    1usize.wrapping_shl(mixed >> 26)
}

/// How many bytes of a word come before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_bytes(word: [u8; WORD_BYTES]) -> usize {
    let word = usize::from_le_bytes(word);
    let stops = bytes::matches(word, b'"') | bytes::matches(word, b'\\') | bytes::below(word, 0x20);
    stops.trailing_zeros() as usize / 8
}
