//! Key agreement: Diffie-Hellman on P-256 (SP 800-56A 5.7.1.2) and X25519 (RFC 7748 6.1).

use super::management::{Curve, KeyManagement};
use curve25519_dalek::MontgomeryPoint;
use p256::elliptic_curve::point::AffineCoordinates;
use p256::elliptic_curve::sec1::ToSec1Point;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

/// The longest public half: `04 x y` of P-256.
pub(crate) const PUBLIC_BYTES_MAX: usize = 65;

/// Whether a public half is one: a point of its curve. Every 32 bytes are one of X25519's (RFC 7748 5).
pub(crate) fn is_public(management: KeyManagement, public: &[u8]) -> bool {
    match management.curve() {
        Some(Curve::P256) => p256::PublicKey::from_sec1_bytes(public).is_ok(),
        Some(Curve::X25519) => public.len() == 32,
        None => false,
    }
}

/// The public half of a private key.
pub(crate) fn public_of<'o>(
    management: KeyManagement,
    private: &[u8; 32],
    out: &'o mut [u8; PUBLIC_BYTES_MAX],
) -> Option<&'o [u8]> {
    if management.curve() == Some(Curve::X25519) {
        let mut point = MontgomeryPoint::mul_base_clamped(*private);
        let out = out.get_mut(..32)?;
        out.iter_mut().zip(point.as_bytes()).for_each(|(place, byte)| *place = *byte);
        point.zeroize();
        return Some(out);
    }
    let secret = p256::SecretKey::from_bytes(private.into()).ok()?;
    let point = secret.public_key().to_sec1_point(false);
    out.iter_mut().zip(point.as_bytes()).for_each(|(place, byte)| *place = *byte);
    Some(out)
}

/// What both sides agree on, into `shared`; whether it may be used: all zeros come of a point of small order
/// (RFC 7748 6.1, RFC 8037 5).
#[inline(never)]
pub(crate) fn agree(management: KeyManagement, private: &[u8; 32], public: &[u8], shared: &mut [u8; 32]) -> Choice {
    let made = match management.curve() {
        Some(Curve::X25519) => x25519(private, public, shared),
        _ => p256(private, public, shared),
    };
    Choice::from(u8::from(made.is_some())) & !shared.ct_eq(&[0; 32])
}

fn x25519(private: &[u8; 32], public: &[u8], shared: &mut [u8; 32]) -> Option<()> {
    let point = MontgomeryPoint(public.try_into().ok()?);
    let mut agreed = point.mul_clamped(*private);
    *shared = agreed.to_bytes();
    agreed.zeroize();
    Some(())
}

/// Both were checked before: the scalar when it was loaded, the point when it was read.
fn p256(private: &[u8; 32], public: &[u8], shared: &mut [u8; 32]) -> Option<()> {
    let secret = p256::SecretKey::from_bytes(private.into()).ok()?;
    let public = p256::PublicKey::from_sec1_bytes(public).ok()?;
    let scalar = Zeroizing::new(secret.to_nonzero_scalar());
    let mut agreed = core::ops::Mul::mul(public.to_projective(), **scalar).to_affine();
    *shared = agreed.x().into();
    agreed.zeroize();
    Some(())
}
