//! The cost of hedging a portfolio out, given the market's depth.

use plimsoll_fixed::{mul_div_ceil, mul_div_floor};

use super::{Compiled, Error, Portfolio};
use crate::WAD;

/// Selling N of quote into a linear book that D of quote move by one percent costs N * (N/D)/2 percent.
const PERCENT: u128 = 100;

/// The cost of hedging out, WAD of quote, rounded up; zero without a depth.
///
/// `deltas` are the units of the underlying that the options stand for at spot and at the basis' two moves; `linear` is
/// the quote that perpetuals and collateral stand for at spot. The largest of the three is what a hedger may have to
/// trade: today's delta, or the delta after a move, which is where gamma comes in.
///
/// # Errors
/// [`Error::Overflow`].
pub(super) fn charge(
    portfolio: &Portfolio,
    deltas: [i128; 3],
    linear: i128,
    compiled: &Compiled,
) -> Result<u128, Error> {
    if portfolio.depth == 0 {
        return Ok(0);
    }
    let [now, up, down] = notionals(portfolio, deltas, linear, compiled)?;
    let most = now.max(up).max(down);
    Ok(cost(most, portfolio.depth)?)
}

/// Absolute notionals to hedge today and after the basis' moves, WAD of quote, rounded up.
///
/// # Errors
/// [`Error::Overflow`].
pub(super) fn notionals(
    portfolio: &Portfolio,
    deltas: [i128; 3],
    linear: i128,
    compiled: &Compiled,
) -> Result<[u128; 3], Error> {
    let mut notionals = [0; 3];
    let moves = [WAD, compiled.basis.up, compiled.basis.down];
    for ((notional, delta), spot) in notionals.iter_mut().zip(deltas).zip(moves) {
        let (size, others) = (delta.unsigned_abs(), linear.unsigned_abs());
        let options = mul_div_ceil(size, portfolio.spot, WAD)?;
        let today = if (delta < 0) == (linear < 0) {
            options.checked_add(others).ok_or(Error::Overflow)?
        } else if options >= others {
            options - others
        } else {
            others - mul_div_floor(size, portfolio.spot, WAD)?
        };
        *notional = mul_div_ceil(today, spot, WAD)?;
    }
    Ok(notionals)
}

/// The cost of trading a notional into a linear book, rounded up.
pub(super) fn cost(notional: u128, depth: u128) -> Result<u128, plimsoll_fixed::Overflow> {
    let percents = mul_div_ceil(notional, WAD, depth)?;
    mul_div_ceil(notional, percents, 2 * PERCENT * WAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_of_one_depth_is_half_a_percent() {
        assert_eq!(cost(2_000_000 * WAD, 2_000_000 * WAD), Ok(10_000 * WAD));
        // twice as much moves it twice as far
        assert_eq!(cost(4_000_000 * WAD, 2_000_000 * WAD), Ok(40_000 * WAD));
        assert_eq!(cost(0, 1), Ok(0));
        assert_eq!(cost(1, u128::MAX), Ok(1));
    }
}
