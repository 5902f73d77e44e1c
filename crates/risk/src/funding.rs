//! Funding: longs pay shorts a rate that the fills of the hour before have set, capped.
//!
//! The index `F` is the cumulative funding per unit of the underlying. A position notes it when it joins its rung, so
//! accruing funding never walks over positions.
//!
//! Time is counted in usable seconds, those in which the market's price was fresh: nobody pays for an outage in which he could
//! not trade. Hours are hours of usable seconds.

use plimsoll_fixed::{Overflow, WAD, mul_div_floor, signed_mul_div_floor};

use crate::ladder::FUNDING_ONE;

/// Seconds over which a rate is quoted.
pub const PERIOD: u64 = 8 * 3600;

/// Seconds whose fills set the rate of the following ones.
pub const HOUR: u64 = 3600;

/// One, in the unit of premiums and rates.
pub const PREMIUM_ONE: i128 = 1_000_000_000;

/// Largest premium that counts, either way: one.
const MAX_PREMIUM: i128 = PREMIUM_ONE;

/// Notional is counted in steps of this, WAD: 10 quote. A fill below it does not move the rate.
pub const NOTIONAL_UNIT: u128 = 10 * WAD;

/// What bounds a market's rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundingRules {
    /// Largest rate per [`PERIOD`], either way, ppm.
    pub cap: u32,
    /// Rate per [`PERIOD`] without any premium, ppm.
    pub interest: i32,
    /// Fills of an hour count as if they were of at least this notional together, quote, WAD.
    pub least_notional: u128,
}

/// A market's funding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funding {
    /// Cumulative funding that a long has paid per unit, quote per unit, scale [`FUNDING_ONE`].
    pub index: i128,
    /// Usable seconds up to which funding has accrued.
    pub usable: u32,
    /// Rate per [`PERIOD`] of the current hour, 1e-9.
    pub rate: i32,
    /// Sum of premium (1e-9) times notional ([`NOTIONAL_UNIT`]) of the current hour's fills.
    pub premiums: i64,
    /// Sum of their notional, in [`NOTIONAL_UNIT`].
    pub notional: u32,
}

impl FundingRules {
    fn clamped(&self, rate: i128) -> i32 {
        let cap = i128::from(self.cap) * (PREMIUM_ONE / 1_000_000);
        // A cap is at most 12 %, 1.2e8 in this unit.
        rate.clamp(-cap, cap).clamp(i32::MIN.into(), i32::MAX.into()) as i32
    }

    /// The rate that follows from an hour's fills: interest and the premium averaged by notional, rounded down.
    #[must_use]
    #[inline(never)]
    pub fn rate_floor(&self, premiums: i64, notional: u32) -> i32 {
        let counted = u128::from(notional).max(self.least_notional / NOTIONAL_UNIT).max(1);
        let premium = i128::from(premiums).div_euclid(i128::try_from(counted).unwrap_or(i128::MAX));
        self.clamped(i128::from(self.interest) * (PREMIUM_ONE / 1_000_000) + premium)
    }
}

/// `price * rate * dt / T`, quote per unit, scale [`FUNDING_ONE`].
fn step_floor(price: u128, rate: i32, dt: u64) -> Result<i128, Overflow> {
    let price = i128::try_from(mul_div_floor(price, FUNDING_ONE, WAD)?).map_err(|_| Overflow)?;
    let whole = PREMIUM_ONE.unsigned_abs() * u128::from(PERIOD);
    signed_mul_div_floor(price, i128::from(rate) * i128::from(dt), whole)
}

impl Funding {
    /// Whether accruing up to `usable` needs the rules: a new hour begins.
    #[must_use]
    pub const fn turns(&self, usable: u32) -> bool {
        self.usable as u64 / HOUR != usable as u64 / HOUR
    }

