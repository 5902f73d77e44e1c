//! The margin of a portfolio, added up from its options' values in every scenario.

use alloc::{vec, vec::Vec};

use plimsoll_fixed::{Overflow, mul_div_ceil, signed_mul_wad_floor};

use super::{
    Compiled, Error, MAX_SHOCKS, Move, Portfolio, Tail, hedging,
    priced::{Priced, price},
    shortfall::shortfall_floor,
    sums::{difference, sum},
};
use crate::WAD;

/// The worst case is the basis contingency.
pub const BASIS: u16 = u16::MAX;
/// The worst case is the expected shortfall.
pub const SHORTFALL: u16 = u16::MAX - 1;

/// Margin of a portfolio, WAD of quote. Balances below zero are short of margin.
///
/// Values of options are within the error that [`assess`] names, either way; what is made of them is rounded as said here.
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
    /// Mean profit of the shortfall's tail, rounded down; zero without one.
    pub shortfall: i128,
    /// What maintenance charges beside the worst case, rounded up.
    pub maintenance_contingency: u128,
    /// What initial margin charges beyond that, rounded up.
    pub initial_contingency: u128,
}

/// A margin with the profits that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The margin.
    pub assessment: Assessment,
    /// Profit in each scenario, in the order of the parameters, rounded down.
    pub profits: Vec<i128>,
    /// Profit in each move of the tail, in their order, rounded down.
    pub tail: Vec<i128>,
    /// What the worst case was multiplied by for initial margin, WAD.
    pub initial_factor: u128,
}

/// The margin of a portfolio. Sorts its legs.
///
/// The model is PMRM_2 of `docs/portfolio-margin.md`, which has the error step by step: together below 1e-14 of the notional
/// as a scenario moves it, and 1e-18 of quote times e^(rate * years) where short options have a rate.
///
/// # Errors
/// What [`Portfolio::check`] says, [`Error::BadSlice`] for a variance below zero, [`Error::BadMoves`],
/// [`Error::EmptyTail`], [`Error::Overflow`].
pub fn assess(
    portfolio: &mut Portfolio,
    compiled: &Compiled,
    tail: Option<&Tail>,
) -> Result<Assessment, Error> {
    assess_detail(portfolio, compiled, tail).map(|detail| detail.assessment)
}

/// The margin of a portfolio, and its profit in each scenario and move.
///
/// # Errors
/// As [`assess`].
pub fn assess_detail(
    portfolio: &mut Portfolio,
    compiled: &Compiled,
    tail: Option<&Tail>,
) -> Result<Detail, Error> {
    let moves = tail.map_or(&[][..], |tail| &tail.moves);
    let priced = price(portfolio, compiled, moves)?;
    margin(portfolio, &priced, compiled, tail)
}

/// The margin of a portfolio from the values that [`price`] returned for it. The legs are not read again.
///
/// # Errors
/// [`Error::BadMoves`], [`Error::EmptyTail`], [`Error::Overflow`]; the latter too when it was priced under other
/// parameters or with other moves.
pub fn margin(
    portfolio: &Portfolio,
    priced: &[Priced],
    compiled: &Compiled,
    tail: Option<&Tail>,
) -> Result<Detail, Error> {
    let moves = tail.map_or(0, |tail| tail.moves.len());
    if moves > MAX_SHOCKS {
        return Err(Error::BadMoves);
    }
    let mut book = Tally::new(portfolio, compiled, moves)?;
    for of in priced {
        book.add(portfolio, of, compiled)?;
    }
    book.close(portfolio, compiled, tail)
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
    tail: Vec<i128>,
    /// Units of the underlying that the options stand for: today, and after the basis' moves up and down.
    deltas: [i128; 3],
}

