//! Calls back into the engine while it is at work, by a hostile token and a hostile venue.

use alloy::{
    primitives::{B256, Bytes, U256},
    sol_types::{SolCall, SolError, SolValue},
};
use anyhow::Result;
use plimsoll_e2e::{
    abi::{interface, zeros},
    engines::{solidity, state, with_token},
};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::Fill,
        solidity::{
            HostileVenue::{self, Step},
            ReentrantToken,
        },
    },
    prelude::*,
};

/// When the token calls: before its balances move, or after.
const BEFORE: u8 = 1;
const AFTER: u8 = 2;
const USD: u64 = 1_000_000;

/// A world whose quote token calls back.
async fn hostile_world() -> Result<World> {
    let world = World::start().await?;
    let token = solidity(&world, "ReentrantToken", &()).await?;
    with_token(&world, token).await
}

async fn arm(
    world: &World,
    moment: u8,
    target: alloy::primitives::Address,
    payload: Vec<u8>,
    bubble: bool,
) -> Result<()> {
    let call = ReentrantToken::armCall {
        moment_: moment,
        target_: target,
        payload_: payload.into(),
        bubble_: bubble,
    };
    world.chain.transact(&world.owner, world.token, &call).await?;
    Ok(())
}

/// How often the token called, whether the last call succeeded, and what it returned.
async fn called(world: &World) -> Result<(U256, bool, Bytes)> {
    let chain = &world.chain;
    Ok((
        chain.call(world.token, &ReentrantToken::callsCall {}).await?,
        chain.call(world.token, &ReentrantToken::lastSuccessCall {}).await?,
        chain.call(world.token, &ReentrantToken::lastReturnCall {}).await?,
    ))
}

fn reentered() -> Bytes {
    IPlimsoll::Reentered {}.abi_encode().into()
}

async fn cash(world: &World, account: B256) -> Result<i128> {
    Ok(world.chain.call(world.engine, &IPlimsoll::accountOfCall { account }).await?.cash)
}

fn deposit(world: &World, account: B256, units: u64) -> IPlimsoll::depositCall {
    IPlimsoll::depositCall { account, token: world.token, amount: U256::from(units) }
}

/// Gives a key tokens beyond its deposit and an unlimited allowance for the engine.
async fn provide(world: &World, key: &Key) -> Result<()> {
    let mint = IToken::mintCall { to: key.address(), amount: U256::from(100_000 * USD) };
    let approve = IToken::approveCall { spender: world.engine, amount: U256::MAX };
    let txs = [Tx::call(key, world.token, &mint), Tx::call(key, world.token, &approve)];
    world.chain.send_all_ok(&txs).await?;
    Ok(())
}

