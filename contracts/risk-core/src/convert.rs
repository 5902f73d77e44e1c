//! Between the ABI's structs and the model's own types.
//!
//! Calls go past most of this ([`crate::decode`]); the functions as the ABI's export and the tests see them do not.

use alloc::vec::Vec;

use plimsoll_core::Revert;
use plimsoll_risk::portfolio::{self as model, Leg, Slice, Svi};

use crate::{decode, sol};

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

/// Parameters as the model takes them.
///
/// # Errors
/// `BadScenario` when a shock is none.
pub fn params(given: sol::Params) -> Result<model::Params, Revert> {
    let sol::Params { scenarios, volShock: v, skew: s, margin: g, basis: b, contingency: c } = given;
    let listed: Vec<_> =
        scenarios.iter().map(|scenario| (scenario.spot, scenario.shock, scenario.damp)).collect();
    Ok(model::Params {
        scenarios: decode::scenarios(&listed)?,
        vol_shock: model::VolShock {
            range_up: v.rangeUp,
            range_down: v.rangeDown,
            short_term_power: v.shortTermPower,
            long_term_power: v.longTermPower,
            floor: v.floor,
            min_vol_up: v.minVolUp,
        },
        skew: model::SkewShock {
            linear_base: s.linearBase,
            linear_c: s.linearC,
            abs_base: s.absBase,
            abs_c: s.absC,
            min_k_star: s.minKStar,
            width: s.width,
            vol_static: s.volStatic,
            vol_scale: s.volScale,
        },
        margin: model::MarginFactors {
            maintenance: g.maintenance,
            initial: g.initial,
            long_base: g.longBase,
            long_rate_mult: g.longRateMult,
            long_rate_add: g.longRateAdd,
            short_base: g.shortBase,
            short_rate_mult: g.shortRateMult,
            short_rate_add: g.shortRateAdd,
        },
        basis: model::BasisShock { up: b.up, down: b.down, add: b.add, mult: b.mult },
        contingency: model::Contingency {
            peg_threshold: c.pegThreshold,
            peg_factor: c.pegFactor,
            confidence_threshold: c.confidenceThreshold,
            confidence_margin: c.confidenceMargin,
            perp_maintenance: c.perpMaintenance,
            perp_initial: c.perpInitial,
            option_maintenance: c.optionMaintenance,
            option_initial: c.optionInitial,
        },
    })
}

/// Parameters as Solidity sees them.
#[must_use]
pub fn params_to_abi(params: &model::Params) -> sol::Params {
    let model::Params { scenarios, vol_shock: v, skew: s, margin: g, basis: b, contingency: c } = params;
    let scenario = |given: &model::Scenario| sol::Scenario {
        spot: given.spot,
        shock: given.shock as u8,
        damp: given.damp,
    };
    sol::Params {
        scenarios: scenarios.iter().map(scenario).collect(),
        volShock: sol::VolShock {
            rangeUp: v.range_up,
            rangeDown: v.range_down,
            shortTermPower: v.short_term_power,
            longTermPower: v.long_term_power,
            floor: v.floor,
            minVolUp: v.min_vol_up,
        },
        skew: sol::SkewShock {
            linearBase: s.linear_base,
            linearC: s.linear_c,
            absBase: s.abs_base,
            absC: s.abs_c,
            minKStar: s.min_k_star,
            width: s.width,
            volStatic: s.vol_static,
            volScale: s.vol_scale,
        },
        margin: sol::MarginFactors {
            maintenance: g.maintenance,
            initial: g.initial,
            longBase: g.long_base,
            longRateMult: g.long_rate_mult,
            longRateAdd: g.long_rate_add,
            shortBase: g.short_base,
            shortRateMult: g.short_rate_mult,
            shortRateAdd: g.short_rate_add,
        },
        basis: sol::BasisShock { up: b.up, down: b.down, add: b.add, mult: b.mult },
        contingency: sol::Contingency {
            pegThreshold: c.peg_threshold,
            pegFactor: c.peg_factor,
            confidenceThreshold: c.confidence_threshold,
            confidenceMargin: c.confidence_margin,
            perpMaintenance: c.perp_maintenance,
            perpInitial: c.perp_initial,
            optionMaintenance: c.option_maintenance,
            optionInitial: c.option_initial,
        },
    }
}
