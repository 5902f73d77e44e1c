//! Burials and passes: small books whose every figure is a whole number by hand.
//!
//! Entries are powers of two, which are the very edges of rungs. Deficit D, insurance I, R = D - I; U, the sum of all profits of
//! the market, open and young; h = R/U, a fraction of a power of two, so that no index rounds.
//! A burial brings the estate the positions and, of each market's open loss, what the account's deficit leaves of it in cash.

use anyhow::Result;
use plimsoll_e2e::book::{
    Holding, Ledger, balanced, dec, fill, holding, options, params, refused, udec, world, world_alone,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{
        Buried, Deleveraged, Interred, MarketParams, MarketState, buryCall, deleverageCall, deleverageReturn,
        marketCall, potsCall, setInsuranceCapCall, setMarketParamsCall, totalsCall, touchCall,
    },
    chain::Receipt,
    ids::to_quote_units,
    prelude::*,
    scenario::Options,
};

const ONE: i128 = WAD as i128;
/// A window of young profit, seconds.
const WINDOW: u64 = 900;

/// Bitcoin may draw 30 % of the insurance fund, ether nothing; prices may move by half.
fn at(prices: &[(u16, u128)]) -> Options {
    let of = |share| MarketParams { priceBand: 500_000, insuranceShare: share, ..params() };
    let markets = vec![(perp(BTC), of(300_000)), (perp(ETH), of(0))];
    Options { prices: prices.to_vec(), markets, ..options(&params()) }
}

/// Reports prices that are newer than the last fill.
async fn report(world: &World, prices: &[(u16, u128)]) -> Result<u64> {
    world.pass_time(1).await?;
    let receipt = world.set_prices(prices).await?;
    Ok(receipt.events::<IPlimsollOracle::PriceUpdated>()[0].time)
}

/// A stranger buries an account.
async fn bury(world: &World, account: &Key) -> Result<(Buried, Vec<Interred>)> {
    let call = buryCall { account: account.account(0) };
    let says = world.chain.call(world.engine, &call).await?;
    let receipt = world.chain.transact(&world.user("stranger").await?, world.engine, &call).await?;
    let event: Buried = receipt.event()?;
    assert_eq!(event.account, account.account(0));
    assert_eq!(
        (event.deficit, event.insurance, event.socialised),
        (says.deficit, says.insurance, says.socialised)
    );
    hold(world, account, "0", &[]).await?;
    Ok((event, receipt.events()))
}

/// A stranger runs a pass.
async fn pass(world: &World, underlying: u16) -> Result<(Deleveraged, Receipt)> {
    let call = deleverageCall { instrument: perp(underlying) };
    let says: deleverageReturn = world.chain.call(world.engine, &call).await?;
    let receipt = world.chain.transact(&world.user("stranger").await?, world.engine, &call).await?;
    let event: Deleveraged = receipt.event()?;
    assert_eq!(event.instrument, perp(underlying));
    assert_eq!((event.deficit, event.insurance), (says.deficit, says.insurance));
    assert_eq!((event.taken, event.socialised), (says.taken, says.socialised));
    let after = market(world, underlying).await?;
    assert_eq!((after.estateCash, after.estateSize, after.estateBasis, after.clockStands), (0, 0, 0, false));
    Ok((event, receipt))
}

async fn market(world: &World, underlying: u16) -> Result<MarketState> {
    Ok(world.chain.call(world.engine, &marketCall { instrument: perp(underlying) }).await?)
}

/// Cash, size and basis of the estate of a market.
async fn estate(world: &World, underlying: u16) -> Result<(i128, i128, i128)> {
    let market = market(world, underlying).await?;
    Ok((market.estateCash, market.estateSize, market.estateBasis))
}

async fn touch(world: &World, key: &Key) -> Result<()> {
    let call = touchCall { account: key.account(0) };
    world.chain.transact(&world.user("stranger").await?, world.engine, &call).await?;
    Ok(())
}

async fn hold(world: &World, key: &Key, cash: &str, positions: &[(u16, i128, &str)]) -> Result<()> {
    hold_young(world, key, cash, positions, &[]).await
}

async fn hold_young(
    world: &World,
    key: &Key,
    cash: &str,
    positions: &[(u16, i128, &str)],
    young: &[(u16, &str)],
) -> Result<()> {
    let positions: Vec<_> = positions.iter().map(|(id, size, basis)| (*id, *size, dec(basis))).collect();
    let young: Vec<_> = young.iter().map(|(id, amount)| (*id, udec(amount))).collect();
    let expected = Holding::new(dec(cash), &positions).with_young(&young);
    let found = holding(world, key.account(0)).await?;
    anyhow::ensure!(found == expected, "{expected:?} expected: {found:?}");
    Ok(())
}

fn amounts(event: &Deleveraged) -> [u128; 4] {
    [event.deficit, event.insurance, event.taken, event.socialised]
}

async fn insurance_and_debt(world: &World) -> Result<(u128, u128)> {
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    Ok((totals.insurance, totals.badDebt))
}

