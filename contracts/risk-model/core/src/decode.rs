//! From calldata to the model's own types, word by word and without copies in between.

use alloc::vec::Vec;

use plimsoll_ledger::{Revert, codec::Args};
use plimsoll_risk::portfolio::{
    Collateral, Leg, Move, NUMBERS, Params, Portfolio, SIGNED, Scenario, Shock, Slice, Svi,
};

use crate::errors::bad_scenario;

/// Words of an `Expiry`.
const EXPIRY: usize = 13;
/// Words of a `Collateral`.
const COLLATERAL: usize = 6;
/// Place of the floor of times among the numbers.
const FLOOR: usize = 4;
/// Words of a `Scenario`.
const SCENARIO: usize = 3;

/// The `Portfolio` that the offset in a word points to; `None` when it does not decode.
#[must_use]
pub fn portfolio(args: Args<'_>, index: usize) -> Option<Portfolio> {
    let words = args.tuple(index)?;
    Some(Portfolio {
        underlying: words.uint(0)?,
        time: words.uint(1)?,
        cash: words.int128(2)?,
        spot: words.uint(3)?,
        spot_confidence: confidence(words, 4)?,
        perps: words.int128(5)?,
        perp_price: words.uint(6)?,
        perp_confidence: confidence(words, 7)?,
        perp_pnl: words.int128(8)?,
        perp_funding: words.int128(9)?,
        stable_price: words.uint(10)?,
        depth: words.uint(11)?,
        collaterals: words.array(12, COLLATERAL, collateral)?,
        slices: words.array(13, EXPIRY, slice)?,
        legs: words.array(14, 1, leg)?,
    })
}

fn collateral(words: Args<'_>, at: usize) -> Option<Collateral> {
    Some(Collateral {
        amount: words.uint(at)?,
        price: words.uint(at + 1)?,
        confidence: confidence(words, at + 2)?,
        maintenance_haircut: confidence(words, at + 3)?,
        initial_haircut: confidence(words, at + 4)?,
        risk_cancelling: words.boolean(at + 5)?,
    })
}

fn slice(words: Args<'_>, at: usize) -> Option<Slice> {
    Some(Slice {
        expiry: words.uint(at)?,
        forward: words.uint(at + 1)?,
        rate: words.int128(at + 2)?,
        svi: Svi {
            a: words.int128(at + 3)?,
            b: words.int128(at + 4)?,
            rho: words.int128(at + 5)?,
            m: words.int128(at + 6)?,
            sigma: words.int128(at + 7)?,
        },
        svi_forward: words.uint(at + 8)?,
        svi_years: words.uint(at + 9)?,
        forward_confidence: confidence(words, at + 10)?,
        rate_confidence: confidence(words, at + 11)?,
        vol_confidence: confidence(words, at + 12)?,
    })
}

/// A `uint64`, of which the model has 128 bits.
fn confidence(words: Args<'_>, at: usize) -> Option<u128> {
    words.uint::<u64>(at).map(u128::from)
}

/// Instrument and size of a word. Every word decodes: whether it is an option is for the model to say.
fn leg(words: Args<'_>, at: usize) -> Option<Leg> {
    let (instrument, size) = words.halves(at)?;
    Some(Leg { instrument, size: size as i128 })
}

/// The `Params` that the offset in a word points to: `None` when they do not decode, an error when a shock is none.
#[must_use]
pub fn params(args: Args<'_>, index: usize) -> Option<Result<Params, Revert>> {
    let words = args.tuple(index)?;
    let listed = words.array(0, SCENARIO, |words, at| {
        Some((words.uint(at)?, words.uint::<u8>(at + 1)?, words.uint(at + 2)?))
    })?;
    let mut numbers = [0; NUMBERS];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = if SIGNED.contains(&index) {
            words.int128(1 + index)?
        } else {
            words.uint::<u128>(1 + index)? as i128
        };
    }
    // The only one of 32 bits.
    words.uint::<u32>(1 + FLOOR)?;
    let scenarios = match scenarios(&listed) {
        Ok(scenarios) => scenarios,
        Err(error) => return Some(Err(error)),
    };
    Some(Ok(Params::from_numbers(scenarios, &numbers)))
}

/// The array of `Move` at the offset in a word.
#[must_use]
pub fn moves(args: Args<'_>, index: usize) -> Option<Vec<Move>> {
    args.array(index, 2, |words, at| {
        let number = |at| words.int128(at)?.try_into().ok();
        Some(Move { spot: number(at)?, vol: number(at + 1)? })
    })
}

/// Scenarios from spot, shock and damp.
///
/// # Errors
/// `BadScenario` when a shock is none.
pub fn scenarios(listed: &[(u128, u8, u128)]) -> Result<Vec<Scenario>, Revert> {
    let mut all = Vec::with_capacity(listed.len());
    for (index, &(spot, shock, damp)) in listed.iter().enumerate() {
        let shock = Shock::ALL.get(usize::from(shock)).ok_or_else(|| bad_scenario(index))?;
        all.push(Scenario { spot, shock: *shock, damp });
    }
    Ok(all)
}
