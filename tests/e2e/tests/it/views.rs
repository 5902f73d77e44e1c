//! What views promise, the engine does.

use anyhow::{Context, Result, ensure};
use plimsoll_e2e::book::{dec, fill, options, params, world, world_alone};
use plimsoll_harness::{
    bindings::IPlimsoll::{
        MarketParams, Trade, checkTradeCall, deleverageCall, liquidateCall, marginOfCall, marketCall,
        quoteLiquidationCall, rungsCall, settleCall,
    },
    prelude::*,
    revert::Failure,
};

const ONE: i128 = WAD as i128;

#[tokio::test]
async fn check_trade_agrees_with_settle_and_tells_the_margin_it_leaves() -> Result<()> {
    let options = options(&MarketParams {
        takerFee: 500,
        maxPosition: wad(6),
        maxOpenInterest: wad(40),
        profitWeight: 500_000,
        ..params()
    });
    let needs = [Capability::Snapshots];
    let Some(world) = world_alone(test_name!(), &needs, &options).await? else { return Ok(()) };
    let alice = world.trader("alice", wad(1_500)).await?;
    let whale = world.trader("whale", wad(1_000_000)).await?;
    let (a, w) = (alice.account(0), whale.account(0));
    world.settle(vec![fill(a, w, BTC, 2 * ONE, wad(10_000)), fill(a, w, ETH, -3 * ONE, wad(500))]).await?;

    let (mut allowed, mut refused) = (0, 0);
    // Healthy, in profit, below initial margin, below maintenance, insolvent.
    for mark in [10_000, 10_600, 9_700, 9_500, 9_200] {
        world.set_price(BTC, wad(mark)).await?;
        for size in ["-9", "-8", "-4", "-3", "-2", "-1", "-0.1", "0.05", "0.3", "1", "4", "4.1"] {
            for percent in [95, 100, 105] {
                let (size, price) = (dec(size), wad(mark) / 100 * percent);
                let case = format!("{size} at {percent} % of {mark}");
                let trades = vec![Trade { instrument: perp(BTC), size, price }];
                let check = checkTradeCall { account: a, trades };
                let fills = vec![fill(a, w, BTC, size, price)];
                let settle = settleCall { fills: fills.clone() };
                let told = world.chain.call(world.engine, &check).await.with_context(|| case.clone())?;
                match world.chain.call_from(world.venue.address(), world.engine, &settle).await {
                    Ok(_) => {
                        ensure!(told.allowed, "{case}: settles, but checkTrade says no");
                        let snapshot = world.chain.snapshot().await?;
                        world.settle(fills).await?;
                        let left = world.chain.call(world.engine, &marginOfCall { account: a }).await?;
                        ensure!(left == told.afterwards, "{case}: {left:?}, not {:?}", told.afterwards);
                        world.chain.revert_to(snapshot).await?;
                        allowed += 1;
                    }
                    Err(Failure::Reverted(why)) => {
                        ensure!(!told.allowed, "{case}: checkTrade says yes, but {why}");
                        refused += 1;
                    }
                    Err(Failure::Other(error)) => return Err(error),
                }
            }
        }
    }
    ensure!(allowed >= 40 && refused >= 40, "{allowed} allowed, {refused} refused: not much of a test");
    Ok(())
}

