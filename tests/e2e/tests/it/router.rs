//! The door of the engine: what it refuses before any module sees it, and what fixes its modules.

use alloy::{
    primitives::{Address, U256},
    sol_types::{SolCall, SolInterface, SolValue},
};
use anyhow::Result;
use plimsoll_e2e::{
    abi::{interface, malformed, zeros},
    engines::{arguments, probe, solidity, state},
};
use plimsoll_harness::{
    bindings::{EngineArguments, IPlimsoll::IPlimsollErrors},
    build, deploy,
    deploy::CONSTRUCTOR_SELECTOR,
    prelude::*,
    scenario::market_params,
};

#[tokio::test]
async fn unknown_selectors_are_named_and_short_calls_padded() -> Result<()> {
    let world = World::start().await?;
    let cases: [(&[u8], [u8; 4]); 7] = [
        (&[], [0; 4]),
        (&[0xd9], [0xd9, 0, 0, 0]),
        // the first three bytes of deposit
        (&[0xd9, 0x54, 0x86], [0xd9, 0x54, 0x86, 0]),
        (&[0xde, 0xad, 0xbe, 0xef], [0xde, 0xad, 0xbe, 0xef]),
        (&[0xff; 100], [0xff; 4]),
        // below and above every route
        (&[0, 0, 0, 1], [0, 0, 0, 1]),
        (&[0xff, 0xff, 0xff, 0xfe], [0xff, 0xff, 0xff, 0xfe]),
    ];
    for (data, selector) in cases {
        let to_engine = Tx::raw(&world.owner, world.engine, data.to_vec());
        let refused = world.chain.send(to_engine).await.expect_revert::<IPlimsoll::UnknownSelector>()?;
        assert_eq!(refused.selector, selector, "{data:?}");
    }
    Ok(())
}

#[tokio::test]
async fn arguments_that_do_not_decode_are_named_for_every_function() -> Result<()> {
    let world = World::start().await?;
    let mut count = 0;
    for function in interface("IPlimsoll")?.functions() {
        for (what, data) in malformed(function) {
            // As the owner: nothing else may stand between the call and its arguments.
            let outcome = probe(&world, world.owner.address(), world.engine, data).await;
            let refused = outcome
                .expect_revert::<IPlimsoll::MalformedCall>()
                .map_err(|e| e.context(format!("{} with {what}", function.signature())))?;
            assert_eq!(refused.selector, function.selector(), "{} with {what}", function.signature());
            count += 1;
        }
    }
    // 33 functions have arguments, and each of them has at least the three truncations
    assert!(count > 99, "only {count} cases");
    Ok(())
}

#[tokio::test]
async fn more_bytes_than_arguments_are_ignored_as_solidity_does() -> Result<()> {
    let world = World::start().await?;
    let mut data = IPlimsoll::marketParamsCall { instrument: perp(BTC) }.abi_encode();
    let plain = probe(&world, Address::ZERO, world.engine, data.clone()).await?;
    data.extend([0xff; 45]);
    assert_eq!(probe(&world, Address::ZERO, world.engine, data).await?, plain);
    Ok(())
}

#[tokio::test]
async fn value_is_refused_by_every_function_and_stays_with_the_sender() -> Result<()> {
    let world = World::start().await?;
    let before = state(&world, &[]).await?;
    let one = U256::from(1);
    for function in interface("IPlimsoll")?.functions() {
        let request = serde_json::json!({
            "from": world.owner.address(), "to": world.engine, "value": one,
            "data": alloy::primitives::Bytes::from(zeros(function, 0)),
        });
        world
            .chain
            .call_raw(request)
            .await
            .expect_revert::<IPlimsoll::NotPayable>()
            .map_err(|e| e.context(function.signature()))?;
    }
    for data in [vec![], IPlimsoll::unpauseCall {}.abi_encode(), vec![1, 2, 3, 4]] {
        let tx = Tx::raw(&world.owner, world.engine, data).value(one);
        world.chain.send(tx).await.expect_revert::<IPlimsoll::NotPayable>()?;
    }
    assert_eq!(world.chain.balance(world.engine).await?, U256::ZERO);
    assert_eq!(state(&world, &[]).await?, before);
    Ok(())
}

#[tokio::test]
async fn modules_are_those_of_construction_and_the_constructor_never_runs_again() -> Result<()> {
    let world = World::start().await?;
    assert_eq!(world.chain.call(world.engine, &IPlimsoll::modulesCall {}).await?, world.modules);

    let before = state(&world, &[]).await?;
    let thief = world.user("thief").await?;
    let mine = EngineArguments { owner: thief.address(), ..arguments(&world, world.token) };
    let again = deploy::constructor(&mine.abi_encode_params());
    for from in [&thief, &world.owner] {
        let tx = Tx::raw(from, world.engine, again.clone());
        world.chain.send(tx).await.expect_revert::<IPlimsoll::AlreadyConstructed>()?;
    }
    assert_eq!(state(&world, &[]).await?, before);
    assert_eq!(world.chain.call(world.engine, &IPlimsoll::modulesCall {}).await?, world.modules);
    Ok(())
}

