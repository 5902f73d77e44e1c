//! Between the ABI's structs and the model's own types.
//!
//! Calls go past most of this ([`crate::decode`]); the functions as the ABI's export and the tests see them do not.

use alloc::vec::Vec;

use alloy_sol_types::SolValue;
use plimsoll_ledger::{Revert, codec::Args};
use plimsoll_risk::portfolio::{self as model, Leg, Slice, Svi};

use crate::{decode, encode, sol};

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
pub fn portfolio(given: sol::Portfolio) -> model::Portfolio {
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
        legs: given.legs.iter().map(|word| leg(word.0)).collect(),
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

fn leg(word: [u8; 32]) -> Leg {
    let half = |from: usize| word[from..from + 16].iter().fold(0, |x, byte| x << 8 | u128::from(*byte));
    Leg { instrument: half(0), size: half(16) as i128 }
}

/// Parameters as the model takes them: by way of the encoding, so that their order stands in one place.
///
/// # Errors
/// `BadScenario` when a shock is none.
pub fn params(given: &sol::Params) -> Result<model::Params, Revert> {
    decode::params(Args(&given.abi_encode()), 0).unwrap_or_else(|| Err(Revert::of_data(Vec::new())))
}

/// Parameters as Solidity sees them.
///
/// # Errors
/// None: they decode as they were encoded.
pub fn params_to_abi(params: &model::Params) -> Result<sol::Params, Revert> {
    sol::Params::abi_decode(&encode::params(params)).map_err(|_| Revert::of_data(Vec::new()))
}
