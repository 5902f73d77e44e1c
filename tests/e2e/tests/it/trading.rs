//! `settle`: what fills do to cash, size and basis, and every reason for which they are refused.

use anyhow::Result;
use plimsoll_e2e::book::{
    Holding, balanced, dec, fill, holding, options, params, refused, udec, world, world_alone,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{Fill, MarketParams, settleCall},
    prelude::*,
    scenario::{self, Options},
};

const ONE: i128 = WAD as i128;

async fn hold(world: &World, key: &Key, cash: &str, positions: &[(u16, &str, &str)]) -> Result<()> {
    hold_young(world, key, cash, positions, &[]).await
}

async fn hold_young(
    world: &World,
    key: &Key,
    cash: &str,
    positions: &[(u16, &str, &str)],
    young: &[(u16, &str)],
) -> Result<()> {
    let positions: Vec<_> = positions.iter().map(|(id, size, basis)| (*id, dec(size), dec(basis))).collect();
    let young: Vec<_> = young.iter().map(|(id, amount)| (*id, udec(amount))).collect();
    let expected = Holding::new(dec(cash), &positions).with_young(&young);
    let found = holding(world, key.account(0)).await?;
    anyhow::ensure!(found == expected, "{expected:?} expected: {found:?}");
    Ok(())
}

#[tokio::test]
async fn fills_open_add_reduce_turn_and_close_with_exact_cash_and_fees() -> Result<()> {
    // taker 0.05 %, maker 0.02 % of notional
    let world = world(&options(&MarketParams { takerFee: 500, makerFee: 200, ..params() })).await?;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let trade = |size: &'static str, price| {
        world.trade(alice.account(0), bob.account(0), perp(BTC), dec(size), wad(price))
    };

    // notional 10,000: fees 5 and 2
    trade("1", 10_000).await?;
    hold(&world, &alice, "9995", &[(BTC, "1", "-10000")]).await?;
    hold(&world, &bob, "9998", &[(BTC, "-1", "10000")]).await?;

    // notional 5,200: fees 2.6 and 1.04; an increase realises nothing, the entry is 15,200/1.5
    trade("0.5", 10_400).await?;
    hold(&world, &alice, "9992.4", &[(BTC, "1.5", "-15200")]).await?;
    hold(&world, &bob, "9996.96", &[(BTC, "-1.5", "15200")]).await?;

    // notional 5,100: fees 2.55 and 1.02. Two thirds of the basis stay, rounded down: 10,133.33...
    // alice realises -15,200 + 5,100 + 10,133.3...34 = 33.3...34, which is young; bob 15,200 - 5,100 - 10,133.3...33 =
    // -33.3...33, which is cash
    trade("-0.5", 10_200).await?;
    let (basis, young) = ("-10133.333333333333333334", [(BTC, "33.333333333333333334")]);
    hold_young(&world, &alice, "9989.85", &[(BTC, "1", basis)], &young).await?;
    let basis = "10133.333333333333333333";
    hold(&world, &bob, "9962.606666666666666667", &[(BTC, "-1", basis)]).await?;

    // notional 28,800: fees 14.4 and 5.76. The turn realises all: 9,600 - 10,133.3...34 = -533.3...34 for alice,
    // 10,133.3...33 - 9,600 = 533.3...33 for bob, and enters anew with 2 at 9,600. Alice's loss eats her young profit, the
    // other 500 are cash: 9,989.85 - 14.4 - 500.
    trade("-3", 9_600).await?;
    hold(&world, &alice, "9475.45", &[(BTC, "-2", "19200")]).await?;
    let young = [(BTC, "533.333333333333333333")];
    hold_young(&world, &bob, "9956.846666666666666667", &[(BTC, "2", "-19200")], &young).await?;

    // notional 20,000: fees 10 and 4; alice loses 2 * 400
    trade("2", 10_000).await?;
    hold(&world, &alice, "8665.45", &[]).await?;
    let young = [(BTC, "1333.333333333333333333")];
    hold_young(&world, &bob, "9952.846666666666666667", &[], &young).await?;

    // 5+2 + 2.6+1.04 + 2.55+1.02 + 14.4+5.76 + 10+4 = 48.37; 8,665.45 + 11,286.18 + 48.37 = 20,000
    let totals = world.chain.call(world.engine, &IPlimsoll::totalsCall {}).await?;
    assert_eq!(totals.fees, udec("48.37"));
    assert_eq!(totals.tokens, wad(20_000));
    let market = world.chain.call(world.engine, &IPlimsoll::marketCall { instrument: perp(BTC) }).await?;
    assert_eq!((market.openInterest, market.dust), (0, 0));
    balanced(&world, 0).await
}

