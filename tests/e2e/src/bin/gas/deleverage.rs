//! Burials and passes against ladders of different heights.

use alloy::primitives::B256;
use anyhow::{Result, ensure};
use plimsoll_e2e::{
    book::{self, fill},
    crowd::Crowd,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{self, MarketParams, buryCall, deleverageCall},
    prelude::*,
};

use crate::bench::{Bench, Rows};

const ONE: i128 = WAD as i128;

/// A ladder of `count` rungs with one short each, from 5,005 up by a little more than a tick (2^(1/64) = 1.01089).
async fn ladder(count: u64) -> Result<Ladder> {
    let bench = Bench::of(&MarketParams { priceBand: 500_000, ..book::params() }).await?;
    let world = &bench.world;
    let crowd = Crowd::new(world).await?;
    let whole = crowd.account(count);
    crowd.fund(0..count, wad(10_000)).await?;
    // Who buys from all of them has 10 a bitcoin, and the profit of what it bought cheaply.
    crowd.fund(count..count + 1, wad(10) * u128::from(count)).await?;
    let (mut price, mut fills) = (wad(5_005), Vec::new());
    for number in 0..count {
        fills.push(fill(crowd.account(count), crowd.account(number), BTC, ONE, price));
        price = price / 100_000 * 101_093;
    }
    crowd.settle(&fills).await?;
    // And two small longs, against a short on the lowest rung.
    let maker = world.trader("maker", wad(100_000)).await?;
    let mut small = Vec::new();
    for name in ["first", "second"] {
        let key = world.trader(name, WAD / 10).await?;
        world.settle(vec![fill(key.account(0), maker.account(0), BTC, ONE / 10, wad(5_005))]).await?;
        small.push(key.account(0));
    }
    world.set_price(BTC, wad(4_900)).await?;
    Ok(Ladder { bench, maker, small, whole })
}

/// The two small longs, and on a ladder like it the one who bought from all.
pub(crate) async fn run(count: u64, rows: &mut Rows) -> Result<()> {
    let scene = ladder(count).await?;
    scene.deleverage(rows, scene.small[0], count, "a little of each closed").await?;
    scene.deleverage(rows, scene.small[1], count, "a little more of each closed").await?;
    drop(scene);
    let scene = ladder(count).await?;
    scene.deleverage(rows, scene.whole, count, "nearly all of each closed").await
}

struct Ladder {
    bench: Bench,
    maker: Key,
    small: Vec<B256>,
    whole: B256,
}

impl Ladder {
    async fn deleverage(&self, rows: &mut Rows, account: B256, paying: u64, closed: &str) -> Result<()> {
        let world = &self.bench.world;
        let call = buryCall { account };
        self.bench
            .send(rows, &format!("one position, {paying} rungs live, {closed} after"), &self.maker, &call)
            .await?;
        world.set_price(BTC, wad(4_900)).await?;
        let case = format!("{paying} rungs pay, {closed}");
        let call = deleverageCall { instrument: perp(BTC) };
        let receipt = self.bench.send(rows, &case, &self.maker, &call).await?;
        let event: IPlimsoll::Deleveraged = receipt.event()?;
        let found = (u64::from(event.payers), u64::from(event.closedRungs));
        ensure!(found == (paying, paying), "{case}, but {found:?}");
        Ok(())
    }
}
