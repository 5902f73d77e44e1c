//! The inner loop: one strike in many revaluations.
//!
//! A call on the forward F is worth F*N(d1) - K*N(d2) with d1 = ln(F/K)/s + s/2 and d2 = d1 - s, s = volatility times
//! the square root of time. Everything that does not depend on the revaluation is worked out before: the logarithms of
//! the forwards for all strikes together, that of the strike for all revaluations, 1/s and s/2 for each direction of
//! volatility. What remains is a subtraction, a multiplication and two lookups of the normal distribution; the values
//! themselves are never formed, only the sums of size*N(d1) and size*strike*N(d2), which the forward and the discount
//! multiply once for all strikes. A put is a call less a forward, so it costs nothing of its own.
//!
//! The price does not change with d1 to first order as long as d2 follows it, so d1's rounding does not count.

use plimsoll_fixed::binary::{Scale, mul_high, mul_high_split, normal_cdf};

/// Fractional bits of logarithms and of d1.
pub(super) const BITS: i32 = 57;
/// Standard deviations beyond which the distribution is zero or one, even after half a spread is added.
pub(super) const FAR: i64 = 25 << BITS;
/// The widest spread: d1 and d2 are then beyond the distribution's ends on either side of any moneyness.
pub(super) const WIDEST: u64 = 31 << BITS;

/// A logarithm as WAD to one with 57 fractional bits. Takes up to 60 in absolute value.
#[must_use]
#[inline(never)]
pub(super) fn to_log(wad: i128) -> i64 {
    // 2^57 / 1e18 = 0x2.4e4e... * 2^-4: as 2^121 / 1e18 / 2^64
    const FACTOR: i128 = ((1u128 << 121) / crate::WAD) as i128;
    ((wad * FACTOR) >> 64) as i64
}

/// A spread s = volatility * sqrt(time), ready to be divided by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    /// 1/s as `inverse * 2^(shift-63)`, split for multiplication.
    high: i64,
    low: i64,
    shift: u32,
    /// Largest product that matters: beyond, the distribution has ended.
    limit: i64,
    /// s/2.
    half: i64,
    /// s - s/2, in units of the last place.
    other_half: i64,
}

impl Spread {
    /// Of a spread and its inverse; a spread of zero has none.
    #[inline(never)]
    pub(super) fn new(spread: Scale, inverse: Option<Scale>) -> Self {
        let whole = spread.to_fixed(BITS, WIDEST) as i64;
        let half = whole / 2;
        let other_half = whole - half;
        let Some((mantissa, exponent)) = inverse.map(Scale::parts) else {
            // Half of any moneyness is far out, but for the last place, moved up there.
            return Self { high: 1 << 30, low: 0, shift: 61, limit: FAR >> 61, half, other_half };
        };
        // A product with half the mantissa, high word, is to be moved left by exponent + 65.
        let shift = exponent + 65;
        let (mantissa, shift) = if shift < 0 {
            (mantissa.checked_shr(shift.unsigned_abs()).unwrap_or(0), 0)
        } else {
            // Beyond 61 the least product is already far out.
            (mantissa, shift.min(61) as u32)
        };
        let mantissa = (mantissa >> 1) as i64;
        Self {
            high: mantissa >> 32,
            low: mantissa & 0xffff_ffff,
            shift,
            limit: FAR >> shift,
            half,
            other_half,
        }
    }

    /// N(d1) and N(d2) at a moneyness ln(F/K).
    #[inline(always)]
    pub(super) fn distribution(&self, moneyness: i64) -> (i64, i64) {
        let product = mul_high_split(self.high, self.low, moneyness);
        let middle = product.max(-self.limit).min(self.limit) << self.shift;
        (normal_cdf(middle + self.half), normal_cdf(middle - self.other_half))
    }
}

/// The two sums over strikes in one revaluation, in units that [`Weights`] knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Of size * N(d1).
    pub(super) sizes: i64,
    /// Of size * strike * N(d2).
    pub(super) strikes: i64,
}

/// A size (or a notional) as a share of a total, so that no sum of such shares leaves 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// A share is the number moved left by this, or right when negative.
    shift: i32,
}

/// Largest total. The sum of its shares fits its type, whichever way each share is rounded.
pub(super) const MOST_TOTAL: u128 = 1 << 126;

impl Unit {
    /// For numbers whose absolute values add up to `total`, at most [`MOST_TOTAL`].
    pub(super) fn of_total(total: u128) -> Self {
        Self { shift: total.leading_zeros() as i32 - 66 }
    }

    /// A number's share.
    #[inline(never)]
    pub(super) fn share(self, number: i128) -> i64 {
        (if self.shift >= 0 { number << self.shift } else { number >> -self.shift }) as i64
    }

    /// The number of a sum of products with a distribution, rounded down.
    #[inline(never)]
    pub(super) fn number(self, sum: i64) -> i128 {
        // The product's high word is moved right by two: 64 bits for the word, 62 of the distribution.
        let shift = self.shift - 2;
        let sum = i128::from(sum);
        if shift >= 0 { sum >> shift } else { sum << -shift }
    }
}

/// Adds a strike, of which `size` and `notional` are the shares, to the sums of revaluations with these logarithms of
/// the forward against the expiry's own.
#[inline(never)]
pub(super) fn accumulate(
    moneyness: i64,
    spread: &Spread,
    size: i64,
    notional: i64,
    logs: &[i64],
    sums: &mut [Sums],
) {
    for (log, sums) in logs.iter().zip(sums) {
        let (first, second) = spread.distribution(moneyness + log);
        sums.sizes += mul_high(size, first);
        sums.strikes += mul_high(notional, second);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use plimsoll_fixed::binary::CDF_ONE;

    use super::*;

    proptest! {
        #[test]
        fn to_log_is_exact_to_its_last_places(wad in -60_000_000_000_000_000_000i128..60_000_000_000_000_000_000) {
            // wad * 2^57 / 1e18 without the common factor 2^18
            let exact = (wad << 39).div_euclid(3_814_697_265_625);
            let slack = if wad.abs() < 8_000_000_000_000_000_000 { 1 } else { 4 };
            prop_assert!((exact - i128::from(to_log(wad))).abs() <= slack);
        }

        #[test]
        fn unit_round_trips(number in any::<i128>(), bits in 1u32..127) {
            let number = number >> bits;
            let unit = Unit::of_total(number.unsigned_abs());
            let share = unit.share(number);
            prop_assert!(share.unsigned_abs() <= 1 << 62);
            // as if the distribution were one
            let back = unit.number(mul_high(share, CDF_ONE));
            let slack = (number.unsigned_abs() >> 58) as i128 + 1;
            prop_assert!(back <= number && number - back <= slack, "{back} of {number}");
        }
    }

    #[test]
    fn a_spread_of_zero_tells_the_sign() {
        let spread = Spread::new(Scale::ZERO, None);
        assert_eq!(spread.distribution(1 << 20), (CDF_ONE, CDF_ONE));
        assert_eq!(spread.distribution(-(1 << 20)), (0, 0));
        // at the money both halves are worth the same, so the value is zero
        let (first, second) = spread.distribution(0);
        assert_eq!(first, second);
    }

    #[test]
    fn the_widest_spread_is_a_forward() {
        let spread = Scale::new(1_000, 0);
        let spread = Spread::new(spread, spread.inverse());
        for moneyness in [-20i64 << 57, 0, 20i64 << 57] {
            assert_eq!(spread.distribution(moneyness), (CDF_ONE, 0));
        }
    }
}