#[tokio::test]
async fn a_fill_says_what_it_did() -> Result<()> {
    let world = world(&options(&MarketParams { takerFee: 500, makerFee: 200, ..params() })).await?;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let receipt = world.settle(vec![fill(alice.account(0), bob.account(0), BTC, -ONE, wad(10_100))]).await?;
    let filled: IPlimsoll::Filled = receipt.event()?;
    assert_eq!(
        (filled.venue, filled.taker, filled.maker),
        (world.venue.address(), alice.account(0), bob.account(0))
    );
    assert_eq!((filled.instrument, filled.size, filled.price), (perp(BTC), -ONE, wad(10_100)));
    // 10,100 * 0.05 % and * 0.02 %
    assert_eq!((filled.takerFee, filled.makerFee), (udec("5.05"), udec("2.02")));
    Ok(())
}

#[tokio::test]
async fn fills_in_one_call_are_judged_before_the_next_one_of_an_account() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(150)).await?; // too little for one bitcoin, which takes 500
    let carol = world.trader("carol", wad(1_000)).await?;
    let [a, b, c] = [&alice, &bob, &carol].map(|key| key.account(0));
    let fills = vec![
        fill(a, b, BTC, ONE, wad(10_000)),
        fill(b, c, BTC, ONE, wad(10_100)),
        fill(c, a, ETH, 10 * ONE, wad(500)),
    ];
    // In the end bob would be flat, but between the fills he would hold what his margin does not carry.
    for count in [1, 2, 3] {
        let call = settleCall { fills: fills[..count].into() };
        let error: IPlimsoll::InsufficientMargin = refused(&world, &world.venue, &call).await?;
        assert_eq!((error.account, error.equity, error.initial), (b, 150 * ONE, wad(500)));
    }
    world.chain.send_all_ok(&world.deposit_txs(&bob, b, wad(350))).await?;
    // all or none: the last fill is bad, so nothing happens
    let mut bad = fills.clone();
    bad.push(fill(a, b, ETH, 0, wad(500)));
    refused::<IPlimsoll::ZeroSize, _>(&world, &world.venue, &settleCall { fills: bad }).await?;

    world.settle(fills).await?;
    hold(&world, &alice, "1000", &[(BTC, "1", "-10000"), (ETH, "-10", "5000")]).await?;
    hold(&world, &bob, "400", &[]).await?; // sold at 10,000, bought at 10,100
    hold(&world, &carol, "1000", &[(BTC, "-1", "10100"), (ETH, "10", "-5000")]).await?;
    balanced(&world, 0).await
}

