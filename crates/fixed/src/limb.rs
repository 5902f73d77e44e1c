//! Products and quotients of 64-bit limbs.
//!
//! WASM has no wide multiply. A `u128` product is a call into a library (`__multi3`), three times as dear as the code
//! here; a `u128` division costs more than any function that is built on this code. The optimiser recognises the usual
//! ways to write the upper half of a product and turns them into that library call, so these functions write it
//! differently.

use crate::WAD;

const LOW: u64 = u32::MAX as u64;
/// One, as a 64-bit WAD.
pub(crate) const WAD64: u64 = WAD as u64;

/// The upper and the lower half of a product.
#[inline]
pub(crate) const fn wide_mul(a: u64, b: u64) -> (u64, u64) {
    let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
    let (p01, p10, lo) = (a0 * b1, a1 * b0, a.wrapping_mul(b));
    // The carry of the two middle products and the lowest one. Without the lowest the sum is up to 2^32 short. The true
    // sum ends in the upper half of `lo`, so it is rounded up to end so.
    let carry = ((p01 & LOW) + (p10 & LOW) + LOW - (lo >> 32)) >> 32;
    (a1 * b1 + (p01 >> 32) + (p10 >> 32) + carry, lo)
}

/// The upper half of a product, the product of two fractions of 2^64: at most two units too small, never too large, and
/// monotone in either factor.
#[inline]
pub(crate) const fn mul_hi(a: u64, b: u64) -> u64 {
    let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
    a1 * b1 + ((a0 * b1) >> 32) + ((a1 * b0) >> 32)
}

/// The upper half of a product, rounded to nearest.
#[inline]
pub(crate) const fn mul_hi_nearest(a: u64, b: u64) -> u64 {
    let (hi, lo) = wide_mul(a, b);
    hi + (lo >> 63)
}

/// `a * b / 2^62` of two signed fractions of 2^62 in magnitude up to about 1; at most four units too small, never too large.
#[inline]
pub(crate) const fn signed_mul_62(a: i64, b: i64) -> i64 {
    let (a1, a0, b1, b0) = (a >> 32, a & LOW as i64, b >> 32, b & LOW as i64);
    // In units of 2^-32 of the upper half: the product of the two low halves adds less than one of them.
    let middle = ((a1 * b0) >> 2) + ((a0 * b1) >> 2);
    ((a1 * b1) << 2) + (middle >> 28)
}

/// `a + (x b + (x^2 c + ...))`, or with minus signs in turn, for fractions of 2^64 and an `x` that is a fraction of
/// 2^64 times 2^shift. Written out, because in WASM the loop itself would cost a third of the work in it.
macro_rules! horner {
    ($sign:tt $x:ident $shift:literal [$last:expr]) => { $last };
    ($sign:tt $x:ident $shift:literal [$first:expr, $($rest:expr),+]) => {
        $first $sign ($crate::limb::mul_hi($x, $crate::limb::horner!($sign $x $shift [$($rest),+])) >> $shift)
    };
}
pub(crate) use horner;

/// The product in full.
#[inline]
pub(crate) const fn product(a: u64, b: u64) -> u128 {
    let (hi, lo) = wide_mul(a, b);
    ((hi as u128) << 64) | lo as u128
}

/// `(hi * 2^64 + lo) / divisor`, rounded down; needs the divisor's top bit set and `hi < divisor`.
pub(crate) const fn div_2_by_1(hi: u64, lo: u64, divisor: u64) -> u64 {
    let (q1, rest) = digit(hi, lo >> 32, divisor);
    let (q0, _) = digit(rest, lo & LOW, divisor);
    (q1 << 32) | q0
}

/// One 32-bit digit of a quotient and the new rest.
const fn digit(rest: u64, next: u64, divisor: u64) -> (u64, u64) {
    let (d1, d0) = (divisor >> 32, divisor & LOW);
    let mut q = rest / d1;
    let mut r = rest % d1;
    // The guess is at most two too large.
    while q > LOW || (r <= LOW && q * d0 > ((r << 32) | next)) {
        q -= 1;
        r += d1;
    }
    (q, ((rest << 32) | next).wrapping_sub(q.wrapping_mul(divisor)))
}

