//! The prices at which an account may be liquidated, their distance from spot, and the chance that one is touched.

use plimsoll_fixed::{
    exp_wad, isqrt_floor, ln_wad, mul_div_floor, signed_mul_div_floor, student_t3_tail_wad,
};

use super::{
    Compiled, Error, Portfolio, Tail, assess,
    expiry::multiplier_of,
    shocks::{MOST, UNIT},
};
use crate::{WAD, svi::YEAR};

/// Largest factor that a portfolio is moved by.
const MOST_FACTOR: u128 = WAD << 20;

/// The portfolio after spot, forwards and the perpetual have moved by a factor (WAD), volatility at each strike the same.
///
/// In the last half hour before expiry a share of the settlement price is fixed, and forwards move by the remaining share
/// alone. The result does not remember that share: moving it again takes the same share of the new forward as fixed.
///
/// # Errors
/// [`Error::Overflow`], also for a factor above 2^20.
pub fn moved(portfolio: &Portfolio, factor: u128) -> Result<Portfolio, Error> {
    if factor > MOST_FACTOR {
        return Err(Error::Overflow);
    }
    let mut after = portfolio.clone();
    let times = |price: u128| mul_div_floor(price, factor, WAD);
    after.spot = times(portfolio.spot)?;
    after.perp_price = times(portfolio.perp_price)?;
    let signed = |price: u128| i128::try_from(price).map_err(|_| Error::Overflow);
    let change = signed(after.perp_price)? - signed(portfolio.perp_price)?;
    let profit = signed_mul_div_floor(portfolio.perps, change, WAD)?;
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

/// The prices at which an account may be liquidated, WAD; `None` on a side without one.
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
/// zero; a dip within one step can be missed. A side ends early where a price or a strike leaves the model's domain.
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
            if next > MOST as i32 {
                break;
            }
            let after = moved(portfolio, factor(direction * next)?).and_then(|mut after| {
                after.check()?;
                Ok(after)
            });
            let mut after = match after {
                Ok(after) => after,
                Err(error) if next == 0 => return Err(error.into()),
                // The model values nothing beyond this price: a strike or a price would be out of its bounds.
                Err(_) => break,
            };
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

/// Where an account may be liquidated, how far that is, and how likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidationRange {
    /// The prices.
    pub prices: LiquidationPrices,
    /// Distances of the price below and of the one above in standard deviations, WAD, rounded down; zero where there is
    /// none.
    pub distances: [u128; 2],
    /// Score of touching either, WAD of one.
    pub probability: u128,
}

/// The prices of [`liquidation_prices_by`], their distances and their probability over a horizon (seconds) at a volatility
/// per year (WAD).
///
/// # Errors
/// [`Error::Overflow`] for a volatility or horizon of zero, or so small that a distance is outside its type; as
/// [`liquidation_prices_by`].
pub fn liquidation_range_by<E: From<Error>>(
    portfolio: &Portfolio,
    step: u32,
    volatility: u128,
    horizon: u32,
    maintenance: impl FnMut(&mut Portfolio) -> Result<i128, E>,
) -> Result<LiquidationRange, E> {
    // Checked even when no price needs it, so that a bad horizon is always refused.
    deviation(volatility, horizon)?;
    let prices = liquidation_prices_by(portfolio, step, maintenance)?;
    let spot = portfolio.spot;
    let mut distances = [0; 2];
    for (price, distance_of) in [prices.below, prices.above].into_iter().zip(&mut distances) {
        if let Some(price) = price {
            *distance_of = distance_floor(spot, price, volatility, horizon)?;
        }
    }
    let probability = liquidation_probability(spot, prices, volatility, horizon)?;
    Ok(LiquidationRange { prices, distances, probability })
}

/// Standard deviation of the logarithm of a price over a horizon, WAD, rounded down; never zero.
fn deviation(volatility: u128, horizon: u32) -> Result<u128, Error> {
    // years to 1e-36, so that their root is a WAD
    let years = mul_div_floor(u128::from(horizon) * WAD, WAD, YEAR.into())?;
    let deviation = mul_div_floor(volatility, isqrt_floor(years), WAD)?;
    if deviation == 0 { Err(Error::Overflow) } else { Ok(deviation) }
}

/// How far a price is, in standard deviations of the logarithm over a horizon: WAD, rounded down.
///
/// # Errors
/// [`Error::Overflow`] for a price of zero or a volatility or horizon of zero.
pub fn distance_floor(spot: u128, price: u128, volatility: u128, horizon: u32) -> Result<u128, Error> {
    let log = ln_wad(price)?.checked_sub(ln_wad(spot)?).ok_or(Error::Overflow)?.unsigned_abs();
    Ok(mul_div_floor(log, WAD, deviation(volatility, horizon)?)?)
}

/// A score of being liquidated within the horizon, WAD of one, rounded to nearest: the chance that a walk with the
/// tails of a Student-t of three degrees of freedom touches either price, by the reflection principle. That principle
/// holds for continuous walks, so take it as a score.
///
/// # Errors
/// As [`distance_floor`].
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
        let deviations = distance_floor(spot, price, volatility, horizon)?;
        let scaled = mul_div_floor(deviations, ROOT_3, WAD)?.min(i128::MAX as u128);
        sum += 2 * student_t3_tail_wad(scaled as i128);
    }
    Ok(sum.min(WAD))
}
