//! What a browser collector returned, read by a table: one strict JSON document in, components out.
//!
//! Two passes over an accepted document. The first walks the objects that some row's path goes through, notes where each row's
//! value lies and counts the members that no row asks for. The second writes the values, row by row.

mod emit;
mod tables;

use super::component::{Component, ComponentSet};
use super::values::{ComponentList, Components};
use crate::error::Status;
use crate::json::{self, Kind, Members, Value};
use crate::limits::Limits;

/// The longest document of a collector, in bytes: the JSON reader keeps positions in 16 bits. FingerprintJS, whose two
/// canvas pictures make it the longest, returns 38,000.
pub const COLLECTOR_DOCUMENT_BYTES_MAX: usize = 65_535;
/// The most rows in one table: one bit each in a word.
pub const COLLECTOR_ROWS_MAX: usize = 64;
/// Deepest nesting. FingerprintJS needs 7, for the types of a plugin; a host may wrap it in a document of its own.
const DEPTH_MAX: usize = 12;
/// Most members of one object. ClientJS has 62 methods; the default of 64 would leave no room for another version's.
const MEMBERS_MAX: usize = 128;

const LIMITS: Limits =
    Limits { token_bytes: COLLECTOR_DOCUMENT_BYTES_MAX, depth: DEPTH_MAX, members: MEMBERS_MAX, candidates: 1 };

/// One row of a collector's table: where a value lies, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct Row<'c> {
    /// The names of the members that lead to the value, with dots between them.
    pub path: &'c str,
    /// What the value is. Never a component that the core derives itself.
    pub component: Component,
    /// The texts that stand for no value.
    pub absent: &'c [&'c str],
    /// What stands between the elements of a set that comes as one string.
    pub separator: Option<u8>,
}

impl<'c> Row<'c> {
    /// The value at `path` is `component`. Dots separate the names of members; a name with a dot in it cannot be reached.
    /// On the way to a set, an array stands for each of its elements: `plugins.name` is the name of every plugin.
    pub const fn new(path: &'c str, component: Component) -> Row<'c> {
        Row { path, component, absent: &[], separator: None }
    }

    /// The texts by which the collector says that it has no value: strings without their quotes, numbers as they are
    /// spelled, or `null`. An exact value that is an object or array with one of them directly inside is absent too.
    pub const fn absent(self, absent: &'c [&'c str]) -> Row<'c> {
        Row { absent, ..self }
    }

    /// The set comes as one string, its elements between these bytes. Spaces around them are dropped, and empty ones.
    pub const fn separated_by(self, separator: u8) -> Row<'c> {
        Row { separator: Some(separator), ..self }
    }

    fn names(&self) -> impl Iterator<Item = &'c [u8]> + use<'c> {
        self.path.as_bytes().split(|byte| *byte == b'.')
    }

    fn check(&self) -> bool {
        self.component.is_supplied() && self.names().all(|name| !name.is_empty())
    }
}

/// A collector's table. Rows of one component are alternatives: the first one that has a value counts.
///
/// The library has tables for five collectors, as constants. A host makes its own for any other:
///
/// ```
/// use countermark::{Collector, Component, Row};
///
/// // This page's own script sends {"screen":{"w":1920,"h":1080},"tz":"Europe/Berlin","fonts":"Arial;Cambria"}.
/// const OWN: Collector = Collector {
///     name: "own",
///     rows: &[
///         Row::new("screen", Component::SCREEN_SIZE),
///         Row::new("tz", Component::TIMEZONE).absent(&["unknown"]),
///         Row::new("fonts", Component::FONTS).separated_by(b';'),
///     ],
/// };
///
/// let document = br#"{"screen": {"w":1920, "h":1080}, "tz": "unknown", "fonts": "Arial;Cambria", "id": 7}"#;
/// let mut scratch = [0; Collector::scratch_bytes(1_000)];
/// let mut out = [0; 1_000];
/// let collected = OWN.read(document, &mut scratch, &mut out)?;
/// let found: Vec<_> = collected.values.iter().collect();
/// assert_eq!(found, [
///     (Component::SCREEN_SIZE, &br#"{"w":1920,"h":1080}"#[..]),
///     (Component::FONTS, b"Arial"),
///     (Component::FONTS, b"Cambria"),
/// ]);
/// assert_eq!(collected.ignored, 1); // `id`
/// # Ok::<(), countermark::Status>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Collector<'c> {
    /// The collector's name, for logs.
    pub name: &'c str,
    /// The rows, at most [`COLLECTOR_ROWS_MAX`].
    pub rows: &'c [Row<'c>],
}

/// What one document held.
#[derive(Debug)]
pub struct Collected<'o> {
    /// The components that were observed, in the order of the rows.
    pub values: ComponentList<'o>,
    /// How many members no row asked for, in the objects that the paths go through. Inside arrays nothing is counted.
    pub ignored: usize,
}

impl Components for Collected<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.values.visit(visitor);
    }
}

