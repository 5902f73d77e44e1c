//! Why a portfolio or parameters are refused, as Solidity sees it.

use alloy_primitives::U256;
use plimsoll_core::{Revert, encode_errors};
use plimsoll_risk::portfolio::{Error, MAX_COLLATERALS, MAX_LEGS, MAX_SCENARIOS, MAX_SLICES, ParamsError};

use crate::sol;

encode_errors! {
    sol:
    UnknownSelector { selector }
    MalformedCall { selector }
    NotPayable {}
    NotOwner { caller }
    NotPendingOwner { caller }
    ZeroAddress {}
    NoParams { underlying }
    TooManyScenarios { scenarios, most }
    BadScenario { index }
    ParameterOutOfBounds { index }
    ParamsNotStored {}
    Overflow {}
    ZeroTime {}
    BadSpot {}
    BadStablePrice {}
    BadPerpPrice {}
    BadConfidence { which }
    TooManyLegs { legs, most }
    TooManyExpiries { expiries, most }
    TooManyCollaterals { collaterals, most }
    BadCollateral { index }
    ExpiriesNotSorted { expiry }
    BadSlice { expiry, rule }
    NotAnOption { instrument }
    WrongUnderlying { instrument }
    UnknownExpiry { expiry }
    DuplicateLeg { instrument }
    EmptyLeg { instrument }
    StrikeOutOfRange { instrument }
    EmptyTail {}
    BadMoves {}
    BadFactor {}
    DuplicateUnderlying { underlying }
    UnknownScenario { scenario }
    WrongModules { modules, needed }
    NoCode { module }
}

/// The error that a refused portfolio ends the call with.
#[cold]
#[must_use]
pub fn refusal(error: Error) -> Revert {
    let count = U256::from::<usize>;
    match error {
        Error::Overflow => Revert::new(sol::Overflow {}),
        Error::ZeroTime => Revert::new(sol::ZeroTime {}),
        Error::BadSpot => Revert::new(sol::BadSpot {}),
        Error::BadStablePrice => Revert::new(sol::BadStablePrice {}),
        Error::BadPerpPrice => Revert::new(sol::BadPerpPrice {}),
        Error::BadConfidence(which) => Revert::new(sol::BadConfidence { which }),
        Error::TooManyLegs(legs) => {
            Revert::new(sol::TooManyLegs { legs: count(legs), most: count(MAX_LEGS) })
        }
        Error::TooManyExpiries(expiries) => {
            Revert::new(sol::TooManyExpiries { expiries: count(expiries), most: count(MAX_SLICES) })
        }
        Error::TooManyCollaterals(collaterals) => Revert::new(sol::TooManyCollaterals {
            collaterals: count(collaterals),
            most: count(MAX_COLLATERALS),
        }),
        Error::BadCollateral(index) => Revert::new(sol::BadCollateral { index: count(index) }),
        Error::ExpiriesNotSorted(expiry) => Revert::new(sol::ExpiriesNotSorted { expiry }),
        Error::BadSlice(expiry, rule) => Revert::new(sol::BadSlice { expiry, rule: rule as u8 }),
        Error::NotAnOption(instrument) => Revert::new(sol::NotAnOption { instrument }),
        Error::WrongUnderlying(instrument) => Revert::new(sol::WrongUnderlying { instrument }),
        Error::UnknownExpiry(expiry) => Revert::new(sol::UnknownExpiry { expiry }),
        Error::DuplicateLeg(instrument) => Revert::new(sol::DuplicateLeg { instrument }),
        Error::EmptyLeg(instrument) => Revert::new(sol::EmptyLeg { instrument }),
        Error::StrikeOutOfRange(instrument) => Revert::new(sol::StrikeOutOfRange { instrument }),
        Error::EmptyTail => Revert::new(sol::EmptyTail {}),
        Error::BadMoves => Revert::new(sol::BadMoves {}),
        Error::BadFactor => Revert::new(sol::BadFactor {}),
        Error::DuplicateUnderlying(underlying) => Revert::new(sol::DuplicateUnderlying { underlying }),
        Error::UnknownScenario(scenario) => Revert::new(sol::UnknownScenario { scenario }),
    }
}

/// The error that pricing a portfolio that has been checked ends the call with.
#[cold]
#[must_use]
pub fn pricing_refusal(error: Error) -> Revert {
    match error {
        Error::BadSlice(expiry, rule) => Revert::new(sol::BadSlice { expiry, rule: rule as u8 }),
        Error::BadMoves => Revert::new(sol::BadMoves {}),
        _ => Revert::new(sol::Overflow {}),
    }
}

/// The error that refused parameters end the call with.
#[cold]
#[must_use]
pub fn params_refusal(error: ParamsError) -> Revert {
    match error {
        ParamsError::TooManyScenarios(scenarios) => Revert::new(sol::TooManyScenarios {
            scenarios: U256::from(scenarios),
            most: U256::from(MAX_SCENARIOS),
        }),
        ParamsError::BadScenario(index) => bad_scenario(index),
        ParamsError::OutOfBounds(index) => Revert::new(sol::ParameterOutOfBounds { index }),
    }
}

/// A scenario that is out of bounds, or whose shock is none.
#[cold]
#[must_use]
pub fn bad_scenario(index: usize) -> Revert {
    Revert::new(sol::BadScenario { index: U256::from(index) })
}
