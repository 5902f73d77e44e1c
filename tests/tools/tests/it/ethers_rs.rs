//! ethers-rs reads the committed ABI and liquidates.
//!
//! Alice is long one bitcoin at 10,000 on 1,000; maintenance is 3 %. The figures are derived by hand in
//! `tests/e2e/tests/it/liquidation.rs`, whose scene this is.

use alloy::primitives::B256;
use anyhow::Result;
use plimsoll_harness::{
    bindings::IPlimsoll::{MarketParams, accountOfCall, marginOfCall},
    bindings::IPlimsollOracle::Feed,
    prelude::*,
    scenario::{self, Options},
};
use plimsoll_tools::ethers_rs;

const DAY: u32 = 86_400;

struct Scene {
    world: World,
    alice: B256,
    maker: B256,
}

impl Scene {
    /// Prices stay fresh for a day and nobody pays funding, so that the time that the bot takes changes nothing.
    async fn new() -> Result<Self> {
        let feed = || Feed { maxAge: DAY, maxAgeLate: 2 * DAY, ..scenario::feed() };
        let params = MarketParams { fundingCap: 0, ..scenario::market_params() };
        let options = Options {
            feeds: vec![(BTC, feed()), (ETH, feed())],
            markets: vec![(perp(BTC), params.clone()), (perp(ETH), params)],
            ..Options::default()
        };
        let world = World::deploy(Node::start().await?, &options).await?;
        let alice = world.trader("alice", wad(1_000)).await?.account(0);
        let maker = world.trader("maker", wad(100_000)).await?.account(0);
        world.trade(alice, maker, perp(BTC), WAD as i128, wad(10_000)).await?;
        Ok(Self { world, alice, maker })
    }
}

#[tokio::test]
async fn bot_liquidates_reads_the_event_and_understands_a_refusal() -> Result<()> {
    let Some(bot) = ethers_rs::bot().await? else { return Ok(()) };
    let Scene { world, alice, maker } = Scene::new().await?;
    let keeper = world.trader("keeper", wad(100_000)).await?;
    let poor = world.trader("stranger", wad(1)).await?;

    // Equity 1,000, maintenance 300.
    let lines = ethers_rs::look(&bot, &world, &keeper, &[alice]).await?;
    assert_eq!(lines, [format!("{alice}: healthy: equity 1000{Z}, maintenance 300{Z}")]);

    world.set_price(BTC, wad(9_250)).await?;
    // It would gain 8.644999999999998209 by the discount and need 114.2375 for the position.
    let lines = ethers_rs::look(&bot, &world, &poor, &[alice]).await?;
    let who = poor.account(0);
    assert_eq!(
        lines,
        [format!("{alice}: refused: {who} has 9644999999999998209 and needs 114237500000000000000")]
    );

    let lines = ethers_rs::look(&bot, &world, &keeper, &[alice, maker]).await?;
    let [first, second] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(
        *first,
        format!(
            "{alice}: liquidated: size 247000000000000000, price 9215000000000000007250, fee 11423750000000000000, \
             equity 250{Z} -> 229931250000000001791"
        )
    );
    assert!(second.starts_with(&format!("{maker}: healthy")), "{second}");
    let margin = world.chain.call(world.engine, &marginOfCall { account: alice }).await?;
    assert_eq!(
        (margin.equity, margin.maintenance),
        (229_931_250_000_000_001_791, 208_957_500_000_000_000_000)
    );
    let lines = ethers_rs::look(&bot, &world, &keeper, &[alice]).await?;
    assert!(lines[0].starts_with(&format!("{alice}: healthy")), "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn bot_buries_what_is_insolvent_and_runs_the_pass() -> Result<()> {
    let Some(bot) = ethers_rs::bot().await? else { return Ok(()) };
    let Scene { world, alice, .. } = Scene::new().await?;
    // Anyone may: the bot's key holds nothing.
    let keeper = world.user("keeper").await?;
    // Equity 1,000 - 1,001, at a price that is newer than the fill.
    world.pass_time(1).await?;
    world.set_price(BTC, wad(8_999)).await?;
    let lines = ethers_rs::look(&bot, &world, &keeper, &[alice]).await?;
    assert_eq!(lines, [format!("{alice}: buried; passes: size 1{Z}, deficit 1{Z}")]);
    let margin = world.chain.call(world.engine, &marginOfCall { account: alice }).await?;
    assert_eq!((margin.equity, margin.maintenance), (0, 0));
    let state = world.chain.call(world.engine, &accountOfCall { account: alice }).await?;
    assert!(state.positions.is_empty());
    Ok(())
}

/// The digits of a whole number in WAD.
const Z: &str = "000000000000000000";
