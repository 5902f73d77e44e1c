//! Funding over time, by hand.
//!
//! A fill at a premium over the index says what longs pay. The average follows it: after a time dt with the last premium L,
//! avg = (avg*T + L*dt)/(T + dt), T = 8 h; the rate is the average within the cap, and F grows by price*rate*dt/T.

use anyhow::{Result, ensure};
use plimsoll_e2e::book::{
    Holding, balanced, dec, fill, holding, options, params, refused, world, world_alone,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{MarketParams, marketCall, pokeCall},
    prelude::*,
};

const ONE: i128 = WAD as i128;
const HOURS_8: u64 = 28_800;
/// Funding indices have the scale 2^95.
const INDEX_ONE: i128 = 1 << 95;

/// Alice is long one, bob is short one, since `time`, at a premium over the index.
struct Scene {
    world: World,
    alice: Key,
    bob: Key,
    time: u64,
}

impl Scene {
    /// `None` on a node whose clock cannot be set.
    async fn new(test: &str, underlying: u16, price: u128) -> Result<Option<Self>> {
        // 1 % per 8 hours at most
        let options = options(&MarketParams { fundingCap: 10_000, ..params() });
        let Some(world) = world_alone(test, &[Capability::TimeTravel], &options).await? else {
            return Ok(None);
        };
        let alice = world.trader("alice", wad(10_000)).await?;
        let bob = world.trader("bob", wad(10_000)).await?;
        world.settle(vec![fill(alice.account(0), bob.account(0), underlying, ONE, price)]).await?;
        let time = world.chain.head().await?.timestamp();
        Ok(Some(Self { world, alice, bob, time }))
    }

    /// Accrues at a time counted from the first fill.
    async fn poke_at(&self, after: u64, underlying: u16) -> Result<IPlimsoll::FundingAccrued> {
        self.world.chain.set_next_time(self.time + after).await?;
        let call = pokeCall { instruments: vec![perp(underlying)] };
        let receipt = self.world.chain.transact(&self.bob, self.world.engine, &call).await?;
        receipt.event()
    }

    async fn cash(&self) -> Result<(i128, i128)> {
        let cash = |key: &Key| holding(&self.world, key.account(0));
        Ok((cash(&self.alice).await?.cash, cash(&self.bob).await?.cash))
    }
}

#[tokio::test]
async fn a_rate_beyond_the_cap_is_the_cap() -> Result<()> {
    // A premium of 5 %: the average after 8 h is 2.5 %, the rate 1 %, and a long pays 100.
    let Some(scene) = Scene::new(test_name!(), BTC, wad(10_500)).await? else { return Ok(()) };
    let event = scene.poke_at(HOURS_8, BTC).await?;
    assert_eq!((event.index, event.rate), (100 * INDEX_ONE, 10_000_000_000));
    assert_eq!((event.price, event.time), (wad(10_000), scene.time + HOURS_8));
    let market = scene.world.chain.call(scene.world.engine, &marketCall { instrument: perp(BTC) }).await?;
    assert_eq!((market.fundingIndex, market.premium), (100 * INDEX_ONE, 25_000_000_000));
    assert_eq!(market.fundingTime, scene.time + HOURS_8);
    assert_eq!(scene.cash().await?, (dec("9900"), dec("10100")));
    // Another 4 h: avg = (2.5 %*8 + 5 %*4)/12 = 3.33 %, still 1 %: 50.
    let event = scene.poke_at(HOURS_8 * 3 / 2, BTC).await?;
    assert_eq!(event.index, 150 * INDEX_ONE);
    assert_eq!(scene.cash().await?, (dec("9850"), dec("10150")));
    // A touch realises what the view says.
    for key in [&scene.alice, &scene.bob] {
        let call = IPlimsoll::touchCall { account: key.account(0) };
        scene.world.chain.set_next_time(scene.time + HOURS_8 * 3 / 2).await?;
        let caught: IPlimsoll::CaughtUp =
            scene.world.chain.transact(&scene.bob, scene.world.engine, &call).await?.event()?;
        ensure!(caught.cash.abs() == dec("150") && caught.size.abs() == ONE, "{caught:?}");
    }
    assert_eq!(scene.cash().await?, (dec("9850"), dec("10150")));
    balanced(&scene.world, 0).await
}

