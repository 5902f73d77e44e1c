//! The risk model: published cases, every refusal, and calldata that does not decode.

use std::fs;

use alloy::{
    primitives::{B256, Bytes, U256},
    sol_types::{SolCall, SolInterface},
};
use anyhow::{Context, Result, ensure};
use plimsoll_e2e::{
    abi::{file, interface, zeros},
    risk::{Risk, collateral, expiry, leg, option, refused_with, sample},
};
use plimsoll_harness::{
    bindings::IPlimsollRiskModel::{
        BadCollateral, BadConfidence, BadPerpPrice, BadSlice, BadSpot, BadStablePrice, DuplicateLeg,
        EmptyLeg, ExpiriesNotSorted, IPlimsollRiskModelErrors, MalformedCall, NoParams, NotAnOption,
        NotPayable, Overflow, Portfolio, StrikeOutOfRange, TooManyCollaterals, TooManyExpiries, TooManyLegs,
        UnknownExpiry, UnknownSelector, WrongUnderlying, ZeroTime, assessCall, ownerCall, scenariosCall,
    },
    margin_cases::{self, params_to_abi, portfolio_to_abi},
    prelude::*,
};

const ONE: i128 = WAD as i128;

/// Whether a number is that of the published case to a billionth, or a billionth of one where it is small.
fn near(found: i128, expected: i128) -> bool {
    found
        .abs_diff(expected)
        .checked_mul(1_000_000_000)
        .is_some_and(|off| off <= expected.unsigned_abs().max(WAD))
}

#[tokio::test]
async fn published_cases_agree_in_both_balances_and_every_scenario() -> Result<()> {
    let risk = Risk::start().await?;
    let cases = margin_cases::parse(&fs::read_to_string(file("tests/e2e/data/portfolio-margin.json")?)?)?;
    assert_eq!(cases.len(), 69);
    let mut compared = 0;
    for (index, case) in cases.iter().enumerate() {
        let (id, underlying) = (&case.id, 100 + index as u16);
        let expected = case.expected.as_ref().context("a case without expectation")?;
        risk.set(underlying, &params_to_abi(&case.params)).await?;
        let found = risk.scenarios(&portfolio_to_abi(&case.of_underlying(underlying))).await?;
        let balances = [
            (found.assessment.initial, expected.initial),
            (found.assessment.maintenance, expected.maintenance),
            (found.assessment.markToMarket, expected.mark_to_market),
        ];
        assert_eq!(found.profits.len(), expected.profits.len(), "case {id}");
        let profits = found.profits.iter().copied().zip(expected.profits.iter().copied());
        for (at, (found, expected)) in balances.into_iter().chain(profits).enumerate() {
            assert!(near(found, expected), "case {id}, number {at}: {found}, not {expected}");
            compared += 1;
        }
    }
    // Each has three balances and at least the 31 scenarios of its grid.
    assert!(compared > 69 * 30, "{compared}");
    Ok(())
}

#[tokio::test]
async fn assess_and_scenarios_say_the_same_in_any_order_of_legs() -> Result<()> {
    let risk = Risk::start().await?;
    let mut portfolio = sample();
    let grid = risk.scenarios(&portfolio).await?;
    assert_eq!(risk.assess(&portfolio).await?, grid.assessment);
    let found = &grid.assessment;
    // A short straddle at the money: its worst case is one of the scenarios and a loss; the initial factor is one, that of
    // maintenance 0.8.
    let worst = grid.profits.iter().copied().min().context("no scenario")?;
    assert_eq!((found.worst, grid.profits[usize::from(found.worstScenario)]), (worst, worst));
    assert!(worst < 0 && found.worst <= found.basis);
    let charge = i128::try_from(found.maintenanceContingency)?;
    let further = i128::try_from(found.initialContingency)?;
    assert_eq!(found.initial, found.markToMarket + worst - charge - further);
    let maintenance = found.markToMarket + (worst * 4).div_euclid(5) - charge;
    assert_eq!(found.maintenance, maintenance);
    // Both legs of the straddle are naked: 0.3 % of spot each for maintenance, 0.2 % more for initial margin.
    assert_eq!((charge, further), (2 * 60 * ONE, 2 * 40 * ONE));
    portfolio.legs.reverse();
    assert_eq!(risk.scenarios(&portfolio).await?, grid);
    Ok(())
}

/// That a change of the sample is refused with exactly this error.
macro_rules! refused {
    ($risk:ident, $expected:expr, $change:expr) => {{
        let mut portfolio = sample();
        let change: fn(&mut Portfolio) = $change;
        change(&mut portfolio);
        let expected = $expected;
        refused_with($risk.assess(&portfolio).await, &expected)?;
        // The other door refuses alike.
        refused_with($risk.scenarios(&portfolio).await, &expected)?;
    }};
}

