//! Turns the model's refusals of portfolios and parameters into Solidity errors.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use plimsoll_kit::{
    Revert,
    codec::{Word, concat},
    encode_errors,
};
use plimsoll_risk::portfolio::{Error, MAX_COLLATERALS, MAX_LEGS, MAX_SCENARIOS, MAX_SLICES, ParamsError};

use crate::sol;

encode_errors! {
    sol:
    NoParams { underlying }
    TooManyScenarios { scenarios, most }
    BadScenario { index }
    ParameterOutOfBounds { index }
    ParamsNotStored {}
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
///
/// One encoder serves all errors, because each of their fields takes one word. An encoder for each error would take a
/// tenth of the program.
#[cold]
#[must_use]
pub fn refusal(error: Error) -> Revert {
    let none = |selector| (selector, 0, [0; 2]);
    let one = |selector, figure| (selector, 1, [figure, 0]);
    let two = |selector, figure, other| (selector, 2, [figure, other]);
    let count = |many: usize| many as u128;
    let (selector, figures, values): ([u8; 4], usize, [u128; 2]) = match error {
        Error::Overflow => none(sol::Overflow::SELECTOR),
        Error::ZeroTime => none(sol::ZeroTime::SELECTOR),
        Error::BadSpot => none(sol::BadSpot::SELECTOR),
        Error::BadStablePrice => none(sol::BadStablePrice::SELECTOR),
        Error::BadPerpPrice => none(sol::BadPerpPrice::SELECTOR),
        Error::BadConfidence(which) => one(sol::BadConfidence::SELECTOR, which.into()),
        Error::TooManyLegs(legs) => two(sol::TooManyLegs::SELECTOR, count(legs), count(MAX_LEGS)),
        Error::TooManyExpiries(all) => two(sol::TooManyExpiries::SELECTOR, count(all), count(MAX_SLICES)),
        Error::TooManyCollaterals(all) => {
            two(sol::TooManyCollaterals::SELECTOR, count(all), count(MAX_COLLATERALS))
        }
        Error::BadCollateral(index) => one(sol::BadCollateral::SELECTOR, count(index)),
        Error::ExpiriesNotSorted(expiry) => one(sol::ExpiriesNotSorted::SELECTOR, expiry.into()),
        Error::BadSlice(expiry, rule) => two(sol::BadSlice::SELECTOR, expiry.into(), rule as u128),
        Error::NotAnOption(instrument) => one(sol::NotAnOption::SELECTOR, instrument),
        Error::WrongUnderlying(instrument) => one(sol::WrongUnderlying::SELECTOR, instrument),
        Error::UnknownExpiry(expiry) => one(sol::UnknownExpiry::SELECTOR, expiry.into()),
        Error::DuplicateLeg(instrument) => one(sol::DuplicateLeg::SELECTOR, instrument),
        Error::EmptyLeg(instrument) => one(sol::EmptyLeg::SELECTOR, instrument),
        Error::StrikeOutOfRange(instrument) => one(sol::StrikeOutOfRange::SELECTOR, instrument),
        Error::EmptyTail => none(sol::EmptyTail::SELECTOR),
        Error::BadMoves => none(sol::BadMoves::SELECTOR),
        Error::BadFactor => none(sol::BadFactor::SELECTOR),
        Error::DuplicateUnderlying(underlying) => one(sol::DuplicateUnderlying::SELECTOR, underlying.into()),
        Error::UnknownScenario(scenario) => one(sol::UnknownScenario::SELECTOR, scenario.into()),
    };
    let words = values.map(|value| value.word());
    Revert::of_data(concat(&selector, words.get(..figures).unwrap_or(&words)))
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

/// The error for a scenario that is out of bounds, or whose number is no shock.
#[cold]
#[must_use]
pub fn bad_scenario(index: usize) -> Revert {
    Revert::new(sol::BadScenario { index: U256::from(index) })
}