#[tokio::test]
async fn within_the_cap_the_average_pays_and_a_discount_pays_longs() -> Result<()> {
    // A premium of 0.2 %: after 8 h the average is 0.1 %, at 500 half a quote.
    let Some(scene) = Scene::new(test_name!(), ETH, wad(501)).await? else { return Ok(()) };
    let event = scene.poke_at(HOURS_8, ETH).await?;
    assert_eq!((event.index, event.rate), (INDEX_ONE / 2, 1_000_000_000));
    assert_eq!(scene.cash().await?, (dec("9999.5"), dec("10000.5")));

    // At the same second a fill at 498, -0.4 %: alice buys one more. After 8 h (0.1 % - 0.4 %)/2 = -0.15 %: 0.75 a unit
    // to longs, of which alice now has two.
    let (a, b) = (scene.alice.account(0), scene.bob.account(0));
    scene.world.chain.set_next_time(scene.time + HOURS_8).await?;
    scene.world.settle(vec![fill(a, b, ETH, ONE, wad(498))]).await?;
    let event = scene.poke_at(2 * HOURS_8, ETH).await?;
    assert_eq!((event.index, event.rate), (-INDEX_ONE / 4, -1_500_000_000));
    let (alice, bob) = scene.cash().await?;
    assert_eq!((alice, bob), (dec("10001"), dec("9999")));
    balanced(&scene.world, 0).await
}

#[tokio::test]
async fn views_accrue_to_the_block_and_a_touch_finds_what_they_say() -> Result<()> {
    let Some(scene) = Scene::new(test_name!(), BTC, wad(10_100)).await? else { return Ok(()) };
    let (world, a) = (&scene.world, scene.alice.account(0));
    // An odd time, so that nothing divides: the view of a block and a write of the same second agree to the last unit.
    for after in [1, 1_234, 10_007, 28_801, 50_021] {
        world.chain.set_next_time(scene.time + after).await?;
        world.chain.mine().await?;
        let seen = holding(world, a).await?;
        let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
        world.chain.set_next_time(scene.time + after).await?;
        world.chain.transact(&scene.bob, world.engine, &IPlimsoll::touchCall { account: a }).await?;
        assert_eq!(holding(world, a).await?, seen, "after {after} s");
        let now = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
        assert_eq!(now, margin);
        ensure!(seen.cash < dec("10000"), "longs pay: {seen:?}");
    }
    balanced(world, 10).await
}

#[tokio::test]
async fn a_stale_price_stops_funding_until_the_next_one() -> Result<()> {
    let Some(scene) = Scene::new(test_name!(), BTC, wad(10_500)).await? else { return Ok(()) };
    let world = &scene.world;
    // Beyond two days nothing accrues: there is no price to do it at.
    world.chain.set_next_time(scene.time + 200_000).await?;
    world.chain.mine().await?;
    assert_eq!(scene.cash().await?, (dec("10000"), dec("10000")));
    let call = pokeCall { instruments: vec![perp(BTC)] };
    let error: IPlimsoll::PriceUnusable = refused(world, &scene.bob, &call).await?;
    assert_eq!((error.instrument, error.status), (perp(BTC), 3));
    // The next price pays for all of that time, 8 times 8 h at 1 % of 5,000.
    world.chain.set_next_time(scene.time + 8 * HOURS_8 - 1).await?;
    world.chain.mine().await?;
    world.set_price(BTC, wad(5_000)).await?;
    scene.poke_at(8 * HOURS_8, BTC).await?;
    assert_eq!(scene.cash().await?, (dec("9600"), dec("10400")));
    balanced(world, 0).await
}

#[tokio::test]
async fn poke_errors_on_unknown_and_repeated_markets() -> Result<()> {
    let world = world(&options(&params())).await?;
    let anyone = world.trader("anyone", wad(1)).await?;
    for unknown in [perp(9), perp(BTC) | 1, 0, u128::MAX] {
        let call = pokeCall { instruments: vec![perp(BTC), unknown] };
        let error: IPlimsoll::UnknownMarket = refused(&world, &anyone, &call).await?;
        assert_eq!(error.instrument, unknown);
    }
    let call = pokeCall { instruments: vec![perp(BTC), perp(ETH), perp(BTC)] };
    let error: IPlimsoll::DuplicateInstrument = refused(&world, &anyone, &call).await?;
    assert_eq!(error.instrument, perp(BTC));
    // No market at all is nothing to do.
    world.chain.transact(&anyone, world.engine, &pokeCall { instruments: vec![] }).await?;
    // Without positions and premiums, time alone changes nobody's cash.
    assert_eq!(holding(&world, anyone.account(0)).await?, Holding::new(dec("1"), &[]));
    Ok(())
}
