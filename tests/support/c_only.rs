//! The statuses that no call from Rust can give: the tests of the C ABI must produce the first list.

use countermark::Status;

/// Mistakes that only a C caller can make.
pub const STATUSES: &[Status] = &[
    Status::NullPointer,
    Status::StructSize,
    Status::AbiMismatch,
    Status::Misaligned,
    Status::Overlap,
    Status::TooManyItems,
    Status::NotSupported,
];
