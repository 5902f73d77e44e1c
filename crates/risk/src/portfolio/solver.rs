//! Where a portfolio breaks: the worst move of spot and volatility, and the prices at which it is liquidated.

use alloc::vec::Vec;

use plimsoll_fixed::{exp_wad, ln_wad, mul_div_floor, signed_mul_wad_floor};

use super::{
    Compiled, Error, Move, Portfolio, Tail, assess, expiry::multiplier_of, priced::price_checked,
    shocks::Shocks,
};
use crate::WAD;

/// A unit of a move, WAD.
const UNIT: i128 = 10_000_000_000;
/// Points that a range of spot is divided in, each time that it is looked at closer.
const POINTS: i32 = 48;
/// Largest move of spot that is looked at, either way: a factor of 16.
const REACH: i32 = 277_000_000;

/// The worst move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstMove {
    /// The move.
    pub shock: Move,
    /// Profit in it, WAD of quote, rounded down.
    pub profit: i128,
}

/// The move of spot between `low` and `high` (1e-8 of a logarithm), with volatility moved by one of `vols`, in which the
/// portfolio loses most.
///
/// Looks at 49 prices in the range with each volatility, then closer around the worst, until neighbours are 1e-8 apart.
/// A loss that is confined between two prices of the first look can be missed; of a portfolio whose value bends no more
/// often than that it is the worst.
///
/// # Errors
/// [`Error::BadMoves`] for an empty range, a move beyond a factor of 16, no volatility or more than eight;
/// and as [`assess`].
pub fn worst_move(portfolio: &mut Portfolio, low: i32, high: i32, vols: &[i32]) -> Result<WorstMove, Error> {
    let small = |unit: &i32| unit.unsigned_abs() <= REACH as u32;
    if low > high
        || !small(&low)
        || !small(&high)
        || vols.is_empty()
        || vols.len() > 8
        || !vols.iter().all(small)
    {
        return Err(Error::BadMoves);
    }
    portfolio.check()?;
    let mut found: Option<WorstMove> = None;
    let (mut from, mut to) = (low, high);
    let mut vols = Vec::from(vols);
    loop {
        let step = (to - from).div_euclid(POINTS) + 1;
        let spots = || (0..=POINTS).map(|point| from.saturating_add(step * point).min(to));
        let moves: Vec<Move> =
            vols.iter().flat_map(|vol| spots().map(|spot| Move { spot, vol: *vol })).collect();
        for (shock, profit) in moves.iter().zip(profits_of(portfolio, &moves)?) {
            if found.is_none_or(|best| profit < best.profit) {
                found = Some(WorstMove { shock: *shock, profit });
            }
        }
        let best = found.ok_or(Error::BadMoves)?;
        if step == 1 {
            return Ok(best);
        }
        // The worst lies within a step of what was found, at the same volatility.
        (from, to) =
            (best.shock.spot.saturating_sub(step).max(low), best.shock.spot.saturating_add(step).min(high));
        vols = alloc::vec![best.shock.vol];
    }
}

/// The profit of a checked portfolio in each move, undamped and undiscounted, rounded down.
fn profits_of(portfolio: &Portfolio, moves: &[Move]) -> Result<Vec<i128>, Error> {
    let linear = portfolio.linear()?;
    let mut profits = Vec::with_capacity(moves.len());
    for shock in moves {
        let moved = if linear == 0 { 0 } else { shock.multiplier().of_floor(linear)? };
        profits.push(moved.checked_sub(linear).ok_or(Error::Overflow)?);
    }
    for of in &price_checked(portfolio, &Compiled::bare(), &Shocks::new(moves))? {
        let now = of.values.first().copied().unwrap_or(0);
        for (profit, value) in profits.iter_mut().zip(&of.tail) {
            let change = value.checked_sub(now).ok_or(Error::Overflow)?;
            *profit = profit.checked_add(change).ok_or(Error::Overflow)?;
        }
    }
    Ok(profits)
}

/// The portfolio after spot, forwards and the perpetual have moved by a factor (WAD), volatility at each strike the same.
///
/// # Errors
/// [`Error::Overflow`].
pub fn moved(portfolio: &Portfolio, factor: u128) -> Result<Portfolio, Error> {
    let mut after = portfolio.clone();
    let times = |price: u128| mul_div_floor(price, factor, WAD);
    after.spot = times(portfolio.spot)?;
    after.perp_price = times(portfolio.perp_price)?;
    let change = after.perp_price as i128 - portfolio.perp_price as i128;
    let profit = if change < 0 {
        signed_mul_wad_floor(portfolio.perps.checked_neg().ok_or(Error::Overflow)?, change.unsigned_abs())?
    } else {
        signed_mul_wad_floor(portfolio.perps, change as u128)?
    };
    after.perp_pnl = portfolio.perp_pnl.checked_add(profit).ok_or(Error::Overflow)?;
    for slice in &mut after.slices {
        let seconds = u64::from(slice.expiry).saturating_sub(portfolio.time);
        slice.forward = mul_div_floor(slice.forward, multiplier_of(seconds, factor), WAD)?;
    }
    for asset in after.collaterals.iter_mut().filter(|asset| asset.risk_cancelling) {
        asset.price = times(asset.price)?;
    }
    Ok(after)
}

