//! Binary fixed and floating point for the hot loops. [`mul_high`] and [`normal_cdf`] work on 64-bit words, without a
//! 128-bit multiply and without division.
//!
//! A WAD multiply takes a library call and a 128-bit division, 30 gas and more; the high half of a 64-bit product takes
//! three 32-bit multiplies, 0.3 gas. Values of the order of one are `i64` with a fixed number of fractional bits, named
//! in each function (`Q57` has 57, `Q62` has 62); numbers of any size are [`Scale`], a 64-bit mantissa with an exponent.

mod normal;
mod normal_table;
mod scale;

pub use normal::{CDF_ONE, normal_cdf};
pub use scale::Scale;

const LOW: i64 = 0xffff_ffff;

/// The high 64 bits of `a * b`, without the carry of the lowest partial product: at most 2 below the exact floor.
#[inline(always)]
#[must_use]
pub const fn mul_high(a: i64, b: i64) -> i64 {
    mul_high_split(a >> 32, a & LOW, b)
}

/// [`mul_high`] of `(high << 32 | low) * b`, for a first factor that is used many times.
#[inline(always)]
#[must_use]
pub const fn mul_high_split(high: i64, low: i64, b: i64) -> i64 {
    let (b_high, b_low) = (b >> 32, b & LOW);
    // No term leaves 64 bits: |high|, |b_high| <= 2^31 and 0 <= low, b_low < 2^32.
    high * b_high + ((high * b_low) >> 32) + ((low * b_high) >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = i64> {
        prop_oneof![
            any::<i64>(),
            Just(i64::MIN),
            Just(i64::MAX),
            Just(-1),
            (0u32..64).prop_map(|bit| 1i64 << bit)
        ]
    }

    proptest! {
        #[test]
        fn mul_high_is_at_most_two_below_the_floor(a in word(), b in word()) {
            let exact = (i128::from(a) * i128::from(b)) >> 64;
            let short = exact - i128::from(mul_high(a, b));
            prop_assert!((0..=2).contains(&short), "{short}");
        }
    }
}
