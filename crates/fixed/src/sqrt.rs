//! Square roots, exact to the named rounding.
//!
//! Newton's method gives a 64-bit root; the standard library's own root would bring a table, for which each call of a
//! contract pays. The remaining digits come from 64-bit divisions, by the long-hand method: the remainder over twice
//! the root is the next digit, at most two too large.

use crate::{WAD, limb::product};

/// The integer square root, rounded down.
#[must_use]
pub const fn isqrt_floor(x: u128) -> u128 {
    // An even shift, so that the root's shift is whole.
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    if hi == 0 {
        let shift = lo.leading_zeros() & !1;
        return if lo == 0 { 0 } else { (root_of_word(lo << shift) >> (shift / 2)) as u128 };
    }
    let shift = hi.leading_zeros() & !1;
    (root_of_normal(x << shift) >> (shift / 2)) as u128
}

/// `sqrt(x^2 + y^2)`, in any unit, of numbers below 2^127, rounded down: exactly while both are below 2^63, beyond with a
/// relative error below 2^-60.
#[inline(never)]
#[must_use]
pub const fn hypotenuse_floor(x: u128, y: u128) -> u128 {
    let shift = 65u32.saturating_sub((x | y).leading_zeros());
    let (x, y) = (x >> shift, y >> shift);
    isqrt_floor(x * x + y * y) << shift
}

/// The root of a word with one of its two top bits set, rounded down.
const fn root_of_word(x: u64) -> u64 {
    // The tangent at 2^63, (x / 2^32 + 2^31) / sqrt 2: within 6.1 % of the root. Three steps, each to half the square of
    // what the last was off, leave less than 2^-39 of it, above.
    let mut root = (((x >> 32) * 0xb504_f334) >> 32) + 0x5a82_799a;
    root = (root + x / root) >> 1;
    root = (root + x / root) >> 1;
    root = (root + x / root) >> 1;
    root - (root > u32::MAX as u64 || root * root > x) as u64
}

/// The root of a number with one of its two top bits set.
const fn root_of_normal(x: u128) -> u64 {
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    let head = root_of_word(hi);
    let rest = hi - head * head;
    // rest <= 2 * head: halved, the dividend fits 64 bits.
    let digit = ((rest << 31) | (lo >> 33)) / head;
    let mut root = (head << 32).saturating_add(digit);
    while product(root, root) > x {
        root -= 1;
    }
    root
}

/// The lower 128 bits of a square.
const fn square(x: u128) -> u128 {
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    product(lo, lo).wrapping_add((hi.wrapping_mul(lo) as u128) << 65)
}

/// The square root of a WAD and whether it was rounded.
const fn sqrt_wad(x: u128) -> (u128, bool) {
    // x * 1e18 as `top * 2^64 + low`; below 2^188.
    let low = product(x as u64, WAD as u64);
    let top = product((x >> 64) as u64, WAD as u64) + (low >> 64);
    let low = (low as u64) as u128;
    if top >> 64 == 0 {
        let n = (top << 64) | low;
        let root = isqrt_floor(n);
        return (root, square(root) != n);
    }
    // Twice `shift` bits too many: the root of the upper 128 bits, then the missing `shift` bits (at most 30) from the
    // rest. The true rests are below 2^127, so they are exact modulo 2^128.
    let n = (top << 64) | low;
    let excess = 64 - ((top >> 64) as u64).leading_zeros();
    let shift = excess.div_ceil(2);
    let head = root_of_normal((top << (64 - 2 * shift)) | (low >> (2 * shift)));
    let base = (head as u128) << shift;
    let rest = n.wrapping_sub(square(base));
    // Divisor and dividend without the low bits that the digit does not depend on, but for a unit or two.
    let digit = ((rest >> (33 + shift)) as u64) / (head >> 32);
    let mut root = base + digit as u128;
    let mut rest = n.wrapping_sub(square(root)) as i128;
    while rest < 0 {
        root -= 1;
        rest += 2 * root as i128 + 1;
    }
    while rest > 2 * root as i128 {
        rest -= 2 * root as i128 + 1;
        root += 1;
    }
    (root, rest != 0)
}

/// The square root of a WAD as a WAD, rounded down exactly.
#[must_use]
pub const fn sqrt_wad_floor(x: u128) -> u128 {
    sqrt_wad(x).0
}