/// `n / x` as a fraction of 2^64; needs `n < 2^63`. All ones when that is one or more.
///
/// Rounded down for an `x` below 2^64; beyond, where `x` is cut to 64 bits, the same or one unit more.
pub(crate) const fn ratio(n: u64, x: u128) -> u64 {
    if x <= n as u128 {
        return u64::MAX;
    }
    let (hi, lo) = ((x >> 64) as u64, x as u64);
    if hi == 0 {
        let shift = lo.leading_zeros();
        let (hi, lo) = if shift == 0 { (n, 0) } else { (n << shift, 0) };
        return div_2_by_1(hi, lo, (x as u64) << shift);
    }
    let shift = hi.leading_zeros();
    let top = (x << shift >> 64) as u64;
    let bits = 64 - shift;
    if bits == 64 { 0 } else { div_2_by_1(n, 0, top) >> bits }
}

/// A WAD below one as a fraction of 2^64, at most two units below the truth, strictly increasing.
#[inline]
pub(crate) const fn fraction_of_wad(wad: u64) -> u64 {
    // 2^64 / 1e18 = 18.446744...
    wad * 18 + wide_mul(wad, 0x725d_d1d2_43ab_a0e7).0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![
            any::<u64>(),
            (0u32..64, -2i64..3).prop_map(|(bit, off)| (1u64 << bit).wrapping_add_signed(off)),
            any::<u32>().prop_map(u64::from),
            any::<u32>().prop_map(|x| u64::from(x) << 32),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn product_matches_the_languages_own(a in limb(), b in limb()) {
            prop_assert_eq!(product(a, b), u128::from(a) * u128::from(b));
            prop_assert_eq!(u128::from(mul_hi_nearest(a, b)), (u128::from(a) * u128::from(b) + (1 << 63)) >> 64);
        }

        #[test]
        fn mul_hi_is_at_most_two_units_below_and_monotone(a in limb(), b in limb()) {
            let exact = wide_mul(a, b).0;
            prop_assert!(mul_hi(a, b) <= exact && exact - mul_hi(a, b) <= 2);
            prop_assert!(mul_hi(a, b) <= mul_hi(a.saturating_add(1), b));
            prop_assert!(mul_hi(a, b) <= mul_hi(a, b.saturating_add(1)));
        }

        #[test]
        fn signed_mul_is_at_most_four_units_below(a in -(5i64 << 60)..(5i64 << 60), b in -(5i64 << 60)..(5i64 << 60)) {
            let exact = (i128::from(a) * i128::from(b)) >> 62;
            let got = i128::from(signed_mul_62(a, b));
            prop_assert!(got <= exact && exact - got <= 4, "{got} against {exact}");
        }

        #[test]
        fn div_2_by_1_matches_the_languages_own(hi in limb(), lo in limb(), divisor in limb()) {
            let divisor = divisor | 1 << 63;
            prop_assume!(hi < divisor);
            let exact = ((u128::from(hi) << 64) | u128::from(lo)) / u128::from(divisor);
            prop_assert_eq!(u128::from(div_2_by_1(hi, lo, divisor)), exact);
        }

        #[test]
        fn ratio_is_within_its_bound(n in 1u64..1 << 63, x in any::<u128>(), cut in 0u32..128) {
            let x = x >> cut;
            let got = u128::from(ratio(n, x));
            if x <= u128::from(n) {
                prop_assert_eq!(got, u128::from(u64::MAX));
            } else {
                let exact = (u128::from(n) << 64) / x;
                prop_assert!(got == exact || (x >> 64 != 0 && got == exact + 1), "{got} against {exact}");
            }
        }

        #[test]
        fn fraction_of_wad_is_at_most_two_units_below_and_strictly_increasing(wad in 0..WAD64) {
            let got = fraction_of_wad(wad);
            let short = (u128::from(wad) << 64).checked_sub(u128::from(got) * WAD);
            prop_assert!(short.is_some_and(|short| short <= 2 * WAD), "{wad} {got}");
            prop_assert!(wad + 1 == WAD64 || got < fraction_of_wad(wad + 1));
        }
    }
}
