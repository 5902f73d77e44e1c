//! Signed numbers with 64 binary digits after the point, for the checks.
//!
//! A product costs four multiplications and no division, a reciprocal one. Products that do not fit end at the largest
//! number of their sign: callers use them as bounds that then show nothing.

use super::ONE;

/// One.
pub(super) const Q: i128 = 1 << 64;

const LOW: u128 = u64::MAX as u128;

/// `a * b`, the magnitude rounded down by less than two units. Out of line: a contract that checks slices has forty of
/// them, and 24,000 bytes.
#[inline(never)]
pub(super) fn mul(a: i128, b: i128) -> i128 {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    let ((x1, x0), (y1, y0)) = ((x >> 64, x & LOW), (y >> 64, y & LOW));
    // The halves are below 2^64: no product overflows, and only the top one can be too large for its place.
    let (top, middle, other, low) = (x1 * y1, x1 * y0, x0 * y1, (x0 * y0) >> 64);
    let magnitude = if top >> 63 != 0 {
        i128::MAX
    } else {
        let sum = (top << 64).saturating_add(middle).saturating_add(other).saturating_add(low);
        i128::try_from(sum).unwrap_or(i128::MAX)
    };
    if (a < 0) == (b < 0) { magnitude } else { -magnitude }
}

/// `1 / x` for a positive `x`, rounded down; the largest number for any other and for one below 2^-63.
#[inline(never)]
pub(super) fn reciprocal(x: i128) -> i128 {
    if x <= 0 {
        return i128::MAX;
    }
    i128::try_from(u128::MAX / x.unsigned_abs()).unwrap_or(i128::MAX)
}

/// `x / y` for `|x| <= y`, the magnitude within four units.
#[inline(never)]
pub(super) fn fraction(x: i128, y: i128) -> i128 {
    let shift = (128 - y.leading_zeros()).saturating_sub(63);
    let (above, below) = (x.unsigned_abs() >> shift, (y >> shift).unsigned_abs());
    let magnitude = (above << 64).checked_div(below).map_or(Q, |quotient| (quotient as i128).min(Q));
    if x < 0 { -magnitude } else { magnitude }
}

/// A WAD below 2^63 as such a number, the magnitude rounded down.
#[inline(never)]
pub(super) fn from_wad(x: i128) -> i128 {
    let (whole, rest) = (x / ONE, x % ONE);
    (whole << 64) + (rest << 64) / ONE
}

/// `x * x`.
pub(super) fn square(x: i128) -> i128 {
    mul(x, x)
}

#[cfg(test)]
mod tests {
    use num::{BigInt, Signed};
    use proptest::prelude::*;

    use super::*;

    fn any_number() -> impl Strategy<Value = i128> {
        prop_oneof![
            any::<i128>(),
            any::<i64>().prop_map(i128::from),
            any::<i64>().prop_map(|x| i128::from(x) << 32),
            any::<i64>().prop_map(|x| i128::from(x) << 62),
            Just(i128::MAX),
            Just(i128::MIN),
            Just(Q),
        ]
    }

    proptest! {
        #[test]
        fn mul_is_within_two_units_or_saturates(a in any_number(), b in any_number()) {
            let exact: BigInt = BigInt::from(a) * BigInt::from(b);
            let floor: BigInt = exact.abs() >> 64;
            let found = mul(a, b);
            prop_assert!(found == 0 || (found < 0) == exact.is_negative());
            let magnitude = BigInt::from(found).abs();
            let most = BigInt::from(i128::MAX);
            if floor > most {
                prop_assert_eq!(magnitude, most);
            } else {
                prop_assert!(magnitude <= floor && &floor - &magnitude < BigInt::from(2));
            }
        }

        #[test]
        fn reciprocal_rounds_down(x in any_number()) {
            let found = reciprocal(x);
            if x > 1 << 1 {
                let exact = (BigInt::from(1) << 128) / BigInt::from(x);
                prop_assert!(BigInt::from(found) <= exact && exact - found <= BigInt::from(1));
            } else {
                prop_assert_eq!(found, i128::MAX);
            }
        }

        #[test]
        fn from_wad_rounds_toward_zero(x in -(1_i128 << 122)..1 << 122) {
            let exact = (BigInt::from(x) << 64) / BigInt::from(ONE);
            prop_assert_eq!(BigInt::from(from_wad(x)), exact);
        }

        #[test]
        fn fraction_is_within_four_units(x in any_number(), y in any_number()) {
            prop_assume!(y > 0 && x.unsigned_abs() <= y.unsigned_abs());
            let exact: BigInt = (BigInt::from(x) << 64) / BigInt::from(y);
            prop_assert!((exact - fraction(x, y)).abs() <= BigInt::from(4));
        }
    }
}
