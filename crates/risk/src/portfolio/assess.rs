//! The margin of a portfolio.

use alloc::{vec, vec::Vec};

use plimsoll_fixed::{Overflow, mul_div_ceil, mul_div_floor, signed_mul_wad_floor};

use super::{
    Compiled, Error, Leg, Portfolio,
    grid::{Revalued, revalue},
};
use crate::{WAD, ids};

/// The worst case is the basis contingency.
pub const BASIS: u16 = u16::MAX;
/// The worst case is the expected shortfall.
pub const SHORTFALL: u16 = u16::MAX - 1;

/// Margin of a portfolio, WAD of quote. Balances below zero are short of margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Initial margin balance, rounded down.
    pub initial: i128,
    /// Maintenance margin balance, rounded down.
    pub maintenance: i128,
    /// Value of everything, cash included, rounded down.
    pub mark_to_market: i128,
    /// Profit in the worst case, rounded down; not positive.
    pub worst: i128,
    /// Which: an index of scenario, [`BASIS`] or [`SHORTFALL`].
    pub worst_scenario: u16,
    /// Profit in the basis contingency, rounded down; not positive.
    pub basis: i128,
    /// Mean profit of the shortfall's tail; zero without one.
    pub shortfall: i128,
    /// What maintenance charges beside the worst case, rounded up.
    pub maintenance_contingency: u128,
    /// What initial margin charges beyond that, rounded up.
    pub initial_contingency: u128,
}

/// The margin of a portfolio. Sorts its legs.
///
/// The model is PMRM_2 of `docs/portfolio-margin.md`. Error: below 1e-14 of the notional in every scenario.
///
/// # Errors
/// What [`Portfolio::check`] says, [`Error::BadSlice`] for a variance below zero, [`Error::Overflow`].
pub fn assess(portfolio: &mut Portfolio, compiled: &Compiled) -> Result<Assessment, Error> {
    assess_scenarios(portfolio, compiled).map(|(assessment, _)| assessment)
}

/// The margin of a portfolio, and its profit in each scenario in the order of the parameters.
///
/// # Errors
/// As [`assess`].
pub fn assess_scenarios(
    portfolio: &mut Portfolio,
    compiled: &Compiled,
) -> Result<(Assessment, Vec<i128>), Error> {
    portfolio.check()?;
    let mut book = Tally::new(portfolio, compiled)?;
    for (slice, legs) in expiries(portfolio) {
        book.add(portfolio, &revalue(slice, legs, portfolio.time, compiled)?, slice, compiled)?;
    }
    book.close(portfolio, compiled)
}

/// The slices that have legs, each with its own. Takes sorted legs of known expiries.
pub(super) fn expiries(portfolio: &Portfolio) -> impl Iterator<Item = (&super::Slice, &[Leg])> {
    let mut rest = &portfolio.legs[..];
    portfolio.slices.iter().filter_map(move |slice| {
        let of = |leg: &Leg| ids::option_of(leg.instrument).map(|option| option.expiry);
        let count = rest.iter().take_while(|leg| of(leg) == Some(slice.expiry)).count();
        let (own, others) = rest.split_at(count);
        rest = others;
        (count > 0).then_some((slice, own))
    })
}

/// Margin as it adds up.
struct Tally {
    /// Confidence in spot, and in the perpetual where one is held.
    confidence: u128,
    mark_to_market: i128,
    basis: i128,
    maintenance: u128,
    initial: u128,
    /// Value that moves in proportion to spot: collateral and perpetuals.
    linear: i128,
    profits: Vec<i128>,
}

impl Tally {
    fn new(portfolio: &Portfolio, compiled: &Compiled) -> Result<Self, Error> {
        let charges = &compiled.contingency;
        let confidence = if portfolio.perps == 0 {
            portfolio.spot_confidence
        } else {
            portfolio.spot_confidence.min(portfolio.perp_confidence)
        };
        let notional = mul_div_ceil(portfolio.perps.unsigned_abs(), portfolio.spot, WAD)?;
        let mut tally = Self {
            confidence,
            mark_to_market: sum(&[portfolio.perp_pnl, portfolio.perp_funding, portfolio.cash])?,
            basis: 0,
            maintenance: mul_div_ceil(notional, charges.perp_maintenance, WAD)?,
            initial: mul_div_ceil(notional, charges.perp_initial, WAD)?,
            linear: signed_mul_wad_floor(portfolio.perps, portfolio.perp_price)?,
            profits: vec![0; compiled.outcomes.len()],
        };
        tally.doubt(confidence, notional, compiled)?;
        for asset in &portfolio.collaterals {
            let dollars = mul_div_floor(asset.amount, asset.price, WAD)?;
            let value = mul_div_floor(dollars, WAD, portfolio.stable_price)?;
            let signed = i128::try_from(value).map_err(|_| Error::Overflow)?;
            tally.mark_to_market = sum(&[tally.mark_to_market, signed])?;
            add(&mut tally.maintenance, mul_div_ceil(value, asset.maintenance_haircut, WAD)?)?;
            add(&mut tally.initial, mul_div_ceil(value, asset.initial_haircut, WAD)?)?;
            tally.doubt(asset.confidence.min(portfolio.spot_confidence), value, compiled)?;
            if asset.risk_cancelling {
                tally.linear = sum(&[tally.linear, signed])?;
            }
        }
        Ok(tally)
    }

