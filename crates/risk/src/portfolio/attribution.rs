//! Attribution: splits a scenario's profit by its causes, exactly.

use alloc::vec::Vec;

use plimsoll_fixed::{binary::Scale, ln_wad, mul_div_ceil, normal_pdf_wad, signed_mul_div_floor};

use super::{
    BASIS, Compiled, Error, Leg, Portfolio, Shock,
    compiled::log_of,
    expiry::Expiry,
    greeks::to_wad,
    grid::{Strikes, Volatilities},
    kernel::{Spread, Sums, accumulate, to_log},
    sums::{difference, sum},
};
use crate::{WAD, ids};

/// The profit of a scenario, decomposed. WAD of quote, rounded down piece by piece; the pieces add up exactly:
/// `profit = linear + sum(expiries)`, `sum(expiries) = sum(legs) + discount`,
/// `sum(legs) = delta + gamma + vega + rest`.
///
/// Where a skew makes an expiry gain, the model counts the gain as a loss. All pieces of that expiry then change their
/// sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The scenario's profit. It equals the grid's to within the rounding of the pieces.
    pub profit: i128,
    /// Of perpetuals and collateral.
    pub linear: i128,
    /// Of the options, first order in the forward.
    pub delta: i128,
    /// Second order in the forward.
    pub gamma: i128,
    /// First order in volatility.
    pub vega: i128,
    /// What of the options is left: mixed and higher orders.
    pub rest: i128,
    /// What static discounts take or give.
    pub discount: i128,
    /// Of each slice of the surface, in the portfolio's order.
    pub expiries: Vec<i128>,
    /// Of each leg, before static discounts, in the order in which they were given.
    pub legs: Vec<i128>,
}

/// One revaluation of the grid, of one expiry.
struct Revaluation {
    shock: Shock,
    /// Multiplier of the forward, WAD.
    multiplier: u128,
    /// What the change is multiplied by.
    weight: Scale,
}

/// Decomposes a scenario: an index, or [`BASIS`]. Sorts the portfolio's legs; the answer keeps the order they came in.
///
/// # Errors
/// [`Error::UnknownScenario`]; and as [`super::assess`].
pub fn attribute(
    portfolio: &mut Portfolio,
    compiled: &Compiled,
    scenario: u16,
) -> Result<Attribution, Error> {
    let given = portfolio.legs.clone();
    portfolio.check()?;
    let outcome = compiled.outcomes.get(usize::from(scenario));
    if outcome.is_none() && scenario != BASIS {
        return Err(Error::UnknownScenario(scenario));
    }
    let mut found = Attribution { legs: alloc::vec![0; given.len()], ..Attribution::default() };
    for slice in &portfolio.slices {
        let own =
            |leg: &Leg| ids::option_of(leg.instrument).is_some_and(|terms| terms.expiry == slice.expiry);
        if !given.iter().any(own) {
            found.expiries.push(0);
            continue;
        }
        let expiry = Expiry::new(slice, portfolio.time)?;
        let vols = Volatilities::new(&expiry, compiled)?;
        let of =
            |spot: u128, shock, weight| Revaluation { shock, multiplier: expiry.multiplier(spot), weight };
        let pricer = Pricer { expiry: &expiry, vols: &vols };
        let legs: Vec<Leg> = portfolio.legs.iter().copied().filter(own).collect();
        let at = match outcome {
            Some(outcome) => {
                let spot = compiled.slots.get(outcome.slot).map_or(WAD, |slot| slot.spot);
                of(spot, compiled.shock_of(outcome.slot), outcome.damp)
            }
            None => {
                // The worse of the basis' two moves, where either is a loss.
                let share = compiled.basis.add + mul_div_ceil(compiled.basis.mult, expiry.years, WAD)?;
                let moves = [compiled.basis.up, compiled.basis.down]
                    .map(|spot| of(spot, Shock::None, Scale::from_wad(share)));
                let mut worst = (0, of(WAD, Shock::None, Scale::ZERO));
                for at in moves {
                    let change = pricer.change(&legs, &at)?;
                    if change < worst.0 {
                        worst = (change, at);
                    }
                }
                worst.1
            }
        };
        let shocked = pricer.value(&legs, Some(&at))?;
        let now = pricer.value(&legs, None)?;
        let discounted = match outcome {
            Some(_) => {
                let [long, short] = expiry.static_discounts(compiled)?;
                (if shocked < 0 { short } else { long }).of_floor(shocked)?
            }
            None => shocked,
        };
        let change = at.weight.of_floor(difference(discounted, now)?)?;
        let flipped = at.shock.is_skew() && change > 0;
        let sign = |x: i128| if flipped { -x } else { x };
        found.expiries.push(sign(change));
        let mut of_legs = 0i128;
        for (leg, profit) in given.iter().zip(&mut found.legs).filter(|(leg, _)| own(leg)) {
            let one = core::slice::from_ref(leg);
            *profit = sign(at.weight.of_floor(pricer.change(one, &at)?)?);
            of_legs = sum(&[of_legs, *profit])?;
            let [delta, gamma, vega] = pricer.orders(leg, &at)?;
            found.delta = sum(&[found.delta, sign(at.weight.of_floor(delta)?)])?;
            found.gamma = sum(&[found.gamma, sign(at.weight.of_floor(gamma)?)])?;
            found.vega = sum(&[found.vega, sign(at.weight.of_floor(vega)?)])?;
        }
        found.discount = sum(&[found.discount, difference(sign(change), of_legs)?])?;
    }
    let mut of_legs = 0;
    for profit in &found.legs {
        of_legs = sum(&[of_legs, *profit])?;
    }
    found.rest = difference(of_legs, sum(&[found.delta, found.gamma, found.vega])?)?;
    if let Some(outcome) = outcome {
        let linear = portfolio.linear_floor()?;
        found.linear = outcome.distance.of_floor(if outcome.falls { -linear } else { linear })?;
    }
    found.profit = found.linear;
    for profit in &found.expiries {
        found.profit = sum(&[found.profit, *profit])?;
    }
    Ok(found)
}

