//! Funding over time, by hand.
//!
//! Hours are hours of usable seconds of the feed, counted from its first price. The fills of an hour set the rate of the next one:
//! interest and their premiums over the index, averaged by notional, within the cap. An hour after one without fills has interest
//! alone. F grows by price * rate * dt / 8 h.

use anyhow::{Result, ensure};
use plimsoll_e2e::book::{
    Holding, balanced, dec, fill, holding, options, params, refused, world, world_alone,
};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{MarketParams, MarketState, marketCall, pokeCall},
        IPlimsollOracle::Feed,
    },
    prelude::*,
    scenario::Options,
};

const ONE: i128 = WAD as i128;
const HOUR: u64 = 3_600;
/// Funding indices have the scale 2^64.
const INDEX_ONE: i128 = 1 << 64;

/// 1 % per 8 hours at most, and every notional counts.
fn rules() -> MarketParams {
    MarketParams { fundingCap: 10_000, fundingNotional: wad(10), ..params() }
}

/// Alice and bob in a market whose feed has been usable since `zero`.
struct Scene {
    world: World,
    alice: Key,
    bob: Key,
    zero: u64,
}

impl Scene {
    /// `None` on a node whose clock cannot be set.
    async fn new(test: &str, options: Options) -> Result<Option<Self>> {
        let Some(world) = world_alone(test, &[Capability::TimeTravel], &options).await? else {
            return Ok(None);
        };
        let alice = world.trader("alice", wad(10_000)).await?;
        let bob = world.trader("bob", wad(10_000)).await?;
        let now = world.chain.head().await?.timestamp();
        let usable = market(&world, BTC).await?.usable;
        Ok(Some(Self { world, alice, bob, zero: now - u64::from(usable) }))
    }

    /// Alice buys from bob.
    async fn trade(&self, underlying: u16, size: i128, price: u128) -> Result<()> {
        let (alice, bob) = (self.alice.account(0), self.bob.account(0));
        self.world.settle(vec![fill(alice, bob, underlying, size, price)]).await?;
        Ok(())
    }

    /// Accrues when the feed has been usable for so long. `None` when the index did not move.
    async fn poke_at(&self, after: u64, underlying: u16) -> Result<Option<IPlimsoll::FundingAccrued>> {
        self.world.chain.set_next_time(self.zero + after).await?;
        let call = pokeCall { instruments: vec![perp(underlying)] };
        let receipt = self.world.chain.transact(&self.bob, self.world.engine, &call).await?;
        Ok(receipt.events().into_iter().next())
    }

    async fn cash(&self) -> Result<(i128, i128)> {
        let cash = |key: &Key| holding(&self.world, key.account(0));
        Ok((cash(&self.alice).await?.cash, cash(&self.bob).await?.cash))
    }
}

async fn market(world: &World, underlying: u16) -> Result<MarketState> {
    Ok(world.chain.call(world.engine, &marketCall { instrument: perp(underlying) }).await?)
}

#[tokio::test]
async fn the_fills_of_an_hour_set_the_rate_of_the_next_one_within_the_cap() -> Result<()> {
    let Some(scene) = Scene::new(test_name!(), options(&rules())).await? else { return Ok(()) };
    // A premium of 5 %, capped at 1 % per 8 h. In its own hour nothing is paid.
    scene.trade(BTC, ONE, wad(10_500)).await?;
    let state = market(&scene.world, BTC).await?;
    assert_eq!((state.fundingRate, state.nextFundingRate), (0, 10_000_000));
    assert_eq!(scene.poke_at(HOUR, BTC).await?, None);
    let state = market(&scene.world, BTC).await?;
    assert_eq!((state.fundingIndex, state.fundingRate, state.nextFundingRate), (0, 10_000_000, 0));
    // Half an hour at 10,000: 100 / 16.
    let event = scene.poke_at(HOUR * 3 / 2, BTC).await?.expect("funding accrued");
    assert_eq!((event.index, event.rate), (INDEX_ONE / 4 * 25, 10_000_000));
    assert_eq!((event.price, event.usable), (wad(10_000), 5_400));
    assert_eq!(scene.cash().await?, (dec("9993.75"), dec("10006.25")));
    // The hour after had no fills before it.
    let event = scene.poke_at(4 * HOUR, BTC).await?.expect("funding accrued");
    assert_eq!((event.index, event.rate), (INDEX_ONE / 2 * 25, 0));
    assert_eq!(scene.poke_at(5 * HOUR, BTC).await?, None);
    assert_eq!(scene.cash().await?, (dec("9987.5"), dec("10012.5")));
    // A touch realises what the view says.
    for key in [&scene.alice, &scene.bob] {
        let call = IPlimsoll::touchCall { account: key.account(0) };
        let caught: IPlimsoll::CaughtUp =
            scene.world.chain.transact(&scene.bob, scene.world.engine, &call).await?.event()?;
        ensure!(caught.cash.abs() == dec("12.5") && caught.size.abs() == ONE, "{caught:?}");
    }
    assert_eq!(scene.cash().await?, (dec("9987.5"), dec("10012.5")));
    balanced(&scene.world, 0).await
}