/// Prices at which an account may be liquidated, WAD; none where it may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidationPrices {
    /// The highest price at or below spot.
    pub below: Option<u128>,
    /// The lowest price at or above spot.
    pub above: Option<u128>,
}

/// The nearest prices on either side of spot at which the maintenance balance is below zero, to 1e-8 of the price;
/// both are spot where it is already.
///
/// Looks outward in steps of `step` (1e-8 of a logarithm) up to a factor of 16 and then halves the step that crossed
/// zero; a dip within one step can be missed.
///
/// # Errors
/// [`Error::BadMoves`] for a step of less than 0.5 % or more than 0.5; and as [`assess`].
pub fn liquidation_prices(
    portfolio: &Portfolio,
    compiled: &Compiled,
    tail: Option<&Tail>,
    step: u32,
) -> Result<LiquidationPrices, Error> {
    liquidation_prices_by(portfolio, step, |moved| Ok(assess(moved, compiled, tail)?.maintenance))
}

/// The same with a maintenance balance that the caller works out.
///
/// # Errors
/// [`Error::BadMoves`] for the step; [`Error::Overflow`]; those of the caller.
pub fn liquidation_prices_by<E: From<Error>>(
    portfolio: &Portfolio,
    step: u32,
    mut maintenance: impl FnMut(&mut Portfolio) -> Result<i128, E>,
) -> Result<LiquidationPrices, E> {
    if !(500_000..=50_000_000).contains(&step) {
        return Err(Error::BadMoves.into());
    }
    let factor = |unit: i32| exp_wad(i128::from(unit) * UNIT).map_err(Error::from);
    let mut found = [None; 2];
    for (direction, price) in [-1, 1].into_iter().zip(&mut found) {
        // Outward to the first step that is short, then between that and the last that was not.
        let (mut fine, mut bad) = (-1, None);
        loop {
            let next = match bad {
                None if fine < 0 => 0,
                None => fine + step as i32,
                Some(bad) if bad - fine > 1 => fine + (bad - fine) / 2,
                Some(_) => break,
            };
            if next > REACH {
                break;
            }
            let mut after = moved(portfolio, factor(direction * next)?)?;
            if maintenance(&mut after)? < 0 {
                bad = Some(next);
            } else {
                fine = next;
            }
        }
        if let Some(bad) = bad {
            let factor = factor(direction * bad)?;
            *price = Some(mul_div_floor(portfolio.spot, factor, WAD).map_err(Error::from)?);
        }
    }
    let [below, above] = found;
    Ok(LiquidationPrices { below, above })
}

/// How far a price is, in standard deviations of the logarithm over a horizon: WAD, rounded down.
///
/// # Errors
/// [`Error::Overflow`] for a price of zero or a volatility or horizon of zero.
pub fn distance(spot: u128, price: u128, volatility: u128, horizon: u32) -> Result<u128, Error> {
    let log = ln_wad(price)?.checked_sub(ln_wad(spot)?).ok_or(Error::Overflow)?.unsigned_abs();
    // years to 1e-36, so that their root is a WAD
    let years = mul_div_floor(u128::from(horizon) * WAD, WAD, super::YEAR.into())?;
    let deviation = mul_div_floor(volatility, plimsoll_fixed::isqrt_floor(years), WAD)?;
    Ok(mul_div_floor(log, WAD, deviation)?)
}

/// A score of being liquidated within the horizon, WAD of one, rounded to nearest: the chance that a walk with the
/// tails of a Student-t of three degrees of freedom touches either price, by the reflection principle. That principle
/// holds for continuous walks, so take it as a score.
///
/// # Errors
/// As [`distance`].
pub fn liquidation_probability(
    spot: u128,
    prices: LiquidationPrices,
    volatility: u128,
    horizon: u32,
) -> Result<u128, Error> {
    /// sqrt(3): the variance of that Student-t is three.
    const ROOT_3: u128 = 1_732_050_807_568_877_293;
    let mut sum = 0;
    for price in [prices.below, prices.above].into_iter().flatten() {
        let deviations = distance(spot, price, volatility, horizon)?;
        let scaled = mul_div_floor(deviations, ROOT_3, WAD)?.min(i128::MAX as u128);
        sum += 2 * plimsoll_fixed::student_t3_tail_wad(scaled as i128);
    }
    Ok(sum.min(WAD))
}