#[tokio::test]
async fn every_function_refuses_to_be_called_back() -> Result<()> {
    let world = hostile_world().await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    provide(&world, &alice).await?;
    let account = alice.account(0);
    let (mut deposited, mut calls) = (wad(1_000), 0);
    let mut payloads: Vec<_> = interface("IPlimsoll")?
        .functions()
        .map(|function| (function.signature(), zeros(function, 0)))
        .collect();
    // What is no function is refused as re-entry too, before anything is looked at.
    payloads.push(("no data".to_owned(), vec![]));
    payloads.push(("an unknown selector".to_owned(), vec![0xff; 36]));
    for (i, (what, payload)) in payloads.into_iter().enumerate() {
        let moment = if i % 2 == 0 { BEFORE } else { AFTER };
        arm(&world, moment, world.engine, payload, false).await?;
        let outer = deposit(&world, account, 1);
        world
            .chain
            .transact(&alice, world.engine, &outer)
            .await
            .map_err(|e| anyhow::anyhow!("{what}: {e}"))?;
        assert_eq!(called(&world).await?, (U256::from(1), false, reentered()), "{what}");
        deposited += WAD / 1_000_000;
        calls += 1;
    }
    assert!(calls > 45, "only {calls} functions");
    // The outer calls did what they should and no more.
    assert_eq!(cash(&world, account).await?, deposited as i128);
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn calls_back_that_would_succeed_alone_fail_from_every_function_that_moves_tokens() -> Result<()> {
    let world = hostile_world().await?;
    let (chain, engine, token) = (&world.chain, world.engine, world.token);
    let [alice, bob] = [world.trader("alice", wad(1_000)).await?, world.trader("bob", wad(1_000)).await?];
    provide(&world, &alice).await?;
    // The token itself is a client with 500 dollars, an allowance, and an admitted venue that both approved.
    let its_account = account_id(token, 0);
    let as_token = |to, data: Vec<u8>| ReentrantToken::executeCall { to, data: data.into() };
    let approve = IToken::approveCall { spender: engine, amount: U256::MAX }.abi_encode();
    let mint = IToken::mintCall { to: token, amount: U256::from(1_000 * USD) };
    let admit = IPlimsoll::admitVenueCall { venue: token, admitted: true };
    let fund_it = deposit(&world, its_account, 500 * USD).abi_encode();
    chain
        .send_all_ok(&[
            Tx::call(&alice, token, &mint),
            Tx::call(&alice, token, &as_token(token, approve)),
            Tx::call(&alice, token, &as_token(engine, fund_it)),
            Tx::call(&world.owner, engine, &admit),
            world.approve_venue_tx(&alice, alice.account(0), token),
            world.approve_venue_tx(&bob, bob.account(0), token),
        ])
        .await?;
    let fill = Fill {
        taker: alice.account(0),
        maker: bob.account(0),
        instrument: perp(BTC),
        size: WAD as i128 / 100,
        price: wad(10_000),
    };
    let take = IPlimsoll::withdrawCall {
        account: its_account,
        token,
        amount: U256::from(10 * USD),
        to: world.venue.address(),
    };
    let attacks = [
        ("withdraw", take.abi_encode()),
        ("deposit", deposit(&world, its_account, USD).abi_encode()),
        ("fundInsurance", IPlimsoll::fundInsuranceCall { amount: U256::from(USD) }.abi_encode()),
        ("settle", IPlimsoll::settleCall { fills: vec![fill] }.abi_encode()),
        ("touch", IPlimsoll::touchCall { account: alice.account(0) }.abi_encode()),
        ("marginOf", IPlimsoll::marginOfCall { account: alice.account(0) }.abi_encode()),
        ("freeCollateral", IPlimsoll::freeCollateralCall { account: its_account }.abi_encode()),
    ];
    let outer = [
        ("deposit", deposit(&world, alice.account(0), 2 * USD).abi_encode()),
        (
            "withdraw",
            IPlimsoll::withdrawCall {
                account: alice.account(0),
                token,
                amount: U256::from(2 * USD),
                to: alice.address(),
            }
            .abi_encode(),
        ),
        ("fundInsurance", IPlimsoll::fundInsuranceCall { amount: U256::from(2 * USD) }.abi_encode()),
    ];
    let accounts = [alice.account(0), bob.account(0), its_account];
    for (attack, payload) in &attacks {
        for (name, data) in &outer {
            let what = format!("{attack} within {name}");
            // Its failure passed on, the outer call fails whole.
            let before = state(&world, &accounts).await?;
            for moment in [BEFORE, AFTER] {
                arm(&world, moment, engine, payload.clone(), true).await?;
                let refused = chain.send(Tx::raw(&alice, engine, data.clone())).await;
                let refused = refused.expect_revert::<IPlimsoll::TransferFailed>();
                assert_eq!(refused.map_err(|e| e.context(what.clone()))?.token, token, "{what}");
            }
            assert_eq!(state(&world, &accounts).await?, before, "{what}");
            // Swallowed, the outer call goes through as if nothing had been tried.
            let held = cash(&world, its_account).await?;
            arm(&world, AFTER, engine, payload.clone(), false).await?;
            chain
                .send(Tx::raw(&alice, engine, data.clone()))
                .await
                .map_err(|e| anyhow::anyhow!("{what}: {e}"))?;
            assert_eq!(called(&world).await?, (U256::from(1), false, reentered()), "{what}");
            assert_eq!(cash(&world, its_account).await?, held, "{what}");
        }
    }
    // Seven times two in and two out: the account holds what it held. Seven times two in insurance.
    assert_eq!(cash(&world, alice.account(0)).await?, wad(1_000) as i128);
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.insurance, wad(14));
    assert_eq!(world.identity().await?.difference, 0);

    // Outside of a call each of the attacks is an ordinary call that succeeds: nothing but the guard stood in the way.
    arm(&world, 0, engine, vec![], false).await?;
    for (attack, payload) in attacks {
        chain
            .transact(&alice, token, &as_token(engine, payload))
            .await
            .map_err(|e| anyhow::anyhow!("{attack}: {e}"))?;
    }
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn fees_paid_in_a_hostile_token_do_not_reenter() -> Result<()> {
    let world = hostile_world().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let params = IPlimsoll::MarketParams { takerFee: 1_000, ..plimsoll_harness::scenario::market_params() };
    let set = IPlimsoll::setMarketParamsCall { instrument: perp(BTC), params };
    chain.transact(&world.owner, engine, &set).await?;
    let [alice, bob] = [world.trader("alice", wad(1_000)).await?, world.trader("bob", wad(1_000)).await?];
    // 0.1 % of 1,000
    world.trade(alice.account(0), bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await?;
    let pay = IPlimsoll::withdrawFeesCall { to: world.owner.address(), amount: U256::from(USD) };
    // The owner of a token that is the owner of the engine would be paid twice without the guard.
    arm(&world, BEFORE, engine, pay.abi_encode(), true).await?;
    chain.transact(&world.owner, engine, &pay).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.fees, WAD);
    arm(&world, BEFORE, engine, pay.abi_encode(), false).await?;
    chain.transact(&world.owner, engine, &pay).await?;
    assert_eq!(called(&world).await?, (U256::from(1), false, reentered()));
    assert_eq!(chain.call(engine, &IPlimsoll::totalsCall {}).await?.fees, 0);
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn only_the_engine_at_work_is_closed() -> Result<()> {
    let world = hostile_world().await?;
    let chain = &world.chain;
    let alice = world.trader("alice", wad(1_000)).await?;
    provide(&world, &alice).await?;
    let other = with_token(&world, world.token).await?;
    let venue = solidity(&world, "HostileVenue", &(world.engine,)).await?;
    let account = alice.account(0);
    let settle = IPlimsoll::settleCall { fills: vec![] }.abi_encode();
    let touch = IPlimsoll::touchCall { account }.abi_encode();
    let operator = IPlimsoll::setOperatorCall { operator: venue, approved: true }.abi_encode();
    let price = IPlimsollOracle::priceCall { underlying: BTC }.abi_encode();
    let steps = [
        (world.engine, settle),
        (world.engine, touch.clone()),
        (world.engine, IPlimsoll::modulesCall {}.abi_encode()),
        (world.engine, operator.clone()),
        (other.engine, touch),
        (world.oracle, price),
        // A module by itself works on its own storage.
        (world.modules[4], operator),
    ];
    let steps_ = steps.map(|(target, payload)| Step { target, payload: payload.into() }).to_vec();
    chain.transact(&alice, venue, &HostileVenue::prepareCall { steps_ }).await?;
    arm(&world, AFTER, venue, HostileVenue::hookCall {}.abi_encode(), false).await?;
    chain.transact(&alice, world.engine, &deposit(&world, account, USD)).await?;

    let outcomes = chain.call(venue, &HostileVenue::outcomesCall {}).await?;
    assert_eq!(outcomes.len(), 7);
    for outcome in &outcomes[..4] {
        assert_eq!((outcome.success, &outcome.result), (false, &reentered()));
    }
    for outcome in &outcomes[4..] {
        assert!(outcome.success, "{}", outcome.result);
    }
    let asked = IPlimsoll::isOperatorCall { owner: venue, operator: venue };
    assert!(!chain.call(world.engine, &asked).await?);
    assert_eq!(cash(&world, account).await?, wad(1_001) as i128);
    Ok(())
}

#[tokio::test]
async fn venues_that_settle_the_same_fills_over_and_over_meet_the_margin() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let [alice, bob] = [world.trader("alice", wad(1_000)).await?, world.trader("bob", wad(1_000)).await?];
    let venue = solidity(&world, "HostileVenue", &(engine,)).await?;
    let accounts = [alice.account(0), bob.account(0)];
    // 0.5 BTC at 10,000: each time 250 of initial margin on both sides.
    let fill = Fill {
        taker: accounts[0],
        maker: accounts[1],
        instrument: perp(BTC),
        size: WAD as i128 / 2,
        price: wad(10_000),
    };
    let settle = async |fills: Vec<Fill>, times: u64| {
        let arguments = (fills, U256::from(times)).abi_encode_params();
        let data = [&HostileVenue::settleRepeatedlyCall::SELECTOR[..], &arguments].concat();
        chain.send(Tx::raw(&bob, venue, data)).await
    };
    let before = state(&world, &accounts).await?;
    settle(vec![fill.clone()], 1).await.expect_revert::<IPlimsoll::VenueNotAdmitted>()?;
    let admit = IPlimsoll::admitVenueCall { venue, admitted: true };
    chain.transact(&world.owner, engine, &admit).await?;
    let refused = settle(vec![fill.clone()], 1).await.expect_revert::<IPlimsoll::VenueNotApproved>()?;
    assert_eq!((refused.account, refused.venue), (accounts[0], venue));
    for key in [&alice, &bob] {
        chain.send(world.approve_venue_tx(key, key.account(0), venue)).await?;
    }
    // Five times would need 1,250; the four before the fifth fall with it.
    let refused = settle(vec![fill.clone()], 5).await.expect_revert::<IPlimsoll::InsufficientMargin>()?;
    assert_eq!((refused.equity, refused.initial), (wad(1_000) as i128, wad(1_250)));
    // The price is the venue's to choose within the band of 5 %, and not beyond.
    for price in [wad(10_500) + 1, wad(9_500) - 1, 0, u128::MAX] {
        let refused = settle(vec![Fill { price, ..fill.clone() }], 1).await;
        let refused = refused.expect_revert::<IPlimsoll::PriceOutOfBand>()?;
        assert_eq!((refused.price, refused.low, refused.high), (price, wad(9_500), wad(10_500)));
    }
    assert_eq!(state(&world, &accounts).await?, before);
    settle(vec![fill], 4).await?;
    let margin = chain.call(engine, &IPlimsoll::marginOfCall { account: accounts[0] }).await?;
    assert_eq!((margin.equity, margin.initial), (wad(1_000) as i128, wad(1_000)));
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}