#[tokio::test]
async fn every_rule_of_a_portfolio_has_its_typed_error() -> Result<()> {
    let risk = Risk::start().await?;
    let straddle = option(7, 20_000, true);
    let week = expiry(7).expiry;
    let number = U256::from::<u64>;
    refused!(risk, NoParams { underlying: 9 }, |p| p.underlying = 9);
    refused!(risk, ZeroTime {}, |p| p.time = 0);
    refused!(risk, BadSpot {}, |p| p.spot = 0);
    refused!(risk, BadSpot {}, |p| p.spot = wad(1_000_000_000_000) + 1);
    refused!(risk, BadStablePrice {}, |p| p.stablePrice = 0);
    refused!(risk, BadPerpPrice {}, |p| p.perpPrice = wad(1_000_000_000_000) + 1);
    refused!(risk, BadConfidence { which: 0 }, |p| p.spotConfidence = WAD as u64 + 1);
    refused!(risk, BadConfidence { which: 1 }, |p| p.perpConfidence = u64::MAX);
    refused!(risk, TooManyLegs { legs: number(129), most: number(128) }, |p| p.legs =
        (0..129).map(|i| leg(option(7, 20_000 + i, true), 1)).collect());
    refused!(risk, TooManyExpiries { expiries: number(31), most: number(30) }, |p| {
        p.expiries = (1..32).map(expiry).collect();
    });
    refused!(risk, TooManyCollaterals { collaterals: number(17), most: number(16) }, |p| {
        p.collaterals = vec![collateral(WAD, WAD); 17];
    });
    refused!(risk, BadCollateral { index: number(1) }, |p| {
        p.collaterals = vec![collateral(WAD, WAD); 2];
        p.collaterals[1].maintenanceHaircut = WAD as u64 + 1;
    });
    refused!(risk, ExpiriesNotSorted { expiry: week }, |p| p.expiries.reverse());
    refused!(risk, ExpiriesNotSorted { expiry: week }, |p| p.expiries.insert(0, expiry(7)));
    refused!(risk, BadSlice { expiry: week, rule: 0 }, |p| p.expiries[0].forward = 0);
    refused!(risk, BadSlice { expiry: week, rule: 0 }, |p| p.expiries[0].sviForward = u128::MAX);
    refused!(risk, BadSlice { expiry: week, rule: 1 }, |p| p.expiries[0].rate = 11 * ONE);
    refused!(risk, BadSlice { expiry: week, rule: 2 }, |p| p.expiries[0].sviYears = 0);
    refused!(risk, BadSlice { expiry: week, rule: 3 }, |p| p.expiries[0].b = -1);
    refused!(risk, BadSlice { expiry: week, rule: 3 }, |p| p.expiries[0].rho = ONE);
    refused!(risk, BadSlice { expiry: week, rule: 4 }, |p| p.expiries[0].a = -ONE);
    refused!(risk, BadSlice { expiry: week, rule: 5 }, |p| p.expiries[0].volConfidence = u64::MAX);
    refused!(risk, NotAnOption { instrument: perp(BTC) }, |p| p.legs.push(leg(perp(BTC), ONE)));
    let other = straddle ^ (3 << 112);
    refused!(risk, WrongUnderlying { instrument: other }, |p| {
        p.legs.push(leg(option(7, 20_000, true) ^ (3 << 112), ONE));
    });
    refused!(risk, UnknownExpiry { expiry: expiry(8).expiry }, |p| {
        p.legs.push(leg(option(8, 20_000, true), ONE));
    });
    refused!(risk, DuplicateLeg { instrument: straddle }, |p| p.legs.push(leg(option(7, 20_000, true), 5)));
    refused!(risk, EmptyLeg { instrument: straddle }, |p| p.legs[0] = leg(option(7, 20_000, true), 0));
    refused!(risk, StrikeOutOfRange { instrument: option(7, 0, true) }, |p| {
        p.legs[0] = leg(option(7, 0, true), ONE);
    });
    // A million times the forward of 20,000, and a unit more.
    refused!(risk, StrikeOutOfRange { instrument: option(7, 20_000_000_001, true) }, |p| {
        p.legs[0] = leg(option(7, 20_000_000_001, true), ONE);
    });
    refused!(risk, Overflow {}, |p| {
        p.cash = i128::MAX;
        p.perpPnl = i128::MAX;
    });
    refused!(risk, Overflow {}, |p| p.legs[0] = leg(option(7, 20_000, true), i128::MIN));
    Ok(())
}