impl Tally {
    fn new(portfolio: &Portfolio, compiled: &Compiled, moves: usize) -> Result<Self, Error> {
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
            linear: portfolio.linear_floor()?,
            profits: vec![0; compiled.outcomes.len()],
            tail: vec![0; moves],
            deltas: [0; 3],
        };
        tally.doubt(confidence, notional, compiled)?;
        for asset in &portfolio.collaterals {
            let value = asset.value_floor(portfolio.stable_price)?;
            let signed = i128::try_from(value).map_err(|_| Error::Overflow)?;
            tally.mark_to_market = sum(&[tally.mark_to_market, signed])?;
            add(&mut tally.maintenance, mul_div_ceil(value, asset.maintenance_haircut, WAD)?)?;
            add(&mut tally.initial, mul_div_ceil(value, asset.initial_haircut, WAD)?)?;
            tally.doubt(asset.confidence.min(portfolio.spot_confidence), value, compiled)?;
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
    fn add(&mut self, portfolio: &Portfolio, of: &Priced, compiled: &Compiled) -> Result<(), Error> {
        let Priced { values, tail, .. } = of;
        let (Some(slice), true) = (
            portfolio.slices.get(of.slice),
            values.len() == compiled.slots.len() && tail.len() == self.tail.len(),
        ) else {
            return Err(Error::Overflow);
        };
        let value_at = |slot: usize| values.get(slot).copied().ok_or(Error::Overflow);
        let now = value_at(0)?;
        self.mark_to_market = sum(&[self.mark_to_market, now])?;
        let mut worse = 0;
        for slot in compiled.basis_slots {
            worse = difference(value_at(slot)?, now)?.min(worse);
        }
        let share = compiled.basis.add + mul_div_ceil(compiled.basis.mult, of.years, WAD)?;
        self.basis = sum(&[self.basis, signed_mul_wad_floor(worse, share)?])?;

        let charges = &compiled.contingency;
        let naked = mul_div_ceil(of.naked, portfolio.spot, WAD)?;
        add(&mut self.maintenance, mul_div_ceil(naked, charges.option_maintenance, WAD)?)?;
        add(&mut self.initial, mul_div_ceil(naked, charges.option_initial, WAD)?)?;
        let confidence = self
            .confidence
            .min(slice.forward_confidence)
            .min(slice.rate_confidence)
            .min(slice.vol_confidence);
        self.doubt(confidence, mul_div_ceil(of.gross, portfolio.spot, WAD)?, compiled)?;

        let [long, short] = of.discounts;
        for (outcome, profit) in compiled.outcomes.iter().zip(&mut self.profits) {
            let value = value_at(outcome.slot)?;
            let discounted = (if value < 0 { short } else { long }).of_floor(value)?;
            let change = outcome.damp.of_floor(difference(discounted, now)?)?;
            // A skew scenario counts as a loss, whichever way the smile tilts.
            let change =
                if outcome.skew { change.checked_abs().map_or(change, |size| -size) } else { change };
            *profit = sum(&[*profit, change])?;
        }
        // The shortfall's moves are neither damped nor discounted.
        for (value, profit) in tail.iter().zip(&mut self.tail) {
            *profit = sum(&[*profit, difference(*value, now)?])?;
        }
        for (delta, more) in self.deltas.iter_mut().zip(of.deltas) {
            *delta = sum(&[*delta, more])?;
        }
        Ok(())
    }

    /// Adds what moves in proportion to spot to the profits of the tail.
    fn add_linear(&mut self, moves: &[Move]) -> Result<(), Error> {
        if self.linear == 0 {
            return Ok(());
        }
        for (shock, profit) in moves.iter().zip(&mut self.tail) {
            *profit = sum(&[*profit, shock.multiplier().of_floor(self.linear)?, -self.linear])?;
        }
        Ok(())
    }

    fn close(
        mut self,
        portfolio: &Portfolio,
        compiled: &Compiled,
        tail: Option<&Tail>,
    ) -> Result<Detail, Error> {
        let (mut worst, mut worst_scenario) = (self.basis, BASIS);
        for (index, (outcome, profit)) in compiled.outcomes.iter().zip(&mut self.profits).enumerate() {
            let moved = if outcome.falls { -self.linear } else { self.linear };
            *profit = sum(&[*profit, outcome.distance.of_floor(moved)?])?;
            if *profit < worst {
                (worst, worst_scenario) = (*profit, index as u16);
            }
        }
        let mut mean = 0;
        if let Some(tail) = tail {
            self.add_linear(&tail.moves)?;
            mean = shortfall_floor(&self.tail, tail.share)?;
            if tail.binding && mean < worst {
                (worst, worst_scenario) = (mean, SHORTFALL);
            }
        }
        add(&mut self.maintenance, hedging::charge(portfolio, self.deltas, self.linear, compiled)?)?;
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
            shortfall: mean,
            maintenance_contingency: self.maintenance,
            initial_contingency: self.initial,
        };
        Ok(Detail { assessment, profits: self.profits, tail: self.tail, initial_factor: factor })
    }
}

fn add(total: &mut u128, more: u128) -> Result<(), Overflow> {
    *total = total.checked_add(more).ok_or(Overflow)?;
    Ok(())
}
