//! Collateral in and out: what is credited, what may leave, and to whom.

use alloy::primitives::{Address, B256, U256};
use anyhow::Result;
use plimsoll_e2e::engines::{balance, solidity, state};
use plimsoll_harness::prelude::*;

/// Units of the quote token.
const USD: u128 = 1_000_000;

fn deposit(world: &World, account: B256, amount: U256) -> IPlimsoll::depositCall {
    IPlimsoll::depositCall { account, token: world.token, amount }
}

fn withdraw(world: &World, account: B256, amount: U256, to: &Key) -> IPlimsoll::withdrawCall {
    IPlimsoll::withdrawCall { account, token: world.token, amount, to: to.address() }
}

async fn mint_and_approve(world: &World, key: &Key, amount: U256) -> Result<()> {
    let mint = IToken::mintCall { to: key.address(), amount };
    let approve = IToken::approveCall { spender: world.engine, amount: U256::MAX };
    world
        .chain
        .send_all_ok(&[Tx::call(key, world.token, &mint), Tx::call(key, world.token, &approve)])
        .await?;
    Ok(())
}

async fn cash(world: &World, account: B256) -> Result<i128> {
    Ok(world.chain.call(world.engine, &IPlimsoll::accountOfCall { account }).await?.cash)
}

#[tokio::test]
async fn deposits_credit_any_account_with_what_arrived() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let [alice, carol] = [world.user("alice").await?, world.user("carol").await?];
    mint_and_approve(&world, &carol, U256::from(1_000 * USD)).await?;

    // Carol pays for alice: 12.345678 dollars are 12.345678 WAD, a unit of the token being 1e12.
    let amount = U256::from(12_345_678);
    let receipt = chain.transact(&carol, engine, &deposit(&world, alice.account(3), amount)).await?;
    let event = receipt.event::<IPlimsoll::Deposited>()?;
    assert_eq!((event.account, event.token, event.by), (alice.account(3), world.token, carol.address()));
    assert_eq!((event.amount, event.credited), (amount, 12_345_678_000_000_000_000));
    assert_eq!(cash(&world, alice.account(3)).await?, 12_345_678_000_000_000_000);
    assert_eq!(cash(&world, alice.account(0)).await?, 0);
    // The call returns what it credited.
    let again = deposit(&world, alice.account(3), U256::from(1));
    assert_eq!(chain.call_from(carol.address(), engine, &again).await?, 1_000_000_000_000);
    // A deposit gives carol no power over the account.
    let take = withdraw(&world, alice.account(3), amount, &carol);
    chain.transact(&carol, engine, &take).await.expect_revert::<IPlimsoll::NotAuthorized>()?;

    // Tokens that merely arrive at the engine are nobody's: they credit no account and no later deposit.
    let gift = IToken::transferCall { to: engine, amount: U256::from(5 * USD) };
    chain.transact(&carol, world.token, &gift).await?;
    chain.transact(&carol, engine, &deposit(&world, alice.account(4), U256::from(2 * USD))).await?;
    assert_eq!(cash(&world, alice.account(4)).await?, wad(2) as i128);
    let totals = chain.call(engine, &IPlimsoll::totalsCall {}).await?;
    assert_eq!(totals.tokens, 14_345_678_000_000_000_000);
    assert_eq!(balance(&world, engine).await?, U256::from(19_345_678));
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn deposits_that_bring_nothing_or_too_much_are_refused() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(10)).await?;
    let account = alice.account(0);
    let other = solidity(&world, "UsdToken", &("Other dollar", "OUSD", U256::from(6))).await?;
    let before = state(&world, &[account]).await?;

    let zero = deposit(&world, account, U256::ZERO);
    chain.transact(&alice, engine, &zero).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    for token in [other, Address::ZERO, engine, alice.address()] {
        let call = IPlimsoll::depositCall { account, token, amount: U256::from(1) };
        let refused =
            chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::TokenNotListed>()?;
        assert_eq!(refused.token, token);
    }
    // No allowance is left after the first deposit; with one, no balance is.
    let more = deposit(&world, account, U256::from(1));
    let refused = chain.transact(&alice, engine, &more).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    assert_eq!(refused.token, world.token);
    let approve = IToken::approveCall { spender: engine, amount: U256::MAX };
    chain.transact(&alice, world.token, &approve).await?;
    for amount in [U256::from(1), U256::from(u128::MAX), U256::MAX] {
        let call = deposit(&world, account, amount);
        chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::TransferFailed>()?;
    }
    assert_eq!(state(&world, &[account]).await?, before);

    // Amounts that the token moves and money cannot hold. The largest is i128::MAX WAD over 1e12 WAD a unit:
    // 170141183460469231731687303.7 units; ten dollars are in already.
    mint_and_approve(&world, &alice, U256::from(1) << 200).await?;
    let before = state(&world, &[account]).await?;
    let most = U256::from(170_141_183_460_469_231_731_687_303_u128);
    let one = U256::from(1);
    for amount in [U256::from(1) << 200, U256::from(u128::MAX), most + one, most - U256::from(10 * USD) + one]
    {
        let call = deposit(&world, account, amount);
        chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::Overflow>()?;
    }
    assert_eq!(state(&world, &[account]).await?, before);
    // The most that fits does, is seen, and comes out again.
    let rest = most - U256::from(10 * USD);
    chain.transact(&alice, engine, &deposit(&world, account, rest)).await?;
    assert_eq!(cash(&world, account).await?, 170_141_183_460_469_231_731_687_303_000_000_000_000);
    let margin = chain.call(engine, &IPlimsoll::marginOfCall { account }).await?;
    assert_eq!(margin.equity, 170_141_183_460_469_231_731_687_303_000_000_000_000);
    chain.transact(&alice, engine, &withdraw(&world, account, most, &alice)).await?;
    assert_eq!(cash(&world, account).await?, 0);
    assert_eq!(balance(&world, engine).await?, U256::ZERO);
    Ok(())
}