    /// Charges a notional whose price is in doubt.
    fn doubt(&mut self, confidence: u128, notional: u128, compiled: &Compiled) -> Result<(), Error> {
        let charges = &compiled.contingency;
        if confidence < charges.confidence_threshold {
            let share = mul_div_ceil(WAD - confidence, charges.confidence_margin, WAD)?;
            add(&mut self.initial, mul_div_ceil(notional, share, WAD)?)?;
        }
        Ok(())
    }

    /// Adds an expiry.
    fn add(
        &mut self,
        portfolio: &Portfolio,
        of: &Revalued,
        slice: &super::Slice,
        compiled: &Compiled,
    ) -> Result<(), Error> {
        let Revalued { expiry, strikes, values } = of;
        let now = values[0];
        self.mark_to_market = sum(&[self.mark_to_market, now])?;
        let mut worse = 0;
        for slot in compiled.basis_slots {
            worse = sum(&[values[slot], -now])?.min(worse);
        }
        let share = compiled.basis.add + mul_div_ceil(compiled.basis.mult, expiry.years, WAD)?;
        self.basis = sum(&[self.basis, signed_mul_wad_floor(worse, share)?])?;

        let charges = &compiled.contingency;
        let naked = mul_div_ceil(strikes.naked, portfolio.spot, WAD)?;
        add(&mut self.maintenance, mul_div_ceil(naked, charges.option_maintenance, WAD)?)?;
        add(&mut self.initial, mul_div_ceil(naked, charges.option_initial, WAD)?)?;
        let confidence = self
            .confidence
            .min(slice.forward_confidence)
            .min(slice.rate_confidence)
            .min(slice.vol_confidence);
        self.doubt(confidence, mul_div_ceil(strikes.gross, portfolio.spot, WAD)?, compiled)?;

        let [long, short] = expiry.static_discounts(compiled)?;
        for (outcome, profit) in compiled.outcomes.iter().zip(&mut self.profits) {
            let value = values[outcome.slot];
            let discounted = (if value < 0 { short } else { long }).of_floor(value)?;
            let change = outcome.damp.of_floor(sum(&[discounted, -now])?)?;
            // A smile that tilts is a loss whichever way it does.
            let change = if outcome.skew { -change.abs() } else { change };
            *profit = sum(&[*profit, change])?;
        }
        Ok(())
    }

    fn close(mut self, portfolio: &Portfolio, compiled: &Compiled) -> Result<(Assessment, Vec<i128>), Error> {
        let (mut worst, mut worst_scenario) = (self.basis, BASIS);
        for (index, (outcome, profit)) in compiled.outcomes.iter().zip(&mut self.profits).enumerate() {
            let moved = if outcome.falls { -self.linear } else { self.linear };
            *profit = sum(&[*profit, outcome.distance.of_floor(moved)?])?;
            if *profit < worst {
                (worst, worst_scenario) = (*profit, index as u16);
            }
        }
        let (factors, charges) = (&compiled.margin, &compiled.contingency);
        let off_peg = charges.peg_threshold.saturating_sub(portfolio.stable_price);
        let factor = factors.initial + mul_div_ceil(off_peg, charges.peg_factor, WAD)?;
        let maintenance_contingency = i128::try_from(self.maintenance).map_err(|_| Error::Overflow)?;
        let initial_contingency = i128::try_from(self.initial).map_err(|_| Error::Overflow)?;
        let assessment = Assessment {
            initial: sum(&[
                signed_mul_wad_floor(worst, factor)?,
                -maintenance_contingency,
                -initial_contingency,
                self.mark_to_market,
            ])?,
            maintenance: sum(&[
                signed_mul_wad_floor(worst, factors.maintenance)?,
                -maintenance_contingency,
                self.mark_to_market,
            ])?,
            mark_to_market: self.mark_to_market,
            worst,
            worst_scenario,
            basis: self.basis,
            shortfall: 0,
            maintenance_contingency: self.maintenance,
            initial_contingency: self.initial,
        };
        Ok((assessment, self.profits))
    }
}

fn add(total: &mut u128, more: u128) -> Result<(), Overflow> {
    *total = total.checked_add(more).ok_or(Overflow)?;
    Ok(())
}

fn sum(numbers: &[i128]) -> Result<i128, Overflow> {
    numbers.iter().try_fold(0i128, |total, number| total.checked_add(*number)).ok_or(Overflow)
}
