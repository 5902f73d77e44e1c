//! Converts the ABI's structs to the types of `plimsoll_risk::portfolio`, and back.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_kit::{
    Revert,
    codec::{Args, Cursor, Word, Words, concat},
    words::unpack,
};
use plimsoll_risk::portfolio::{self as model, Leg, NUMBERS, SIGNED, Scenario, Shock, Slice, Svi};

use crate::{errors::bad_scenario, sol};

/// An assessment as Solidity sees it.
#[must_use]
pub fn assessment(found: &model::Assessment) -> sol::Assessment {
    sol::Assessment {
        initial: found.initial,
        maintenance: found.maintenance,
        markToMarket: found.mark_to_market,
        worst: found.worst,
        worstScenario: found.worst_scenario,
        basis: found.basis,
        shortfall: found.shortfall,
        maintenanceContingency: found.maintenance_contingency,
        initialContingency: found.initial_contingency,
    }
}

/// Greeks as Solidity sees them.
#[must_use]
pub fn greeks(found: &model::Greeks) -> sol::Greeks {
    let model::Greeks { value, delta, gamma, vega, theta, rho, vanna, volga } = *found;
    sol::Greeks { value, delta, gamma, vega, theta, rho, vanna, volga }
}

/// An attribution as Solidity sees it.
#[must_use]
pub fn attribution(found: model::Attribution) -> sol::Attribution {
    let model::Attribution { profit, linear, delta, gamma, vega, rest, discount, expiries, legs } = found;
    sol::Attribution { profit, linear, delta, gamma, vega, rest, discount, expiries, legs }
}

/// Margin of several portfolios as Solidity sees it.
#[must_use]
pub fn together(found: &model::Together) -> sol::Together {
    let model::Together { initial, maintenance, mark_to_market, loss, directions, tail, alone } = *found;
    let [down, up] = directions;
    sol::Together { initial, maintenance, markToMarket: mark_to_market, loss, down, up, tail, alone }
}

/// Where an account may be liquidated as Solidity sees it: a price of zero where there is none.
#[must_use]
pub fn liquidation_range(found: &model::LiquidationRange) -> sol::LiquidationRange {
    let model::LiquidationRange { prices, distances: [below, above], probability } = *found;
    sol::LiquidationRange {
        below: prices.below.unwrap_or(0),
        above: prices.above.unwrap_or(0),
        distanceBelow: below,
        distanceAbove: above,
        // One at most.
        probability: probability as u64,
    }
}

/// A portfolio as the model takes it.
#[must_use]
pub fn portfolio(given: &sol::Portfolio) -> model::Portfolio {
    model::Portfolio {
        underlying: given.underlying,
        time: given.time,
        cash: given.cash,
        spot: given.spot,
        spot_confidence: given.spotConfidence.into(),
        perps: given.perps,
        perp_price: given.perpPrice,
        perp_confidence: given.perpConfidence.into(),
        perp_pnl: given.perpPnl,
        perp_funding: given.perpFunding,
        stable_price: given.stablePrice,
        depth: given.depth,
        collaterals: given.collaterals.iter().map(collateral).collect(),
        slices: given.expiries.iter().map(slice).collect(),
        legs: given.legs.iter().map(|word| leg(*word)).collect(),
    }
}

fn collateral(given: &sol::Collateral) -> model::Collateral {
    model::Collateral {
        amount: given.amount,
        price: given.price,
        confidence: given.confidence.into(),
        maintenance_haircut: given.maintenanceHaircut.into(),
        initial_haircut: given.initialHaircut.into(),
        risk_cancelling: given.riskCancelling,
    }
}

fn slice(given: &sol::Expiry) -> Slice {
    Slice {
        expiry: given.expiry,
        forward: given.forward,
        rate: given.rate,
        svi: Svi { a: given.a, b: given.b, rho: given.rho, m: given.m, sigma: given.sigma },
        svi_forward: given.sviForward,
        svi_years: given.sviYears,
        forward_confidence: given.forwardConfidence.into(),
        rate_confidence: given.rateConfidence.into(),
        vol_confidence: given.volConfidence.into(),
    }
}

/// Instrument (upper half) and size (lower half) of a word. Any word decodes; the model checks that the instrument is an
/// option.
fn leg(word: B256) -> Leg {
    let (size, instrument) = unpack(word);
    Leg { instrument, size: size as i128 }
}

/// Parameters as the model takes them. They are read from their encoded words, so that their order is written down once,
/// in the list of the struct's fields.
///
/// # Errors
/// `BadScenario` when a number is no shock.
pub fn params(given: &sol::Params) -> Result<model::Params, Revert> {
    let mut words: Vec<B256> = Vec::with_capacity(NUMBERS);
    given.volShock.push(&mut words);
    given.skew.push(&mut words);
    given.margin.push(&mut words);
    given.basis.push(&mut words);
    given.contingency.push(&mut words);
    let mut numbers = [0; NUMBERS];
    for (number, word) in numbers.iter_mut().zip(&words) {
        *number = unpack(*word).0 as i128;
    }
    let mut scenarios = Vec::with_capacity(given.scenarios.len());
    for (index, &sol::Scenario { spot, shock, damp }) in given.scenarios.iter().enumerate() {
        let shock = Shock::ALL.get(usize::from(shock)).ok_or_else(|| bad_scenario(index))?;
        scenarios.push(Scenario { spot, shock: *shock, damp });
    }
    Ok(model::Params::from_numbers(scenarios, &numbers))
}

/// Parameters as Solidity sees them; `None` when a number is outside its type there.
#[must_use]
pub fn params_to_abi(params: &model::Params) -> Option<sol::Params> {
    let mut words: Vec<B256> = Vec::with_capacity(NUMBERS);
    for (index, number) in params.numbers().into_iter().enumerate() {
        words.push(if SIGNED.contains(&index) { number.word() } else { (number as u128).word() });
    }
    let encoded = concat(&[], &words);
    let mut next = Cursor::new(Args(&encoded), 0);
    let scenarios = params.scenarios.iter();
    Some(sol::Params {
        scenarios: scenarios
            .map(|one| sol::Scenario { spot: one.spot, shock: one.shock as u8, damp: one.damp })
            .collect(),
        volShock: next.take()?,
        skew: next.take()?,
        margin: next.take()?,
        basis: next.take()?,
        contingency: next.take()?,
    })
}