#[tokio::test]
async fn calldata_that_does_not_decode_has_its_typed_error() -> Result<()> {
    let risk = Risk::start().await?;
    let mut portfolio = sample();
    portfolio.collaterals = vec![collateral(WAD, WAD)];
    for data in [
        assessCall { portfolio: portfolio.clone() }.abi_encode(),
        scenariosCall { portfolio: portfolio.clone() }.abi_encode(),
    ] {
        let selector = B256::right_padding_from(&data[..4]);
        let selector = selector[..4].try_into()?;
        let malformed = MalformedCall { selector };
        for length in (4..data.len()).step_by(17) {
            assert_eq!(risk.raw(data[..length].to_vec()).await.expect_revert::<MalformedCall>()?, malformed);
        }
        // Every word but the legs themselves has a type that this is outside of.
        let words = (data.len() - 4) / 32;
        let top = [&[0x80][..], &[0; 31]].concat();
        for word in 0..words - portfolio.legs.len() {
            let mut bad = data.clone();
            bad[4 + 32 * word..][..32].copy_from_slice(&top);
            let found = risk.raw(bad).await.expect_revert::<MalformedCall>();
            assert_eq!(found.with_context(|| format!("word {word}"))?, malformed);
        }
        // Anything else decodes or is refused by name; nothing is a trap.
        let mut refusals = 0;
        for word in 0..words {
            for value in [U256::ZERO, U256::from(1), U256::from(u32::MAX), U256::from(u64::MAX), U256::MAX] {
                let mut bad = data.clone();
                bad[4 + 32 * word..][..32].copy_from_slice(&value.to_be_bytes::<32>());
                match risk.raw(bad).await {
                    Ok(found) => ensure!(found.len() >= 9 * 32, "word {word} as {value}: {found}"),
                    Err(Failure::Reverted(revert)) => {
                        let known = IPlimsollRiskModelErrors::abi_decode(&revert.data).is_ok();
                        ensure!(known, "word {word} as {value}: {revert}");
                        refusals += 1;
                    }
                    Err(other) => return Err(other).context(format!("word {word} as {value}")),
                }
            }
        }
        assert!(refusals > words, "{refusals}");
    }
    let selector = [1u8, 2, 3, 4];
    assert_eq!(risk.raw(vec![1, 2, 3, 4, 5]).await.expect_revert::<UnknownSelector>()?.selector, selector);
    Ok(())
}

#[tokio::test]
async fn every_function_names_arguments_that_do_not_decode() -> Result<()> {
    let risk = Risk::start().await?;
    let mut functions = 0;
    for function in interface("IPlimsollRiskModel")?.functions() {
        let good = zeros(function, 1);
        let words = (good.len() - 4) / 32;
        if words == 0 {
            continue;
        }
        functions += 1;
        let malformed = MalformedCall { selector: function.selector() };
        let signature = function.signature();
        // As the owner: nothing else may stand between the call and its arguments.
        let ask = async |data: Vec<u8>| {
            let (from, data) = (risk.owner.address(), Bytes::from(data));
            let request = serde_json::json!({ "from": from, "to": risk.model, "data": data });
            risk.chain.call_raw(request).await
        };
        for length in (4..good.len()).step_by(31).chain([5, good.len() - 1]) {
            let found = ask(good[..length].to_vec()).await.expect_revert::<MalformedCall>();
            assert_eq!(found.with_context(|| format!("{length} bytes of {signature}"))?, malformed);
        }
        // Legs alone are words of any content.
        let mut legs = usize::from(signature.contains("bytes32[]"));
        for word in 0..words {
            let mut bad = good.clone();
            bad[4 + 32 * word] = 0x80;
            let found = ask(bad).await.expect_any_revert();
            let revert = found.with_context(|| format!("word {word} of {signature}"))?;
            if revert.decode().as_ref() != Some(&malformed) {
                legs =
                    legs.checked_sub(1).with_context(|| format!("word {word} of {signature}: {revert}"))?;
            }
        }
        assert_eq!(legs, 0, "{signature}");
    }
    // All but `modules`, `owner`, `pendingOwner` and `acceptOwnership`.
    assert_eq!(functions, 13);
    Ok(())
}

#[tokio::test]
async fn value_is_refused_by_every_function() -> Result<()> {
    let risk = Risk::start().await?;
    let one = U256::from(1);
    for function in interface("IPlimsollRiskModel")?.functions() {
        for elements in [0, 1] {
            let data = Bytes::from(zeros(function, elements));
            let from = risk.owner.address();
            let request = serde_json::json!({ "from": from, "to": risk.model, "value": one, "data": data });
            let refused = risk.chain.call_raw(request).await.expect_revert::<NotPayable>();
            refused.with_context(|| function.signature())?;
        }
    }
    for data in [assessCall { portfolio: sample() }.abi_encode(), ownerCall {}.abi_encode(), vec![], vec![1]]
    {
        let paid = Tx::raw(&risk.stranger, risk.model, data).value(one);
        assert_eq!(risk.chain.send(paid).await.expect_revert::<NotPayable>()?, NotPayable {});
    }
    assert_eq!(risk.chain.balance(risk.model).await?, U256::ZERO);
    Ok(())
}
