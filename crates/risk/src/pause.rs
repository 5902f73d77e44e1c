//! The guardian's pause. It stops withdrawals and fills that add risk, and ends by itself.

use crate::limits::LONGEST_PAUSE;

/// The end of a pause as it counts at `now`, Unix seconds: `until`, or zero when that has passed.
#[must_use]
pub const fn in_force(until: u64, now: u64) -> u64 {
    if until > now { until } else { 0 }
}

/// The end of the pause after a call at `now` asked for `until`, Unix seconds. A guardian may only tighten: asking for an
/// earlier end than that of the pause in force changes nothing.
///
/// # Errors
/// The latest time that may be asked for, [`LONGEST_PAUSE`] from now, when `until` lies beyond it.
pub const fn extended(in_force: u64, until: u64, now: u64) -> Result<u64, u64> {
    let most = now.saturating_add(LONGEST_PAUSE);
    if until > most {
        Err(most)
    } else if until > in_force {
        Ok(until)
    } else {
        Ok(in_force)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_force_until_its_end() {
        assert_eq!(in_force(100, 99), 100);
        assert_eq!(in_force(100, 100), 0);
        assert_eq!(in_force(0, 0), 0);
    }

    #[test]
    fn extended_only_tightens_and_is_bounded() {
        // a week is 604,800 s
        assert_eq!(extended(0, 604_900, 100), Ok(604_900));
        assert_eq!(extended(0, 604_901, 100), Err(604_900));
        assert_eq!(extended(500, 300, 100), Ok(500));
        assert_eq!(extended(500, 600, 100), Ok(600));
        assert_eq!(extended(0, u64::MAX, u64::MAX - 1), Ok(u64::MAX));
    }
}
