//! Fixed-point arithmetic for money, prices and sizes.
//!
//! Every number is an integer; a *WAD* is a number times 1e18. The name of a function says how it rounds. Nothing
//! panics and nothing wraps: a result outside its type is [`Overflow`].

#![cfg_attr(not(test), no_std)]

mod atan;
pub mod binary;
mod exp;
mod exp2;
mod limb;
mod ln;
mod mul_div;
mod normal;
mod pow;
mod sqrt;
mod student;
mod wide;

pub use atan::atan_wad;
pub use exp::exp_wad;
pub use exp2::{TICK_MAX, TICK_MIN, TICKS_PER_DOUBLING, price_of_tick, tick_of_price};
pub use ln::{ln_wad, log2_wad};
pub use mul_div::{
    mul_div_ceil, mul_div_floor, signed_mul_div_ceil, signed_mul_div_floor, signed_mul_div_toward_zero,
    signed_mul_wad_ceil, signed_mul_wad_floor, signed_weighted_sum_floor,
};
pub use normal::{normal_cdf_wad, normal_pdf_wad};
pub use pow::pow_wad;
pub use sqrt::{hypotenuse_floor, isqrt_floor, sqrt_wad_ceil, sqrt_wad_floor};
pub use student::student_t3_tail_wad;
pub use wide::{U256, compare_products};

/// One, in WAD.
pub const WAD: u128 = 1_000_000_000_000_000_000;

/// One, in parts per million.
pub const PPM: u128 = 1_000_000;

/// A WAD is this many times finer than a part per million.
pub const WAD_PER_PPM: u128 = WAD / PPM;

/// The exact result is outside the range of its type, or a divisor is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl core::fmt::Display for Overflow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("arithmetic overflow")
    }
}

impl core::error::Error for Overflow {}
