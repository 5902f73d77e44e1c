//! Quote tokens as they are: of other decimals, silent, with fees, with a blacklist, and lying.

use alloy::primitives::{Address, U256};
use anyhow::Result;
use plimsoll_e2e::engines::{balance, solidity, state, with_token};
use plimsoll_harness::{
    bindings::solidity::{BlacklistToken, FalseToken, FeeToken},
    prelude::*,
};

/// Units of a token of 6 decimals.
const USD: u64 = 1_000_000;

fn deposit(world: &World, key: &Key, amount: U256) -> IPlimsoll::depositCall {
    IPlimsoll::depositCall { account: key.account(0), token: world.token, amount }
}

fn withdraw(world: &World, key: &Key, amount: U256, to: Address) -> IPlimsoll::withdrawCall {
    IPlimsoll::withdrawCall { account: key.account(0), token: world.token, amount, to }
}

/// Mints tokens to a key and lets the engine take them.
async fn mint_and_approve(world: &World, key: &Key, amount: U256) -> Result<()> {
    let mint = IToken::mintCall { to: key.address(), amount };
    // Sent raw: the answer of a token that gives none does not decode as true.
    let approve = IToken::approveCall { spender: world.engine, amount: U256::MAX };
    let txs = [Tx::call(key, world.token, &mint), Tx::call(key, world.token, &approve)];
    world.chain.send_all_ok(&txs).await?;
    Ok(())
}