#[tokio::test]
async fn constructor_errors_name_what_is_wrong() -> Result<()> {
    let world = World::start().await?;
    // A router that nobody constructed knows its constructor and nothing else.
    let router = build::contracts().await?;
    let router = router.get(build::ROUTER)?;
    let bare = deploy::program(&world.chain, &world.setup, &Key::dev(), router, None).await?;
    let stranger = world.user("stranger").await?;
    let call = IPlimsoll::ownerCall {}.abi_encode();
    let refused = probe(&world, stranger.address(), bare, call).await;
    assert_eq!(
        refused.expect_revert::<IPlimsoll::UnknownSelector>()?.selector,
        IPlimsoll::ownerCall::SELECTOR
    );

    let try_with = async |arguments: EngineArguments| {
        let data = deploy::constructor(&arguments.abi_encode_params());
        world.chain.send(Tx::raw(&stranger, bare, data)).await
    };
    let good = arguments(&world, world.token);
    let none = Address::ZERO;

    for modules in [vec![], world.modules[..5].to_vec(), [&world.modules[..], &world.modules[..1]].concat()] {
        let refused = try_with(EngineArguments { modules, ..good.clone() }).await;
        assert_eq!(refused.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?.index, 0);
    }
    for place in 0..6 {
        let mut modules = world.modules.clone();
        modules[place] = none;
        let refused = try_with(EngineArguments { modules, ..good.clone() }).await;
        refused.expect_revert::<IPlimsoll::ZeroAddress>()?;
    }
    for arguments in [
        EngineArguments { owner: none, ..good.clone() },
        EngineArguments { quoteToken: none, ..good.clone() },
        EngineArguments { oracle: none, ..good.clone() },
    ] {
        try_with(arguments).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    }
    // Tokens that do not tell their decimals: nobody there, a contract without the function.
    for token in [stranger.address(), world.engine] {
        let refused = try_with(EngineArguments { quoteToken: token, ..good.clone() }).await;
        assert_eq!(refused.expect_revert::<IPlimsoll::TransferFailed>()?.token, token);
    }
    // More decimals than WAD has.
    let nineteen = solidity(&world, "UsdToken", &("Fine dollar", "FINE", U256::from(19))).await?;
    let refused = try_with(EngineArguments { quoteToken: nineteen, ..good.clone() }).await;
    assert_eq!(refused.expect_revert::<IPlimsoll::ParameterOutOfBounds>()?.index, 1);
    // Arguments cut short.
    let data = deploy::constructor(&good.abi_encode_params());
    let tx = Tx::raw(&stranger, bare, data[..data.len() - 1].to_vec());
    let refused = world.chain.send(tx).await.expect_revert::<IPlimsoll::MalformedCall>()?;
    assert_eq!(refused.selector, CONSTRUCTOR_SELECTOR);

    // After all these refusals it can still be constructed: none of them counted. A zero guardian means none.
    try_with(EngineArguments { guardian: none, ..good.clone() }).await?;
    assert_eq!(world.chain.call(bare, &IPlimsoll::ownerCall {}).await?, world.owner.address());
    assert_eq!(world.chain.call(bare, &IPlimsoll::guardianCall {}).await?, none);
    // The cap of a new engine: 30 % of the fund.
    assert_eq!(world.chain.call(bare, &IPlimsoll::insuranceCapCall {}).await?, 300_000);
    try_with(good).await.expect_revert::<IPlimsoll::AlreadyConstructed>()?;
    Ok(())
}

