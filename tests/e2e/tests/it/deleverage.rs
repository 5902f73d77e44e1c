//! `deleverage`: small books whose every figure is a whole number by hand.
//!
//! Shorts enter at powers of two, which are the very edges of their rungs: what a rung can pay is then its whole profit.
//! Deficit D, insurance I, budget R = D - I, capacity U, haircut h = R/U.

use anyhow::Result;
use plimsoll_e2e::book::{
    Holding, Ledger, balanced, dec, fill, holding, options, params, refused, udec, world, world_alone,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{MarketParams, deleverageCall, deleverageReturn, marketCall, totalsCall},
    prelude::*,
    scenario::Options,
};

const ONE: i128 = WAD as i128;

fn at(prices: &[(u16, u128)]) -> Options {
    Options { prices: prices.to_vec(), ..options(&MarketParams { priceBand: 500_000, ..params() }) }
}

async fn deleverage(
    world: &World,
    account: &Key,
) -> Result<(deleverageReturn, plimsoll_harness::chain::Receipt)> {
    let (stranger, call) = (world.user("stranger").await?, deleverageCall { account: account.account(0) });
    let says = world.chain.call(world.engine, &call).await?;
    let receipt = world.chain.transact(&stranger, world.engine, &call).await?;
    Ok((says, receipt))
}

async fn hold(world: &World, key: &Key, cash: &str, positions: &[(u16, i128, &str)]) -> Result<()> {
    let positions: Vec<_> = positions.iter().map(|(id, size, basis)| (*id, *size, dec(basis))).collect();
    let found = holding(world, key.account(0)).await?;
    anyhow::ensure!(found == Holding::new(dec(cash), &positions), "{cash} {positions:?} expected: {found:?}");
    Ok(())
}

async fn bad_debt(world: &World, instrument: u128) -> Result<u128> {
    Ok(world.chain.call(world.engine, &marketCall { instrument }).await?.badDebt)
}

fn short_of(sums: &deleverageReturn) -> [u128; 4] {
    [sums.deficit, sums.insurance, sums.taken, sums.socialised]
}