/// All that a market draws may be all of the fund.
async fn insure_whole(world: &World, instrument: u128) -> Result<()> {
    let (owner, engine) = (&world.owner, world.engine);
    world.chain.transact(owner, engine, &setInsuranceCapCall { cap: 1_000_000 }).await?;
    let of = IPlimsoll::marketParamsCall { instrument };
    let params = MarketParams { insuranceShare: 700_000, ..world.chain.call(engine, &of).await? };
    world.chain.transact(owner, engine, &setMarketParamsCall { instrument, params }).await?;
    Ok(())
}

#[tokio::test]
async fn a_pass_takes_the_same_share_of_every_profit_and_closes_the_same_fraction() -> Result<()> {
    let world = world(&at(&[(BTC, wad(16_384)), (ETH, wad(512))])).await?;
    let rich = world.trader("rich", wad(21_328)).await?;
    let early = world.trader("early", wad(4_000)).await?;
    let late = world.trader("late", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_108)).await?;
    let onlooker = world.trader("onlooker", wad(2_000)).await?;
    let other = world.trader("other", wad(2_000)).await?;
    world.fund_insurance(wad(1_000)).await?; // of which bitcoin may draw 30 %
    world.trade(rich.account(0), early.account(0), perp(BTC), 2 * ONE, wad(16_384)).await?;
    world.trade(onlooker.account(0), other.account(0), perp(ETH), -ONE, wad(512)).await?;
    report(&world, &[(BTC, wad(8_192)), (ETH, wad(256))]).await?;
    world.trade(victim.account(0), late.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;

    // Equity zero is still solvent: 1,108 less 2*554.
    let call = buryCall { account: victim.account(0) };
    report(&world, &[(BTC, wad(7_638))]).await?;
    let error: IPlimsoll::Solvent = refused(&world, &rich, &call).await?;
    assert_eq!((error.account, error.equity), (victim.account(0), 0));

    // At 7,168 the victim has lost 2,048 of 1,108: D = 940. Its estate gets the position and 2,048 - 940.
    report(&world, &[(BTC, wad(7_168))]).await?;
    let untouched = [holding(&world, onlooker.account(0)).await?, holding(&world, other.account(0)).await?];
    let (buried, interred) = bury(&world, &victim).await?;
    assert_eq!((buried.deficit, buried.insurance, buried.socialised), (wad(940), 0, 0));
    let [part] = &interred[..] else { panic!("{interred:?}") };
    assert_eq!((part.account, part.instrument, part.size), (victim.account(0), perp(BTC), 2 * ONE));
    assert_eq!((part.basis, part.cash, part.part), (dec("-16384"), dec("1108"), wad(940)));
    assert_eq!(estate(&world, BTC).await?, (dec("1108"), 2 * ONE, dec("-16384")));
    let state = market(&world, BTC).await?;
    assert_eq!((state.openInterest, state.clockStands, state.generation), (2 * WAD, true, 1));
    balanced(&world, 0).await?;
    let error: IPlimsoll::Solvent = refused(&world, &rich, &call).await?;
    assert_eq!(error.equity, 0);

    // I = 300, R = 640. Early has won 2*9,216, late 2*1,024: U = 20,480, h = 1/32.
    let (event, receipt) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [940, 300, 640, 0].map(wad));
    assert_eq!((event.mark, event.size, event.surplus), (wad(7_168), 2 * ONE, 0));
    assert_eq!((event.capacity, event.haircut), (wad(20_480), udec("0.03125")));
    assert_eq!((event.payers, event.pots, event.closedRungs), (2, 0, 2));
    let paid: IPlimsoll::InsurancePaid = receipt.event()?;
    assert_eq!((paid.instrument, paid.amount, paid.left), (perp(BTC), wad(300), wad(700)));
    assert_eq!(receipt.events::<IPlimsoll::BadDebtRecorded>(), []);

    // The estate's 2 close half of the 4 that face it, at the mark: each basis moves by its share of profit, then by 7,168.
    // Early 32,768 - 576 - 7,168, late 16,384 - 64 - 7,168. Nobody else notices.
    hold(&world, &early, "4000", &[(BTC, -ONE, "25024")]).await?;
    hold(&world, &late, "2000", &[(BTC, -ONE, "9152")]).await?;
    hold(&world, &rich, "21328", &[(BTC, 2 * ONE, "-32768")]).await?;
    assert_eq!(
        [holding(&world, onlooker.account(0)).await?, holding(&world, other.account(0)).await?],
        untouched
    );
    let state = market(&world, BTC).await?;
    assert_eq!((state.openInterest, state.badDebt, state.dust, state.generation), (2 * WAD, 0, 0, 2));
    balanced(&world, 0).await?;

    // Again, at 4,096, when bitcoin may draw nothing: rich has lost 24,576 of 21,328, D = 3,248. Early's profit is
    // 25,024 - 4,096 = 20,928, late's 5,056: U = 25,984, h = 1/8. Sizeable, so no minute need pass.
    let of = IPlimsoll::marketParamsCall { instrument: perp(BTC) };
    let params = MarketParams { insuranceShare: 0, ..world.chain.call(world.engine, &of).await? };
    let call = setMarketParamsCall { instrument: perp(BTC), params };
    world.chain.transact(&world.owner, world.engine, &call).await?;
    report(&world, &[(BTC, wad(4_096))]).await?;
    bury(&world, &rich).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [3_248, 0, 3_248, 0].map(wad));
    assert_eq!((event.capacity, event.haircut), (wad(25_984), udec("0.125")));
    assert_eq!((event.payers, event.closedRungs), (2, 2));
    // Closed whole, what they gained stays in the basis, and liable: 25,024 - 2,616 - 4,096 and 9,152 - 632 - 4,096.
    hold(&world, &early, "4000", &[(BTC, 0, "18312")]).await?;
    hold(&world, &late, "2000", &[(BTC, 0, "4424")]).await?;
    assert_eq!(insurance_and_debt(&world).await?, (wad(700), 0));
    assert_eq!(market(&world, BTC).await?.openInterest, 0);
    balanced(&world, 0).await?;
    // A touch realises it: then it is young.
    touch(&world, &early).await?;
    hold_young(&world, &early, "4000", &[], &[(BTC, "18312")]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn an_insolvent_short_is_paid_by_longs() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let long = world.trader("long", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(long.account(0), victim.account(0), perp(BTC), ONE, wad(8_192)).await?;
    // At 10,240: D = 2,048 - 1,000; U is the long's 2,048, exactly, h = 131/256.
    report(&world, &[(BTC, wad(10_240))]).await?;
    bury(&world, &victim).await?;
    assert_eq!(estate(&world, BTC).await?, (dec("1000"), -ONE, dec("8192")));
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [1_048, 0, 1_048, 0].map(wad));
    assert_eq!((event.capacity, event.size, event.haircut), (wad(2_048), -ONE, udec("0.51171875")));
    hold(&world, &long, "2000", &[(BTC, 0, "1000")]).await?; // -8,192 - 1,048 + 10,240
    balanced(&world, 0).await
}