#[tokio::test]
async fn withdrawals_pay_free_collateral_and_not_a_unit_more() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let carol = world.user("carol").await?;
    let account = alice.account(0);
    let free = async || chain.call(engine, &IPlimsoll::freeCollateralCall { account }).await;

    // Without positions all cash is free. The owner may send it to anybody.
    let receipt =
        chain.transact(&alice, engine, &withdraw(&world, account, U256::from(100 * USD), &carol)).await?;
    let event = receipt.event::<IPlimsoll::Withdrawn>()?;
    assert_eq!((event.account, event.token, event.to), (account, world.token, carol.address()));
    assert_eq!(event.amount, U256::from(100 * USD));
    assert_eq!(balance(&world, carol.address()).await?, U256::from(100 * USD));

    // 0.1 BTC at 10,000: notional 1,000, initial margin 5 % = 50; of 900 dollars 850 are free.
    world.trade(account, bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await?;
    assert_eq!(free().await?, wad(850));
    let before = state(&world, &[account, bob.account(0)]).await?;
    let refused =
        chain.transact(&alice, engine, &withdraw(&world, account, U256::from(850 * USD + 1), &alice)).await;
    let error = refused.expect_revert::<IPlimsoll::InsufficientCollateral>()?;
    assert_eq!((error.account, error.free), (account, wad(850)));
    // One unit of the token is 1e12 WAD.
    assert_eq!(error.amount, wad(850) + 1_000_000_000_000);
    // Amounts beyond any ledger: the first fits money and is too much, the others do not fit.
    let huge = withdraw(&world, account, U256::from(170_141_183_460_469_231_731_687_303_u128), &alice);
    chain.transact(&alice, engine, &huge).await.expect_revert::<IPlimsoll::InsufficientCollateral>()?;
    for amount in [
        U256::from(170_141_183_460_469_231_731_687_304_u128),
        U256::from(u128::MAX),
        U256::from(1) << 128,
        // 2^256 - 2^64 units times 1e12 wraps to few in any arithmetic that wraps
        U256::MAX - (U256::from(1) << 64),
        U256::MAX,
    ] {
        let call = withdraw(&world, account, amount, &alice);
        chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::Overflow>()?;
    }
    assert_eq!(state(&world, &[account, bob.account(0)]).await?, before);

    chain.transact(&alice, engine, &withdraw(&world, account, U256::from(850 * USD), &alice)).await?;
    assert_eq!((free().await?, cash(&world, account).await?), (0, wad(50) as i128));
    // At 11,000: initial margin 5 % of 1,100 = 55, more than the cash of 50. The profit of 100 is not withdrawn.
    world.set_price(BTC, wad(11_000)).await?;
    assert_eq!(free().await?, 0);
    let refused = chain.transact(&alice, engine, &withdraw(&world, account, U256::from(1), &alice)).await;
    assert_eq!(refused.expect_revert::<IPlimsoll::InsufficientCollateral>()?.free, 0);
    // Bob, short: 1,000 - 100 - 55 = 845.
    let call = IPlimsoll::freeCollateralCall { account: bob.account(0) };
    assert_eq!(chain.call(engine, &call).await?, wad(845));
    assert_eq!(world.identity().await?.difference, 0);
    Ok(())
}

