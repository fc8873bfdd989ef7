//! Accepts or refuses a whole text, in one pass, without recursion.

mod names;
mod scan;

pub(crate) use names::{INDEX_ENTRY_BYTES, positions};
pub(super) use scan::skip_plain;

use super::{Text, Value, is_space};
use crate::cursor::Cursor;
use crate::limits::{DEPTH_BOUND, Limits};
use names::{Names, class, same_name};

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
            b'{' => return self.open(true),
            b'[' => return self.open(false),
            b'"' => scan::string(&mut self.cursor).map(|_| ()),
            b't' => scan::word(&mut self.cursor, b"true"),
            b'f' => scan::word(&mut self.cursor, b"false"),
            b'n' => scan::word(&mut self.cursor, b"null"),
            _ => scan::number(&mut self.cursor),
        }
        .map(|()| false)
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
        let escaped = scan::string(&mut self.cursor)?;
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
        if seen && self.names.positions_from(first).any(|other| same_name(cursor.from(start), cursor.from(other))) {
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

    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline)]
    fn space(&mut self) {
        self.cursor.skip_while(is_space);
    }
}
