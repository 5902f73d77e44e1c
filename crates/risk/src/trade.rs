//! The point of trade: the check that an account must pass after the fills of a call.

use crate::margin::Margin;

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
/// ([`Margin::is_safer_than`]); while the engine is paused the second alone will do.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn verdict(before: &Margin, after: &Margin, paused: bool) -> Result<(), Refusal> {
    if after.equity < 0 {
        return Err(Refusal::Insolvent);
    }
    if after.is_safer_than(before) {
        return Ok(());
    }
    if paused {
        return Err(Refusal::Paused);
    }
    if after.meets_initial() { Ok(()) } else { Err(Refusal::InsufficientMargin) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn margin(equity: i128, initial: u128) -> Margin {
        Margin { equity, initial_equity: equity, initial, maintenance: initial }
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
            assert_eq!(verdict(&before, &after, false), open, "{after:?}");
            assert_eq!(verdict(&before, &after, true), paused, "{after:?} while paused");
        }
        // 60 weighs as 40 toward initial margin
        let weighted = Margin { initial_equity: 40, ..margin(60, 50) };
        assert_eq!(verdict(&margin(0, 0), &weighted, false), Err(Refusal::InsufficientMargin));
        // out of insolvency, with less to require
        assert_eq!(verdict(&margin(-5, 10), &margin(0, 5), true), Ok(()));
    }

    proptest! {
        #[test]
        fn verdict_is_the_rule_of_the_design(equity in -50i128..50, initial in 0u128..50, maintenance in 0u128..50,
                                             had in -50i128..50, was in 0u128..50, kept in 0u128..50, paused: bool) {
            let after = Margin { equity, initial_equity: equity, initial, maintenance };
            let before = Margin { equity: had, initial_equity: had, initial: was, maintenance: kept };
            // Requirement no larger, ratio no worse, one of them better: in rational numbers, by cross products.
            let (e, i, h, w) = (equity, initial as i128, had, was as i128);
            let better = h < 0 || e * w > h * i || (e * w == h * i && i < w);
            let safer = equity >= 0 && initial <= was && maintenance <= kept && better;
            let allowed = equity >= 0 && (safer || (!paused && e >= i));
            prop_assert_eq!(verdict(&before, &after, paused).is_ok(), allowed);
        }
    }
}