#[tokio::test]
async fn withdrawals_against_the_rules_change_nothing() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let carol = world.trader("carol", wad(10)).await?;
    let account = alice.account(0);
    let accounts = [account, bob.account(0), carol.account(0)];
    world.trade(account, bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await?;
    let before = state(&world, &accounts).await?;

    let one = U256::from(1);
    let zero = withdraw(&world, account, U256::ZERO, &alice);
    chain.transact(&alice, engine, &zero).await.expect_revert::<IPlimsoll::ZeroAmount>()?;
    let nowhere = IPlimsoll::withdrawCall { account, token: world.token, amount: one, to: Address::ZERO };
    chain.transact(&alice, engine, &nowhere).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    for token in [Address::ZERO, engine, world.oracle] {
        let call = IPlimsoll::withdrawCall { account, token, amount: one, to: alice.address() };
        let refused =
            chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::TokenNotListed>()?;
        assert_eq!(refused.token, token);
    }
    // To the engine itself nothing moves.
    let circle = IPlimsoll::withdrawCall { account, token: world.token, amount: one, to: engine };
    let refused =
        chain.transact(&alice, engine, &circle).await.expect_revert::<IPlimsoll::TransferMismatch>()?;
    assert_eq!((refused.token, refused.asked, refused.moved), (world.token, one, U256::ZERO));
    // An account that never held anything.
    let empty = withdraw(&world, alice.account(9), one, &alice);
    let refused =
        chain.transact(&alice, engine, &empty).await.expect_revert::<IPlimsoll::InsufficientCollateral>()?;
    assert_eq!(refused.free, 0);
    assert_eq!(state(&world, &accounts).await?, before);
    Ok(())
}

#[tokio::test]
async fn withdrawals_beside_a_position_without_a_fresh_price_leave_room_for_a_stress_move() -> Result<()> {
    let needs = [Capability::TimeTravel];
    let Some(world) = World::alone(test_name!(), &needs).await? else { return Ok(()) };
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let carol = world.trader("carol", wad(10)).await?;
    let account = alice.account(0);
    world.trade(account, bob.account(0), perp(BTC), WAD as i128 / 10, wad(10_000)).await?;
    let one = U256::from(1);
    // Prices are fresh for 60 s, late for an hour. The position counts at the last one, with a stress move of 5 % of 1,000 beside
    // the initial margin of as much: 900 are free. Without positions no price is needed.
    for (seconds, free) in [(100, 900), (4_000, 899)] {
        chain.increase_time(seconds).await?;
        let more = withdraw(&world, account, U256::from(free * USD) + one, &alice);
        let refused = chain.transact(&alice, engine, &more).await;
        assert_eq!(refused.expect_revert::<IPlimsoll::InsufficientCollateral>()?.free, wad(free));
        chain.transact(&alice, engine, &withdraw(&world, account, U256::from(USD), &alice)).await?;
        chain.transact(&carol, engine, &withdraw(&world, carol.account(0), one, &carol)).await?;
    }
    world.set_price(BTC, wad(10_000)).await?;
    let free = IPlimsoll::freeCollateralCall { account };
    assert_eq!(chain.call(engine, &free).await?, wad(948));
    Ok(())
}

#[tokio::test]
async fn deposits_to_an_account_that_nobody_owns_are_refused() -> Result<()> {
    let world = World::start().await?;
    let (chain, engine) = (&world.chain, world.engine);
    let alice = world.trader("alice", wad(10)).await?;
    let before = state(&world, &[alice.account(0)]).await?;
    for account in
        [B256::ZERO, B256::with_last_byte(1), plimsoll_harness::ids::account_id(Address::ZERO, u64::MAX)]
    {
        let call = IPlimsoll::depositCall { account, token: world.token, amount: U256::from(1) };
        chain.transact(&alice, engine, &call).await.expect_revert::<IPlimsoll::ZeroAddress>()?;
    }
    assert_eq!(state(&world, &[alice.account(0)]).await?, before);
    Ok(())
}