#[tokio::test]
async fn settle_errors_on_what_a_fill_may_not_be() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let carol = world.user("carol").await?;
    let [a, b, c] = [&alice, &bob, &carol].map(|key| key.account(0));
    let good = fill(a, b, BTC, ONE, wad(10_000));
    let venue = &world.venue;
    let one = |f: Fill| settleCall { fills: vec![f] };

    // who: a stranger, a trader itself; no venue, however much its account approves
    let error: IPlimsoll::VenueNotAdmitted = refused(&world, &alice, &one(good.clone())).await?;
    assert_eq!(error.venue, alice.address());
    for (taker, maker) in [(c, b), (a, c), (a, alice.account(1))] {
        let f = Fill { taker, maker, ..good.clone() };
        let error: IPlimsoll::VenueNotApproved = refused(&world, venue, &one(f)).await?;
        assert_eq!(error.venue, venue.address());
        assert_eq!(error.account, if taker == c { c } else { maker });
    }

    // nothing, or nobody on the other side
    refused::<IPlimsoll::NoFills, _>(&world, venue, &settleCall { fills: vec![] }).await?;
    refused::<IPlimsoll::ZeroSize, _>(&world, venue, &one(Fill { size: 0, ..good.clone() })).await?;
    let error: IPlimsoll::SelfTrade = refused(&world, venue, &one(Fill { maker: a, ..good.clone() })).await?;
    assert_eq!(error.account, a);

    // a market that is not listed, an option (kind 2), a perpetual with a strike, nothing, everything
    let option = (u128::from(BTC) << 112) | (2 << 104) | (1 << 72);
    for instrument in [perp(99), option, perp(BTC) | 2, 0, u128::MAX] {
        let f = Fill { instrument, ..good.clone() };
        let error: IPlimsoll::UnknownMarket = refused(&world, venue, &one(f)).await?;
        assert_eq!(error.instrument, instrument);
    }

    // a price one unit outside 10,000 -+ 5 %, and the extremes of its type
    for price in [0, wad(9_500) - 1, wad(10_500) + 1, u128::MAX] {
        let error: IPlimsoll::PriceOutOfBand =
            refused(&world, venue, &one(Fill { price, ..good.clone() })).await?;
        assert_eq!((error.price, error.low, error.high), (price, wad(9_500), wad(10_500)));
    }
    // the extremes of a size: 1.7e38 * 10,000 does not fit
    for size in [i128::MIN, i128::MIN + 1, i128::MAX] {
        refused::<IPlimsoll::Overflow, _>(&world, venue, &one(Fill { size, ..good.clone() })).await?;
    }
    // both ends of the band are inside: 0.1 at 9,500 and at 10,500
    world.trade(a, b, perp(BTC), ONE / 10, wad(9_500)).await?;
    world.trade(a, b, perp(BTC), ONE / 10, wad(10_500)).await?;
    hold(&world, &alice, "1000", &[(BTC, "0.2", "-2000")]).await?;
    Ok(())
}

#[tokio::test]
async fn settle_errors_on_a_position_that_opens_or_grows_below_the_least() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(100)).await?;
    let bob = world.trader("bob", wad(100)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    let one = |size| settleCall { fills: vec![fill(a, b, ETH, size, wad(500))] };
    // At 500 the least notional of 10 is 0.02 ether; 1e-18 less of them is 5e-16 less of it.
    for (size, notional) in [(1, 500), (dec("0.02") - 1, wad(10) - 500)] {
        let error: IPlimsoll::PositionTooSmall = refused(&world, &world.venue, &one(size)).await?;
        assert_eq!((error.account, error.instrument), (a, perp(ETH)));
        assert_eq!((error.notional, error.least), (notional, wad(10)));
    }
    world.settle(one(dec("0.03")).fills).await?;
    // What shrinks may go below it. What is there then may shrink on, and close, but not grow or turn within it.
    world.settle(one(dec("-0.02")).fills).await?;
    for (size, notional) in [(dec("0.005"), "7.5"), (dec("-0.015"), "2.5")] {
        let error: IPlimsoll::PositionTooSmall = refused(&world, &world.venue, &one(size)).await?;
        assert_eq!(error.notional, udec(notional));
    }
    world.settle(one(dec("-0.004")).fills).await?;
    world.settle(one(dec("0.014")).fills).await?;
    hold(&world, &alice, "100", &[(ETH, "0.02", "-10")]).await?;
    world.settle(one(dec("-0.02")).fills).await?;
    hold(&world, &alice, "100", &[]).await
}