#[tokio::test]
async fn two_rungs_pay_pro_rata_and_are_closed_most_profitable_first() -> Result<()> {
    let world = world(&at(&[(BTC, wad(16_384)), (ETH, wad(512))])).await?;
    let rich = world.trader("rich", wad(10_000)).await?;
    let early = world.trader("early", wad(2_000)).await?;
    let late = world.trader("late", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    let onlooker = world.trader("onlooker", wad(2_000)).await?;
    let other = world.trader("other", wad(2_000)).await?;
    world.fund_insurance(wad(1_000)).await?; // of which one event may draw 30 %
    world.trade(rich.account(0), early.account(0), perp(BTC), ONE, wad(16_384)).await?;
    world.trade(onlooker.account(0), other.account(0), perp(ETH), -ONE, wad(512)).await?;
    world.set_prices(&[(BTC, wad(8_192)), (ETH, wad(256))]).await?;
    world.trade(victim.account(0), late.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;

    // Equity zero is still solvent: 1,000 less 2*500.
    let call = deleverageCall { account: victim.account(0) };
    world.set_price(BTC, wad(7_692)).await?;
    let error: IPlimsoll::Solvent = refused(&world, &rich, &call).await?;
    assert_eq!((error.account, error.equity), (victim.account(0), 0));

    // At 7,168 the victim has lost 2,048: D = 1,048, I = 300, R = 748. The rung of 16,384 can pay 9,216, that of 8,192
    // 2*1,024: U = 11,264, h = 17/256.
    world.set_price(BTC, wad(7_168)).await?;
    let untouched = [holding(&world, onlooker.account(0)).await?, holding(&world, other.account(0)).await?];
    let (sums, receipt) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [1_048, 300, 748, 0].map(wad));
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    assert_eq!((event.account, event.instrument, event.size), (victim.account(0), perp(BTC), 2 * ONE));
    assert_eq!((event.mark, event.deficit, event.insurance), (wad(7_168), wad(1_048), wad(300)));
    assert_eq!((event.budget, event.capacity, event.taken), (wad(748), wad(11_264), wad(748)));
    assert_eq!((event.socialised, event.haircut), (0, udec("0.06640625")));
    assert_eq!((event.payers, event.closedRungs), (2, 2));
    let paid: IPlimsoll::InsurancePaid = receipt.event()?;
    assert_eq!((paid.account, paid.amount, paid.left), (victim.account(0), wad(300), wad(700)));
    assert_eq!(receipt.events::<IPlimsoll::BadDebtRecorded>(), []);

    // The victim is at zero. Early pays 9,216*h = 612 and is closed: 2,000 + 9,216 - 612. Late pays 2,048*h = 136 and
    // is closed by half: 2,000 + 1,024 - 136. Nobody else notices.
    hold(&world, &victim, "0", &[]).await?;
    hold(&world, &early, "10604", &[]).await?;
    hold(&world, &late, "2888", &[(BTC, -ONE, "8192")]).await?;
    hold(&world, &rich, "10000", &[(BTC, ONE, "-16384")]).await?;
    assert_eq!(
        [holding(&world, onlooker.account(0)).await?, holding(&world, other.account(0)).await?],
        untouched
    );
    let market = world.chain.call(world.engine, &marketCall { instrument: perp(BTC) }).await?;
    assert_eq!((market.openInterest, market.badDebt, market.dust), (WAD, 0, 0));
    balanced(&world, 0).await?;
    let error: IPlimsoll::Solvent = refused(&world, &rich, &call).await?;
    assert_eq!(error.equity, 0);

    // Again, at 4,096: rich has lost 12,288 of 10,000. D = 2,288, I = 30 % of 700, R = 2,078. Late can pay 4,096 less
    // the 68 taken before: h = 2,078/4,028.
    world.set_price(BTC, wad(4_096)).await?;
    let (sums, receipt) = deleverage(&world, &rich).await?;
    assert_eq!(short_of(&sums), [2_288, 210, 2_078, 0].map(wad));
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    assert_eq!((event.capacity, event.payers, event.closedRungs), (wad(4_028), 1, 1));
    assert_eq!(event.haircut, udec("0.515888778550148958")); // true value: 0.51588877855014895729...
    hold(&world, &rich, "0", &[]).await?;
    hold(&world, &late, "4906", &[]).await?; // 2,888 + 4,096 - 2,078
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!((totals.insurance, totals.badDebt), (wad(490), 0));
    // Early's touch realises what its view said.
    world.chain.transact(&rich, world.engine, &IPlimsoll::touchCall { account: early.account(0) }).await?;
    hold(&world, &early, "10604", &[]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn an_insolvent_short_is_paid_by_longs() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let long = world.trader("long", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(long.account(0), victim.account(0), perp(BTC), ONE, wad(8_192)).await?;
    // At 10,240: D = 2,048 - 1,000. The worst entry that the long's rung admits is 8,192*2^(1/64) = 8,281.2..., so U
    // is a little less than the profit of 2,048; what is taken is D all the same.
    world.set_price(BTC, wad(10_240)).await?;
    let (sums, receipt) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [1_048, 0, 1_048, 0].map(wad));
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    // 10,240 - 8,192*1.010889286051700460 (2^(1/64)) = 1,958.794968664469...
    assert_eq!(event.capacity / 1_000_000_000, udec("1958.794968664") / 1_000_000_000);
    assert_eq!(event.size, -ONE);
    hold(&world, &victim, "0", &[]).await?;
    hold(&world, &long, "3000", &[]).await?; // 2,000 + 2,048 - 1,048
    balanced(&world, 0).await
}

#[tokio::test]
async fn what_profits_cannot_bear_is_bad_debt_and_insurance_may_cover_it() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192)), (ETH, wad(512))])).await?;
    let quick = world.trader("quick", wad(2_000)).await?;
    let slow = world.trader("slow", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), quick.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    world.set_price(BTC, wad(4_096)).await?;
    // Quick takes 4,096 home in time; slow takes its place at 4,096, without profit.
    world.trade(quick.account(0), slow.account(0), perp(BTC), ONE, wad(4_096)).await?;

    // D = R = 8,192 - 1,000; U = the 4,096 that quick has left open.
    let (sums, receipt) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [7_192, 0, 4_096, 3_096].map(wad));
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    assert_eq!((event.capacity, event.haircut), (wad(4_096), WAD));
    assert_eq!((event.payers, event.closedRungs), (1, 2));
    let recorded: IPlimsoll::BadDebtRecorded = receipt.event()?;
    assert_eq!((recorded.instrument, recorded.amount, recorded.total), (perp(BTC), wad(3_096), wad(3_096)));
    hold(&world, &victim, "0", &[]).await?;
    hold(&world, &quick, "6096", &[]).await?; // 2,000 + 4,096 in time + 4,096 - 4,096
    hold(&world, &slow, "2000", &[]).await?;
    assert_eq!(bad_debt(&world, perp(BTC)).await?, wad(3_096));
    balanced(&world, 0).await?;

    // Insurance comes too late for the event, not for the debt.
    let cover = |instrument, amount| IPlimsoll::coverBadDebtCall { instrument, amount };
    refused::<IPlimsoll::ZeroAmount, _>(&world, &quick, &cover(perp(BTC), 0)).await?;
    for none in [perp(ETH), 0] {
        let error: IPlimsoll::NoBadDebt = refused(&world, &quick, &cover(none, 1)).await?;
        assert_eq!(error.instrument, none);
    }
    for unknown in [perp(9), perp(BTC) | 1, u128::MAX] {
        refused::<IPlimsoll::UnknownMarket, _>(&world, &quick, &cover(unknown, 1)).await?;
    }
    world.fund_insurance(wad(3_100)).await?;
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&quick, world.engine, &cover(perp(BTC), wad(96))).await?.event()?;
    assert_eq!((covered.amount, covered.total), (wad(96), wad(3_000)));
    balanced(&world, 0).await?;
    // No more than the debt is paid.
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&quick, world.engine, &cover(perp(BTC), u128::MAX)).await?.event()?;
    assert_eq!((covered.amount, covered.total), (wad(3_000), 0));
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!((totals.insurance, totals.badDebt), (wad(4), 0));
    balanced(&world, 0).await
}

