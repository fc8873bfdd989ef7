//! C memory as Rust sees it. Each conversion checks what can be checked: NULL, alignment, length, overlap.
//!
//! What cannot be checked is the caller's promise, as in any C API: a non-NULL pointer points to as many bytes as it says.

use countermark::Status;

/// Bytes that the caller owns: `{NULL, 0}` is the empty string, or "none" where a function says so.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl cmk_bytes {
    /// No bytes.
    pub const NONE: cmk_bytes = cmk_bytes { ptr: core::ptr::null(), len: 0 };

    /// These bytes.
    pub fn of(bytes: &[u8]) -> cmk_bytes {
        cmk_bytes { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// # Safety
    /// `ptr` points to `len` readable bytes for `'a`, or is NULL.
    pub(crate) unsafe fn read<'a>(self) -> Result<&'a [u8], Status> {
        // SAFETY: passed on to the caller.
        unsafe { list(self.ptr, self.len) }
    }

    /// # Safety
    /// As [`cmk_bytes::read`].
    pub(crate) unsafe fn text<'a>(self) -> Result<&'a str, Status> {
        // SAFETY: passed on to the caller.
        core::str::from_utf8(unsafe { self.read() }?).map_err(|_| Status::Argument)
    }

    /// The text, or none for a NULL pointer.
    ///
    /// # Safety
    /// As [`cmk_bytes::read`].
    pub(crate) unsafe fn optional_text<'a>(self) -> Result<Option<&'a str>, Status> {
        // SAFETY: passed on to the caller.
        let text = unsafe { self.text() }?;
        Ok(if self.ptr.is_null() { None } else { Some(text) })
    }
}

/// A range of memory, for overlap checks.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    start: usize,
    len: usize,
}

impl Range {
    pub(crate) fn of<T>(ptr: *const T, len: usize) -> Range {
        // NULL meets nothing: it has a status of its own.
        Range { start: ptr.addr(), len: if ptr.is_null() { 0 } else { len } }
    }

    pub(crate) fn of_object<T>(ptr: *const T) -> Range {
        Range::of(ptr, size_of::<T>())
    }

    pub(crate) fn of_bytes(bytes: cmk_bytes) -> Range {
        Range::of(bytes.ptr, bytes.len)
    }

    pub(crate) fn of_list<T>(ptr: *const T, count: usize) -> Range {
        Range::of(ptr, count.saturating_mul(size_of::<T>()))
    }

    fn meets(self, other: Range) -> bool {
        let is_apart =
            self.start.saturating_add(self.len) <= other.start || other.start.saturating_add(other.len) <= self.start;
        !is_apart && self.len > 0 && other.len > 0
    }

    /// An error when `other` shares a byte with this range.
    pub(crate) fn apart_from(self, other: Range) -> Result<(), Status> {
        Apart::new(&[self]).and(other).verdict()
    }
}

/// What a call writes, held against everything that it reads: one plain call for each, one answer at the end.
pub(crate) struct Apart<'w> {
    written: &'w [Range],
    meets: bool,
}

impl<'w> Apart<'w> {
    pub(crate) fn new(written: &'w [Range]) -> Self {
        Apart { written, meets: false }
    }

    /// Out of line: a verification asks some forty times.
    #[inline(never)]
    pub(crate) fn and(&mut self, read: Range) -> &mut Self {
        self.meets |= self.written.iter().any(|written| written.meets(read));
        self
    }

    pub(crate) fn and_object<T>(&mut self, read: *const T) -> &mut Self {
        self.and(Range::of_object(read))
    }

    pub(crate) fn and_bytes(&mut self, read: cmk_bytes) -> &mut Self {
        self.and(Range::of_bytes(read))
    }

    pub(crate) fn and_list<T>(&mut self, read: &[T]) -> &mut Self {
        self.and(Range::of(read.as_ptr(), size_of_val(read)))
    }

    pub(crate) fn and_texts(&mut self, read: &[&str]) -> &mut Self {
        read.iter().for_each(|text| {
            self.and_list(text.as_bytes());
        });
        self
    }

    /// An error when anything shared a byte.
    pub(crate) fn verdict(&self) -> Result<(), Status> {
        if self.meets { Err(Status::Overlap) } else { Ok(()) }
    }
}

