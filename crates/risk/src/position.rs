//! A position is a size and a basis: `basis = -size * entry`, so its profit at price `p` is `size * p + basis`.

use plimsoll_fixed::{Overflow, WAD, mul_div_floor, signed_mul_div_floor, signed_mul_wad_floor};

/// What a trade made of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traded {
    /// Size after it.
    pub size: i128,
    /// Basis after it.
    pub basis: i128,
    /// Profit realised into cash; negative for a loss.
    pub cash: i128,
}

/// Applies `change` at `price` to a position.
///
/// `flow` is the quote that the trade itself moves to this side (`-change * price`, rounded by the caller);
/// whatever it is, `cash + new basis = flow + old basis` holds exactly. An increase leaves cash alone; a reduction realises
/// its share of profit and keeps the entry price; a turn realises all and enters anew at `price`.
///
/// # Rounding
/// A reduction rounds the remaining basis down, a turn the new one: the unit goes to cash.
///
/// # Errors
/// [`Overflow`] when a result does not fit.
pub fn trade(size: i128, basis: i128, change: i128, flow: i128, price: u128) -> Result<Traded, Overflow> {
    let after = size.checked_add(change).ok_or(Overflow)?;
    let total = basis.checked_add(flow).ok_or(Overflow)?;
    let increase = size == 0 || (size < 0) == (change < 0);
    let new_basis = if after == 0 {
        0
    } else if increase {
        total
    } else if (after < 0) == (size < 0) {
        signed_mul_div_floor(basis, after.checked_abs().ok_or(Overflow)?, size.unsigned_abs())?
    } else {
        signed_mul_wad_floor(after.checked_neg().ok_or(Overflow)?, price)?
    };
    Ok(Traded { size: after, basis: new_basis, cash: total.checked_sub(new_basis).ok_or(Overflow)? })
}

/// Unrealised profit at a price, rounded down.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn profit_floor(size: i128, basis: i128, price: u128) -> Result<i128, Overflow> {
    signed_mul_wad_floor(size, price)?.checked_add(basis).ok_or(Overflow)
}

/// The same, rounded down; zero where there is no price.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn profit_at_floor(size: i128, basis: i128, price: u128) -> Result<i128, Overflow> {
    if price == 0 { Ok(0) } else { profit_floor(size, basis, price) }
}

/// Entry price, rounded down; `None` when there is no position or no meaningful price: the basis has the sign of the size, or is
/// zero (what rounding can leave of a few units of dust), or the price does not fit. The last is what a pass leaves of a position
/// of which it closed all but a few units of the last place at a loss.
#[must_use]
pub fn entry_floor(size: i128, basis: i128) -> Option<u128> {
    if size == 0 || basis == 0 || (size < 0) == (basis < 0) {
        return None;
    }
    mul_div_floor(basis.unsigned_abs(), WAD, size.unsigned_abs()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const U: i128 = WAD as i128;

    #[test]
    fn trade_increase_keeps_cash_and_averages_the_entry() {
        // 1 @ 100, then 1 more @ 120: 2 @ 110
        let t = trade(U, -100 * U, U, -120 * U, 120 * WAD).unwrap();
        assert_eq!(t, Traded { size: 2 * U, basis: -220 * U, cash: 0 });
        assert_eq!(entry_floor(t.size, t.basis), Some(110 * WAD));
    }

    #[test]
    fn trade_reduction_realises_its_share() {
        // 2 @ 110, sell 1 @ 130: realises 20, keeps 1 @ 110
        let t = trade(2 * U, -220 * U, -U, 130 * U, 130 * WAD).unwrap();
        assert_eq!(t, Traded { size: U, basis: -110 * U, cash: 20 * U });
    }

    #[test]
    fn entry_none_where_it_does_not_fit() {
        // one unit of the last place that carries a loss of 1,000 quote
        assert_eq!(entry_floor(1, -1_000 * U), None);
        assert_eq!(entry_floor(-1, 1_000 * U), None);
        assert_eq!(entry_floor(10, -1_000 * U), Some(100 * WAD * WAD));
    }

    #[test]
    fn trade_turn_realises_all_and_enters_anew() {
        // short 2 @ 50, buy 5 @ 40: realises 20, long 3 @ 40
        let t = trade(-2 * U, 100 * U, 5 * U, -200 * U, 40 * WAD).unwrap();
        assert_eq!(t, Traded { size: 3 * U, basis: -120 * U, cash: 20 * U });
    }

    #[test]
    fn trade_extremes_are_overflow() {
        assert_eq!(trade(i128::MAX, -1, 1, -1, 1), Err(Overflow));
        assert_eq!(trade(i128::MIN, 1, -1, 1, 1), Err(Overflow));
        assert_eq!(trade(1, i128::MIN, 1, -1, 1), Err(Overflow));
        assert_eq!(profit_floor(i128::MAX, 0, u128::MAX), Err(Overflow));
    }

    proptest! {
        #[test]
        fn trade_conserves(size in -1_000_000i128*U..1_000_000*U, price in 1u128..1_000_000*WAD,
                           change in -1_000_000i128*U..1_000_000*U, now in 1u128..1_000_000*WAD) {
            let basis = signed_mul_wad_floor(-size, price).unwrap();
            let flow = signed_mul_wad_floor(-change, now).unwrap();
            let t = trade(size, basis, change, flow, now).unwrap();
            prop_assert_eq!(t.size, size + change);
            prop_assert_eq!(t.cash + t.basis, basis + flow);
            // equity at the trade's own price moves by rounding only
            let (before, after) = (profit_floor(size, basis, now).unwrap(), t.cash + profit_floor(t.size, t.basis, now).unwrap());
            prop_assert!((after - before).abs() <= 2, "{before} {after}");
        }

        #[test]
        fn trade_reduction_keeps_the_entry(size in U/1000..1_000_000i128*U, price in WAD/100..1_000_000*WAD,
                                           share in 1u128..WAD, now in 1u128..1_000_000*WAD) {
            let basis = signed_mul_wad_floor(-size, price).unwrap();
            let change = -signed_mul_wad_floor(size, share).unwrap();
            prop_assume!(size + change > U / 1_000_000);
            let flow = signed_mul_wad_floor(-change, now).unwrap();
            let t = trade(size, basis, change, flow, now).unwrap();
            let (was, is) = (entry_floor(size, basis).unwrap(), entry_floor(t.size, t.basis).unwrap());
            prop_assert!(is.abs_diff(was) <= 1_000_001, "{was} {is}");
        }
    }
}
