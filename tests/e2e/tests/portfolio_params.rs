//! The risk model's parameters: who sets them, within which bounds, and where they are kept.

use alloy::{
    primitives::{Address, U256, hex},
    sol_types::{SolError, SolValue},
};
use anyhow::Result;
use plimsoll_e2e::risk::{Risk, refused_with, sample, standard};
use plimsoll_harness::{
    bindings::{
        IPlimsollRiskModel::{
            BadScenario, NoCode, NoParams, NotOwner, NotPendingOwner, OwnershipTransferStarted,
            OwnershipTransferred, ParameterOutOfBounds, Params, ParamsSet, TooManyScenarios, WrongModules,
            ZeroAddress, acceptOwnershipCall, compiledCall, modulesCall, ownerCall, paramsCall,
            pendingOwnerCall, setParamsCall, transferOwnershipCall,
        },
        RiskModelArguments,
    },
    build, deploy,
    prelude::*,
    setup,
};

#[tokio::test]
async fn parameters_are_kept_as_code_and_told_as_they_were_set() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    assert_eq!(chain.call(model, &paramsCall { underlying: BTC }).await?, standard());
    let first = chain.call(model, &compiledCall { underlying: BTC }).await?;
    // A first byte that stops, so that the contract does nothing, and well below the limit of a contract's size.
    let code = chain.code(first).await?;
    assert!(code[0] == 0 && code.len() > 500 && code.len() < 8_000, "{}", code.len());

    let before = risk.scenarios(&sample()).await?;
    let mut changed = standard();
    changed.scenarios.truncate(9);
    changed.margin.initial = 2 * WAD;
    let event: ParamsSet = risk.set(BTC, &changed).await?.event()?;
    assert_eq!(event, ParamsSet { underlying: BTC, params: changed.clone() });
    assert_eq!(chain.call(model, &paramsCall { underlying: BTC }).await?, changed);
    assert_ne!(chain.call(model, &compiledCall { underlying: BTC }).await?, first);
    assert_eq!(chain.code(first).await?, code);
    let after = risk.scenarios(&sample()).await?;
    assert_eq!(after.profits, before.profits[..9]);
    let worst = after.profits.iter().copied().min().unwrap_or(0).min(after.assessment.basis);
    assert_eq!(after.assessment.worst, worst);

    // Others are untouched.
    let none = chain.call(model, &paramsCall { underlying: ETH }).await;
    assert_eq!(none.expect_revert::<NoParams>()?.underlying, ETH);
    assert_eq!(chain.call(model, &compiledCall { underlying: ETH }).await?, Address::ZERO);
    Ok(())
}

/// That changed parameters are refused with exactly this error.
macro_rules! refused {
    ($risk:ident, $expected:expr, $change:expr) => {{
        let mut params = standard();
        let change: fn(&mut Params) = $change;
        change(&mut params);
        refused_with($risk.set(ETH, &params).await, &$expected)?;
    }};
}

#[tokio::test]
async fn parameters_outside_their_bounds_are_refused() -> Result<()> {
    let risk = Risk::start().await?;
    let number = U256::from::<u64>;
    let one = WAD as i128;
    refused!(risk, TooManyScenarios { scenarios: number(41), most: number(40) }, |p| {
        p.scenarios = vec![p.scenarios[0].clone(); 41];
    });
    refused!(risk, BadScenario { index: number(3) }, |p| p.scenarios[3].shock = 5);
    refused!(risk, BadScenario { index: number(4) }, |p| p.scenarios[4].spot = WAD / 1_000 - 1);
    refused!(risk, BadScenario { index: number(5) }, |p| p.scenarios[5].damp = 10 * WAD + 1);
    // 31 is the linear skew: it must not move spot, and there is one of it.
    refused!(risk, BadScenario { index: number(31) }, |p| p.scenarios[31].spot += 1);
    refused!(risk, BadScenario { index: number(32) }, |p| p.scenarios[32].shock = 3);
    let at = |index| ParameterOutOfBounds { index };
    refused!(risk, at(0), |p| p.volShock.rangeUp = 100 * WAD + 1);
    refused!(risk, at(4), |p| p.volShock.floor = 365 * 86_400 + 1);
    refused!(risk, at(6), |p| p.skew.linearBase = -10 * (WAD as i128) - 1);
    refused!(risk, at(13), |p| p.skew.volScale = i128::MAX);
    refused!(risk, at(14), |p| p.margin.maintenance = WAD / 10 - 1);
    refused!(risk, at(15), |p| p.margin.initial = WAD / 2 - 1);
    refused!(risk, at(22), |p| p.basis.up = 20 * WAD + 1);
    refused!(risk, at(26), |p| p.contingency.pegThreshold = WAD + 1);
    refused!(risk, at(33), |p| p.contingency.optionInitial = u128::MAX);
    assert_eq!(one, 1_000_000_000_000_000_000);
    // The bounds themselves are fine.
    let mut params = standard();
    params.volShock.rangeUp = 100 * WAD;
    params.skew.linearBase = -10 * one;
    params.margin.maintenance = WAD / 10;
    risk.set(ETH, &params).await?;
    Ok(())
}

