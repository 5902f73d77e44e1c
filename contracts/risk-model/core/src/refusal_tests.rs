//! Checks that every refusal of a portfolio and of parameters becomes its own Solidity error.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use plimsoll_kit::{Revert, events::EncodeError};
use plimsoll_risk::portfolio::{Error, ParamsError, SliceRule};

use crate::{
    errors::{params_refusal, refusal},
    sol::*,
};

fn encodes<E: SolError + EncodeError>(found: Revert, expected: E, seen: &mut Vec<[u8; 4]>) {
    assert_eq!(Vec::<u8>::from(found), expected.abi_encode(), "{}", E::SIGNATURE);
    // Every error has a selector of its own.
    assert!(!seen.contains(&E::SELECTOR), "{}", E::SIGNATURE);
    seen.push(E::SELECTOR);
}

#[test]
fn every_refusal_has_its_own_error_and_figures() {
    let number = U256::from::<usize>;
    let instrument = 0x0102_0203_0405_0607_0809_0a0b_0c0d_0e01;
    let mut seen = Vec::new();
    let all = &mut seen;
    encodes(refusal(Error::Overflow), Overflow {}, all);
    encodes(refusal(Error::ZeroTime), ZeroTime {}, all);
    encodes(refusal(Error::BadSpot), BadSpot {}, all);
    encodes(refusal(Error::BadStablePrice), BadStablePrice {}, all);
    encodes(refusal(Error::BadPerpPrice), BadPerpPrice {}, all);
    encodes(refusal(Error::BadConfidence(1)), BadConfidence { which: 1 }, all);
    let expected = TooManyLegs { legs: number(129), most: number(128) };
    encodes(refusal(Error::TooManyLegs(129)), expected, all);
    let expected = TooManyExpiries { expiries: number(31), most: number(30) };
    encodes(refusal(Error::TooManyExpiries(31)), expected, all);
    let expected = TooManyCollaterals { collaterals: number(17), most: number(16) };
    encodes(refusal(Error::TooManyCollaterals(17)), expected, all);
    encodes(refusal(Error::BadCollateral(3)), BadCollateral { index: number(3) }, all);
    encodes(refusal(Error::ExpiriesNotSorted(9)), ExpiriesNotSorted { expiry: 9 }, all);
    let found = refusal(Error::BadSlice(9, SliceRule::NegativeVariance));
    encodes(found, BadSlice { expiry: 9, rule: 4 }, all);
    encodes(refusal(Error::NotAnOption(instrument)), NotAnOption { instrument }, all);
    encodes(refusal(Error::WrongUnderlying(instrument)), WrongUnderlying { instrument }, all);
    encodes(refusal(Error::UnknownExpiry(9)), UnknownExpiry { expiry: 9 }, all);
    encodes(refusal(Error::DuplicateLeg(instrument)), DuplicateLeg { instrument }, all);
    encodes(refusal(Error::EmptyLeg(instrument)), EmptyLeg { instrument }, all);
    encodes(refusal(Error::StrikeOutOfRange(instrument)), StrikeOutOfRange { instrument }, all);
    encodes(refusal(Error::EmptyTail), EmptyTail {}, all);
    encodes(refusal(Error::BadMoves), BadMoves {}, all);
    encodes(refusal(Error::BadFactor), BadFactor {}, all);
    encodes(refusal(Error::DuplicateUnderlying(7)), DuplicateUnderlying { underlying: 7 }, all);
    encodes(refusal(Error::UnknownScenario(40)), UnknownScenario { scenario: 40 }, all);
    let expected = TooManyScenarios { scenarios: number(41), most: number(40) };
    encodes(params_refusal(ParamsError::TooManyScenarios(41)), expected, all);
    encodes(params_refusal(ParamsError::BadScenario(2)), BadScenario { index: number(2) }, all);
    encodes(params_refusal(ParamsError::OutOfBounds(33)), ParameterOutOfBounds { index: 33 }, all);
}
