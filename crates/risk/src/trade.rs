//! The point of trade: the check that an account must pass after the fills of a call.

use crate::{margin::Margin, market::TimeRules};

/// Why the point of trade refuses an account. In the order in which it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Equity is negative.
    Insolvent,
    /// The engine is paused, and the account is not strictly safer than before.
    Paused,
    /// The account neither holds its initial margin nor is strictly safer than before.
    InsufficientMargin,
}

/// Whether an account may go from one margin to another: it holds its initial margin, or it became strictly safer
/// ([`Margin::is_safer_than`]) without a position that grew ([`grows`]); while the engine is paused the second alone will do.
///
/// Safer acts are free of the rule that a market's profit carries at most that market's own requirement. If one of them could
/// open a position elsewhere, at the requirement that closing the first sets free, young profit would carry it, and could be
/// given away there out of the reach of its market's estate.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn verdict(before: &Margin, after: &Margin, grew: bool, paused: bool) -> Result<(), Refusal> {
    if after.equity < 0 {
        return Err(Refusal::Insolvent);
    }
    if !grew && after.is_safer_than(before) {
        return Ok(());
    }
    if paused {
        return Err(Refusal::Paused);
    }
    if after.meets_initial() { Ok(()) } else { Err(Refusal::InsufficientMargin) }
}

/// Whether a change of a position from one size to another adds risk: it is larger than it was, or it turned.
#[must_use]
pub const fn grows(from: i128, to: i128) -> bool {
    to.unsigned_abs() > from.unsigned_abs() || (to != 0 && (from < 0) != (to < 0))
}

/// Whether risk may grow at a price of `time`: it is at most `max_trade_age` seconds old. Who trades brings the report along,
/// so nobody opens at an old price with the newer one in his hand.
#[must_use]
pub const fn is_recent(rules: &TimeRules, time: u64, now: u64) -> bool {
    now.saturating_sub(time) <= rules.max_trade_age as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn margin(equity: i128, initial: u128) -> Margin {
        Margin { equity, stress: 0, initial_equity: equity, ripe: equity, initial, maintenance: initial }
    }

    #[test]
    fn verdict_known_cases() {
        let before = margin(50, 100);
        let cases = [
            // holds initial margin
            (margin(100, 100), Ok(()), Ok(())),
            // holds it, at a larger requirement
            (margin(200, 200), Ok(()), Err(Refusal::Paused)),
            // below it, safer: half the requirement, a better ratio
            (margin(40, 50), Ok(()), Ok(())),
            // below it, the same ratio of 1/2 at a smaller requirement is safer
            (margin(25, 50), Ok(()), Ok(())),
            // below it, a smaller requirement at a worse ratio is not
            (margin(24, 50), Err(Refusal::InsufficientMargin), Err(Refusal::Paused)),
            // unchanged is not safer
            (before, Err(Refusal::InsufficientMargin), Err(Refusal::Paused)),
            // insolvent is told first, whatever else holds
            (margin(-1, 0), Err(Refusal::Insolvent), Err(Refusal::Insolvent)),
        ];
        for (after, open, paused) in cases {
            assert_eq!(verdict(&before, &after, false, false), open, "{after:?}");
            assert_eq!(verdict(&before, &after, false, true), paused, "{after:?} while paused");
        }
        // below initial margin no position grows, however much safer the account became
        assert_eq!(verdict(&before, &margin(40, 50), true, false), Err(Refusal::InsufficientMargin));
        assert_eq!(verdict(&before, &margin(50, 50), true, false), Ok(()));
        assert_eq!(verdict(&before, &margin(50, 50), true, true), Err(Refusal::Paused));
        // 60 weighs as 40 toward initial margin
        let weighted = Margin { initial_equity: 40, ..margin(60, 50) };
        assert_eq!(verdict(&margin(0, 0), &weighted, false, false), Err(Refusal::InsufficientMargin));
        // out of insolvency, with less to require
        assert_eq!(verdict(&margin(-5, 10), &margin(0, 5), false, true), Ok(()));
    }

    #[test]
    fn grows_when_larger_or_turned() {
        let cases = [
            (0, 1, true),
            (1, 2, true),
            (2, 1, false),
            (2, 0, false),
            (2, -1, true),
            (-2, 1, true),
            (-1, -2, true),
            (1, 1, false),
        ];
        for (from, to, expected) in cases {
            assert_eq!(grows(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn is_recent_up_to_its_age() {
        let rules = TimeRules { max_trade_age: 5, young_window: 900 };
        assert!(is_recent(&rules, 100, 105) && !is_recent(&rules, 100, 106) && is_recent(&rules, 100, 99));
    }

    proptest! {
        #[test]
        fn verdict_is_the_rule_of_the_design(equity in -50i128..50, initial in 0u128..50, maintenance in 0u128..50,
                                             had in -50i128..50, was in 0u128..50, kept in 0u128..50, grew: bool, paused: bool) {
            let after = Margin { equity, initial_equity: equity, initial, maintenance, ..Margin::default() };
            let before = Margin { equity: had, initial_equity: had, initial: was, maintenance: kept, ..Margin::default() };
            // Requirement no larger, ratio no worse, one of them better: in rational numbers, by cross products.
            let (e, i, h, w) = (equity, initial as i128, had, was as i128);
            let better = h < 0 || e * w > h * i || (e * w == h * i && i < w);
            let safer = equity >= 0 && initial <= was && maintenance <= kept && better;
            let allowed = equity >= 0 && ((safer && !grew) || (!paused && e >= i));
            prop_assert_eq!(verdict(&before, &after, grew, paused).is_ok(), allowed);
        }
    }
}
