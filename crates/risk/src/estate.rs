//! When an estate forces a pass, and when a pass may run.

use plimsoll_fixed::{Overflow, PPM, WAD, mul_div_floor};

/// Seconds between two passes of a market, unless its estate is sizeable: dust waits for company.
pub const PASS_INTERVAL: u64 = 60;

/// An estate is sizeable when it lacks at least this much of the open interest's notional, ppm. Where the average profit is
/// 5 % of the notional that is 1e-4 of all profits.
pub const SIZEABLE: u128 = 5;

/// Whether what an estate lacks is sizeable: it forces a pass at once, and the clock of young profit stands while it waits.
///
/// # Errors
/// [`Overflow`] when a product does not fit.
pub fn is_sizeable(worth: i128, open_interest: u128, mark: u128) -> Result<bool, Overflow> {
    let notional = mul_div_floor(open_interest, mark, WAD)?;
    Ok(worth < 0 && worth.unsigned_abs() >= mul_div_floor(notional, SIZEABLE, PPM)?.max(1))
}

/// Why a pass may not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No estate waits.
    NoEstate,
    /// The price is not newer than the last fill: who calls brings the next report along.
    PriceNotNewer,
    /// The last pass was less than a minute ago, and the estate is not sizeable.
    TooSoon,
}

/// Whether a pass may run.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub const fn admit_pass(
    waits: bool,
    sizeable: bool,
    price_time: u64,
    last_fill: u64,
    last_pass: u64,
    now: u64,
) -> Result<(), Refusal> {
    if !waits {
        Err(Refusal::NoEstate)
    } else if price_time <= last_fill {
        Err(Refusal::PriceNotNewer)
    } else if !sizeable && now < last_pass.saturating_add(PASS_INTERVAL) {
        Err(Refusal::TooSoon)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sizeable_from_five_millionths_of_the_open_interest() {
        // 1,000 units at 100: 100,000, of which 0.5
        let unit = WAD as i128;
        assert_eq!(is_sizeable(-unit / 2, 1_000 * WAD, 100 * WAD), Ok(true));
        assert_eq!(is_sizeable(-unit / 2 + 1, 1_000 * WAD, 100 * WAD), Ok(false));
        assert_eq!(is_sizeable(unit, 1_000 * WAD, 100 * WAD), Ok(false));
        assert_eq!(is_sizeable(0, 0, 100 * WAD), Ok(false));
    }

    #[test]
    fn admit_pass_known_cases() {
        assert_eq!(admit_pass(false, false, 10, 5, 0, 100), Err(Refusal::NoEstate));
        assert_eq!(admit_pass(true, true, 10, 10, 0, 100), Err(Refusal::PriceNotNewer));
        assert_eq!(admit_pass(true, false, 100, 10, 50, 109), Err(Refusal::TooSoon));
        assert_eq!(admit_pass(true, true, 100, 10, 50, 109), Ok(()));
        assert_eq!(admit_pass(true, false, 100, 10, 50, 110), Ok(()));
    }
}