/// Deposits, a trade, insurance, and withdrawals down to the last unit, with a token that moves what it is asked to.
/// `unit` is one dollar in the token's units.
async fn whole_life(world: &World, unit: U256) -> Result<()> {
    let (chain, engine) = (&world.chain, world.engine);
    let [alice, bob] = [world.user("life alice").await?, world.user("life bob").await?];
    for key in [&alice, &bob] {
        mint_and_approve(world, key, unit * U256::from(1_100)).await?;
        let receipt = chain.transact(key, engine, &deposit(world, key, unit * U256::from(1_000))).await?;
        assert_eq!(receipt.event::<IPlimsoll::Deposited>()?.credited, wad(1_000));
        chain.send(world.approve_venue_tx(key, key.account(0), world.venue.address())).await?;
    }
    // Alice buys 0.1 BTC at 10,000 and sells it back at 10,400: she wins 40, bob loses them.
    let tenth = WAD as i128 / 10;
    world.trade(alice.account(0), bob.account(0), perp(BTC), tenth, wad(10_000)).await?;
    world.trade(alice.account(0), bob.account(0), perp(BTC), -tenth, wad(10_400)).await?;
    chain.transact(&bob, engine, &IPlimsoll::fundInsuranceCall { amount: unit * U256::from(100) }).await?;
    assert_eq!(world.identity().await?.difference, 0);

    // What she won is young: it stays for two to three windows.
    for (key, dollars) in [(&alice, 1_000), (&bob, 960)] {
        let to = Address::repeat_byte(0x99);
        let (had, amount) = (balance(world, to).await?, unit * U256::from(dollars));
        let more = withdraw(world, key, amount + U256::from(1), to);
        chain.transact(key, engine, &more).await.expect_revert::<IPlimsoll::InsufficientCollateral>()?;
        chain.transact(key, engine, &withdraw(world, key, amount, to)).await?;
        assert_eq!(balance(world, to).await? - had, amount);
    }
    // What is left is the insurance fund and the young profit.
    assert_eq!(balance(world, engine).await?, unit * U256::from(140));
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn tokens_of_any_decimals_and_without_answers_live_a_whole_life() -> Result<()> {
    let world = World::start().await?;
    for decimals in [6_u8, 18, 0, 8] {
        let token = solidity(&world, "UsdToken", &("Dollar", "USD", U256::from(decimals))).await?;
        let engine = with_token(&world, token).await?;
        let quote = world.chain.call(engine.engine, &IPlimsoll::quoteTokenCall {}).await?;
        assert_eq!((quote.token, quote.decimals), (token, decimals));
        let unit = U256::from(10).pow(U256::from(decimals));
        whole_life(&engine, unit).await.map_err(|e| e.context(format!("{decimals} decimals")))?;
    }
    let silent = solidity(&world, "NoReturnToken", &()).await?;
    let engine = with_token(&world, silent).await?;
    whole_life(&engine, U256::from(USD)).await.map_err(|e| e.context("without answers"))
}

#[tokio::test]
async fn tokens_with_a_fee_credit_what_arrived() -> Result<()> {
    let world = World::start().await?;
    // 1 % of every transfer
    let token = solidity(&world, "FeeToken", &(U256::from(10_000),)).await?;
    let world = with_token(&world, token).await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.user("alice").await?;
    mint_and_approve(&world, &alice, U256::from(1_000 * USD)).await?;

    let receipt = chain.transact(&alice, engine, &deposit(&world, &alice, U256::from(100 * USD))).await?;
    let event = receipt.event::<IPlimsoll::Deposited>()?;
    assert_eq!((event.amount, event.credited), (U256::from(100 * USD), wad(99)));
    let fund = IPlimsoll::fundInsuranceCall { amount: U256::from(50 * USD) };
    let event = chain.transact(&alice, engine, &fund).await?.event::<IPlimsoll::InsuranceFunded>()?;
    assert_eq!((event.amount, event.credited), (U256::from(50 * USD), WAD * 99 / 2));
    assert_eq!(world.identity().await?.difference, 0);
    // Out, the engine pays what it was asked, and the fee is the recipient's.
    let to = Address::repeat_byte(0x99);
    let more = withdraw(&world, &alice, U256::from(99 * USD + 1), to);
    chain.transact(&alice, engine, &more).await.expect_revert::<IPlimsoll::InsufficientCollateral>()?;
    chain.transact(&alice, engine, &withdraw(&world, &alice, U256::from(99 * USD), to)).await?;
    assert_eq!(balance(&world, to).await?, U256::from(98_010_000));
    assert_eq!(balance(&world, engine).await?, U256::from(49_500_000));
    // With a fee of everything nothing arrives, and nothing is credited.
    chain.transact(&alice, token, &FeeToken::setFeeCall { fee_: U256::from(1_000_000) }).await?;
    let before = state(&world, &[alice.account(0)]).await?;
    let call = deposit(&world, &alice, U256::from(USD));
    chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    assert_eq!(state(&world, &[alice.account(0)]).await?, before);
    Ok(())
}

#[tokio::test]
async fn blacklisted_owners_withdraw_elsewhere_and_never_stop_a_liquidation() -> Result<()> {
    let world = World::start().await?;
    let token = solidity(&world, "BlacklistToken", &()).await?;
    let world = with_token(&world, token).await?;
    let (chain, engine) = (&world.chain, world.engine);
    let bob = world.trader("bob", wad(1_000)).await?;
    let keeper = world.trader("keeper", wad(1_000)).await?;
    let alice = world.trader("alice", wad(60)).await?;
    let dora = world.trader("dora", wad(52)).await?;
    let tenth = WAD as i128 / 10;
    for key in [&alice, &dora] {
        world.trade(key.account(0), bob.account(0), perp(BTC), tenth, wad(10_000)).await?;
    }
    for key in [&alice, &dora, &bob] {
        let list = BlacklistToken::setBlacklistedCall { who: key.address(), listed: true };
        chain.transact(&keeper, token, &list).await?;
    }
    // Initial margin is 50 of alice's 60: ten are free. To herself the token refuses, elsewhere it pays.
    let before = state(&world, &[alice.account(0)]).await?;
    let to_herself = withdraw(&world, &alice, U256::from(USD), alice.address());
    let refused =
        chain.transact(&alice, engine, &to_herself).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    assert_eq!(refused.token, token);
    chain
        .transact(&alice, engine, &deposit(&world, &alice, U256::from(1)))
        .await
        .expect_revert::<IPlimsoll::TransferFailed>()?;
    assert_eq!(state(&world, &[alice.account(0)]).await?, before);
    let elsewhere = Address::repeat_byte(0x99);
    chain.transact(&alice, engine, &withdraw(&world, &alice, U256::from(USD), elsewhere)).await?;
    assert_eq!(balance(&world, elsewhere).await?, U256::from(USD));

    // At 9,600 alice has 59 - 40 = 19 of a maintenance of 3 % of 960 = 28.8, dora 12.
    world.set_price(BTC, wad(9_600)).await?;
    let liquidate = IPlimsoll::liquidateCall {
        account: alice.account(0),
        into: keeper.account(0),
        instrument: perp(BTC),
        maxSize: wad(1),
        limitPrice: 0,
    };
    chain.transact(&keeper, engine, &liquidate).await?.event::<IPlimsoll::Liquidated>()?;
    // At 9,450 dora has 52 - 55 = -3: those in profit, bob on the list among them, pay them.
    world.set_price(BTC, wad(9_450)).await?;
    chain.transact(&keeper, engine, &IPlimsoll::buryCall { account: dora.account(0) }).await?;
    world.set_price(BTC, wad(9_450)).await?;
    let deleverage = IPlimsoll::deleverageCall { instrument: perp(BTC) };
    let event = chain.transact(&keeper, engine, &deleverage).await?.event::<IPlimsoll::Deleveraged>()?;
    assert_eq!((event.deficit, event.socialised), (wad(3), 0));
    // Even the engine on the list stops neither.
    let list = BlacklistToken::setBlacklistedCall { who: engine, listed: true };
    chain.transact(&keeper, token, &list).await?;
    let half = tenth / 2;
    world.trade(keeper.account(0), bob.account(0), perp(BTC), half, wad(9_450)).await?;
    chain.transact(&keeper, engine, &IPlimsoll::touchCall { account: alice.account(0) }).await?;
    let out = withdraw(&world, &keeper, U256::from(USD), elsewhere);
    chain.transact(&keeper, engine, &out).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    Ok(())
}

#[tokio::test]
async fn tokens_that_lie_are_believed_by_their_balances_only() -> Result<()> {
    let world = World::start().await?;
    let token = solidity(&world, "FalseToken", &()).await?;
    let world = with_token(&world, token).await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.user("alice").await?;
    let account = alice.account(0);
    mint_and_approve(&world, &alice, U256::from(10_000 * USD)).await?;
    let mode = async |mode_: u8| chain.transact(&alice, token, &FalseToken::setModeCall { mode_ }).await;
    let amount = U256::from(100 * USD);
    let (into, out) = (deposit(&world, &alice, amount), withdraw(&world, &alice, amount, alice.address()));
    let fund = IPlimsoll::fundInsuranceCall { amount };
    chain.transact(&alice, engine, &deposit(&world, &alice, U256::from(1_000 * USD))).await?;
    let before = state(&world, &[account]).await?;
    let refused = async |error: &str| {
        for data in [
            alloy::sol_types::SolCall::abi_encode(&into),
            alloy::sol_types::SolCall::abi_encode(&out),
            alloy::sol_types::SolCall::abi_encode(&fund),
        ] {
            let outcome = chain.send(Tx::raw(&alice, engine, data)).await;
            let refused = outcome.expect_revert::<IPlimsoll::TransferFailed>();
            assert_eq!(refused.map_err(|e| e.context(error.to_owned()))?.token, token, "{error}");
        }
        Ok::<_, anyhow::Error>(())
    };
    // The modes of the token by number: 1 returns false, 3 the number 2, 6 reverts without data, 7 with 64 KiB.
    for (number, what) in [(1, "false"), (3, "two"), (6, "a revert"), (7, "a revert with 64 KiB")] {
        mode(number).await?;
        refused(what).await?;
        assert_eq!(state(&world, &[account]).await?, before, "{what}");
    }
    // 2: says it moved and did not. Nothing arrived; nothing left.
    mode(2).await?;
    chain.transact(&alice, engine, &into).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    chain.transact(&alice, engine, &fund).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    let mismatch =
        chain.transact(&alice, engine, &out).await.expect_revert::<IPlimsoll::TransferMismatch>()?;
    assert_eq!((mismatch.token, mismatch.asked, mismatch.moved), (token, amount, U256::ZERO));
    assert_eq!(state(&world, &[account]).await?, before);
    // 4: moves half. A deposit credits the half; a withdrawal of half is no withdrawal.
    mode(4).await?;
    let mismatch =
        chain.transact(&alice, engine, &out).await.expect_revert::<IPlimsoll::TransferMismatch>()?;
    assert_eq!((mismatch.asked, mismatch.moved), (amount, U256::from(50 * USD)));
    assert_eq!(state(&world, &[account]).await?, before);
    let event = chain.transact(&alice, engine, &into).await?.event::<IPlimsoll::Deposited>()?;
    assert_eq!((event.amount, event.credited), (amount, wad(50)));
    // 5: moves, and answers with 64 KiB that begin with true. The engine reads the one word it asked for.
    mode(5).await?;
    chain.transact(&alice, engine, &into).await?;
    chain.transact(&alice, engine, &out).await?;
    // 1,000 + 50 + 100 - 100
    let found = chain.call(engine, &IPlimsoll::accountOfCall { account }).await?;
    assert_eq!(found.cash, wad(1_050) as i128);
    assert_eq!(world.identity().await?.difference, 0);
    mode(0).await?;
    chain
        .transact(&alice, engine, &withdraw(&world, &alice, U256::from(1_050 * USD), alice.address()))
        .await?;
    assert_eq!(balance(&world, engine).await?, U256::ZERO);
    Ok(())
}
