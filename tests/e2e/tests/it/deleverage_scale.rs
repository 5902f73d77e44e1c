//! What a pass costs does not depend on how many accounts are on the other side.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use plimsoll_e2e::{
    book::{balanced, fill, options, params, world_alone},
    crowd::Crowd,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{MarketParams, RungView, buryCall, deleverageCall, rungsCall},
    prelude::*,
};

const ONE: i128 = WAD as i128;
/// Entry prices of the crowd, each the edge of a rung of its own.
const PRICES: [u128; 4] = [8_192, 9_216, 10_240, 11_264];

/// One pass against `members` shorts of `400/members` bitcoin each, evenly on four rungs.
struct Run {
    gas: u64,
    rungs: Vec<RungView>,
    event: IPlimsoll::Deleveraged,
}

async fn run(members: u64) -> Result<Run> {
    let began = Instant::now();
    // Alone, so that both runs have the same keys and no zero byte more in their calldata.
    let options = options(&MarketParams { priceBand: 500_000, ..params() });
    let world = world_alone(test_name!(), &[], &options).await?.context("needs nothing")?;
    let crowd = Crowd::new(&world).await?;
    // The last account of the crowd buys from all others.
    crowd.fund(0..members, 4_000_000 * WAD / u128::from(members)).await?;
    crowd.fund(members..members + 1, wad(10_000_000)).await?;
    let size = 400 * ONE / i128::from(members);
    let fills: Vec<_> = (0..members)
        .map(|number| {
            let price = wad(PRICES[number as usize % PRICES.len()]);
            fill(crowd.account(members), crowd.account(number), BTC, size, price)
        })
        .collect();
    crowd.settle(&fills).await?;

    // What follows in one second is less work for the market's clock than over several, and the few are quicker than the
    // many where time is real.
    world.pass_time(1).await?;
    let victim = world.trader("victim", wad(30_000)).await?;
    let maker = world.trader("maker", wad(1_000_000)).await?;
    world.trade(victim.account(0), maker.account(0), perp(BTC), 50 * ONE, wad(10_000)).await?;
    world.fund_insurance(wad(1_000)).await?;
    world.pass_time(1).await?;
    world.set_price(BTC, wad(8_000)).await?;
    let call = rungsCall { instrument: perp(BTC), long: false };
    let rungs = world.chain.call(world.engine, &call).await?;
    world.chain.transact(&maker, world.engine, &buryCall { account: victim.account(0) }).await?;
    world.pass_time(1).await?;
    let call = deleverageCall { instrument: perp(BTC) };
    let receipt = world.chain.transact(&maker, world.engine, &call).await?;
    let event = receipt.event()?;
    eprintln!("{members} accounts: {} gas; all of it took {:?}", receipt.gas(), began.elapsed());
    if members <= 1_000 {
        balanced(&world, i128::from(members) + 10).await?;
    }
    Ok(Run { gas: receipt.gas(), rungs, event })
}

#[tokio::test]
async fn deleverage_costs_the_same_against_100_and_10_000_accounts() -> Result<()> {
    let few = run(100).await?;
    let many = run(10_000).await?;
    // The same ladder but for the number of members, so the same sums taken from the same rungs.
    let members = |run: &Run| run.rungs.iter().map(|rung| rung.members).collect::<Vec<_>>();
    ensure!(members(&few).iter().sum::<u32>() == 101 && members(&many).iter().sum::<u32>() == 10_001);
    let totals = |run: &Run| run.rungs.iter().map(|r| (r.tick, r.size)).collect::<Vec<_>>();
    assert_eq!(totals(&few), totals(&many));
    // D = 50*2,000 - 30,000, of which insurance pays a tenth of its 1,000.
    for run in [&few, &many] {
        assert_eq!((run.event.deficit, run.event.insurance), (wad(70_000), wad(100)));
        assert_eq!((run.event.taken, run.event.socialised), (wad(69_900), 0));
    }
    assert_eq!((few.event.payers, few.event.closedRungs), (many.event.payers, many.event.closedRungs));
    assert_eq!(few.gas, many.gas);
    Ok(())
}
