//! 256-bit intermediates: the product of two 128-bit numbers and its quotient by a third.

use core::cmp::Ordering;

use crate::Overflow;

/// An unsigned 256-bit number, for intermediate results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct U256 {
    hi: u128,
    lo: u128,
}

const LOW: u128 = u64::MAX as u128;

impl U256 {
    /// The exact product.
    #[must_use]
    pub const fn product(a: u128, b: u128) -> Self {
        let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
        let (p00, p01, p10, p11) = (a0 * b0, a0 * b1, a1 * b0, a1 * b1);
        let middle = (p00 >> 64) + (p01 & LOW) + (p10 & LOW);
        Self { hi: p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64), lo: (middle << 64) | (p00 & LOW) }
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`Overflow`] from 2^256 on.
    pub const fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        let (lo, carry) = self.lo.overflowing_add(other.lo);
        let (hi, over) = self.hi.overflowing_add(other.hi);
        let (hi, over_again) = hi.overflowing_add(carry as u128);
        if over || over_again { Err(Overflow) } else { Ok(Self { hi, lo }) }
    }

    /// `self - other`, or `None` when that is negative.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        let (lo, borrow) = self.lo.overflowing_sub(other.lo);
        let (hi, under) = self.hi.overflowing_sub(other.hi);
        let (hi, under_again) = hi.overflowing_sub(borrow as u128);
        if under || under_again { None } else { Some(Self { hi, lo }) }
    }

    /// Quotient and remainder.
    ///
    /// # Errors
    /// [`Overflow`] when `divisor` is zero or the quotient does not fit 128 bits.
    pub const fn div_rem(self, divisor: u128) -> Result<(u128, u128), Overflow> {
        if self.hi >= divisor {
            return Err(Overflow);
        }
        if self.hi == 0 {
            return Ok((self.lo / divisor, self.lo % divisor));
        }
        // Knuth's algorithm D with 64-bit digits; the divisor is shifted so that its top bit is set.
        let shift = divisor.leading_zeros();
        let divisor = divisor << shift;
        let (hi, lo) = if shift == 0 {
            (self.hi, self.lo)
        } else {
            ((self.hi << shift) | (self.lo >> (128 - shift)), self.lo << shift)
        };
        let (q1, rest) = digit(hi, lo >> 64, divisor);
        let (q0, rest) = digit(rest, lo & LOW, divisor);
        Ok(((q1 << 64) | q0, rest >> shift))
    }
}

/// One 64-bit digit of the quotient of `rest * 2^64 + next` by `divisor`, and the new rest.
/// Needs `rest < divisor` and the divisor's top bit set.
const fn digit(rest: u128, next: u128, divisor: u128) -> (u128, u128) {
    let (d1, d0) = (divisor >> 64, divisor & LOW);
    let mut q = rest / d1;
    let mut r = rest % d1;
    // The guess is at most two too large.
    while q > LOW || (r <= LOW && q * d0 > ((r << 64) | next)) {
        q -= 1;
        r += d1;
    }
    (q, ((rest << 64) | next).wrapping_sub(q.wrapping_mul(divisor)))
}

/// Compares `a * b` with `c * d` exactly.
#[must_use]
pub fn compare_products(a: u128, b: u128, c: u128, d: u128) -> Ordering {
    U256::product(a, b).cmp(&U256::product(c, d))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ruint::aliases::U256 as Reference;

    use super::*;

    fn reference(x: U256) -> Reference {
        (Reference::from(x.hi) << 128) | Reference::from(x.lo)
    }

    /// Numbers whose bits cluster at the digits' edges, where long division errs.
    fn adversarial() -> impl Strategy<Value = u128> {
        prop_oneof![
            any::<u128>(),
            (0u32..128, -2i64..3).prop_map(|(bit, off)| (1u128 << bit).wrapping_add_signed(i128::from(off))),
            any::<u64>().prop_map(u128::from),
            any::<u64>().prop_map(|x| u128::from(x) << 64),
            Just(u128::MAX),
            Just(LOW << 64),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn product_matches_reference(a in adversarial(), b in adversarial()) {
            prop_assert_eq!(reference(U256::product(a, b)), Reference::from(a) * Reference::from(b));
        }

        #[test]
        fn div_rem_matches_reference(a in adversarial(), b in adversarial(), c in adversarial(), d in adversarial()) {
            let Ok(n) = U256::product(a, b).checked_add(U256 { hi: 0, lo: d }) else { return Ok(()) };
            let wide = reference(n);
            let fits = c != 0 && wide / Reference::from(c) <= Reference::from(u128::MAX);
            match n.div_rem(c) {
                Ok((q, r)) => {
                    prop_assert!(fits);
                    prop_assert_eq!(Reference::from(q), wide / Reference::from(c));
                    prop_assert_eq!(Reference::from(r), wide % Reference::from(c));
                }
                Err(Overflow) => prop_assert!(!fits),
            }
        }

        #[test]
        fn add_and_sub_match_reference(a in adversarial(), b in adversarial(), c in adversarial(), d in adversarial()) {
            let (x, y) = (U256 { hi: a, lo: b }, U256 { hi: c, lo: d });
            prop_assert_eq!(x.checked_add(y).ok().map(reference), reference(x).checked_add(reference(y)));
            prop_assert_eq!(x.checked_sub(y).map(reference), reference(x).checked_sub(reference(y)));
        }

        #[test]
        fn compare_products_matches_reference(a in adversarial(), b in adversarial(), c in adversarial(), d in adversarial()) {
            let (left, right) = (Reference::from(a) * Reference::from(b), Reference::from(c) * Reference::from(d));
            prop_assert_eq!(compare_products(a, b, c, d), left.cmp(&right));
        }
    }

    #[test]
    fn div_rem_by_zero_is_overflow() {
        assert_eq!(U256::product(0, 0).div_rem(0), Err(Overflow));
    }
}