#[tokio::test]
async fn settle_errors_on_risk_that_grows_at_an_old_price() -> Result<()> {
    let options = options(&MarketParams { maxTradeAge: 5, ..params() });
    let needs = [Capability::TimeTravel];
    let Some(world) = world_alone(test_name!(), &needs, &options).await? else { return Ok(()) };
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let carol = world.trader("carol", wad(10_000)).await?;
    let [a, b, c] = [&alice, &bob, &carol].map(|key| key.account(0));
    let reported = world.set_price(BTC, wad(10_000)).await?.event::<IPlimsollOracle::PriceUpdated>()?.time;
    let at = async |age: u64| world.chain.set_next_time(reported + age).await;
    at(5).await?;
    world.trade(a, b, perp(BTC), ONE, wad(10_000)).await?;
    // A second later nobody may open, add or turn; the price is fresh for a day.
    for (age, taker, maker, size) in
        [(6, a, b, ONE), (7, c, b, ONE / 10), (8, a, c, -ONE), (9, a, b, -2 * ONE)]
    {
        at(age).await?;
        let call = settleCall { fills: vec![fill(taker, maker, BTC, size, wad(10_000))] };
        let error: IPlimsoll::PriceTooOld = refused(&world, &world.venue, &call).await?;
        assert_eq!((error.instrument, error.age, error.most), (perp(BTC), age, 5));
    }
    // Who shrinks needs no new one.
    at(3_600).await?;
    world.trade(a, b, perp(BTC), -ONE / 2, wad(10_000)).await?;
    // The report brought along opens again.
    world.set_price(BTC, wad(10_000)).await?;
    world.trade(a, b, perp(BTC), ONE / 2, wad(10_000)).await?;
    hold(&world, &alice, "10000", &[(BTC, "1", "-10000")]).await
}

#[tokio::test]
async fn settle_errors_beyond_the_caps_unless_the_size_does_not_grow() -> Result<()> {
    let capped = MarketParams { maxPosition: wad(5), maxOpenInterest: wad(8), ..params() };
    let world = world(&options(&capped)).await?;
    let mut keys = Vec::new();
    for name in ["alice", "bob", "carol", "dave"] {
        keys.push(world.trader(name, wad(100_000)).await?);
    }
    let [a, b, c, d] = [0, 1, 2, 3].map(|i: usize| keys[i].account(0));
    let p = wad(10_000);
    let call = |fills| settleCall { fills };

    let error: IPlimsoll::PositionTooLarge =
        refused(&world, &world.venue, &call(vec![fill(a, b, BTC, 5 * ONE + 1, p)])).await?;
    assert_eq!((error.account, error.size, error.most), (a, 5 * WAD + 1, 5 * WAD));
    // of the maker, too: 3 and then 3 sold by one, bought by two
    let fills = vec![fill(a, b, BTC, 3 * ONE, p), fill(c, b, BTC, 3 * ONE, p)];
    let error: IPlimsoll::PositionTooLarge = refused(&world, &world.venue, &call(fills)).await?;
    assert_eq!((error.account, error.size), (b, 6 * WAD));

    world.settle(vec![fill(a, b, BTC, 5 * ONE, p)]).await?;
    let error: IPlimsoll::OpenInterestTooLarge =
        refused(&world, &world.venue, &call(vec![fill(c, d, BTC, 3 * ONE + 1, p)])).await?;
    assert_eq!((error.instrument, error.openInterest, error.most), (perp(BTC), 8 * WAD + 1, 8 * WAD));
    world.settle(vec![fill(c, d, BTC, 3 * ONE, p)]).await?;

    // Lower caps: who holds more may shrink, or hand on what it has, but not grow.
    let lower = MarketParams { maxPosition: wad(2), maxOpenInterest: wad(4), ..params() };
    let set = IPlimsoll::setMarketParamsCall { instrument: perp(BTC), params: lower };
    world.chain.transact(&world.owner, world.engine, &set).await?;
    let error: IPlimsoll::PositionTooLarge =
        refused(&world, &world.venue, &call(vec![fill(a, d, BTC, 1, p)])).await?;
    assert_eq!(error.size, 5 * WAD + 1);
    world.settle(vec![fill(b, a, BTC, ONE, p)]).await?;
    hold(&world, &keys[0], "100000", &[(BTC, "4", "-40000")]).await?;
    Ok(())
}