/// An expiry, to value legs of it.
struct Pricer<'a> {
    expiry: &'a Expiry,
    vols: &'a Volatilities,
}

impl Pricer<'_> {
    /// The value of legs, today or in a revaluation, rounded down.
    fn value(&self, legs: &[Leg], at: Option<&Revaluation>) -> Result<i128, Error> {
        let strikes = Strikes::new(legs)?;
        let mut sums = [Sums::default()];
        let multiplier = at.map_or(WAD, |at| at.multiplier);
        for strike in &strikes.strikes {
            let log = ln_wad(strike.strike)?;
            let spread = self.spread(log, at)?;
            accumulate(
                -to_log(log - self.expiry.log),
                &Spread::new(spread, spread.inverse()),
                strikes.sizes.share(strike.size),
                strikes.notionals.share(strike.notional),
                &[log_of(multiplier)],
                &mut sums,
            );
        }
        let discounted = self.expiry.forward.times(self.expiry.discount);
        let multiplier = if multiplier == WAD { Scale::ONE } else { Scale::from_wad(multiplier) };
        strikes.value(sums[0], discounted.times(multiplier), self.expiry.discount)
    }

    /// The change of the value of legs.
    fn change(&self, legs: &[Leg], at: &Revaluation) -> Result<i128, Error> {
        Ok(difference(self.value(legs, Some(at))?, self.value(legs, None)?)?)
    }

    fn spread(&self, log_strike: i128, at: Option<&Revaluation>) -> Result<Scale, Error> {
        let today = self.expiry.smile.volatility(log_strike)?.times(self.expiry.root);
        let k = log_strike - self.expiry.log;
        Ok(at.map_or(today, |at| self.vols.spread(today, k, at.shock)))
    }

    /// First and second order in the forward and first in volatility, of a leg.
    ///
    /// With s = volatility * sqrt(T), d = the forward's relative move and X = size * forward * discount: delta gives
    /// X*N(d1)*d (of a put X*(N(d1) - 1)*d), gamma X*n(d1)/s*d^2/2, and vega X*n(d1) times the change of s.
    fn orders(&self, leg: &Leg, at: &Revaluation) -> Result<[i128; 3], Error> {
        let terms = ids::option_of(leg.instrument).ok_or(Error::NotAnOption(leg.instrument))?;
        let whole = self.expiry.forward.times(self.expiry.discount).of_floor(leg.size)?;
        let log = ln_wad(terms.strike)?;
        let (before, after) = (self.spread(log, None)?, self.spread(log, Some(at))?);
        let inverse = before.inverse();
        let moneyness = difference(self.expiry.log, log)?;
        let (first, _) = Spread::new(before, inverse).distribution(to_log(moneyness));
        let chance = (i128::from(first) * WAD as i128) >> 62;
        let chance = if terms.call { chance } else { chance - WAD as i128 };
        let moved = at.multiplier as i128 - WAD as i128;
        let times = |a, b| signed_mul_div_floor(a, b, WAD);
        let delta = times(times(whole, chance)?, moved)?;
        let Some(inverse) = inverse else { return Ok([delta, 0, 0]) };
        // Beyond any number of deviations there is no density.
        let far = i128::MAX / 4;
        let d1 =
            inverse.of_floor(moneyness).unwrap_or(far).max(-far).min(far) + (to_wad(before)? / 2) as i128;
        let dense = times(whole, normal_pdf_wad(d1) as i128)?;
        let gamma = inverse.of_floor(times(times(dense, moved)?, moved)?)? / 2;
        let vega = times(dense, difference(to_wad(after)? as i128, to_wad(before)? as i128)?)?;
        Ok([delta, gamma, vega])
    }
}
