//! Values of components, as a collector or the host observed them: a flat list in the caller's memory.

use super::component::{Component, ComponentSet};
use crate::bytes;
use crate::error::Status;

/// Whatever holds observed components: a [`ComponentList`], what a collector returned, or an array of the host's own.
pub trait Components {
    /// Shows each value to `visitor`, with its component; the elements of a set in a row. The empty set is one empty element.
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8]));
}

impl<V: AsRef<[u8]>> Components for [(Component, V)] {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.iter().for_each(|(component, value)| visitor(*component, value.as_ref()));
    }
}

impl<V: AsRef<[u8]>, const COUNT: usize> Components for [(Component, V); COUNT] {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.as_slice().visit(visitor);
    }
}

impl<C: Components + ?Sized> Components for &C {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        (**self).visit(visitor);
    }
}

/// Before each value: the component's number and the value's length in four bytes, little-endian.
const HEAD_BYTES: usize = 5;

/// Observed values in memory of the caller's. Each takes its own length and five bytes. A set is one value for each element,
/// in a row; the empty set is one empty element.
pub struct ComponentList<'o> {
    memory: &'o mut [u8],
    used: usize,
}

impl<'o> ComponentList<'o> {
    /// An empty list.
    pub const fn new(memory: &'o mut [u8]) -> Self {
        ComponentList { memory, used: 0 }
    }

    /// Adds one value.
    ///
    /// # Errors
    /// [`Status::BufferTooSmall`], and then nothing was added.
    pub fn push(&mut self, component: Component, value: &[u8]) -> Result<(), Status> {
        let length = u32::try_from(value.len()).map_err(|_| Status::BufferTooSmall)?;
        let free = self.memory.get_mut(self.used..).unwrap_or_default();
        let room = free.get_mut(HEAD_BYTES..).and_then(|room| room.get_mut(..value.len())).ok_or(Status::BufferTooSmall)?;
        for (place, byte) in room.iter_mut().zip(value) {
            *place = *byte;
        }
        self.close(component, length)
    }

    /// The values, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (Component, &[u8])> {
        let mut rest = self.memory.get(..self.used).unwrap_or_default();
        core::iter::from_fn(move || {
            let ([number, length @ ..], behind) = rest.split_first_chunk::<HEAD_BYTES>()?;
            let (value, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = behind;
            Some((Component::from_number(*number)?, value))
        })
    }

    /// The values of one component: none when it was not observed, one, or the elements of a set.
    pub fn values(&self, component: Component) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |(found, _)| *found == component).map(|(_, value)| value)
    }

    /// The components that have a value.
    pub fn components(&self) -> ComponentSet {
        let mut set = ComponentSet::EMPTY;
        self.iter().for_each(|(component, _)| set.insert(component));
        set
    }

    /// Whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// How many bytes of the memory are in use.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Goes back to when this many bytes were in use, and wipes what came later.
    pub(super) fn cut(&mut self, used: usize) {
        if let Some(later) = self.memory.get_mut(used..self.used) {
            later.fill(0);
            self.used = used;
        }
    }

    /// Adds a value that comes byte by byte.
    pub(super) fn push_from(&mut self, component: Component, value: impl Iterator<Item = u8>) -> Result<(), Status> {
        let free = self.memory.get_mut(self.used..).unwrap_or_default();
        let (_, room) = free.split_first_chunk_mut::<HEAD_BYTES>().ok_or(Status::BufferTooSmall)?;
        let mut length = 0u32;
        let mut places = room.iter_mut();
        for byte in value {
            let Some(place) = places.next() else {
                room.fill(0);
                return Err(Status::BufferTooSmall);
            };
            *place = byte;
            length = length.checked_add(1).ok_or(Status::BufferTooSmall)?;
        }
        self.close(component, length)
    }

    /// Writes the head before a value that is in place.
    fn close(&mut self, component: Component, length: u32) -> Result<(), Status> {
        let free = self.memory.get_mut(self.used..).unwrap_or_default();
        let [number, place @ ..] = free.first_chunk_mut::<HEAD_BYTES>().ok_or(Status::BufferTooSmall)?;
        *number = component.number();
        *place = length.to_le_bytes();
        self.used = self.used.saturating_add(HEAD_BYTES).saturating_add(length as usize);
        Ok(())
    }
}

impl Components for ComponentList<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.iter().for_each(|(component, value)| visitor(component, value));
    }
}

impl core::fmt::Debug for ComponentList<'_> {
    /// The numbers only: the values are a person's.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.components().iter().map(Component::number)).finish()
    }
}

/// What two readings of one browser agree on. A value that differs, or that only one reading has, is left out: some browsers
/// put noise on the canvas and the audio, and such a value says nothing about the device. The noise lasts for a session, so
/// the readings must come from two sessions.
#[derive(Clone, Copy)]
pub struct Stable<'s> {
    first: &'s ComponentList<'s>,
    dropped: ComponentSet,
}

impl<'s> Stable<'s> {
    /// Compares two readings. Sets are compared element by element, in order.
    pub fn of(first: &'s ComponentList<'s>, second: &ComponentList<'_>) -> Stable<'s> {
        let mut dropped = ComponentSet::EMPTY;
        for component in first.components().iter() {
            let (mut left, mut right) = (first.values(component), second.values(component));
            let is_same = loop {
                match (left.next(), right.next()) {
                    (None, None) => break true,
                    (Some(left), Some(right)) if bytes::equal(left, right) => {}
                    _ => break false,
                }
            };
            if !is_same {
                dropped.insert(component);
            }
        }
        Stable { first, dropped }
    }

    /// The components of the first reading that were left out.
    pub const fn dropped(&self) -> ComponentSet {
        self.dropped
    }
}

impl Components for Stable<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        let kept = self.first.iter().filter(|(component, _)| !self.dropped.contains(*component));
        kept.for_each(|(component, value)| visitor(component, value));
    }
}
