//! The C library: `countermark_ffi`'s functions, and what a program without Rust's standard library needs to link them.
#![no_std]

pub use countermark_ffi::*;

#[cfg(panic = "unwind")]
extern crate std;

#[cfg(not(panic = "unwind"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // Unreachable from any function of the C ABI: the release check on the linked image says so.
    loop {}
}