#[tokio::test]
async fn only_the_owner_sets_parameters_and_ownership_passes_in_two_steps() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    let (owner, stranger) = (&risk.owner, &risk.stranger);
    let set = setParamsCall { underlying: BTC, params: standard() };
    let refused = chain.transact(stranger, model, &set).await.expect_revert::<NotOwner>()?;
    assert_eq!(refused.caller, stranger.address());
    let hand = transferOwnershipCall { pending: stranger.address() };
    chain.transact(stranger, model, &hand).await.expect_revert::<NotOwner>()?;
    let accept = acceptOwnershipCall {};
    let refused = chain.transact(stranger, model, &accept).await.expect_revert::<NotPendingOwner>()?;
    assert_eq!(refused.caller, stranger.address());

    let event: OwnershipTransferStarted = chain.transact(owner, model, &hand).await?.event()?;
    assert_eq!((event.owner, event.pending), (owner.address(), stranger.address()));
    assert_eq!(chain.call(model, &pendingOwnerCall {}).await?, stranger.address());
    assert_eq!(chain.call(model, &ownerCall {}).await?, owner.address());
    let event: OwnershipTransferred = chain.transact(stranger, model, &accept).await?.event()?;
    assert_eq!((event.previous, event.owner), (owner.address(), stranger.address()));
    assert_eq!(chain.call(model, &pendingOwnerCall {}).await?, Address::ZERO);
    chain.transact(stranger, model, &set).await?;
    chain.transact(owner, model, &set).await.expect_revert::<NotOwner>()?;
    Ok(())
}

#[tokio::test]
async fn the_constructor_wants_all_modules_and_an_owner() -> Result<()> {
    let risk = Risk::start().await?;
    let modules = risk.chain.call(risk.model, &modulesCall {}).await?;
    assert_eq!(modules.len(), build::RISK_MODULES.len());
    let contracts = build::contracts().await?;
    let setup = setup::setup(&risk.chain).await?;
    let owner = risk.owner.address();
    let deploy = async |modules: Vec<Address>, owner| {
        let data = deploy::constructor(&RiskModelArguments { modules, owner }.abi_encode_params());
        let program = contracts.get(build::RISK_MODEL)?;
        deploy::program(&risk.chain, &setup, &Key::dev(), program, Some(data)).await
    };
    deploy(modules.clone(), owner).await?;
    // The deployer passes on why a constructor fails, inside an error of its own.
    let wrong =
        WrongModules { modules: U256::from(1), needed: U256::from(build::RISK_MODULES.len()) }.abi_encode();
    let zero = ZeroAddress {}.abi_encode();
    // The owner's key is no contract.
    let nobody = NoCode { module: owner }.abi_encode();
    for (modules, owner, reason) in [
        (modules[..1].to_vec(), owner, &wrong),
        ([&modules[..modules.len() - 1], &[owner]].concat(), owner, &nobody),
        (modules.clone(), Address::ZERO, &zero),
    ] {
        let error = format!("{:#}", deploy(modules, owner).await.expect_err("a broken constructor"));
        assert!(error.contains(&hex::encode(reason)), "{error}");
    }
    Ok(())
}
