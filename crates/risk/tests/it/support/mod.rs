//! What several tests share.

#![allow(dead_code)] // each test takes what it needs
#![allow(clippy::float_arithmetic)]

pub(crate) mod float_margin;
pub(crate) mod page;
pub(crate) mod portfolio_cases;
pub(crate) mod svi;

use num::{BigInt, BigRational, ToPrimitive};
use plimsoll_risk::WAD;

/// An integer as a rational.
pub(crate) fn exact(value: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(value.into())
}

/// A WAD as the rational it stands for.
pub(crate) fn wad(value: impl Into<BigInt>) -> BigRational {
    exact(value) / exact(WAD)
}

/// How far a WAD is from a rational, in units of the last place, rounded up.
pub(crate) fn distance(value: i128, from: &BigRational) -> u128 {
    let off = (exact(value) - from * exact(WAD)).ceil().to_integer();
    let other = (from * exact(WAD) - exact(value)).ceil().to_integer();
    off.max(other).to_u128().unwrap()
}
