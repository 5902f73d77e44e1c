//! Funding: longs pay shorts the average premium of fills over the index, per 8 hours, capped.
//!
//! The index `F` is the cumulative funding per unit of the underlying. A position reads it together with the indices of
//! its rung, so accruing funding never walks over positions.

use plimsoll_fixed::{Overflow, signed_mul_div_floor};

use crate::ladder::price_index_floor;

/// Seconds over which a rate is quoted and a premium averaged.
pub const PERIOD: u64 = 8 * 3600;

/// One, in the unit of premiums and rates.
pub const PREMIUM_ONE: i128 = 1_000_000_000_000;

/// Premiums and rates are at most this in magnitude, so that they fit 64 bits.
const PREMIUM_MAX: i128 = 1_000_000 * PREMIUM_ONE;

/// A market's funding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funding {
    /// Cumulative funding that a long has paid per unit, quote per unit in the scale of [`crate::ladder::ONE`].
    pub index: i128,
    /// Average premium, 1e-12.
    pub premium: i64,
    /// Premium of the last fill, 1e-12.
    pub last: i64,
    /// Up to when funding has accrued, Unix seconds.
    pub time: u64,
}

impl Funding {
    /// Accrues up to `now` at an index price, and the rate per [`PERIOD`] that applied.
    ///
    /// The premium of the last fill held since then; the average follows it as `avg * T/(T+dt) + last * dt/(T+dt)`
    /// with `T` = [`PERIOD`]. The rate is the average clamped to `cap` (ppm), and `F += price * rate * dt / T`.
    ///
    /// # Rounding
    /// Toward negative infinity; both sides use the same index, so what one pays the other gets.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    pub fn accrue_floor(&self, now: u64, price: u128, cap: u32) -> Result<(Self, i64), Overflow> {
        let dt = now.saturating_sub(self.time);
        if dt == 0 {
            return Ok((*self, 0));
        }
        let (dt, period) = (i128::from(dt), i128::from(PERIOD));
        let weighted = i128::from(self.premium) * period + i128::from(self.last) * dt;
        let premium = weighted.div_euclid(period + dt);
        let cap = i128::from(cap) * (PREMIUM_ONE / 1_000_000);
        let rate = premium.clamp(-cap, cap);
        let step = signed_mul_div_floor(
            price_index_floor(price)?,
            rate * dt,
            (PREMIUM_ONE * period).unsigned_abs(),
        )?;
        let accrued = Self {
            index: self.index.checked_add(step).ok_or(Overflow)?,
            premium: i64::try_from(premium).map_err(|_| Overflow)?,
            last: self.last,
            time: now,
        };
        Ok((accrued, i64::try_from(rate).map_err(|_| Overflow)?))
    }

    /// Notes a fill at `fill` while the index price is `price`: the premium, rounded down. Call after
    /// [`Self::accrue_floor`].
    ///
    /// # Errors
    /// [`Overflow`] when the index price is zero or a price does not fit.
    pub fn observe_floor(&mut self, fill: u128, price: u128) -> Result<(), Overflow> {
        let difference =
            i128::try_from(fill).and_then(|f| i128::try_from(price).map(|p| f - p)).map_err(|_| Overflow)?;
        let premium = signed_mul_div_floor(difference, PREMIUM_ONE, price)?.clamp(-PREMIUM_MAX, PREMIUM_MAX);
        self.last = i64::try_from(premium).map_err(|_| Overflow)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_fixed::{WAD, signed_mul_div_floor};
    use proptest::prelude::*;

    use super::*;
    use crate::ladder::ONE;

    fn wad(index: i128) -> i128 {
        signed_mul_div_floor(index, WAD as i128, ONE).unwrap()
    }

    #[test]
    fn accrue_at_the_cap_for_one_period() {
        // premium 5 %, cap 1 % per 8 h, price 10,000: 100 per unit after 8 h
        let five = 50_000_000_000;
        let f = Funding { premium: five, last: five, ..Funding::default() };
        let (f, rate) = f.accrue_floor(PERIOD, 10_000 * WAD, 10_000).unwrap();
        assert_eq!(rate, 10_000_000_000);
        assert!((wad(f.index) - 100 * WAD as i128).abs() <= 1);
        assert_eq!(f.time, PERIOD);
    }

    #[test]
    fn accrue_follows_the_last_premium() {
        // from 0, last fill 2 % over the index, after one period the average is half of it
        let f = Funding { last: 20_000_000_000, ..Funding::default() };
        let (f, _) = f.accrue_floor(PERIOD, WAD, 1_000_000).unwrap();
        assert_eq!(f.premium, 10_000_000_000);
    }

    #[test]
    fn accrue_without_time_changes_nothing() {
        let f = Funding { index: 5, premium: 7, last: 9, time: 100 };
        assert_eq!(f.accrue_floor(100, WAD, 1), Ok((f, 0)));
        assert_eq!(f.accrue_floor(99, WAD, 1), Ok((f, 0)));
    }

    #[test]
    fn observe_known_values() {
        let mut f = Funding::default();
        f.observe_floor(101 * WAD, 100 * WAD).unwrap();
        assert_eq!(f.last, 10_000_000_000);
        f.observe_floor(99 * WAD, 100 * WAD).unwrap();
        assert_eq!(f.last, -10_000_000_000);
        assert_eq!(f.observe_floor(1, 0), Err(Overflow));
        assert_eq!(f.observe_floor(u128::MAX, 1), Err(Overflow));
    }

    proptest! {
        #[test]
        fn rate_stays_within_the_cap(premium: i32, last: i32, dt in 1u64..10_000_000, cap in 0u32..120_000) {
            let f = Funding { premium: i64::from(premium) * 1000, last: i64::from(last) * 1000, ..Funding::default() };
            let (_, rate) = f.accrue_floor(dt, 20_000 * WAD, cap).unwrap();
            prop_assert!(rate.unsigned_abs() <= u64::from(cap) * 1_000_000);
        }
    }
}