#[tokio::test]
async fn an_account_in_two_markets_burdens_each_by_its_loss() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192)), (ETH, wad(512))])).await?;
    let short = world.trader("short", wad(10_000)).await?;
    let both = world.trader("both", wad(1_000)).await?;
    let hedged = world.trader("hedged", wad(2_000)).await?;
    let (s, b, h) = (short.account(0), both.account(0), hedged.account(0));
    world.settle(vec![fill(b, s, BTC, ONE, wad(8_192)), fill(b, s, ETH, 8 * ONE, wad(512))]).await?;
    world.settle(vec![fill(h, s, BTC, 3 * ONE, wad(8_192)), fill(h, s, ETH, -ONE, wad(512))]).await?;

    // In bitcoin short holds -4; in ether -8 + 1 = -7, and hedged -1. BTC 7,168, ETH 384: both loses 1,024 in each,
    // D = R = 1,048, 524 a market. The one rung of bitcoin can pay 4*1,024, that of ether 8*128.
    world.set_prices(&[(BTC, wad(7_168)), (ETH, wad(384))]).await?;
    let (sums, receipt) = deleverage(&world, &both).await?;
    assert_eq!(short_of(&sums), [1_048, 0, 1_048, 0].map(wad));
    let events: Vec<IPlimsoll::Deleveraged> = receipt.events();
    assert_eq!(
        events.iter().map(|e| (e.instrument, e.budget, e.capacity)).collect::<Vec<_>>(),
        [(perp(BTC), wad(524), wad(4_096)), (perp(ETH), wad(524), wad(1_024)),]
    );
    hold(&world, &both, "0", &[]).await?;
    // 524 of bitcoin from short alone, 65.5 an ether. A quarter of short's bitcoin is closed with 1,024, its ether with
    // 7*128: 10,000 - 524 + 1,024 + 896 - 458.5. Hedged's ether: 2,000 + 128 - 65.5.
    hold(&world, &short, "10937.5", &[(BTC, -3 * ONE, "24576")]).await?;
    hold(&world, &hedged, "2062.5", &[(BTC, 3 * ONE, "-24576")]).await?;
    balanced(&world, 0).await?;

    // BTC 6,144: hedged has lost 6,144 of 2,062.5 in its one market, D = R = 4,081.5. The rung can pay its 3*2,048 less
    // the 131 a unit of before. In the end short has all 13,000 that were ever deposited.
    world.set_price(BTC, wad(6_144)).await?;
    let (sums, receipt) = deleverage(&world, &hedged).await?;
    assert_eq!((sums.deficit, sums.taken, sums.socialised), (udec("4081.5"), udec("4081.5"), 0));
    // Its ether was closed before: a share of size zero.
    let events: Vec<IPlimsoll::Deleveraged> = receipt.events();
    assert_eq!(
        events.iter().map(|e| (e.instrument, e.size, e.capacity)).collect::<Vec<_>>(),
        [(perp(BTC), 3 * ONE, wad(5_751)), (perp(ETH), 0, 0),]
    );
    hold(&world, &hedged, "0", &[]).await?;
    hold(&world, &short, "13000", &[]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn a_market_in_profit_bears_nothing() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192)), (ETH, wad(512))])).await?;
    let short = world.trader("short", wad(10_000)).await?;
    let buyer = world.trader("buyer", wad(10_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    let v = victim.account(0);
    world
        .settle(vec![
            fill(v, short.account(0), BTC, 2 * ONE, wad(8_192)),
            fill(v, buyer.account(0), ETH, -ONE, wad(512)),
        ])
        .await?;
    // BTC 7,168 loses 2,048, ETH 384 wins 128: D = 920, all of it for the shorts of bitcoin. The ether is closed at the
    // mark, and its buyer loses what it has lost, no more.
    world.set_prices(&[(BTC, wad(7_168)), (ETH, wad(384))]).await?;
    let (sums, receipt) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [920, 0, 920, 0].map(wad));
    let budgets: Vec<_> =
        receipt.events::<IPlimsoll::Deleveraged>().iter().map(|e| (e.instrument, e.budget)).collect();
    assert_eq!(budgets, [(perp(BTC), wad(920)), (perp(ETH), 0)]);
    hold(&world, &victim, "0", &[]).await?;
    hold(&world, &short, "11128", &[]).await?; // 10,000 + 2,048 - 920
    hold(&world, &buyer, "9872", &[]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn an_insolvent_account_whose_position_others_closed_leaves_debt_without_a_market() -> Result<()> {
    let world = world(&at(&[(BTC, wad(16_384))])).await?;
    let maker = world.trader("maker", wad(2_000)).await?;
    let long = world.trader("long", wad(1_000)).await?;
    let short = world.trader("short", wad(1_000)).await?;
    world.trade(long.account(0), maker.account(0), perp(BTC), ONE, wad(16_384)).await?;
    world.set_price(BTC, wad(4_096)).await?;
    // The maker leaves with 12,288; short takes its place at 4,096.
    world.trade(maker.account(0), short.account(0), perp(BTC), ONE, wad(4_096)).await?;
    hold(&world, &maker, "14288", &[]).await?;
    // At 7,168 long has -8,216 and short -2,072. Long goes first: nobody has a profit, and short is closed at the mark.
    world.set_price(BTC, wad(7_168)).await?;
    let (sums, _) = deleverage(&world, &long).await?;
    assert_eq!(short_of(&sums), [8_216, 0, 0, 8_216].map(wad));
    hold(&world, &short, "-2072", &[]).await?;
    assert_eq!(bad_debt(&world, perp(BTC)).await?, wad(8_216));
    // Short has no position any more: its debt is nobody's market's.
    let (sums, receipt) = deleverage(&world, &short).await?;
    assert_eq!(short_of(&sums), [2_072, 0, 0, 2_072].map(wad));
    let recorded: Vec<IPlimsoll::BadDebtRecorded> = receipt.events();
    let parts: u128 = recorded.iter().map(|r| r.amount).sum();
    assert_eq!(parts, wad(2_072));
    hold(&world, &short, "0", &[]).await?;
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!(totals.badDebt, wad(10_288));
    balanced(&world, 0).await?;

    world.fund_insurance(wad(20_000)).await?;
    let cover = |instrument| IPlimsoll::coverBadDebtCall { instrument, amount: u128::MAX };
    for instrument in recorded.iter().map(|r| r.instrument).chain([perp(BTC)]) {
        if world.chain.call(world.engine, &cover(instrument)).await.is_ok() {
            world.chain.transact(&maker, world.engine, &cover(instrument)).await?;
        }
    }
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!((totals.badDebt, totals.insurance), (0, wad(9_712)));
    balanced(&world, 0).await
}

#[tokio::test]
async fn insurance_pays_first_up_to_its_cap_and_alone_when_it_suffices() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.fund_insurance(wad(2_000)).await?;
    let cap = IPlimsoll::setInsuranceCapCall { cap: 600_000 };
    world.chain.transact(&world.owner, world.engine, &cap).await?;
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    // D = 1,048 is within 60 % of 2,000: nothing is taken from anyone, but the position is closed.
    world.set_price(BTC, wad(7_168)).await?;
    let (sums, receipt) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [1_048, 1_048, 0, 0].map(wad));
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    assert_eq!((event.budget, event.taken, event.haircut, event.payers, event.closedRungs), (0, 0, 0, 0, 1));
    hold(&world, &short, "4048", &[]).await?;
    hold(&world, &victim, "0", &[]).await?;
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!(totals.insurance, wad(952));
    balanced(&world, 0).await
}

