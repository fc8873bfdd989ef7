//! Where a client seems to be, and whether he can have come there.

/// A place on Earth, as an address database has it. Hundredths of a degree are about a kilometre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// North of the equator, in hundredths of a degree: -9000 to 9000.
    pub latitude: i16,
    /// East of Greenwich, in hundredths of a degree: -18000 to 18000.
    pub longitude: i16,
    /// How far the client may be from there, in kilometres.
    pub accuracy_km: u16,
}

/// Mean radius (IUGG).
const EARTH_KM: f64 = 6371.0;
/// Hours that a place's clock may be apart from the sun's: 3.1 in the west of China, 2.6 in the west of Spain in summer.
const CLOCK_MINUTES_MAX: i32 = 4 * 60;

impl Position {
    pub(super) fn is_on_earth(self) -> bool {
        self.latitude.unsigned_abs() <= 9_000 && self.longitude.unsigned_abs() <= 18_000
    }

    /// The least distance of two clients at these positions, on the great circle (haversine).
    pub(super) fn distance_km(self, other: Position) -> f64 {
        let radians = |hundredths: i16| (f64::from(hundredths) / 100.0).to_radians();
        let (own, others) = (radians(self.latitude), radians(other.latitude));
        let half = |from: f64, to: f64| {
            let sine = libm::sin((to - from) / 2.0);
            sine * sine
        };
        let across = libm::cos(own) * libm::cos(others) * half(radians(self.longitude), radians(other.longitude));
        let chord = libm::sqrt(half(own, others) + across).min(1.0);
        let distance = 2.0 * EARTH_KM * libm::asin(chord);
        (distance - f64::from(self.accuracy_km) - f64::from(other.accuracy_km)).max(0.0)
    }

    /// Whether clocks that are so many minutes ahead of UTC are in use there.
    pub(super) fn has_clock(self, minutes: i16) -> bool {
        // The sun moves a degree in four minutes.
        let sun = i32::from(self.longitude).wrapping_mul(4) / 100;
        let apart = (i32::from(minutes).wrapping_sub(sun)).rem_euclid(24 * 60);
        // A position that is not exact may be in the next zone.
        let wide = CLOCK_MINUTES_MAX.saturating_add(i32::from(self.accuracy_km) / 10);
        apart <= wide || apart >= (24 * 60i32).saturating_sub(wide)
    }
}