/// The square root of a WAD as a WAD, rounded up exactly.
#[must_use]
pub const fn sqrt_wad_ceil(x: u128) -> u128 {
    let (root, rounded) = sqrt_wad(x);
    root + rounded as u128
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering;

    use proptest::prelude::*;
    use ruint::aliases::U512;

    use super::*;
    use crate::compare_products;

    /// Checks against the definition: root^2 <= x * 1e18 < (root + 1)^2.
    fn check(x: u128) {
        let root = sqrt_wad_floor(x);
        assert_ne!(compare_products(root, root, x, WAD), Ordering::Greater, "{x}");
        assert_eq!(compare_products(root + 1, root + 1, x, WAD), Ordering::Greater, "{x}");
        let exact = compare_products(root, root, x, WAD) == Ordering::Equal;
        assert_eq!(sqrt_wad_ceil(x), if exact { root } else { root + 1 }, "{x}");
    }

    fn check_integer(x: u128) {
        let root = isqrt_floor(x);
        assert!(root * root <= x, "{x}");
        assert!((root + 1).checked_mul(root + 1).is_none_or(|above| above > x), "{x}");
    }

    #[test]
    fn sqrt_known_values() {
        assert_eq!(sqrt_wad_floor(0), 0);
        assert_eq!(sqrt_wad_ceil(0), 0);
        assert_eq!(sqrt_wad_floor(1), 1_000_000_000);
        assert_eq!(sqrt_wad_ceil(1), 1_000_000_000);
        assert_eq!(sqrt_wad_ceil(4 * WAD), 2 * WAD);
        // 1.414213562373095048801..., 316.22776601683793319988...
        assert_eq!(sqrt_wad_floor(2 * WAD), 1_414_213_562_373_095_048);
        assert_eq!(sqrt_wad_ceil(2 * WAD), 1_414_213_562_373_095_049);
        assert_eq!(sqrt_wad_floor(100_000 * WAD), 316_227_766_016_837_933_199);
        assert_eq!(isqrt_floor(u128::MAX), u64::MAX.into());
    }

    #[test]
    fn sqrt_is_exact_around_powers_of_two_and_squares() {
        for bit in 0..128 {
            for off in -3..=3 {
                let x = (1u128 << bit).saturating_add_signed(off);
                check(x);
                check_integer(x);
            }
        }
        for off in 0..1000 {
            check(u128::MAX - off);
            check_integer(u128::MAX - off);
            let root = u128::from(u64::MAX) - off;
            for x in [root * root - 1, root * root, root * root + 1] {
                check(x);
                check_integer(x);
            }
            // and of words
            for root in [off + 1, u128::from(u32::MAX) - off, (1 << 31) + off] {
                (root * root - 1..=root * root + 1).for_each(check_integer);
            }
        }
    }

    #[test]
    fn hypotenuse_of_pythagorean_triples() {
        for (x, y, h) in [(3, 4, 5), (20, 21, 29), (0, 7, 7), (119, 120, 169), (0, 0, 0)] {
            for unit in [1, WAD, 1u128 << 100] {
                assert_eq!(hypotenuse_floor(x * unit, y * unit), h * unit);
            }
        }
    }

    fn check_hypotenuse(x: u128, y: u128) {
        let square = |x: u128| U512::from(x) * U512::from(x);
        let (exact, got) = (square(x) + square(y), hypotenuse_floor(x, y));
        let slack = if (x | y) >> 63 == 0 { 0 } else { got >> 60 };
        assert!(square(got) <= exact && exact < square(got + slack + 1), "{x} {y}");
    }

    #[test]
    fn hypotenuse_is_within_its_bound_where_most_is_dropped() {
        check_hypotenuse(u128::MAX >> 1, u128::MAX >> 1);
        check_hypotenuse(u128::MAX >> 1, 0);
        // 1.0752 * 2^-61
        check_hypotenuse(
            (0x4000_0000_0000_0001 << 64) | u128::from(u64::MAX),
            (0x1379_8f97_6f3d_7800 << 64) | u128::from(u64::MAX),
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8192))]

        #[test]
        fn hypotenuse_is_within_its_bound(x: u128, y: u128, cut in 1u32..128, more in 0u32..128) {
            check_hypotenuse(x >> cut, y >> cut);
            check_hypotenuse(x >> cut, y >> cut.max(more));
        }

        #[test]
        fn sqrt_meets_its_definition(x: u128, cut in 0u32..128, root: u32) {
            check(x >> cut);
            check_integer(x >> cut);
            let square = u128::from(root) * u128::from(root);
            (square.saturating_sub(1)..=square + 1).for_each(check_integer);
        }

        #[test]
        fn sqrt_of_a_square_is_exact(root in 0..1u128 << 76) {
            // (root * 1e9)^2 = (root^2) * 1e18: roots that are whole multiples of 1e9.
            if let Some(x) = root.checked_mul(root) {
                prop_assert_eq!(sqrt_wad_floor(x), root * 1_000_000_000);
                prop_assert_eq!(sqrt_wad_ceil(x), root * 1_000_000_000);
            }
        }
    }
}