impl Collector<'_> {
    /// Bytes of scratch for a document of this length: never more than 3,072.
    pub const fn scratch_bytes(document_bytes: usize) -> usize {
        json::index_bytes(document_bytes, &LIMITS)
    }

    /// Bytes of output that always suffice for a document of this length when no two rows read the same value: a set of
    /// one-digit numbers needs six bytes where the document has two.
    pub const fn out_bytes(document_bytes: usize) -> usize {
        document_bytes.saturating_mul(3)
    }

    /// Reads one document, as the page sent it.
    ///
    /// Strings give their bytes with the escapes resolved, numbers and booleans their JSON text. For an exact component an
    /// array or object gives its JSON text without the spaces between tokens. For a set an array gives its elements, nested
    /// ones too, and an object the names of its members. What is absent or null is not observed, nor is the empty string
    /// for an exact component. Of an ordinal component the integer is written in decimal.
    ///
    /// # Errors
    /// [`Status::CollectorMalformed`]: the document is not one strict JSON object within the bounds, or an ordinal is no integer of
    /// 16 bits. [`Status::Argument`]: the table has an empty name or a component that no collector supplies;
    /// [`Status::TooManyItems`]: too many rows;
    /// [`Status::ScratchTooSmall`], [`Status::BufferTooSmall`]. Then the output holds nothing.
    pub fn read<'o>(&self, document: &[u8], scratch: &mut [u8], out: &'o mut [u8]) -> Result<Collected<'o>, Status> {
        let mut values = ComponentList::new(out);
        let ignored = self.read_into(document, scratch, &mut values)?;
        Ok(Collected { values, ignored })
    }

    /// Reads one more document into a list, for pages that run several collectors, and tells how many members were ignored.
    /// Components that the list has already keep the value they have.
    ///
    /// # Errors
    /// As [`Collector::read`]; the list is then what it was.
    pub fn read_into(&self, document: &[u8], scratch: &mut [u8], list: &mut ComponentList<'_>) -> Result<usize, Status> {
        if self.rows.len() > COLLECTOR_ROWS_MAX {
            return Err(Status::TooManyItems);
        }
        if !self.rows.iter().all(Row::check) {
            return Err(Status::Argument);
        }
        if document.len() > COLLECTOR_DOCUMENT_BYTES_MAX {
            return Err(Status::CollectorMalformed);
        }
        let scratch = scratch.get_mut(..Self::scratch_bytes(document.len())).ok_or(Status::ScratchTooSmall)?;
        json::read_object(document, &LIMITS, scratch, &mut |_| {}).map_err(|_| Status::CollectorMalformed)?;
        let mut places = [None; COLLECTOR_ROWS_MAX];
        let ignored = self.find(Value::of_document(document), &mut places);
        let before = list.used();
        match self.write(&places, list) {
            Ok(()) => Ok(ignored),
            Err(status) => {
                list.cut(before);
                Err(status)
            }
        }
    }

    /// Where each row's value lies. Tells how many members no row asks for.
    fn find<'t>(&self, document: Value<'t>, places: &mut [Option<Place<'t>>; COLLECTOR_ROWS_MAX]) -> usize {
        let mut ignored = 0usize;
        let mut open: heapless::Vec<Open<'t>, DEPTH_MAX> = heapless::Vec::new();
        // The reader has seen to it that a document is never deeper than this stack.
        let enter = |open: &mut heapless::Vec<_, DEPTH_MAX>, object: Value<'t>, rows, depth| {
            let _ = object.members().map(|members| open.push(Open { members, rows, depth }));
        };
        enter(&mut open, document, u64::MAX, 0usize);
        while let Some(Open { members, rows, depth }) = open.last_mut() {
            let (rows, depth) = (*rows, *depth);
            let Some((name, value)) = members.next() else {
                open.pop();
                continue;
            };
            let (mut is_known, mut deeper) = (false, 0u64);
            for (at, (row, place)) in self.rows.iter().zip(places.iter_mut()).enumerate() {
                let bit = 1u64.wrapping_shl(at as u32);
                let mut names = row.names().skip(depth);
                if rows & bit == 0 || !names.next().is_some_and(|wanted| name.is(wanted)) {
                    continue;
                }
                is_known = true;
                if names.next().is_none() || value.kind() == Kind::Array {
                    *place = Some(Place { value, depth: depth.saturating_add(1) });
                } else {
                    deeper |= bit;
                }
            }
            ignored = ignored.saturating_add(usize::from(!is_known));
            if deeper != 0 {
                enter(&mut open, value, deeper, depth.saturating_add(1));
            }
        }
        ignored
    }

    fn write(&self, places: &[Option<Place<'_>>], list: &mut ComponentList<'_>) -> Result<(), Status> {
        let mut done: ComponentSet = list.components();
        for (row, place) in self.rows.iter().zip(places) {
            if let Some(place) = place
                && !done.contains(row.component)
                && emit::value(row, place, list)?
            {
                done.insert(row.component);
            }
        }
        Ok(())
    }
}

/// An object that some rows' paths go through: one bit for each such row, and how many names of the paths lie behind.
struct Open<'t> {
    members: Members<'t>,
    rows: u64,
    depth: usize,
}

/// Where a row's value lies: behind all names of its path, or at an array on the way.
#[derive(Clone, Copy)]
struct Place<'t> {
    value: Value<'t>,
    depth: usize,
}