#[tokio::test]
async fn young_profit_is_not_withdrawn_before_it_is_ripe_and_pays_its_share() -> Result<()> {
    let options = at(&[(BTC, wad(8_192))]);
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    let winner = world.trader("winner", wad(2_000)).await?;
    let maker = world.trader("maker", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), winner.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    // Unrealised profit is not withdrawn: 2,000 of cash less a requirement of 5 % of 14,336.
    let withdraw = |amount: &str| IPlimsoll::withdrawCall {
        account: winner.account(0),
        token: world.token,
        amount: to_quote_units(udec(amount)),
        to: winner.address(),
    };
    let error: IPlimsoll::InsufficientCollateral = refused(&world, &winner, &withdraw("1283.200001")).await?;
    assert_eq!((error.amount, error.free), (udec("1283.200001"), udec("1283.2")));
    // Nor is it when it was realised a moment ago.
    world.trade(winner.account(0), maker.account(0), perp(BTC), 2 * ONE, wad(7_168)).await?;
    hold_young(&world, &winner, "2000", &[], &[(BTC, "2048")]).await?;
    let error: IPlimsoll::InsufficientCollateral = refused(&world, &winner, &withdraw("2000.000001")).await?;
    assert_eq!((error.amount, error.free), (udec("2000.000001"), wad(2_000)));
    let margin =
        world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: winner.account(0) }).await?;
    assert_eq!((margin.equity, margin.ripe), (dec("4048"), dec("2000")));
    // The maker has no profit: the whole D = 1,048 is young profit's, h = 131/256.
    let window = market(&world, BTC).await?.window;
    report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [1_048, 0, 1_048, 0].map(wad));
    assert_eq!((event.capacity, event.payers, event.pots, event.closedRungs), (wad(2_048), 0, 1, 1));
    hold_young(&world, &winner, "2000", &[], &[(BTC, "1000")]).await?;
    hold(&world, &maker, "2000", &[]).await?;
    let pots = world.chain.call(world.engine, &potsCall { instrument: perp(BTC) }).await?;
    assert_eq!(
        pots.iter().map(|pot| (pot.window, pot.generation, pot.sum)).collect::<Vec<_>>(),
        [(window, 1, wad(1_000))]
    );
    assert_eq!(pots[0].kept, (1 << 95) / 256 * 125);
    balanced(&world, 0).await?;

    // Young through two more windows, ripe with the third.
    for _ in 0..3 {
        let error: IPlimsoll::InsufficientCollateral =
            refused(&world, &winner, &withdraw("2000.000001")).await?;
        assert_eq!(error.free, wad(2_000));
        world.pass_time(WINDOW).await?;
    }
    assert!((window + 3..=window + 4).contains(&market(&world, BTC).await?.window));
    hold(&world, &winner, "3000", &[]).await?;
    let error: IPlimsoll::InsufficientCollateral = refused(&world, &winner, &withdraw("3000.000001")).await?;
    assert_eq!(error.free, wad(3_000));
    world.chain.transact(&winner, world.engine, &withdraw("3000")).await?;
    hold(&world, &winner, "0", &[]).await?;
    balanced(&world, 0).await?;
    // What is caught up is written: the pot is empty.
    touch(&world, &winner).await?;
    hold(&world, &winner, "0", &[]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn young_profit_does_not_ripen_while_a_sizeable_estate_waits() -> Result<()> {
    let options = at(&[(BTC, wad(8_192))]);
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    let winner = world.trader("winner", wad(2_000)).await?;
    let maker = world.trader("maker", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), winner.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    world.trade(winner.account(0), maker.account(0), perp(BTC), 2 * ONE, wad(7_168)).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    let window = market(&world, BTC).await?.window;
    // Ten windows later it is the same one, and the profit pays.
    world.pass_time(10 * WINDOW).await?;
    world.chain.mine().await?;
    let state = market(&world, BTC).await?;
    assert_eq!((state.window, state.clockStands), (window, true));
    assert!(state.usable >= 9_000, "funding goes on");
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((event.taken, event.pots), (wad(1_048), 1));
    hold_young(&world, &winner, "2000", &[], &[(BTC, "1000")]).await?;
    // From then on the clock runs.
    world.pass_time(3 * WINDOW).await?;
    world.chain.mine().await?;
    assert!(market(&world, BTC).await?.window >= window + 3);
    hold(&world, &winner, "3000", &[]).await
}

#[tokio::test]
async fn who_sells_and_buys_back_pays_as_who_did_nothing() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let quick = world.trader("quick", wad(2_000)).await?;
    let still = world.trader("still", wad(2_000)).await?;
    let maker = world.trader("maker", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    let [q, s, m, v] = [&quick, &still, &maker, &victim].map(|key| key.account(0));
    world.settle(vec![fill(v, q, BTC, ONE, wad(8_192)), fill(v, s, BTC, ONE, wad(8_192))]).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    // Quick closes with 1,024 of profit and opens anew at the mark.
    world.settle(vec![fill(q, m, BTC, ONE, wad(7_168))]).await?;
    world.settle(vec![fill(q, m, BTC, -ONE, wad(7_168))]).await?;
    hold_young(&world, &quick, "2000", &[(BTC, -ONE, "7168")], &[(BTC, "1024")]).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    // D = 1,048, U = 1,024 young and 1,024 open: 524 each.
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((event.taken, event.capacity, event.payers, event.pots), (wad(1_048), wad(2_048), 1, 1));
    hold_young(&world, &quick, "2000", &[], &[(BTC, "500")]).await?;
    hold(&world, &still, "2000", &[(BTC, 0, "500")]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn what_profits_cannot_bear_is_bad_debt_and_insurance_may_cover_it() -> Result<()> {
    let options = at(&[(BTC, wad(8_192)), (ETH, wad(512))]);
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    insure_whole(&world, perp(BTC)).await?;
    let quick = world.trader("quick", wad(2_000)).await?;
    let slow = world.trader("slow", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), quick.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    report(&world, &[(BTC, wad(4_096))]).await?;
    // Quick takes 4,096 home in time: nobody buries the victim for three windows. Slow takes its place at 4,096.
    world.trade(quick.account(0), slow.account(0), perp(BTC), ONE, wad(4_096)).await?;
    world.pass_time(3 * WINDOW).await?;
    report(&world, &[(BTC, wad(4_096))]).await?;

    // D = R = 8,192 - 1,000; U = the 4,096 that quick has left open: h = 1.
    bury(&world, &victim).await?;
    let (event, receipt) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [7_192, 0, 4_096, 3_096].map(wad));
    assert_eq!((event.capacity, event.haircut), (wad(4_096), WAD));
    assert_eq!((event.payers, event.pots, event.closedRungs), (1, 0, 2));
    let recorded: IPlimsoll::BadDebtRecorded = receipt.event()?;
    assert_eq!((recorded.instrument, recorded.amount, recorded.total), (perp(BTC), wad(3_096), wad(3_096)));
    hold(&world, &quick, "6096", &[]).await?; // 2,000 + 4,096 in time + 4,096 - 4,096
    hold(&world, &slow, "2000", &[]).await?;
    assert_eq!(market(&world, BTC).await?.badDebt, wad(3_096));
    balanced(&world, 0).await?;

    // Insurance comes too late for the pass, not for the debt.
    let cover = |instrument, amount| IPlimsoll::coverBadDebtCall { instrument, amount };
    refused::<IPlimsoll::ZeroAmount, _>(&world, &quick, &cover(perp(BTC), 0)).await?;
    for none in [perp(ETH), perp(BTC), 0] {
        let error: IPlimsoll::NoBadDebt = refused(&world, &quick, &cover(none, 1)).await?;
        assert_eq!(error.instrument, none);
    }
    for unknown in [perp(9), perp(BTC) | 1, u128::MAX] {
        refused::<IPlimsoll::UnknownMarket, _>(&world, &quick, &cover(unknown, 1)).await?;
    }
    world.fund_insurance(wad(4_000)).await?;
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&quick, world.engine, &cover(perp(BTC), wad(96))).await?.event()?;
    assert_eq!((covered.amount, covered.total), (wad(96), wad(3_000)));
    balanced(&world, 0).await?;
    // The bucket: 70 % of 3,904 are 2,732.8, and it is whole again after a day.
    world.pass_time(86_400).await?;
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&quick, world.engine, &cover(perp(BTC), u128::MAX)).await?.event()?;
    assert_eq!((covered.amount, covered.total), (udec("2732.8"), udec("267.2")));
    // No more than the debt is paid: 70 % of the 1,171.2 that are left, after they have refilled what was drawn.
    world.pass_time(4 * 86_400).await?;
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&quick, world.engine, &cover(perp(BTC), u128::MAX)).await?.event()?;
    assert_eq!((covered.amount, covered.total), (udec("267.2"), 0));
    assert_eq!(insurance_and_debt(&world).await?, (wad(904), 0));
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
    // D = 1,048, 524 a market, and 500 of cash go with either position.
    report(&world, &[(BTC, wad(7_168)), (ETH, wad(384))]).await?;
    let (buried, interred) = bury(&world, &both).await?;
    assert_eq!((buried.deficit, buried.insurance, buried.socialised), (wad(1_048), 0, 0));
    assert_eq!(
        interred.iter().map(|i| (i.instrument, i.size, i.basis, i.cash, i.part)).collect::<Vec<_>>(),
        [
            (perp(BTC), ONE, dec("-8192"), dec("500"), wad(524)),
            (perp(ETH), 8 * ONE, dec("-4096"), dec("500"), wad(524)),
        ]
    );
    // The one rung of bitcoin has won 4*1,024: h = 131/1024. That of ether 8*128: h = 131/256.
    for (underlying, capacity) in [(BTC, wad(4_096)), (ETH, wad(1_024))] {
        let (event, _) = pass(&world, underlying).await?;
        assert_eq!((event.deficit, event.taken, event.capacity), (wad(524), wad(524), capacity));
    }
    // 524 of bitcoin from short alone, 65.5 an ether. A quarter of short's bitcoin is closed at 7,168, all ether at 384:
    // 32,768 - 524 - 7,168; 3,584 - 458.5 - 2,688; 512 - 65.5 - 384.
    hold(&world, &short, "10000", &[(BTC, -3 * ONE, "25076"), (ETH, 0, "437.5")]).await?;
    hold(&world, &hedged, "2000", &[(BTC, 3 * ONE, "-24576"), (ETH, 0, "62.5")]).await?;
    balanced(&world, 0).await?;

    // BTC 6,144: hedged has lost 6,144 of 2,062.5 in its one market, D = 4,081.5. What it gained in ether, closed before,
    // goes with the rest. Short has won 25,076 - 18,432 = 6,644. In the end it has all 13,000 that were ever deposited.
    report(&world, &[(BTC, wad(6_144))]).await?;
    let (buried, interred) = bury(&world, &hedged).await?;
    assert_eq!(buried.deficit, udec("4081.5"));
    assert_eq!(
        interred.iter().map(|i| (i.instrument, i.size, i.basis, i.cash, i.part)).collect::<Vec<_>>(),
        [(perp(BTC), 3 * ONE, dec("-24576"), dec("2062.5"), udec("4081.5")), (perp(ETH), 0, 0, 0, 0)]
    );
    let call = deleverageCall { instrument: perp(ETH) };
    let error: IPlimsoll::NoEstate = refused(&world, &short, &call).await?;
    assert_eq!(error.instrument, perp(ETH));
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((event.deficit, event.taken, event.socialised), (udec("4081.5"), udec("4081.5"), 0));
    assert_eq!((event.size, event.capacity), (3 * ONE, wad(6_644)));
    touch(&world, &short).await?;
    // This share is no fraction of a power of two: what rounds, rounds against short, by a few units.
    let found = holding(&world, s).await?;
    let young: u128 = found.young.iter().map(|(_, amount)| amount).sum();
    assert_eq!((found.cash, found.positions.len()), (dec("10000"), 0));
    assert!((wad(3_000) - 10..=wad(3_000)).contains(&young), "{found:?}");
    balanced(&world, 10).await
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
    // BTC 7,168 loses 2,048, ETH 384 wins 128: D = 920, all of it bitcoin's. Its estate has the 128 too: 2,048 - 920. The
    // ether goes over at the mark.
    report(&world, &[(BTC, wad(7_168)), (ETH, wad(384))]).await?;
    let (buried, interred) = bury(&world, &victim).await?;
    assert_eq!(buried.deficit, wad(920));
    assert_eq!(
        interred.iter().map(|i| (i.instrument, i.part)).collect::<Vec<_>>(),
        [(perp(BTC), wad(920)), (perp(ETH), 0)]
    );
    assert_eq!(estate(&world, BTC).await?, (dec("1128"), 2 * ONE, dec("-16384")));
    assert_eq!(estate(&world, ETH).await?, (0, -ONE, dec("384")));
    assert!(!market(&world, ETH).await?.clockStands, "it lacks nothing");
    // h = 920/2,048. The buyer of the ether is closed at the mark: it loses what it has lost, no more.
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [920, 0, 920, 0].map(wad));
    let (event, _) = pass(&world, ETH).await?;
    assert_eq!((amounts(&event), event.surplus, event.capacity), ([0; 4], 0, 0));
    assert_eq!((event.size, event.payers, event.closedRungs), (-ONE, 0, 1));
    hold(&world, &short, "10000", &[(BTC, 0, "1128")]).await?; // 16,384 - 920 - 14,336
    hold(&world, &buyer, "10000", &[(ETH, 0, "-128")]).await?;
    // The loss counts though nobody has realised it yet.
    let account = buyer.account(0);
    let free = IPlimsoll::freeCollateralCall { account };
    assert_eq!(world.chain.call(world.engine, &free).await?, wad(9_872));
    let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account }).await?;
    assert_eq!((margin.equity, margin.initial, margin.maintenance), (dec("9872"), 0, 0));
    touch(&world, &buyer).await?;
    hold(&world, &buyer, "9872", &[]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn bankrupts_of_both_sides_net_in_one_estate_in_whatever_order_they_are_buried() -> Result<()> {
    let options = at(&[(BTC, wad(16_384))]);
    let Some(world) = world_alone(test_name!(), &[Capability::Snapshots], &options).await? else {
        return Ok(());
    };
    let maker = world.trader("maker", wad(2_000)).await?;
    let long = world.trader("long", wad(1_000)).await?;
    let short = world.trader("short", wad(920)).await?;
    world.trade(long.account(0), maker.account(0), perp(BTC), ONE, wad(16_384)).await?;
    report(&world, &[(BTC, wad(4_096))]).await?;
    // The maker leaves with 12,288, young; short takes its place at 4,096.
    world.trade(maker.account(0), short.account(0), perp(BTC), ONE, wad(4_096)).await?;
    hold_young(&world, &maker, "2000", &[], &[(BTC, "12288")]).await?;
    // At 7,168 long lacks 9,216 - 1,000, short 3,072 - 920: 10,368 together.
    report(&world, &[(BTC, wad(7_168))]).await?;
    let mut outcomes = Vec::new();
    for order in [[&long, &short], [&short, &long]] {
        let snapshot = world.chain.snapshot().await?;
        for key in order {
            bury(&world, key).await?;
        }
        assert_eq!(estate(&world, BTC).await?, (dec("1920"), 0, dec("-12288")));
        balanced(&world, 0).await?;
        // U = 12,288, h = 27/32. No position is left to close.
        let (event, _) = pass(&world, BTC).await?;
        assert_eq!(amounts(&event), [10_368, 0, 10_368, 0].map(wad));
        assert_eq!((event.size, event.payers, event.pots, event.closedRungs), (0, 0, 1, 0));
        hold_young(&world, &maker, "2000", &[], &[(BTC, "1920")]).await?;
        assert_eq!(insurance_and_debt(&world).await?, (0, 0));
        balanced(&world, 0).await?;
        let mut ledger = Vec::new();
        for key in [&maker, &long, &short] {
            ledger.push(holding(&world, key.account(0)).await?);
        }
        outcomes.push((event, ledger));
        world.chain.revert_to(snapshot).await?;
    }
    assert_eq!(outcomes[0], outcomes[1]);
    Ok(())
}

#[tokio::test]
async fn insurance_pays_first_up_to_its_cap_and_alone_when_it_suffices() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.fund_insurance(wad(2_000)).await?;
    insure_whole(&world, perp(BTC)).await?;
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    // D = 1,048 is within 70 % of 2,000: nothing is taken from anyone, but the position is closed.
    report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [1_048, 1_048, 0, 0].map(wad));
    assert_eq!((event.capacity, event.haircut, event.payers, event.closedRungs), (wad(2_048), 0, 0, 1));
    hold(&world, &short, "2000", &[(BTC, 0, "2048")]).await?;
    assert_eq!(insurance_and_debt(&world).await?, (wad(952), 0));
    balanced(&world, 0).await
}