#[tokio::test]
async fn settle_errors_below_initial_margin_to_the_last_unit() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(100_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    // 5 % of 2 bitcoin at 10,000 is all of alice's 1,000; 1e-18 more is 1e-14 of notional, 5e-16 of margin
    let fills = vec![fill(a, b, BTC, 2 * ONE + 1, wad(10_000))];
    let error: IPlimsoll::InsufficientMargin = refused(&world, &world.venue, &settleCall { fills }).await?;
    assert_eq!((error.account, error.equity, error.initial), (a, 1_000 * ONE, wad(1_000) + 500));
    // the maker as well
    let fills = vec![fill(b, a, BTC, 2 * ONE + 1, wad(10_000))];
    let error: IPlimsoll::InsufficientMargin = refused(&world, &world.venue, &settleCall { fills }).await?;
    assert_eq!(error.account, a);
    world.trade(a, b, perp(BTC), 2 * ONE, wad(10_000)).await?;
    Ok(())
}

#[tokio::test]
async fn an_account_below_initial_margin_may_only_get_safer() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(100_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    world.trade(a, b, perp(BTC), 2 * ONE, wad(10_000)).await?;
    // Equity 800, initial 990, maintenance 594.
    world.set_price(BTC, wad(9_900)).await?;
    let venue = &world.venue;
    let one = |size, price| settleCall { fills: vec![fill(a, b, BTC, size, price)] };

    let error: IPlimsoll::InsufficientMargin = refused(&world, venue, &one(1, wad(9_900))).await?;
    assert_eq!((error.equity, error.initial), (800 * ONE, wad(990) + 495));
    // Even in another market, however small: the requirement grows.
    let fills = vec![fill(a, b, ETH, ONE / 50, wad(500))];
    refused::<IPlimsoll::InsufficientMargin, _>(&world, venue, &settleCall { fills }).await?;
    // Selling 0.1 at 9,405 gives 49.5 away: 750.5/940.5 = 0.798 is less than 800/990 = 0.808.
    let error: IPlimsoll::InsufficientMargin = refused(&world, venue, &one(-ONE / 10, wad(9_405))).await?;
    assert_eq!((error.equity, error.initial), (dec("750.5"), udec("940.5")));
    // At the mark the ratio is 800/940.5: still below initial margin, but safer.
    world.settle(vec![fill(a, b, BTC, -ONE / 10, wad(9_900))]).await?;
    hold(&world, &alice, "990", &[(BTC, "1.9", "-19000")]).await?;

    // At 9,400 equity is 990 - 1,140 = -150; the best price allowed, 9,870, wins 0.1 * 470 = 47 of them.
    world.set_price(BTC, wad(9_400)).await?;
    let error: IPlimsoll::Insolvent = refused(&world, venue, &one(-ONE / 10, wad(9_870))).await?;
    assert_eq!((error.account, error.equity), (a, dec("-103")));
    balanced(&world, 0).await
}

