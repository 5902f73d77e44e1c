//! `checkTrade` says what `settle` does at the limits that are neither margin nor caps: the number of an account's
//! positions, and entry prices that the ladder cannot hold.

use anyhow::{Result, ensure};
use plimsoll_harness::{
    bindings::IPlimsoll::{self, Fill, MarketParams, Trade},
    prelude::*,
    scenario::{self, feed, market_params},
};

/// One more market than an account may have positions.
const MARKETS: u16 = 33;
/// A price below one: the basis of a single unit short, rounded down, is then nothing.
const PRICE: u128 = WAD / 4;

fn fill(taker: &Key, maker: &Key, market: u16, size: i128) -> Fill {
    Fill { taker: taker.account(0), maker: maker.account(0), instrument: perp(market), size, price: PRICE }
}

fn trade(market: u16, size: i128) -> Trade {
    Trade { instrument: perp(market), size, price: PRICE }
}

async fn allowed(world: &World, who: &Key, trades: Vec<Trade>) -> Result<bool> {
    let call = IPlimsoll::checkTradeCall { account: who.account(0), trades };
    Ok(world.chain.call(world.engine, &call).await?.allowed)
}

#[tokio::test(flavor = "multi_thread")]
async fn check_trade_limits_of_positions_and_entries() -> Result<()> {
    // So many markets share no insurance; their positions may be small.
    let params = MarketParams { insuranceShare: 0, minNotional: 0, ..market_params() };
    let options = scenario::Options {
        feeds: (1..=MARKETS).map(|market| (market, feed())).collect(),
        markets: (1..=MARKETS).map(|market| (perp(market), params.clone())).collect(),
        prices: (1..=MARKETS).map(|market| (market, PRICE)).collect(),
        ..scenario::Options::default()
    };
    let world = World::deploy(Node::start().await?, &options).await?;
    // The maker spreads over two accounts, so that only the taker comes to its limit.
    let (alice, bob, carol) =
        (world.trader("alice", wad(1_000)).await?, world.trader("bob", wad(1_000)).await?, {
            world.trader("carol", wad(1_000)).await?
        });
    let unit = WAD as i128;

    // One unit in the last place, sold at 0.25: a basis of 0.25e-18 rounds to zero, and there is no entry price.
    ensure!(!allowed(&world, &alice, vec![trade(1, -1)]).await?, "a short of one unit");
    let refused = world.settle(vec![fill(&alice, &bob, 1, -1)]).await;
    refused.expect_revert::<IPlimsoll::EntryOutOfRange>()?;
    ensure!(allowed(&world, &alice, vec![trade(1, -unit)]).await?, "a short of one");

    for half in [1..=16, 17..=32] {
        let maker = if half.contains(&1) { &bob } else { &carol };
        world.settle(half.map(|market| fill(&alice, maker, market, unit)).collect()).await?;
    }
    ensure!(!allowed(&world, &alice, vec![trade(33, unit)]).await?, "a position in a 33rd market");
    let refused = world.settle(vec![fill(&alice, &bob, 33, unit)]).await;
    let error = refused.expect_revert::<IPlimsoll::TooManyPositions>()?;
    ensure!((error.account, error.most) == (alice.account(0), 32), "{error:?}");
    let call = IPlimsoll::accountOfCall { account: alice.account(0) };
    ensure!(world.chain.call(world.engine, &call).await?.positions.len() == 32, "a refusal changes nothing");

    // More of what is there is no further position, and closing one makes room, in that order.
    ensure!(allowed(&world, &alice, vec![trade(5, unit)]).await?, "more in a market that is there");
    ensure!(!allowed(&world, &alice, vec![trade(33, unit), trade(5, -unit)]).await?, "opened, then closed");
    ensure!(allowed(&world, &alice, vec![trade(5, -unit), trade(33, unit)]).await?, "closed, then opened");
    let refused = world.settle(vec![fill(&alice, &bob, 33, unit), fill(&alice, &bob, 5, -unit)]).await;
    refused.expect_revert::<IPlimsoll::TooManyPositions>()?;
    world.settle(vec![fill(&alice, &bob, 5, -unit), fill(&alice, &bob, 33, unit)]).await?;
    Ok(())
}