#[tokio::test]
async fn an_estate_whose_price_came_back_leaves_its_surplus_to_insurance() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    // At 8,000 the 2 have lost 384 of the 1,000 in cash: 616 are left.
    report(&world, &[(BTC, wad(8_000))]).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((amounts(&event), event.surplus), ([0; 4], wad(616)));
    hold(&world, &short, "2000", &[(BTC, 0, "384")]).await?;
    assert_eq!(insurance_and_debt(&world).await?, (wad(616), 0));
    balanced(&world, 0).await
}

#[tokio::test]
async fn burial_waits_for_the_pass_where_the_account_is_in_profit() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192)), (ETH, wad(512))])).await?;
    let victim = world.trader("victim", wad(500)).await?;
    let double = world.trader("double", wad(900)).await?;
    let buyer = world.trader("buyer", wad(5_000)).await?;
    let [v, d, b] = [&victim, &double, &buyer].map(|key| key.account(0));
    world.settle(vec![fill(v, d, BTC, ONE, wad(8_192)), fill(d, b, ETH, 8 * ONE, wad(512))]).await?;
    // Double has won 1,024 in bitcoin and lost 2,048 in ether: 900 + 1,024 - 2,048 = -124.
    report(&world, &[(BTC, wad(7_168)), (ETH, wad(256))]).await?;
    bury(&world, &victim).await?; // D = 1,024 - 500
    let call = buryCall { account: d };
    let error: IPlimsoll::EstateWaits = refused(&world, &buyer, &call).await?;
    assert_eq!(error.instrument, perp(BTC));
    // The pass takes 524 of the 1,024: double's part of bitcoin is 500, and it lacks 648.
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((event.taken, event.capacity, event.payers), (wad(524), wad(1_024), 1));
    let (buried, _) = bury(&world, &double).await?;
    assert_eq!(buried.deficit, wad(648));
    // Ether's estate has its loss of 2,048 less the 648: 1,400, all that double had.
    assert_eq!(estate(&world, ETH).await?, (dec("1400"), 8 * ONE, dec("-4096")));
    let (event, _) = pass(&world, ETH).await?;
    assert_eq!((event.taken, event.capacity), (wad(648), wad(2_048))); // h = 81/256
    hold(&world, &buyer, "5000", &[(ETH, 0, "1400")]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn a_pass_needs_an_estate_and_a_price_newer_than_the_last_fill() -> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192)), (ETH, wad(512))])).await?;
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    let [one, two] = [world.trader("one", wad(1_000)).await?, world.trader("two", wad(1_000)).await?];
    let call = deleverageCall { instrument: perp(BTC) };
    for unknown in [perp(9), perp(BTC) | 1, 0, u128::MAX] {
        let error: IPlimsoll::UnknownMarket =
            refused(&world, &short, &deleverageCall { instrument: unknown }).await?;
        assert_eq!(error.instrument, unknown);
    }
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    let time = report(&world, &[(BTC, wad(7_168))]).await?;
    let error: IPlimsoll::NoEstate = refused(&world, &short, &call).await?;
    assert_eq!(error.instrument, perp(BTC));
    bury(&world, &victim).await?;
    // A fill of others after the price, at the mark.
    world.trade(one.account(0), two.account(0), perp(BTC), ONE / 10, wad(7_168)).await?;
    let last = market(&world, BTC).await?.lastFill;
    assert!(last >= time);
    let error: IPlimsoll::PriceNotNewer = refused(&world, &short, &call).await?;
    assert_eq!((error.instrument, error.time, error.last), (perp(BTC), time, last));
    report(&world, &[(BTC, wad(7_168))]).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!((event.taken, event.payers), (wad(1_048), 1));
    balanced(&world, 0).await
}