#[tokio::test]
async fn check_trade_takes_several_markets_together_and_errors_on_what_settle_refuses_outright() -> Result<()>
{
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let trade = |underlying, size, price| Trade { instrument: perp(underlying), size, price };
    let check = async |trades: Vec<Trade>| {
        world.chain.call(world.engine, &checkTradeCall { account: alice.account(0), trades }).await
    };
    // 500 for one bitcoin and 500 for 20 ether; not a milli-ether more
    let (btc, eth) = (trade(BTC, ONE, wad(10_000)), trade(ETH, -20 * ONE, wad(500)));
    let told = check(vec![btc.clone(), eth]).await?;
    ensure!(told.allowed && told.afterwards.initial == wad(1_000), "{told:?}");
    ensure!(!check(vec![btc.clone(), trade(ETH, -20 * ONE - ONE / 1_000, wad(500))]).await?.allowed);
    // nothing to do is allowed
    ensure!(check(vec![]).await?.allowed);

    let zero = check(vec![trade(BTC, 0, wad(10_000))]).await;
    zero.expect_revert::<IPlimsoll::ZeroSize>()?;
    let twice =
        check(vec![btc.clone(), btc.clone()]).await.expect_revert::<IPlimsoll::DuplicateInstrument>()?;
    assert_eq!(twice.instrument, perp(BTC));
    for instrument in [perp(9), perp(BTC) | 1, 0, u128::MAX] {
        let unknown = check(vec![Trade { instrument, ..btc.clone() }]).await;
        assert_eq!(unknown.expect_revert::<IPlimsoll::UnknownMarket>()?.instrument, instrument);
    }
    for price in [0, wad(9_500) - 1, wad(10_500) + 1, u128::MAX] {
        let outside = check(vec![Trade { price, ..btc.clone() }]).await;
        assert_eq!(outside.expect_revert::<IPlimsoll::PriceOutOfBand>()?.price, price);
    }
    for size in [i128::MIN, i128::MAX] {
        check(vec![Trade { size, ..btc.clone() }]).await.expect_revert::<IPlimsoll::Overflow>()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_quote_of_a_liquidation_is_what_the_liquidation_does() -> Result<()> {
    let needs = [Capability::Snapshots];
    let Some(world) = world_alone(test_name!(), &needs, &options(&params())).await? else { return Ok(()) };
    let long = world.trader("long", wad(1_000)).await?;
    let short = world.trader("short", wad(1_000)).await?;
    let keeper = world.trader("keeper", wad(100_000)).await?;
    world.trade(long.account(0), short.account(0), perp(BTC), ONE, wad(10_000)).await?;
    // 9,277 to 9,001 for the long, 10,680 to 10,999 for the short
    for (account, price) in [
        (long.account(0), wad(9_277)),
        (long.account(0), wad(9_123) + 4_567),
        (long.account(0), wad(9_001)),
        (short.account(0), wad(10_680)),
        (short.account(0), wad(10_777) + 1),
        (short.account(0), wad(10_999)),
    ] {
        let snapshot = world.chain.snapshot().await?;
        world.set_price(BTC, price).await?;
        let quote = quoteLiquidationCall { account, instrument: perp(BTC) };
        let told = world.chain.call(world.engine, &quote).await?;
        let call = liquidateCall {
            account,
            into: keeper.account(0),
            instrument: perp(BTC),
            maxSize: u128::MAX,
            limitPrice: told.price,
        };
        let done: IPlimsoll::Liquidated =
            world.chain.transact(&keeper, world.engine, &call).await?.event()?;
        assert_eq!((done.size.unsigned_abs(), done.price, done.mark), (told.size, told.price, price));
        assert_eq!((done.discount, done.fee, told.mark), (told.discount, told.fee, price));
        world.chain.revert_to(snapshot).await?;
    }
    Ok(())
}

#[tokio::test]
async fn views_of_an_account_equal_what_a_touch_writes_after_a_deleveraging() -> Result<()> {
    let world = world(&options(&MarketParams { priceBand: 500_000, ..params() })).await?;
    let victim = world.trader("victim", wad(2_000)).await?;
    let mut crowd = Vec::new();
    // Three shorts at prices and of sizes that divide badly, two of them on one rung.
    for (number, (size, price)) in [(7, 9_999), (11, 10_001), (13, 11_003)].into_iter().enumerate() {
        let key = world.trader(&format!("short {number}"), wad(3_000)).await?;
        let fills = vec![fill(victim.account(0), key.account(0), BTC, ONE / 31 * size, wad(price))];
        world.settle(fills).await?;
        crowd.push(key);
    }
    // One who stays long, so that the pass closes a part of each.
    let stays = world.trader("stays", wad(5_000)).await?;
    let last = crowd.last().context("a short")?;
    world.settle(vec![fill(stays.account(0), last.account(0), BTC, ONE, wad(11_003))]).await?;
    world.pass_time(1).await?;
    world.set_price(BTC, wad(7_777)).await?;
    let call = IPlimsoll::buryCall { account: victim.account(0) };
    world.chain.transact(&world.owner, world.engine, &call).await?;
    world.set_price(BTC, wad(7_777)).await?;
    let call = deleverageCall { instrument: perp(BTC) };
    world.chain.transact(&world.owner, world.engine, &call).await?;

    let rungs = rungsCall { instrument: perp(BTC), long: false };
    for key in &crowd {
        let of = IPlimsoll::accountOfCall { account: key.account(0) };
        let (seen, margin) = (
            world.chain.call(world.engine, &of).await?,
            world.chain.call(world.engine, &marginOfCall { account: key.account(0) }).await?,
        );
        let touch = IPlimsoll::touchCall { account: key.account(0) };
        world.chain.transact(&world.owner, world.engine, &touch).await?;
        let found = world.chain.call(world.engine, &of).await?;
        // What a closed position had gained lay in its basis, liable; the touch has realised it: it is young now.
        let worth = |view: &IPlimsoll::accountOfReturn| {
            let gained = view.positions.iter().map(|p| p.basis + p.young as i128).sum::<i128>();
            (view.cash, view.positions.iter().map(|p| p.size).collect::<Vec<_>>(), gained)
        };
        assert_eq!(worth(&found), worth(&seen));
        ensure!(found.nonce == seen.nonce + 1, "the touch wrote nothing");
        assert_eq!(world.chain.call(world.engine, &marginOfCall { account: key.account(0) }).await?, margin);
        // A second one finds nothing to realise.
        let again = world.chain.transact(&world.owner, world.engine, &touch).await?;
        assert_eq!(again.events::<IPlimsoll::CaughtUp>(), []);
    }
    // The ladder's open shorts are the market's open interest and its dust.
    let rungs = world.chain.call(world.engine, &rungs).await?;
    let market = world.chain.call(world.engine, &marketCall { instrument: perp(BTC) }).await?;
    let short: u128 = rungs.iter().map(|rung| rung.size).sum();
    let difference = market.openInterest.abs_diff(short);
    ensure!(difference <= market.dust.unsigned_abs() && difference < 100, "{market:?} {rungs:?}");
    ensure!(market.openInterest > WAD / 2, "a part was closed: {market:?}");
    let difference = world.identity().await?.difference;
    ensure!((-20..=0).contains(&difference), "{difference}");
    Ok(())
}

#[tokio::test]
async fn rungs_are_listed_in_the_order_in_which_they_were_first_joined() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let carol = world.trader("carol", wad(10_000)).await?;
    let [a, b, c] = [&alice, &bob, &carol].map(|key| key.account(0));
    world.settle(vec![fill(a, b, BTC, ONE, wad(10_200)), fill(c, b, BTC, 2 * ONE, wad(9_700))]).await?;
    world.settle(vec![fill(a, c, ETH, ONE, wad(510))]).await?;
    // floor(64*log2(price)): 9,700 -> 847, 10,200 -> 852; bob's 3 at 29,600/3 = 9,866.67 -> 849
    let side = async |long| {
        let call = rungsCall { instrument: perp(BTC), long };
        let rungs = world.chain.call(world.engine, &call).await?;
        let view = rungs.iter().map(|r| (r.tick, r.size, r.basis, r.members)).collect::<Vec<_>>();
        Ok::<_, anyhow::Error>(view)
    };
    assert_eq!(side(true).await?, [(852, WAD, dec("-10200"), 1), (847, 2 * WAD, dec("-19400"), 1)]);
    assert_eq!(side(false).await?, [(849, 3 * WAD, dec("29600"), 1)]);
    let unknown = rungsCall { instrument: perp(9), long: true };
    world.chain.call(world.engine, &unknown).await.expect_revert::<IPlimsoll::UnknownMarket>()?;
    Ok(())
}