fn check<T>(ptr: *const T, count: usize) -> Result<(), Status> {
    if ptr.is_null() {
        return Err(Status::NullPointer);
    }
    if !ptr.is_aligned() {
        return Err(Status::Misaligned);
    }
    let bytes = count.checked_mul(size_of::<T>()).ok_or(Status::Argument)?;
    let fits = bytes <= isize::MAX as usize && ptr.addr().checked_add(bytes).is_some();
    if fits { Ok(()) } else { Err(Status::Argument) }
}

/// Whether a result can be written here at all: asked first by functions that change something else too.
pub(crate) fn writable<T>(out: *mut T) -> Result<(), Status> {
    check(out, 1)
}

/// # Safety
/// `ptr` points to a readable `T` for `'a`, or is NULL.
pub(crate) unsafe fn object<'a, T>(ptr: *const T) -> Result<&'a T, Status> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned, and the caller promises the rest.
    Ok(unsafe { &*ptr })
}

/// # Safety
/// `ptr` points to a writable `T` for `'a` that nothing else refers to, or is NULL.
#[cfg(any(feature = "prepared", feature = "cache", feature = "_standing"))]
pub(crate) unsafe fn object_mut<'a, T>(ptr: *mut T) -> Result<&'a mut T, Status> {
    check(ptr, 1)?;
    // SAFETY: not NULL, aligned, and the caller promises the rest.
    Ok(unsafe { &mut *ptr })
}

/// # Safety
/// `ptr` points to `count` readable `T`s for `'a`, or is NULL.
pub(crate) unsafe fn list<'a, T>(ptr: *const T, count: usize) -> Result<&'a [T], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    check(ptr, count)?;
    // SAFETY: not NULL, aligned, of a legal length, and the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts(ptr, count) })
}

/// # Safety
/// `ptr` points to `count` writable `T`s for `'a` that nothing else refers to, or is NULL.
pub(crate) unsafe fn list_mut<'a, T>(ptr: *mut T, count: usize) -> Result<&'a mut [T], Status> {
    if count == 0 {
        return Ok(&mut []);
    }
    check(ptr, count)?;
    // SAFETY: not NULL, aligned, of a legal length, and the caller promises the rest.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr, count) })
}

/// Runs `make` and writes its result as [`fill`] does; an output that lies over `read` is left alone.
///
/// # Safety
/// As [`fill`].
pub(crate) unsafe fn fill_apart<T>(out: *mut T, read: &[Range], make: impl FnOnce() -> Result<T, Status>) -> i32 {
    let written = [Range::of_object(out)];
    let mut apart = Apart::new(&written);
    read.iter().for_each(|range| {
        apart.and(*range);
    });
    match apart.verdict() {
        Err(status) => status.code(),
        // SAFETY: the caller's promise.
        Ok(()) => unsafe { fill(out, make()) },
    }
}

/// Writes the result, or all zero bytes on failure, and turns it into a status. A NULL `out` is a status too. The caller has
/// seen that `out` lies over nothing that is read.
///
/// # Safety
/// `out` points to a writable `T`, or is NULL. All zero bytes are a `T`.
pub(crate) unsafe fn fill<T>(out: *mut T, result: Result<T, Status>) -> i32 {
    if let Err(status) = check(out, 1) {
        return result.err().unwrap_or(status).code();
    }
    match result {
        Ok(value) => {
            // SAFETY: not NULL, aligned, writable by promise.
            unsafe { out.write(value) };
            Status::Accepted.code()
        }
        Err(status) => {
            // SAFETY: as above.
            unsafe { out.write_bytes(0, 1) };
            status.code()
        }
    }
}

/// Zeros as much of an output of another ABI's size as this ABI knows.
///
/// # Safety
/// `out` points to `bytes` writable bytes, or is NULL.
pub(crate) unsafe fn clear<T>(out: *mut T, bytes: usize) {
    if !out.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out.cast::<u8>().write_bytes(0, bytes.min(size_of::<T>())) };
    }
}

/// The status of a call that writes nothing by itself.
pub(crate) fn code(result: Result<(), Status>) -> i32 {
    result.err().unwrap_or(Status::Accepted).code()
}

