//! The rules of a single fill: its price band, the quote that it moves, its fees.

use plimsoll_fixed::{Overflow, PPM, mul_div_ceil, mul_div_floor, signed_mul_wad_ceil, signed_mul_wad_floor};

use crate::market::FillRules;

/// The prices that a fill may have, quote per unit, WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The lowest.
    pub low: u128,
    /// The highest.
    pub high: u128,
}

impl Band {
    /// Whether a fill may have this price.
    #[must_use]
    pub const fn admits(&self, price: u128) -> bool {
        self.low <= price && price <= self.high
    }
}

/// What the two sides of a fill pay, quote, WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Of the one who trades with an order that stood.
    pub taker: u128,
    /// Of the one whose order stood.
    pub maker: u128,
}

impl FillRules {
    /// The prices that a fill may have at an index price, `index * (1 -+ band)`.
    ///
    /// # Rounding
    /// Inward: the low end up, the high end down.
    ///
    /// # Errors
    /// [`Overflow`] when the upper end does not fit.
    pub fn price_band(&self, index: u128) -> Result<Band, Overflow> {
        let band = u128::from(self.price_band);
        let low = mul_div_ceil(index, PPM.saturating_sub(band), PPM)?;
        let high = mul_div_floor(index, PPM + band, PPM)?;
        Ok(Band { low, high })
    }

    /// What both sides of a fill of a size at a price pay, rounded up.
    ///
    /// # Errors
    /// [`Overflow`] when they do not fit.
    pub fn fees_ceil(&self, size: i128, price: u128) -> Result<Fees, Overflow> {
        let notional = notional_ceil(size, price)?;
        Ok(Fees { taker: fee_ceil(notional, self.taker_fee)?, maker: fee_ceil(notional, self.maker_fee)? })
    }
}

/// Quote that a change of position moves to its side, `-change * price`, rounded down: who buys pays up, who sells
/// receives down, and the unit between them stays with the system.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn flow_floor(change: i128, price: u128) -> Result<i128, Overflow> {
    signed_mul_wad_floor(change.checked_neg().ok_or(Overflow)?, price)
}

/// Quote that a change of position moves to its side, rounded up: for the one whose position is taken over.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn flow_ceil(change: i128, price: u128) -> Result<i128, Overflow> {
    signed_mul_wad_ceil(change.checked_neg().ok_or(Overflow)?, price)
}

/// Notional `|size| * price`, rounded up.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn notional_ceil(size: i128, price: u128) -> Result<u128, Overflow> {
    mul_div_ceil(size.unsigned_abs(), price, plimsoll_fixed::WAD)
}

/// A fee of `rate` ppm on a notional, rounded up.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn fee_ceil(notional: u128, rate: u32) -> Result<u128, Overflow> {
    mul_div_ceil(notional, u128::from(rate), PPM)
}

#[cfg(test)]
mod tests {
    use plimsoll_fixed::WAD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn price_band_known_values() {
        let band = |index, price_band| FillRules { price_band, ..FillRules::default() }.price_band(index);
        assert_eq!(band(10_000 * WAD, 50_000), Ok(Band { low: 9_500 * WAD, high: 10_500 * WAD }));
        assert_eq!(band(3, 500_000), Ok(Band { low: 2, high: 4 }));
        assert_eq!(band(u128::MAX, 1_000_000), Err(Overflow));
    }

    #[test]
    fn band_admits_its_ends_and_nothing_beyond() {
        let band = Band { low: 2, high: 4 };
        assert_eq!([1, 2, 3, 4, 5].map(|price| band.admits(price)), [false, true, true, true, false]);
    }

    #[test]
    fn fees_of_both_sides() {
        // 3 at 10,000: a notional of 30,000, of which 5 and 2 basis points
        let rules = FillRules { taker_fee: 500, maker_fee: 200, ..FillRules::default() };
        let fees = Fees { taker: 15 * WAD, maker: 6 * WAD };
        assert_eq!(rules.fees_ceil(-3 * WAD as i128, 10_000 * WAD), Ok(fees));
        assert_eq!(rules.fees_ceil(1, 1), Ok(Fees { taker: 1, maker: 1 }));
        assert_eq!(rules.fees_ceil(i128::MAX, u128::MAX), Err(Overflow));
    }

    #[test]
    fn fee_rounds_up() {
        assert_eq!(fee_ceil(1, 500), Ok(1));
        assert_eq!(fee_ceil(1_000_000, 500), Ok(500));
        assert_eq!(fee_ceil(0, 500), Ok(0));
    }

    proptest! {
        #[test]
        fn flows_of_two_sides_never_pay_out_more_than_they_take(size: i64, price in 0u128..1 << 90) {
            let (buyer, seller) = (flow_floor(i128::from(size), price).unwrap(), flow_floor(-i128::from(size), price).unwrap());
            prop_assert!((-1..=0).contains(&(buyer + seller)));
        }
    }
}
