//! What an options exchange on the risk model does at and after expiry, and with accounts that are short of margin.

use alloy::primitives::U256;
use anyhow::Result;
use plimsoll_e2e::{
    exchange::Exchange,
    risk::{leg, refused_with},
};
use plimsoll_harness::{
    bindings::solidity::{FeeToken, OptionsBook},
    ids::to_quote_units,
    prelude::*,
    scenario::init_code,
};

const ONE: i128 = WAD as i128;

#[tokio::test]
async fn options_are_settled_in_cash_at_the_first_fresh_price_after_expiry() -> Result<()> {
    let exchange = Exchange::new().await?;
    let (world, chain, book) = (&exchange.world, &exchange.world.chain, exchange.book);
    let (maker, taker) = (&exchange.maker, &exchange.taker);
    // The taker buys a call and a put, and an odd size of another call, whose worth has more than 18 places.
    let odd = 333_333_333_333_333_333;
    let [call, put, other] =
        [(10_000, true), (9_000, false), (11_000, true)].map(|(strike, call)| exchange.option(strike, call));
    for (instrument, size) in [(call, -ONE / 2), (put, -ONE / 2), (other, -odd)] {
        exchange.take(exchange.offer(instrument, size, wad(100)).await?).await?;
    }
    let stale_offer = exchange.offer(call, ONE, wad(1)).await?;
    let before = [exchange.cash(maker).await?, exchange.cash(taker).await?];

    // Nothing has expired: settling does nothing.
    let settle = |key: &Key| OptionsBook::settleCall { account: key.address() };
    chain.transact(taker, book, &settle(taker)).await?;
    assert_eq!(exchange.legs(taker).await?, [leg(call, ONE / 2), leg(put, ONE / 2), leg(other, odd)]);

    // A price just before expiry, which is fresh after it, does not settle.
    let now = chain.head().await?.timestamp();
    world.pass_time(u64::from(exchange.month) - now - 5).await?;
    world.set_price(BTC, wad(12_000)).await?;
    world.pass_time(10).await?;
    let refused = chain.transact(taker, book, &settle(taker)).await;
    let refused = refused.expect_revert::<OptionsBook::PriceBeforeExpiry>()?;
    assert!(refused.expiry == exchange.month && refused.time < u64::from(exchange.month), "{refused:?}");
    // Nor is anything traded that has expired.
    let dead = OptionsBook::Expired { instrument: call };
    refused_with(exchange.take(stale_offer).await, &dead)?;
    let offer = OptionsBook::offerCall { instrument: call, size: ONE, price: WAD };
    refused_with(chain.transact(maker, book, &offer).await, &dead)?;
    // And a price that is no longer fresh settles nothing.
    world.pass_time(100_000).await?;
    let refused = chain.transact(taker, book, &settle(taker)).await;
    refused.expect_revert::<OptionsBook::PriceNotFresh>()?;

    // 12,345.67 it is, for both sides and whenever they come.
    let price = 12_345_670_000_000_000_000_000;
    world.set_price(BTC, price).await?;
    let receipt = chain.transact(taker, book, &settle(taker)).await?;
    let set: OptionsBook::SettlementPriceSet = receipt.event()?;
    assert_eq!((set.expiry, set.price), (exchange.month, price));
    // Half of 2,345.67; nothing; a third of 1,345.67, rounded down for who is long and up for who is short.
    let third = 448_556_666_666_666_666_218;
    let won = 1_172_835_000_000_000_000_000 + third;
    assert_eq!(exchange.cash(taker).await?, before[1] + won);
    assert!(exchange.legs(taker).await?.is_empty());
    world.set_price(BTC, wad(20_000)).await?;
    chain.transact(taker, book, &settle(maker)).await?;
    assert_eq!(exchange.cash(maker).await?, before[0] - won - 1);
    assert!(exchange.legs(maker).await?.is_empty());
    let recorded = chain.call(book, &OptionsBook::settlementPriceOfCall { expiry: exchange.month }).await?;
    assert_eq!(recorded, price);

    // Who holds nothing asks for no price: everything is paid out with a price that is old.
    world.pass_time(100_000).await?;
    let mut paid = U256::ZERO;
    for key in [maker, taker] {
        let amount = to_quote_units(exchange.cash(key).await? as u128);
        chain.transact(key, book, &OptionsBook::withdrawCall { amount }).await?;
        paid += amount;
    }
    let held = chain.call(exchange.token, &IToken::balanceOfCall { owner: book }).await?;
    // What is left is less than a token's unit for each account.
    assert!(held <= U256::from(2) && held + paid == to_quote_units(wad(8_000)), "{held} {paid}");
    Ok(())
}