#[tokio::test]
async fn modules_called_directly_have_no_power_over_the_engine() -> Result<()> {
    let world = World::start().await?;
    let thief = world.user("thief").await?;
    let alice = world.trader("alice", wad(100)).await?;
    let before = state(&world, &[alice.account(0)]).await?;

    // Whatever they are asked, with whatever they would take, they fail or write what is their own.
    for module in &world.modules {
        for function in interface("IPlimsoll")?.functions() {
            for elements in [0, 1] {
                let tx = Tx::raw(&thief, *module, zeros(function, elements));
                if let Err(Failure::Reverted(revert)) = world.chain.send(tx).await {
                    let typed = revert.data.is_empty() || IPlimsollErrors::abi_decode(&revert.data).is_ok();
                    assert!(typed, "{}: {revert}", function.signature());
                }
            }
        }
    }
    // The acts that a thief would want.
    let [trading, _, _, _, collateral, _, _, governance] = world.modules[..] else {
        anyhow::bail!("eight modules")
    };
    let send = async |to, data: Vec<u8>| world.chain.send(Tx::raw(&thief, to, data)).await;
    let take = IPlimsoll::transferOwnershipCall { pending: thief.address() }.abi_encode();
    assert_eq!(send(governance, take).await.expect_revert::<IPlimsoll::NotOwner>()?.caller, thief.address());
    let accept = IPlimsoll::acceptOwnershipCall {}.abi_encode();
    send(governance, accept).await.expect_revert::<IPlimsoll::NotPendingOwner>()?;
    let list = IPlimsoll::listMarketCall { instrument: perp(7), params: market_params() }.abi_encode();
    send(governance, list).await.expect_revert::<IPlimsoll::NotOwner>()?;
    let withdraw = IPlimsoll::withdrawCall {
        account: thief.account(0),
        token: world.token,
        amount: U256::from(1),
        to: thief.address(),
    };
    let refused =
        send(collateral, withdraw.abi_encode()).await.expect_revert::<IPlimsoll::TokenNotListed>()?;
    assert_eq!(refused.token, world.token);
    let settle = IPlimsoll::settleCall { fills: vec![] }.abi_encode();
    send(trading, settle).await.expect_revert::<IPlimsoll::VenueNotAdmitted>()?;
    // This one succeeds: it writes the module's own storage, which nobody reads.
    let operator = IPlimsoll::setOperatorCall { operator: alice.address(), approved: true }.abi_encode();
    send(collateral, operator).await?;
    let asked = IPlimsoll::isOperatorCall { owner: thief.address(), operator: alice.address() };
    assert!(!world.chain.call(world.engine, &asked).await?);

    assert_eq!(state(&world, &[alice.account(0)]).await?, before);
    // The modules still work for the engine.
    let touch = IPlimsoll::touchCall { account: alice.account(0) };
    world.chain.transact(&thief, world.engine, &touch).await?;
    Ok(())
}

#[tokio::test]
async fn calls_that_run_out_of_gas_inside_a_module_say_so() -> Result<()> {
    let world = World::start().await?;
    let alice = world.trader("alice", wad(100)).await?;
    // Long enough that the 64th of the gas that stays with the router is enough for its answer.
    let accounts: Vec<_> = (0..2_000).map(|subaccount| alice.account(subaccount)).collect();
    let call = IPlimsoll::marginsOfCall { accounts };
    let needed = world.chain.estimate(&Tx::call(&alice, world.engine, &call)).await?;
    for percent in [50, 75, 95] {
        let tx = Tx::call(&alice, world.engine, &call).gas(needed * percent / 100);
        let refused = world.chain.send(tx).await.expect_revert::<IPlimsoll::MalformedCall>()?;
        assert_eq!(refused.selector, IPlimsoll::marginsOfCall::SELECTOR, "{percent} % of {needed} gas");
    }
    // A short call leaves the router nothing to say it with; it fails all the same, and nothing is half done.
    let account = alice.account(0);
    let nonce = async || {
        let call = IPlimsoll::accountOfCall { account };
        Ok::<_, Failure>(world.chain.call(world.engine, &call).await?.nonce)
    };
    let before = nonce().await?;
    let call = IPlimsoll::touchCall { account };
    let needed = world.chain.estimate(&Tx::call(&alice, world.engine, &call)).await?;
    for percent in [70, 80, 90] {
        let tx = Tx::call(&alice, world.engine, &call).gas(needed * percent / 100);
        world.chain.send(tx).await.expect_any_revert()?;
    }
    assert_eq!(nonce().await?, before);
    Ok(())
}

#[tokio::test]
async fn lists_that_name_an_instrument_twice_are_refused() -> Result<()> {
    let world = World::start().await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let poke = |instruments: &[u128]| IPlimsoll::pokeCall { instruments: instruments.to_vec() };
    let twice = poke(&[perp(BTC), perp(ETH), perp(BTC)]);
    let refused = world.chain.transact(&alice, world.engine, &twice).await;
    assert_eq!(refused.expect_revert::<IPlimsoll::DuplicateInstrument>()?.instrument, perp(BTC));
    world.chain.transact(&alice, world.engine, &poke(&[perp(BTC), perp(ETH)])).await?;
    world.chain.transact(&alice, world.engine, &poke(&[])).await?;

    let trade = IPlimsoll::Trade { instrument: perp(ETH), size: WAD as i128, price: wad(500) };
    let check = |trades| IPlimsoll::checkTradeCall { account: alice.account(0), trades };
    let twice = check(vec![trade.clone(), trade.clone()]);
    let refused = world.chain.call(world.engine, &twice).await;
    assert_eq!(refused.expect_revert::<IPlimsoll::DuplicateInstrument>()?.instrument, perp(ETH));
    assert!(world.chain.call(world.engine, &check(vec![trade])).await?.allowed);
    Ok(())
}
