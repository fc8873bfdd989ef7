//! The time, which the host hands in: nothing here reads a clock.

/// The host's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Seconds since 1970.
    At(i64),
    /// The device has no clock; only a policy with `no_clock` accepts that.
    Missing,
}