#[tokio::test]
async fn dust_waits_a_minute_for_the_next_pass_and_does_not_stop_the_clock() -> Result<()> {
    let options = at(&[(BTC, wad(8_192))]);
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    let [long, short] =
        [world.trader("long", wad(1_500_000)).await?, world.trader("short", wad(500_000)).await?];
    let [first, second] = [world.trader("first", wad(5)).await?, world.trader("second", wad(5)).await?];
    let [l, s, f, g] = [&long, &short, &first, &second].map(|key| key.account(0));
    world.settle(vec![fill(l, s, BTC, 1_000 * ONE, wad(8_192))]).await?;
    // A hundredth of a bitcoin each.
    let size = ONE / 100;
    world.settle(vec![fill(f, s, BTC, size, wad(8_192)), fill(g, s, BTC, size, wad(8_192))]).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    // Each has lost 10.24 of 5. Sizeable would be 5e-6 of 1,000 bitcoin at 7,168: 35.84.
    bury(&world, &first).await?;
    assert!(!market(&world, BTC).await?.clockStands);
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(event.deficit, udec("5.24"));
    let passed = market(&world, BTC).await?.lastPass;
    bury(&world, &second).await?;
    assert!(!market(&world, BTC).await?.clockStands);
    let call = deleverageCall { instrument: perp(BTC) };
    let error: IPlimsoll::PassTooSoon = refused(&world, &short, &call).await?;
    assert_eq!((error.instrument, error.next), (perp(BTC), passed + 60));
    world.chain.set_next_time(passed + 59).await?;
    let error: IPlimsoll::PassTooSoon = refused(&world, &short, &call).await?;
    assert_eq!(error.next, passed + 60);
    world.chain.set_next_time(passed + 60).await?;
    let event: Deleveraged = world.chain.transact(&short, world.engine, &call).await?.event()?;
    assert_eq!(event.deficit, udec("5.24"));
    balanced(&world, 100_000).await
}