/// A structure that says its own size: an older caller's shorter one is filled up with zeros, a longer one is refused.
///
/// # Safety
/// `ptr` points to a structure of the size in its first member, or is NULL. All zero bytes are a `T`.
pub(crate) unsafe fn sized<T: Copy>(ptr: *const T, smallest: usize) -> Result<T, Status> {
    check(ptr, 1)?;
    // SAFETY: every such structure starts with its size.
    let size = unsafe { ptr.cast::<usize>().read() };
    if size < smallest || size > size_of::<T>() {
        return Err(Status::StructSize);
    }
    let mut whole = core::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: `size` bytes are readable by promise and fit; zeros and copied members make a T.
    unsafe {
        core::ptr::copy_nonoverlapping(ptr.cast::<u8>(), whole.as_mut_ptr().cast::<u8>(), size);
        Ok(whole.assume_init())
    }
}

/// An object whose content is Rust's own, in memory that C provides. All zero bytes mean "never filled, or wiped".
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Opaque<T, const WORDS: usize> {
    mark: u64,
    words: [core::mem::MaybeUninit<u64>; WORDS],
    content: core::marker::PhantomData<T>,
}

/// Says that an object was filled by this library.
const FILLED: u64 = 0x636d_6b2d_6f62_6a31;

impl<T, const WORDS: usize> Opaque<T, WORDS> {
    const FITS: () = assert!(size_of::<T>() <= WORDS * 8 && align_of::<T>() <= 8);

    /// All zero bytes.
    pub(crate) const NEVER_FILLED: Self =
        Opaque { mark: 0, words: [core::mem::MaybeUninit::zeroed(); WORDS], content: core::marker::PhantomData };

    pub(crate) fn new(content: T) -> Self {
        const { Self::FITS };
        let mut filled =
            Opaque { mark: FILLED, words: [core::mem::MaybeUninit::zeroed(); WORDS], content: core::marker::PhantomData };
        // SAFETY: the words are large enough and aligned enough for a T; they are ours.
        unsafe { filled.words.as_mut_ptr().cast::<T>().write(content) };
        filled
    }

    /// Fills an object where it lies. `make` writes all of the content or fails; then all bytes of the object are zero.
    ///
    /// # Safety
    /// `out` points to a writable object, or is NULL. When `make` is content, its memory holds a `T`.
    pub(crate) unsafe fn fill_in_place(out: *mut Self, make: impl FnOnce(*mut T) -> Result<(), Status>) -> i32 {
        const { Self::FITS };
        if let Err(status) = check(out, 1) {
            return status.code();
        }
        // SAFETY: not NULL, aligned, writable by promise; the words are large enough and aligned enough for a T.
        unsafe {
            match make((&raw mut (*out).words).cast::<T>()) {
                Ok(()) => (&raw mut (*out).mark).write(FILLED),
                Err(status) => {
                    // What was written so far may be a secret.
                    wipe(out);
                    return status.code();
                }
            }
        }
        Status::Accepted.code()
    }

    pub(crate) fn get(&self) -> Result<&T, Status> {
        if self.mark != FILLED {
            return Err(Status::NotInitialized);
        }
        // SAFETY: the mark is written only together with a T, and wiping clears both.
        Ok(unsafe { &*self.words.as_ptr().cast::<T>() })
    }

    #[cfg(any(feature = "prepared", feature = "_standing", feature = "cache"))]
    pub(crate) fn get_mut(&mut self) -> Result<&mut T, Status> {
        if self.mark != FILLED {
            return Err(Status::NotInitialized);
        }
        // SAFETY: as above.
        Ok(unsafe { &mut *self.words.as_mut_ptr().cast::<T>() })
    }
}

/// Wipes an object, whatever it holds.
///
/// # Safety
/// `ptr` points to a writable `T`, or is NULL.
pub(crate) unsafe fn wipe<T>(ptr: *mut T) -> i32 {
    if let Err(status) = check(ptr, 1) {
        return status.code();
    }
    // SAFETY: writable by promise; bytes have no alignment.
    let bytes = unsafe { core::slice::from_raw_parts_mut(ptr.cast::<u8>(), size_of::<T>()) };
    zeroize::Zeroize::zeroize(bytes);
    Status::Accepted.code()
}