#[tokio::test]
async fn settle_errors_on_prices_that_are_not_fresh() -> Result<()> {
    // fresh for 60 s, late until 3,600 s; SOL, number 3, has a feed and a market but no price yet
    let sol = 3;
    let listed = [BTC, ETH, sol];
    let options = Options {
        feeds: listed.iter().map(|&id| (id, scenario::feed())).collect(),
        markets: listed.iter().map(|&id| (perp(id), params())).collect(),
        ..Options::default()
    };
    let needs = [Capability::TimeTravel];
    let Some(world) = world_alone(test_name!(), &needs, &options).await? else { return Ok(()) };
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    let call = |id, price| settleCall { fills: vec![fill(a, b, id, ONE, price)] };
    let error: IPlimsoll::PriceUnusable = refused(&world, &world.venue, &call(sol, wad(1))).await?;
    assert_eq!((error.instrument, error.status), (perp(sol), 0));

    let reported = world.set_price(ETH, wad(500)).await?.event::<IPlimsollOracle::PriceUpdated>()?.time;
    world.chain.set_next_time(reported + 60).await?;
    world.trade(a, b, perp(ETH), ONE, wad(500)).await?;
    for (age, status) in [(61, 2), (3_600, 2), (3_601, 3)] {
        world.chain.set_next_time(reported + age).await?;
        let error: IPlimsoll::PriceUnusable = refused(&world, &world.venue, &call(ETH, wad(500))).await?;
        assert_eq!((error.instrument, error.status), (perp(ETH), status), "after {age} s");
    }
    // Who holds ether that nobody can price trades bitcoin all the same. The ether counts at its last price, with a stress
    // move of its initial factor against it: 5 % of 500.
    world.set_price(BTC, wad(10_000)).await?;
    world.settle(call(BTC, wad(10_000)).fills).await?;
    let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
    assert_eq!((margin.equity, margin.stress, margin.initial), (10_000 * ONE, wad(25), wad(525)));
    assert_eq!((margin.initialEquity, margin.ripe, margin.priceStatus), (9_975 * ONE, 9_975 * ONE, 3));
    // 18 bitcoin more need 9,525, 19 of them 10,025 of the 9,975.
    let fills = vec![fill(a, b, BTC, 19 * ONE, wad(10_000))];
    let error: IPlimsoll::InsufficientMargin = refused(&world, &world.venue, &settleCall { fills }).await?;
    assert_eq!((error.equity, error.initial), (9_975 * ONE, wad(10_025)));
    world.set_price(BTC, wad(10_000)).await?;
    world.trade(a, b, perp(BTC), 18 * ONE, wad(10_000)).await?;
    Ok(())
}

#[tokio::test]
async fn while_paused_only_risk_reduction_settles() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(10_000)).await?;
    let bob = world.trader("bob", wad(10_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    world.trade(a, b, perp(BTC), 2 * ONE, wad(10_000)).await?;
    let until = world.chain.head().await?.timestamp() + 86_400;
    world.chain.transact(&world.guardian, world.engine, &IPlimsoll::pauseCall { until }).await?;
    let fills = vec![fill(a, b, BTC, ONE, wad(10_000))];
    let error: IPlimsoll::EnginePaused = refused(&world, &world.venue, &settleCall { fills }).await?;
    assert_eq!(error.until, until);
    world.trade(a, b, perp(BTC), -ONE, wad(10_000)).await?;
    hold(&world, &alice, "10000", &[(BTC, "1", "-10000")]).await?;
    Ok(())
}

#[tokio::test]
async fn an_account_holds_32_markets_and_no_more() -> Result<()> {
    let ids: Vec<u16> = (1..=33).collect();
    // 33 shares of a tenth would be more than insurance may pay.
    let unshared = MarketParams { insuranceShare: 0, ..params() };
    let world = world(&Options {
        feeds: ids.iter().map(|&id| (id, plimsoll_e2e::book::feed())).collect(),
        markets: ids.iter().map(|&id| (perp(id), unshared.clone())).collect(),
        prices: ids.iter().map(|&id| (id, wad(100))).collect(),
        ..Options::default()
    })
    .await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    world.settle((1..=32).map(|id| fill(a, b, id, ONE, wad(100))).collect()).await?;
    let fills = vec![fill(a, b, 33, ONE, wad(100))];
    let error: IPlimsoll::TooManyPositions = refused(&world, &world.venue, &settleCall { fills }).await?;
    assert_eq!((error.account, error.most), (a, 32));
    // 32 * 100 * 5 % = 160
    let margin = world.chain.call(world.engine, &IPlimsoll::marginOfCall { account: a }).await?;
    assert_eq!((margin.equity, margin.initial), (1_000 * ONE, wad(160)));
    // Out of one market, into another.
    world.settle(vec![fill(a, b, 7, -ONE, wad(100)), fill(a, b, 33, ONE, wad(100))]).await?;
    assert_eq!(holding(&world, a).await?.positions.len(), 32);
    Ok(())
}