#[tokio::test]
async fn burials_and_passes_work_while_paused_and_at_fresh_prices_only() -> Result<()> {
    let needs = [Capability::TimeTravel];
    let options = at(&[(BTC, wad(8_192))]);
    let Some(world) = world_alone(test_name!(), &needs, &options).await? else { return Ok(()) };
    let short = world.trader("short", wad(2_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    world.trade(victim.account(0), short.account(0), perp(BTC), 2 * ONE, wad(8_192)).await?;
    let time = report(&world, &[(BTC, wad(7_168))]).await?;
    let until = world.chain.head().await?.timestamp() + 500_000;
    world.chain.transact(&world.guardian, world.engine, &IPlimsoll::pauseCall { until }).await?;
    let (burial, deleverage) =
        (buryCall { account: victim.account(0) }, deleverageCall { instrument: perp(BTC) });
    // fresh for a day, late for another
    for (age, status) in [(86_401, 2), (172_801, 3)] {
        world.chain.set_next_time(time + age).await?;
        let error: IPlimsoll::PriceUnusable = refused(&world, &short, &burial).await?;
        assert_eq!((error.instrument, error.status), (perp(BTC), status));
        let error: IPlimsoll::PriceUnusable = refused(&world, &short, &deleverage).await?;
        assert_eq!((error.instrument, error.status), (perp(BTC), status));
    }
    let time = report(&world, &[(BTC, wad(7_168))]).await?;
    bury(&world, &victim).await?;
    world.chain.set_next_time(time + 86_401).await?;
    let error: IPlimsoll::PriceUnusable = refused(&world, &short, &deleverage).await?;
    assert_eq!((error.instrument, error.status), (perp(BTC), 2));
    report(&world, &[(BTC, wad(7_168))]).await?;
    let before = Ledger::read(&world).await?;
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(amounts(&event), [1_048, 0, 1_048, 0].map(wad));
    assert!(before != Ledger::read(&world).await?);
    hold(&world, &short, "2000", &[(BTC, 0, "1000")]).await
}

#[tokio::test]
async fn while_an_estate_waits_a_touch_nets_young_profit_and_realises_what_its_rung_cannot_judge()
-> Result<()> {
    let world = world(&at(&[(BTC, wad(8_192))])).await?;
    let maker = world.trader("maker", wad(5_000)).await?;
    let near = world.trader("near", wad(5_000)).await?;
    let other = world.trader("other", wad(5_000)).await?;
    let victim = world.trader("victim", wad(1_000)).await?;
    let [m, n, o, v] = [&maker, &near, &other, &victim].map(|key| key.account(0));
    world.settle(vec![fill(v, m, BTC, 2 * ONE, wad(8_192))]).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    // The maker realises 2,048 and holds 2 short at 6,656, at which it loses 1,024 when the price is 7,168.
    world.settle(vec![fill(m, o, BTC, 2 * ONE, wad(7_168))]).await?;
    report(&world, &[(BTC, wad(6_656))]).await?;
    world.settle(vec![fill(m, o, BTC, -2 * ONE, wad(6_656))]).await?;
    hold_young(&world, &maker, "5000", &[(BTC, -2 * ONE, "13312")], &[(BTC, "2048")]).await?;
    hold_young(&world, &other, "5000", &[], &[(BTC, "1024")]).await?;
    // Near shorts one at 7,184. Its rung is that of the mark: the edge, 2^(819/64) = 7,116.1, cannot judge it.
    report(&world, &[(BTC, wad(7_184))]).await?;
    world.settle(vec![fill(o, n, BTC, ONE, wad(7_184))]).await?;
    report(&world, &[(BTC, wad(7_168))]).await?;
    // No estate: a touch changes nothing of this.
    for key in [&maker, &near] {
        touch(&world, key).await?;
    }
    hold(&world, &near, "5000", &[(BTC, -ONE, "7184")]).await?;
    hold_young(&world, &maker, "5000", &[(BTC, -2 * ONE, "13312")], &[(BTC, "2048")]).await?;
    // With one, the maker's young profit is netted against its loss of 1,024, near's 16 are realised.
    bury(&world, &victim).await?;
    for key in [&maker, &near] {
        touch(&world, key).await?;
    }
    hold_young(&world, &near, "5000", &[(BTC, -ONE, "7168")], &[(BTC, "16")]).await?;
    hold_young(&world, &maker, "5000", &[(BTC, -2 * ONE, "14336")], &[(BTC, "1024")]).await?;
    balanced(&world, 0).await?;
    // D = 1,048; U = 1,024 + 16 + other's 1,024 (its long of 7,184 loses 16 and was not netted) = 2,064.
    let (event, _) = pass(&world, BTC).await?;
    assert_eq!(
        (event.deficit, event.taken, event.capacity, event.pots),
        (wad(1_048), wad(1_048), wad(2_064), 1)
    );
    balanced(&world, 10).await
}