    /// Accrues up to `usable` at an index price: `F += price * rate * dt / T`.
    ///
    /// The rest of the current hour has its rate. The next hour has the rate that the fills of the current one set; an hour
    /// without fills before it has interest alone. So three steps catch up any gap, and it does not matter who accrues how
    /// often.
    ///
    /// # Rounding
    /// Toward negative infinity, once a step; both sides use the same index, so what one pays the other gets.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    pub fn accrue_floor(&self, usable: u32, price: u128, rules: &FundingRules) -> Result<Self, Overflow> {
        let mut now = *self;
        // The rest of this hour, the next one, and all after it.
        let mut steps = 3;
        while steps > 0 && now.usable < usable {
            now.advance(usable, price, rules)?;
            steps -= 1;
        }
        Ok(now)
    }

    /// Accrues to the end of the hour, or to the end when all following hours have the same rate.
    #[inline(never)]
    fn advance(&mut self, usable: u32, price: u128, rules: &FundingRules) -> Result<(), Overflow> {
        // After an hour without fills all following have the same rate.
        let same = self.premiums == 0 && self.notional == 0 && self.rate == rules.rate_floor(0, 0);
        let turn = if same { u64::MAX } else { (u64::from(self.usable) / HOUR + 1) * HOUR };
        let until = turn.min(usable.into());
        let step = step_floor(price, self.rate, until - u64::from(self.usable))?;
        self.index = self.index.checked_add(step).ok_or(Overflow)?;
        self.usable = u32::try_from(until).map_err(|_| Overflow)?;
        if until == turn {
            self.rate = rules.rate_floor(self.premiums, self.notional);
            (self.premiums, self.notional) = (0, 0);
        }
        Ok(())
    }

    /// Notes a fill of a notional at `fill` while the index price is `price`: its premium, rounded down, weighted by its
    /// notional, rounded down. Call after [`Self::accrue_floor`]. What an hour's sums cannot hold does not count: 4e10 quote.
    ///
    /// # Errors
    /// [`Overflow`] when the index price is zero or a price does not fit.
    pub fn observe_floor(&mut self, fill: u128, price: u128, notional: u128) -> Result<(), Overflow> {
        let units = notional / NOTIONAL_UNIT;
        let difference =
            i128::try_from(fill).and_then(|f| i128::try_from(price).map(|p| f - p)).map_err(|_| Overflow)?;
        let premium = signed_mul_div_floor(difference, PREMIUM_ONE, price)?.clamp(-MAX_PREMIUM, MAX_PREMIUM);
        let Ok(units) = u32::try_from(units) else { return Ok(()) };
        let weighted = i64::try_from(premium).map_err(|_| Overflow)?.checked_mul(units.into());
        let sums = (self.notional.checked_add(units), weighted.and_then(|w| self.premiums.checked_add(w)));
        if let (Some(notional), Some(premiums)) = sums {
            (self.notional, self.premiums) = (notional, premiums);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: FundingRules = FundingRules { cap: 10_000, interest: 100, least_notional: 100_000 * WAD };

    /// A funding index in WAD.
    fn wad(index: i128) -> i128 {
        signed_mul_div_floor(index, WAD as i128, FUNDING_ONE).unwrap()
    }

    #[test]
    fn accrue_at_a_rate_for_one_hour() {
        // 1 % per 8 h of 10,000 for one hour: 12.5 a unit
        let f = Funding { rate: 10_000_000, ..Funding::default() };
        let f = f.accrue_floor(3_600, 10_000 * WAD, &RULES).unwrap();
        assert!((wad(f.index) - 12_500_000_000_000_000_000).abs() <= 1, "{}", wad(f.index));
        // and from then on interest alone: 0.01 % per 8 h of 10,000 is 1 a unit
        let g = f.accrue_floor(3_600 + 28_800, 10_000 * WAD, &RULES).unwrap();
        assert!((wad(g.index - f.index) - WAD as i128).abs() <= 2);
    }

    #[test]
    fn an_hours_rate_is_the_average_premium_of_the_hour_before_by_notional() {
        // 300,000 at +1 % and 100,000 at -1 %: +0.5 %; with interest 0.51 %
        let mut f = Funding::default();
        f.observe_floor(101 * WAD, 100 * WAD, 300_000 * WAD).unwrap();
        f.observe_floor(99 * WAD, 100 * WAD, 100_000 * WAD).unwrap();
        let f = f.accrue_floor(3_600, 100 * WAD, &RULES).unwrap();
        assert_eq!((f.rate, f.notional, f.premiums), (5_100_000, 0, 0));
    }

    #[test]
    fn a_small_fill_moves_next_to_nothing() {
        // 1,000 of notional at +5 % against a least notional of 100,000: 0.05 %, and 9 quote count for nothing
        let mut f = Funding::default();
        f.observe_floor(105 * WAD, 100 * WAD, 1_000 * WAD).unwrap();
        assert_eq!(RULES.rate_floor(f.premiums, f.notional), 100_000 + 500_000);
        let mut f = Funding::default();
        f.observe_floor(105 * WAD, 100 * WAD, 9 * WAD).unwrap();
        assert_eq!(f, Funding::default());
    }

    #[test]
    fn rate_is_capped() {
        let mut f = Funding::default();
        f.observe_floor(105 * WAD, 100 * WAD, 1_000_000 * WAD).unwrap();
        assert_eq!(RULES.rate_floor(f.premiums, f.notional), 10_000_000);
        assert_eq!(RULES.rate_floor(-f.premiums, f.notional), -10_000_000);
    }

    #[test]
    fn observe_refuses_no_price() {
        assert_eq!(Funding::default().observe_floor(1, 0, WAD), Err(Overflow));
    }

    #[test]
    fn a_century_at_the_bounds_fits() {
        // price 1e8, 12 % per 8 h, 100 years
        let rules = FundingRules { cap: 120_000, interest: 120_000, least_notional: 0 };
        let f = Funding { rate: 120_000_000, ..Funding::default() };
        let f = f.accrue_floor(3_155_760_000, 100_000_000 * WAD, &rules).unwrap();
        assert!(f.index > 0);
    }

    proptest! {
        #[test]
        fn accrual_is_additive(start in 0u32..100_000, steps in prop::collection::vec(0u32..30_000, 1..12), rate in -10_000_000i32..10_000_000,
                               premiums in -1_000_000_000_000i64..1_000_000_000_000, notional in 0u32..1_000_000, price in WAD..100_000*WAD) {
            let before = Funding { usable: start, rate, premiums, notional, ..Funding::default() };
            let end = start + steps.iter().sum::<u32>();
            let at_once = before.accrue_floor(end, price, &RULES).unwrap();
            let (mut f, mut at) = (before, start);
            for step in &steps {
                at += step;
                f = f.accrue_floor(at, price, &RULES).unwrap();
            }
            // each step may round the index down by less than one unit more
            prop_assert!((at_once.index - f.index).abs() <= steps.len() as i128 + 3);
            prop_assert_eq!(Funding { index: 0, ..at_once }, Funding { index: 0, ..f });
        }

        #[test]
        fn rate_stays_within_the_cap(premiums: i64, notional: u32, cap in 0u32..120_000, interest in -120_000i32..120_000) {
            let rules = FundingRules { cap, interest, least_notional: 0 };
            prop_assert!(rules.rate_floor(premiums, notional).unsigned_abs() <= cap * 1_000);
        }
    }
}
