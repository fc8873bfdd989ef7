//! `cmk_use`: one use of something that may be used once.

/// One use of a proof or a one-time token; all zero: none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_use {
    pub digest: [u8; 32],
    pub expires_at: i64,
}

impl cmk_use {
    pub(crate) const NONE: cmk_use = cmk_use { digest: [0; 32], expires_at: 0 };
}