#[tokio::test]
async fn premiums_weigh_by_notional_and_a_discount_pays_longs() -> Result<()> {
    let options = options(&MarketParams { interest: 100, ..rules() });
    let Some(scene) = Scene::new(test_name!(), options).await? else { return Ok(()) };
    // Interest of 0.01 %. Steps of 10 quote: 1,503 are 150 of them at +0.2 %, 499 are 49 at -0.2 %.
    // (150 - 49) * 2e6 / 199 = 1,015,075.37..., and 100,000 of interest.
    scene.trade(ETH, 3 * ONE, wad(501)).await?;
    scene.trade(ETH, ONE, wad(499)).await?;
    let state = market(&scene.world, ETH).await?;
    assert_eq!((state.fundingRate, state.nextFundingRate), (100_000, 1_115_075));
    // An hour at 500 and 1e-4 per 8 h: 0.00625. Then 500 * 0.001115075 / 8 = 0.0696921875. Then interest again.
    for (hours, millionths) in [(1, 6_250), (2, 75_942), (3, 82_192)] {
        let event = scene.poke_at(hours * HOUR, ETH).await?.expect("funding accrued");
        ensure!((event.index * 1_000_000 / INDEX_ONE - millionths).abs() <= 1, "{hours} h: {event:?}");
    }
    // At a discount of 0.4 %, -4e6 and 100,000: longs receive 500 * 0.0039 / 8 = 0.24375 a unit in the hour after.
    let before = market(&scene.world, ETH).await?.fundingIndex;
    scene.trade(ETH, ONE, wad(498)).await?;
    scene.poke_at(4 * HOUR, ETH).await?;
    let (a, b) = (scene.alice.account(0), scene.bob.account(0));
    let (alice, bob) = (holding(&scene.world, a).await?.cash, holding(&scene.world, b).await?.cash);
    let event = scene.poke_at(5 * HOUR, ETH).await?.expect("funding accrued");
    ensure!(((event.index - before) * 1_000_000 / INDEX_ONE - 6_250 + 243_750).abs() <= 1, "{event:?}");
    // Five units each.
    let close = |x: i128, y: i128| (x - y).abs() <= 1_000;
    let (alice_now, bob_now) = scene.cash().await?;
    ensure!(
        close(alice_now - alice, dec("1.21875")) && close(bob_now - bob, dec("-1.21875")),
        "{alice_now} {bob_now}"
    );
    balanced(&scene.world, 10).await
}

#[tokio::test]
async fn a_small_fill_moves_next_to_nothing() -> Result<()> {
    let world = world(&options(&MarketParams { fundingCap: 10_000, ..params() })).await?;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    // 505 of notional are 50 steps at +1 %, against a least notional of 100,000, 10,000 steps: 0.005 %.
    world.trade(a, b, perp(ETH), ONE, wad(505)).await?;
    assert_eq!(market(&world, ETH).await?.nextFundingRate, 50_000);
    // Less than a step, 5.25 at +5 %, does not count.
    world.trade(a, b, perp(ETH), -ONE / 100, wad(525)).await?;
    assert_eq!(market(&world, ETH).await?.nextFundingRate, 50_000);
    balanced(&world, 0).await
}

#[tokio::test]
async fn views_accrue_to_the_block_and_a_touch_finds_what_they_say() -> Result<()> {
    let Some(scene) = Scene::new(test_name!(), options(&rules())).await? else { return Ok(()) };
    scene.trade(BTC, ONE, wad(10_100)).await?;
    let (world, a) = (&scene.world, scene.alice.account(0));
    // An odd time, so that nothing divides: the view of a block and a write of the same second agree to the last unit.
    for after in [3_601, 4_834, 6_007, 7_199, 50_021] {
        world.chain.set_next_time(scene.zero + after).await?;
        world.chain.mine().await?;
        let seen = holding(world, a).await?;
        let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
        world.chain.set_next_time(scene.zero + after).await?;
        world.chain.transact(&scene.bob, world.engine, &IPlimsoll::touchCall { account: a }).await?;
        assert_eq!(holding(world, a).await?, seen, "after {after} s");
        let now = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
        assert_eq!(now, margin);
        ensure!(seen.cash < dec("10000"), "longs pay: {seen:?}");
    }
    balanced(world, 10).await
}

#[tokio::test]
async fn an_outage_costs_nobody_funding() -> Result<()> {
    // Fresh for two hours.
    let feed = Feed { maxAge: 7_200, maxAgeLate: 14_400, ..plimsoll_harness::scenario::feed() };
    let options = Options { feeds: vec![(BTC, feed.clone()), (ETH, feed)], ..options(&rules()) };
    let Some(scene) = Scene::new(test_name!(), options).await? else { return Ok(()) };
    let world = &scene.world;
    scene.trade(BTC, ONE, wad(10_500)).await?;
    // Two days later two hours have been usable: one at 1 % per 8 h. Poking works at a stale price.
    let event = scene.poke_at(200_000, BTC).await?.expect("funding accrued");
    assert_eq!((event.index, event.usable), (INDEX_ONE / 2 * 25, 7_200));
    assert_eq!(scene.cash().await?, (dec("9987.5"), dec("10012.5")));
    let state = market(world, BTC).await?;
    assert_eq!((state.usable, state.window), (7_200, 8));
    // Time goes on with the next price, and neither funding nor clock jumps.
    world.set_price(BTC, wad(5_000)).await?;
    let state = market(world, BTC).await?;
    assert_eq!((state.fundingIndex, state.fundingRate, state.window), (INDEX_ONE / 2 * 25, 0, 8));
    ensure!(state.usable < 7_300, "{state:?}");
    assert_eq!(scene.cash().await?, (dec("9987.5"), dec("10012.5")));
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