#[tokio::test]
async fn cash_is_not_withdrawn_below_zero_whatever_positions_are_worth() -> Result<()> {
    let exchange = Exchange::new().await?;
    let (chain, taker) = (&exchange.world.chain, &exchange.taker);
    // The taker pays 3,900 for a call at 4,000, which is worth 6,000: its margin is ample, its cash is 100.
    let call = exchange.option(4_000, true);
    let sale = OptionsBook::offerCall { instrument: call, size: -ONE, price: wad(3_900) };
    // The maker bought one before, so that it may sell this one so cheap.
    let funds = to_quote_units(wad(10_000));
    chain
        .transact(
            &exchange.maker,
            exchange.token,
            &IToken::mintCall { to: exchange.maker.address(), amount: funds },
        )
        .await?;
    let approve = IToken::approveCall { spender: exchange.book, amount: funds };
    chain.transact(&exchange.maker, exchange.token, &approve).await?;
    chain.transact(&exchange.maker, exchange.book, &OptionsBook::depositCall { amount: funds }).await?;
    let offered: OptionsBook::Offered =
        chain.transact(&exchange.maker, exchange.book, &sale).await?.event()?;
    let traded: OptionsBook::Traded = exchange.take(offered.id).await?.event()?;
    assert!(traded.takerMargin > 1_000 * ONE, "{traded:?}");
    let account = taker.address();
    let more = OptionsBook::withdrawCall { amount: to_quote_units(wad(101)) };
    let refused = chain.transact(taker, exchange.book, &more).await;
    refused_with(refused, &OptionsBook::CashTooLow { account, cash: -ONE })?;
    chain
        .transact(taker, exchange.book, &OptionsBook::withdrawCall { amount: to_quote_units(wad(100)) })
        .await?;
    assert_eq!(exchange.cash(taker).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_short_may_only_trade_to_be_less_so() -> Result<()> {
    let exchange = Exchange::new().await?;
    let put = exchange.option(9_000, false);
    exchange.take(exchange.offer(put, -2 * ONE, wad(250)).await?).await?;
    exchange.price(wad(7_500)).await?;
    let account = exchange.maker.address();
    let margin = exchange.world.chain.call(exchange.book, &OptionsBook::marginOfCall { account }).await?;
    assert!(margin.initial < 0, "{margin:?}");
    // One more short is worse, half of one back is better, though not enough.
    let worse = exchange.take(exchange.offer(put, -ONE / 10, wad(1_500)).await?).await;
    assert_eq!(worse.expect_revert::<OptionsBook::MarginTooLow>()?.account, account);
    let better = exchange.take(exchange.offer(put, ONE / 2, wad(1_500)).await?).await?;
    let traded: OptionsBook::Traded = better.event()?;
    assert!(margin.initial < traded.makerMargin && traded.makerMargin < 0, "{margin:?} {traded:?}");
    assert_eq!(exchange.legs(&exchange.maker).await?, [leg(put, -3 * ONE / 2)]);
    // At a price that costs more than the risk was, it is worse again.
    let dear = exchange.take(exchange.offer(put, ONE / 10, wad(9_000)).await?).await;
    assert_eq!(dear.expect_revert::<OptionsBook::MarginTooLow>()?.account, account);
    Ok(())
}

#[tokio::test]
async fn a_deposit_counts_what_arrives() -> Result<()> {
    let exchange = Exchange::new().await?;
    let (world, chain) = (&exchange.world, &exchange.world.chain);
    // One percent stays behind.
    let token = chain.create(&world.owner, init_code("FeeToken", &(U256::from(10_000),))?).await?;
    let data = init_code("OptionsBook", &(exchange.model, world.oracle, token, BTC))?;
    let book = chain.create(&world.owner, data).await?;
    let (taker, amount) = (&exchange.taker, to_quote_units(wad(1_000)));
    chain.transact(taker, token, &FeeToken::mintCall { to: taker.address(), amount }).await?;
    chain.transact(taker, token, &FeeToken::approveCall { spender: book, value: amount }).await?;
    let deposited: OptionsBook::Deposited =
        chain.transact(taker, book, &OptionsBook::depositCall { amount }).await?.event()?;
    assert_eq!(deposited.amount, to_quote_units(wad(990)));
    let cash = chain.call(book, &OptionsBook::cashOfCall { account: taker.address() }).await?;
    assert_eq!(cash, 990 * ONE);
    Ok(())
}
