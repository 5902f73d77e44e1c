//! The model's types as the contract takes them, and the names of refusals.

use alloy::{
    primitives::{B256, U256},
    sol_types::SolInterface,
};
use plimsoll_risk::portfolio::{Collateral, Error, Leg, Params, ParamsError, Portfolio, Slice, Svi};

use crate::{
    bindings::IPlimsollRiskModel::{self as abi, IPlimsollRiskModelErrors},
    revert::Revert,
};

/// A portfolio as the contract takes it. Shares are cut to 64 bits, which any that the model takes fits.
#[must_use]
pub fn portfolio_to_abi(portfolio: &Portfolio) -> abi::Portfolio {
    let collateral = |given: &plimsoll_risk::portfolio::Collateral| abi::Collateral {
        amount: given.amount,
        price: given.price,
        confidence: share(given.confidence),
        maintenanceHaircut: share(given.maintenance_haircut),
        initialHaircut: share(given.initial_haircut),
        riskCancelling: given.risk_cancelling,
    };
    abi::Portfolio {
        underlying: portfolio.underlying,
        time: portfolio.time,
        cash: portfolio.cash,
        spot: portfolio.spot,
        spotConfidence: share(portfolio.spot_confidence),
        perps: portfolio.perps,
        perpPrice: portfolio.perp_price,
        perpConfidence: share(portfolio.perp_confidence),
        perpPnl: portfolio.perp_pnl,
        perpFunding: portfolio.perp_funding,
        stablePrice: portfolio.stable_price,
        depth: portfolio.depth,
        collaterals: portfolio.collaterals.iter().map(collateral).collect(),
        expiries: portfolio.slices.iter().map(expiry).collect(),
        legs: portfolio.legs.iter().map(leg).collect(),
    }
}

fn share(value: u128) -> u64 {
    value.try_into().unwrap_or(u64::MAX)
}

fn expiry(slice: &Slice) -> abi::Expiry {
    abi::Expiry {
        expiry: slice.expiry,
        forward: slice.forward,
        rate: slice.rate,
        a: slice.svi.a,
        b: slice.svi.b,
        rho: slice.svi.rho,
        m: slice.svi.m,
        sigma: slice.svi.sigma,
        sviForward: slice.svi_forward,
        sviYears: slice.svi_years,
        forwardConfidence: share(slice.forward_confidence),
        rateConfidence: share(slice.rate_confidence),
        volConfidence: share(slice.vol_confidence),
    }
}

fn leg(leg: &Leg) -> B256 {
    let [high, low] = [leg.instrument, leg.size as u128].map(U256::from);
    B256::from((high << 128usize) | low)
}

/// A portfolio as the model takes it, from what the ABI says.
#[must_use]
pub fn portfolio_from_abi(given: &abi::Portfolio) -> Portfolio {
    Portfolio {
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
        collaterals: given
            .collaterals
            .iter()
            .map(|asset| Collateral {
                amount: asset.amount,
                price: asset.price,
                confidence: asset.confidence.into(),
                maintenance_haircut: asset.maintenanceHaircut.into(),
                initial_haircut: asset.initialHaircut.into(),
                risk_cancelling: asset.riskCancelling,
            })
            .collect(),
        slices: given
            .expiries
            .iter()
            .map(|slice| Slice {
                expiry: slice.expiry,
                forward: slice.forward,
                rate: slice.rate,
                svi: Svi { a: slice.a, b: slice.b, rho: slice.rho, m: slice.m, sigma: slice.sigma },
                svi_forward: slice.sviForward,
                svi_years: slice.sviYears,
                forward_confidence: slice.forwardConfidence.into(),
                rate_confidence: slice.rateConfidence.into(),
                vol_confidence: slice.volConfidence.into(),
            })
            .collect(),
        legs: given
            .legs
            .iter()
            .map(|word| {
                let (instrument, size) = word.split_at(16);
                let half =
                    |bytes: &[u8]| bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
                Leg { instrument: half(instrument), size: half(size) as i128 }
            })
            .collect(),
    }
}

/// Parameters as the contract takes them.
#[must_use]
pub fn params_to_abi(params: &Params) -> abi::Params {
    let Params { scenarios, vol_shock: v, skew: s, margin: g, basis: b, contingency: c } = params;
    let scenario = |given: &plimsoll_risk::portfolio::Scenario| abi::Scenario {
        spot: given.spot,
        shock: given.shock as u8,
        damp: given.damp,
    };
    abi::Params {
        scenarios: scenarios.iter().map(scenario).collect(),
        volShock: abi::VolShock {
            rangeUp: v.range_up,
            rangeDown: v.range_down,
            shortTermPower: v.short_term_power,
            longTermPower: v.long_term_power,
            floor: v.floor,
            minVolUp: v.min_vol_up,
        },
        skew: abi::SkewShock {
            linearBase: s.linear_base,
            linearC: s.linear_c,
            absBase: s.abs_base,
            absC: s.abs_c,
            minKStar: s.min_k_star,
            width: s.width,
            volStatic: s.vol_static,
            volScale: s.vol_scale,
        },
        margin: abi::MarginFactors {
            maintenance: g.maintenance,
            initial: g.initial,
            longBase: g.long_base,
            longRateMult: g.long_rate_mult,
            longRateAdd: g.long_rate_add,
            shortBase: g.short_base,
            shortRateMult: g.short_rate_mult,
            shortRateAdd: g.short_rate_add,
        },
        basis: abi::BasisShock { up: b.up, down: b.down, add: b.add, mult: b.mult },
        contingency: abi::Contingency {
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

/// Name of the typed error that the contract refused with; `None` when it is none of its own.
#[must_use]
pub fn refusal_name(revert: &Revert) -> Option<&'static str> {
    IPlimsollRiskModelErrors::abi_decode(&revert.data).ok()?;
    IPlimsollRiskModelErrors::name_by_selector(revert.selector()?)
}

/// Name of the contract's error for what the model refuses by itself.
#[must_use]
pub fn error_name(error: Result<Error, ParamsError>) -> String {
    let text = match error {
        Ok(error) => format!("{error:?}"),
        Err(ParamsError::OutOfBounds(_)) => "ParameterOutOfBounds".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    text.split('(').next().unwrap_or_default().to_owned()
}
