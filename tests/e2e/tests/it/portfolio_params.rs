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
            AlreadyConstructed, BadScenario, NoCode, NoParams, NotOwner, NotPendingOwner,
            OwnershipTransferStarted, OwnershipTransferred, ParameterOutOfBounds, Params, ParamsSet,
            TooManyScenarios, WrongModules, ZeroAddress, acceptOwnershipCall, compiledCall, modulesCall,
            ownerCall, paramsCall, pendingOwnerCall, setParamsCall, transferOwnershipCall,
        },
        RiskModelArguments,
    },
    build, deploy,
    margin_cases::params_to_abi,
    prelude::*,
    setup,
};
use plimsoll_risk::portfolio::{self, Compiled};

#[tokio::test]
async fn parameters_are_kept_as_code_and_told_as_they_were_set() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    assert_eq!(chain.call(model, &paramsCall { underlying: BTC }).await?, standard());
    let first = chain.call(model, &compiledCall { underlying: BTC }).await?;
    // A first byte that stops, so that the contract does nothing.
    let code = chain.code(first).await?;
    assert_eq!(code, [&[0][..], &Compiled::new(&portfolio::Params::standard()).unwrap().to_bytes()].concat());

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
    // Each of the numbers has bounds.
    let scenarios = || portfolio::Params::standard().scenarios;
    for index in 0..portfolio::NUMBERS {
        let mut numbers = portfolio::Params::standard().numbers();
        // The fifth alone has 32 bits.
        numbers[index] = if index == 4 { u32::MAX.into() } else { i128::MAX };
        let params = params_to_abi(&portfolio::Params::from_numbers(scenarios(), &numbers));
        refused_with(risk.set(ETH, &params).await, &at(index as u8))?;
    }
    // None of these was set.
    let none = risk.chain.call(risk.model, &paramsCall { underlying: ETH }).await;
    refused_with(none, &NoParams { underlying: ETH })?;
    // The bounds themselves are fine.
    let mut params = standard();
    params.scenarios[4].spot = WAD / 1_000;
    params.scenarios[5].damp = 10 * WAD;
    params.volShock.rangeUp = 100 * WAD;
    params.volShock.floor = 365 * 86_400;
    params.skew.linearBase = -10 * WAD as i128;
    params.margin.maintenance = WAD / 10;
    params.margin.initial = WAD / 2;
    params.basis.up = 20 * WAD;
    params.contingency.pegThreshold = WAD;
    risk.set(ETH, &params).await?;
    assert_eq!(risk.chain.call(risk.model, &paramsCall { underlying: ETH }).await?, params);
    params.scenarios = vec![params.scenarios[0].clone(); 40];
    risk.set(ETH, &params).await?;
    assert_eq!(risk.chain.call(risk.model, &paramsCall { underlying: ETH }).await?, params);
    Ok(())
}

#[tokio::test]
async fn only_the_owner_sets_parameters_and_ownership_passes_in_two_steps() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    let (owner, stranger) = (&risk.owner, &risk.stranger);
    let set = setParamsCall { underlying: BTC, params: standard() };
    let not_owner = |caller: &Key| NotOwner { caller: caller.address() };
    let not_pending = |caller: &Key| NotPendingOwner { caller: caller.address() };
    refused_with(chain.transact(stranger, model, &set).await, &not_owner(stranger))?;
    let hand = transferOwnershipCall { pending: stranger.address() };
    refused_with(chain.transact(stranger, model, &hand).await, &not_owner(stranger))?;
    let accept = acceptOwnershipCall {};
    refused_with(chain.transact(stranger, model, &accept).await, &not_pending(stranger))?;

    let event: OwnershipTransferStarted = chain.transact(owner, model, &hand).await?.event()?;
    assert_eq!((event.owner, event.pending), (owner.address(), stranger.address()));
    assert_eq!(chain.call(model, &pendingOwnerCall {}).await?, stranger.address());
    assert_eq!(chain.call(model, &ownerCall {}).await?, owner.address());
    // The owner is not who was named.
    refused_with(chain.transact(owner, model, &accept).await, &not_pending(owner))?;
    let event: OwnershipTransferred = chain.transact(stranger, model, &accept).await?.event()?;
    assert_eq!((event.previous, event.owner), (owner.address(), stranger.address()));
    assert_eq!(chain.call(model, &pendingOwnerCall {}).await?, Address::ZERO);
    assert_eq!(chain.call(model, &ownerCall {}).await?, stranger.address());
    chain.transact(stranger, model, &set).await?.event::<ParamsSet>()?;
    refused_with(chain.transact(owner, model, &set).await, &not_owner(owner))
}

#[tokio::test]
async fn a_transfer_to_nobody_calls_the_pending_one_off() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    let (owner, stranger) = (risk.owner.address(), risk.stranger.address());
    for pending in [stranger, Address::ZERO] {
        let receipt = chain.transact(&risk.owner, model, &transferOwnershipCall { pending }).await?;
        assert_eq!(receipt.event::<OwnershipTransferStarted>()?, OwnershipTransferStarted { owner, pending });
        assert_eq!(chain.call(model, &pendingOwnerCall {}).await?, pending);
    }
    let accepted = chain.transact(&risk.stranger, model, &acceptOwnershipCall {}).await;
    refused_with(accepted, &NotPendingOwner { caller: stranger })?;
    assert_eq!(chain.call(model, &ownerCall {}).await?, owner);
    Ok(())
}

#[tokio::test]
async fn the_constructor_never_runs_again_and_modules_have_no_owner() -> Result<()> {
    let risk = Risk::start().await?;
    let (chain, model) = (&risk.chain, risk.model);
    let modules = chain.call(model, &modulesCall {}).await?;
    let mine = RiskModelArguments { modules: modules.clone(), owner: risk.stranger.address() };
    let again = deploy::constructor(&mine.abi_encode_params());
    for from in [&risk.stranger, &risk.owner] {
        let refused = chain.send(Tx::raw(from, model, again.clone())).await;
        refused_with(refused, &AlreadyConstructed {})?;
    }
    assert_eq!(chain.call(model, &modulesCall {}).await?, modules);
    assert_eq!(chain.call(model, &ownerCall {}).await?, risk.owner.address());

    // At its own address the setup module has a storage of its own, in which nobody is the owner of anything.
    let set = setParamsCall { underlying: BTC, params: standard() };
    let take = transferOwnershipCall { pending: risk.stranger.address() };
    for from in [&risk.owner, &risk.stranger] {
        let denied = NotOwner { caller: from.address() };
        refused_with(chain.transact(from, modules[0], &set).await, &denied)?;
        refused_with(chain.transact(from, modules[0], &take).await, &denied)?;
        let accepted = chain.transact(from, modules[0], &acceptOwnershipCall {}).await;
        refused_with(accepted, &NotPendingOwner { caller: from.address() })?;
    }
    assert_eq!(chain.call(modules[0], &ownerCall {}).await?, Address::ZERO);
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
    let other = deploy(modules.clone(), owner).await?;
    assert_eq!(risk.chain.call(other, &modulesCall {}).await?, modules);
    assert_eq!(risk.chain.call(other, &ownerCall {}).await?, owner);
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
