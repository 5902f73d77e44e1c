//! The rules of a single fill: its price band, the quote that it moves, its fees.

use plimsoll_fixed::{Overflow, PPM, mul_div_ceil, mul_div_floor, signed_mul_wad_ceil, signed_mul_wad_floor};

/// The lowest and the highest price a fill may have at an index price, `index * (1 -+ band)`; rounded inward.
///
/// # Errors
/// [`Overflow`] when the upper end does not fit.
pub fn price_band(index: u128, band: u32) -> Result<(u128, u128), Overflow> {
    let low = mul_div_ceil(index, PPM.saturating_sub(u128::from(band)), PPM)?;
    let high = mul_div_floor(index, PPM + u128::from(band), PPM)?;
    Ok((low, high))
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
        assert_eq!(price_band(10_000 * WAD, 50_000), Ok((9_500 * WAD, 10_500 * WAD)));
        assert_eq!(price_band(3, 500_000), Ok((2, 4)));
        assert_eq!(price_band(u128::MAX, 1_000_000), Err(Overflow));
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
