//! Points of the elliptic curves of ECDSA (RFC 7518 3.4, RFC 8812 3.2): checked once, kept as two coordinates.

use crate::error::Status;
use crate::header::Algorithm;

/// The longest coordinate of this build's curves, in bytes: P-521's.
const COORDINATE_BYTES_MAX: usize = if cfg!(feature = "es512") {
    66
} else if cfg!(feature = "es384") {
    48
} else {
    32
};

const WORDS_MAX: usize = (COORDINATE_BYTES_MAX * 2).div_ceil(8);

/// The bytes of an uncompressed point: 04, x, y.
pub(crate) const SEC1_BYTES_MAX: usize = 1 + COORDINATE_BYTES_MAX * 2;

/// The bytes of a coordinate of the algorithm's curve; `None` for an algorithm without one.
pub(crate) const fn coordinate_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        #[cfg(feature = "es256")]
        Algorithm::ES256 => Some(32),
        #[cfg(feature = "es384")]
        Algorithm::ES384 => Some(48),
        #[cfg(feature = "es512")]
        Algorithm::ES512 => Some(66),
        #[cfg(feature = "es256k")]
        Algorithm::ES256K => Some(32),
        _ => None,
    }
}

/// A point of its curve, as words: x and y in big-endian bytes, zero-filled at their end.
pub(crate) struct Point {
    words: [u64; WORDS_MAX],
    count: usize,
}

/// Checks a point on one curve, and hands out its uncompressed form.
macro_rules! uncompressed {
    ($curve:ident, $sec1:expr, $out:expr) => {{
        use $curve::elliptic_curve::sec1::ToSec1Point;
        let key = $curve::PublicKey::from_sec1_bytes($sec1).map_err(|_| Status::KeyPoint)?;
        for (place, byte) in $out.iter_mut().zip(key.to_sec1_point(false).as_bytes()) {
            *place = *byte;
        }
    }};
}

impl Point {
    /// `sec1` is `04 x y`, or `02`/`03` and x (SEC 1 2.3.3).
    #[inline(never)]
    pub(crate) fn of_sec1(algorithm: Algorithm, sec1: &[u8]) -> Result<Self, Status> {
        let bytes = coordinate_bytes(algorithm).ok_or(Status::KeyAlgorithmMismatch)?;
        match sec1 {
            [0x04, rest @ ..] if rest.len() == bytes.saturating_mul(2) => {}
            [0x02 | 0x03, rest @ ..] if rest.len() == bytes => {}
            [0x02..=0x04, ..] => return Err(Status::KeyLength),
            _ => return Err(Status::KeyPoint),
        }
        let mut point = [0; SEC1_BYTES_MAX];
        match algorithm {
            #[cfg(feature = "es256")]
            Algorithm::ES256 => uncompressed!(p256, sec1, point),
            #[cfg(feature = "es384")]
            Algorithm::ES384 => uncompressed!(p384, sec1, point),
            #[cfg(feature = "es512")]
            Algorithm::ES512 => uncompressed!(p521, sec1, point),
            #[cfg(feature = "es256k")]
            Algorithm::ES256K => uncompressed!(k256, sec1, point),
            _ => return Err(Status::KeyAlgorithmMismatch),
        }
        let coordinates = point.get(1..).unwrap_or_default();
        let mut words = [0; WORDS_MAX];
        let (whole, rest) = coordinates.as_chunks::<8>();
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        for (word, eight) in words.iter_mut().zip(whole.iter().chain([&last])) {
            *word = u64::from_be_bytes(*eight);
        }
        Ok(Point { words, count: bytes.saturating_mul(2).div_ceil(8) })
    }

    pub(crate) fn words(&self) -> &[u64] {
        self.words.get(..self.count).unwrap_or_default()
    }
}

/// Writes the point that lies in a region as `04 x y`: its length is that of `sec1`.
pub(crate) fn write_sec1(material: &[u64], sec1: &mut [u8]) {
    let Some((format, coordinates)) = sec1.split_first_mut() else { return };
    *format = 0x04;
    for (bytes, word) in coordinates.chunks_mut(8).zip(material) {
        bytes.iter_mut().zip(word.to_be_bytes()).for_each(|(place, byte)| *place = byte);
    }
}