#[tokio::test]
async fn it_works_on_a_late_price_and_while_paused_but_not_on_a_stale_price() -> Result<()> {
    let needs = [Capability::TimeTravel];
    let options = at(&[(BTC, wad(8_192))]);
    let Some(world) = world_alone(test_name!(), &needs, &options).await? else { return Ok(()) };
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    let time = world.set_price(BTC, wad(7_168)).await?.event::<IPlimsollOracle::PriceUpdated>()?.time;
    let until = world.chain.head().await?.timestamp() + 500_000;
    world.chain.transact(&world.guardian, world.engine, &IPlimsoll::pauseCall { until }).await?;
    // fresh for a day, late for another
    world.chain.set_next_time(time + 172_801).await?;
    let call = deleverageCall { account: victim.account(0) };
    let error: IPlimsoll::PriceUnusable = refused(&world, &short, &call).await?;
    assert_eq!((error.instrument, error.status), (perp(BTC), 3));
    let time = world.set_price(BTC, wad(7_168)).await?.event::<IPlimsollOracle::PriceUpdated>()?.time;
    world.chain.set_next_time(time + 172_000).await?;
    let before = Ledger::read(&world).await?;
    let (sums, _) = deleverage(&world, &victim).await?;
    assert_eq!(short_of(&sums), [1_048, 0, 1_048, 0].map(wad));
    assert!(before != Ledger::read(&world).await?);
    hold(&world, &short, "3000", &[]).await
}
