//! Square roots, exact to the named rounding.
//!
//! One 64-bit root (the language's own) and 64-bit divisions for the rest of the digits, by the long-hand method:
//! the remainder over twice the root is the next digit, at most two too large.

use crate::{WAD, limb::product};

/// The integer square root, rounded down.
#[must_use]
pub const fn isqrt_floor(x: u128) -> u128 {
    let hi = (x >> 64) as u64;
    if hi == 0 {
        return (x as u64).isqrt() as u128;
    }
    // An even shift, so that the root's shift is whole.
    let shift = hi.leading_zeros() & !1;
    (root_of_normal(x << shift) >> (shift / 2)) as u128
}

/// The root of a number with one of its two top bits set.
const fn root_of_normal(x: u128) -> u64 {
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    let head = hi.isqrt();
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
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8192))]

        #[test]
        fn sqrt_meets_its_definition(x: u128, cut in 0u32..128) {
            check(x >> cut);
            check_integer(x >> cut);
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
