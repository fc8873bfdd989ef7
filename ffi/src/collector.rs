//! `cmk_collect`: what a page's collector returned, as components; and the texts for a privacy notice.

use crate::evidence::cmk_component;
use crate::memory::{Apart, Range, cmk_bytes, fill, list_mut, writable};
use countermark::{Collector, Component, ComponentList, Notice, Preset, Status};

/// The most scratch that a document can need.
pub const COLLECT_SCRATCH_BYTES: usize = 3_072;

/// What was found in a document.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_collected {
    pub count: usize,
    pub ignored: usize,
}

/// The texts of a privacy notice.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_notice {
    pub what: cmk_bytes,
    pub why: cmk_bytes,
    pub basis: cmk_bytes,
    pub how_long: cmk_bytes,
    pub how_erased: cmk_bytes,
}

impl cmk_notice {
    fn of(notice: Notice) -> Self {
        let bytes = |text: &'static str| cmk_bytes::of(text.as_bytes());
        cmk_notice {
            what: bytes(notice.what),
            why: bytes(notice.why),
            basis: bytes(notice.basis),
            how_long: bytes(notice.how_long),
            how_erased: bytes(notice.how_erased),
        }
    }
}

fn collector(number: i32) -> Result<Collector<'static>, Status> {
    match number {
        1 => Ok(Collector::FINGERPRINTJS),
        2 => Ok(Collector::CLIENTJS),
        3 => Ok(Collector::IMPRINTJS),
        4 => Ok(Collector::THUMBMARKJS),
        5 => Ok(Collector::DETECT_INCOGNITO),
        _ => Err(Status::Argument),
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_collect"))]
pub unsafe extern "C" fn cmk_collect(
    number: i32,
    document: cmk_bytes,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    components: *mut cmk_component,
    capacity: usize,
    found: *mut cmk_collected,
) -> i32 {
    // SAFETY: the caller's promise, for the whole block.
    let made = (|| unsafe {
        let written = [
            Range::of(scratch.cast_const().cast::<u8>(), scratch_bytes),
            Range::of(buffer.cast_const().cast::<u8>(), buffer_bytes),
            Range::of(components.cast_const(), capacity.saturating_mul(size_of::<cmk_component>())),
            Range::of_object(found),
        ];
        Apart::new(&written).and_bytes(document).verdict()?;
        for (at, one) in written.iter().enumerate() {
            written.iter().skip(at).skip(1).try_for_each(|other| one.apart_from(*other))?;
        }
        writable(found)?;
        let document = document.read()?;
        let places = list_mut(components, capacity)?;
        let mut values = ComponentList::new(list_mut(buffer.cast::<u8>(), buffer_bytes)?);
        let ignored = collector(number)?.read_into(document, list_mut(scratch.cast::<u8>(), scratch_bytes)?, &mut values)?;
        let count = values.iter().count();
        let places = places.get_mut(..count).ok_or(Status::BufferTooSmall)?;
        for (place, (component, value)) in places.iter_mut().zip(values.iter()) {
            *place = cmk_component { number: component.number().into(), value: cmk_bytes::of(value) };
        }
        Ok(cmk_collected { count, ignored })
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise; nothing overlaps.
    unsafe {
        if made.is_err() {
            list_mut(buffer.cast::<u8>(), buffer_bytes).unwrap_or_default().fill(0);
            list_mut(components, capacity).unwrap_or_default().fill(cmk_component { number: 0, value: cmk_bytes::NONE });
        }
        fill(found, made)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_component_collects"))]
pub unsafe extern "C" fn cmk_component_collects(number: u32, notice: *mut cmk_notice) -> i32 {
    let component = u8::try_from(number).ok().and_then(Component::from_number).ok_or(Status::Argument);
    // SAFETY: the caller's promise.
    unsafe { fill(notice, component.map(|component| cmk_notice::of(component.collects()))) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_preset_collects"))]
pub unsafe extern "C" fn cmk_preset_collects(number: i32, notice: *mut cmk_notice) -> i32 {
    let preset = Preset::ALL.iter().find(|(preset, _)| *preset as i32 == number).ok_or(Status::Argument);
    // SAFETY: the caller's promise.
    unsafe { fill(notice, preset.map(|(preset, _)| cmk_notice::of(preset.collects()))) }
}
