//! Records of fixed bytes: what is read and written one item after the other.

/// The next bytes; zeros behind the end.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (taken, behind) = rest.split_first_chunk::<N>().unwrap_or((&[0; N], &[]));
    *rest = behind;
    *taken
}

/// Writes the next bytes, if there is room.
pub(super) fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, behind)) = core::mem::take(rest).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *rest = behind;
    }
}
