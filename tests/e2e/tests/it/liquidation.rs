//! `liquidate`: size, price and fee by the closed form of an exact hand calculation, and every refusal.
//!
//! Parameters: maintenance 3 %, target 1.1 times it, discount 0.2 % at the line to 2 % at no equity, fee 0.5 %, lot 0.001.
//! With equity E, maintenance M: discount d = 0.002 + 0.018*(M - E)/M, notional x = (1.1*M - E)/(0.033 - d - 0.005). Discount and
//! fee together are at most half of the 3 %*E/M that would leave health as it is.

use anyhow::{Result, ensure};
use plimsoll_e2e::book::{
    Holding, balanced, dec, holding, options, params, refused, udec, world, world_alone,
};
use plimsoll_harness::{
    bindings::IPlimsoll::{liquidateCall, marginOfCall, quoteLiquidationCall},
    prelude::*,
    scenario::{self, Options},
};

const ONE: i128 = WAD as i128;

/// Alice is long one bitcoin at 10,000 on 1,000; the keeper and the other side are rich.
struct Scene {
    world: World,
    alice: Key,
    keeper: Key,
    maker: Key,
}

impl Scene {
    async fn new() -> Result<Self> {
        Self::of(&options(&params()), ONE).await
    }

    async fn of(options: &Options, size: i128) -> Result<Self> {
        Self::on(world(options).await?, size).await
    }

    async fn on(world: World, size: i128) -> Result<Self> {
        let alice = world.trader("alice", wad(1_000)).await?;
        let keeper = world.trader("keeper", wad(100_000)).await?;
        let maker = world.trader("maker", wad(100_000)).await?;
        world.trade(alice.account(0), maker.account(0), perp(BTC), size, wad(10_000)).await?;
        Ok(Self { world, alice, keeper, maker })
    }

    fn call(&self) -> liquidateCall {
        liquidateCall {
            account: self.alice.account(0),
            into: self.keeper.account(0),
            instrument: perp(BTC),
            maxSize: u128::MAX,
            limitPrice: 0,
        }
    }

    async fn quote(&self, underlying: u16) -> Result<IPlimsoll::LiquidationQuote> {
        let call = quoteLiquidationCall { account: self.alice.account(0), instrument: perp(underlying) };
        Ok(self.world.chain.call(self.world.engine, &call).await?)
    }

    async fn liquidate(&self, call: &liquidateCall) -> Result<IPlimsoll::Liquidated> {
        let receipt = self.world.chain.transact(&self.keeper, self.world.engine, call).await?;
        receipt.event()
    }

    async fn margin(&self) -> Result<IPlimsoll::Margin> {
        let call = marginOfCall { account: self.alice.account(0) };
        Ok(self.world.chain.call(self.world.engine, &call).await?)
    }
}

#[tokio::test]
async fn a_long_is_taken_over_at_the_closed_form_size_and_price() -> Result<()> {
    let scene = Scene::new().await?;
    let world = &scene.world;
    // E = 250, M = 277.5. d = 0.002 + 0.018*27.5/277.5 = 0.00378378..., rounded down to 18 places;
    // x = 55.25/0.024216216... = 2,281.529..., 0.24665... bitcoin at 9,250: 0.247 by the lot.
    world.set_price(BTC, wad(9_250)).await?;
    let quote = scene.quote(BTC).await?;
    assert_eq!(quote.size, udec("0.247"));
    assert_eq!(quote.mark, wad(9_250));
    // 9,250*(1 - 0.003783783783783783)
    assert_eq!(quote.price, udec("9215.000000000000007250"));
    // 0.247*34.99999999999999275 = 8.644999999999998209..., rounded down
    assert_eq!(quote.discount, udec("8.644999999999998209"));
    // 0.5 % of 2,284.75
    assert_eq!(quote.fee, udec("11.42375"));

    let before = world.chain.call(world.engine, &IPlimsoll::totalsCall {}).await?;
    let event = scene.liquidate(&scene.call()).await?;
    assert_eq!((event.account, event.liquidator), (scene.alice.account(0), scene.keeper.account(0)));
    assert_eq!((event.size, event.price, event.mark), (dec("0.247"), quote.price, quote.mark));
    assert_eq!((event.discount, event.fee), (quote.discount, quote.fee));
    assert_eq!(event.equityBefore, dec("250"));

    // Alice receives 0.247*9,215.00000000000000725 = 2,276.105000000000001790..., rounded up. Basis left 0.753 of
    // -10,000, so cash 1,000 + 2,276.105...1791 - 2,470 - 11.42375 = 794.681250000000001791.
    let alice = holding(world, scene.alice.account(0)).await?;
    assert_eq!(alice, Holding::new(dec("794.681250000000001791"), &[(BTC, dec("0.753"), dec("-7530"))]));
    let keeper = holding(world, scene.keeper.account(0)).await?;
    let basis = dec("-2276.105000000000001791");
    assert_eq!(keeper, Holding::new(dec("100000"), &[(BTC, dec("0.247"), basis)]));
    // 794.68125...1791 + 0.753*9,250 - 7,530
    assert_eq!(event.equityAfter, dec("229.931250000000001791"));
    let after = world.chain.call(world.engine, &IPlimsoll::totalsCall {}).await?;
    assert_eq!(after.insurance - before.insurance, udec("11.42375"));

    // 229.93125/208.9575 = 1.1004: above the target, by less than what one lot does
    let margin = scene.margin().await?;
    assert_eq!((margin.equity, margin.maintenance), (event.equityAfter, udec("208.9575")));
    let again: IPlimsoll::NotLiquidatable = refused(world, &scene.keeper, &scene.call()).await?;
    assert_eq!((again.equity, again.maintenance), (margin.equity, margin.maintenance));
    balanced(world, 0).await
}

#[tokio::test]
async fn a_short_is_taken_over_above_the_mark() -> Result<()> {
    let scene = Scene::of(&options(&params()), -ONE).await?;
    // E = 300, M = 321. d = 0.002 + 0.018*21/321 = 0.003177570...; x = 53.1/0.024822... = 2,139.194..., 0.19992... of
    // 10,700: 0.2 by the lot.
    scene.world.set_price(BTC, wad(10_700)).await?;
    let quote = scene.quote(BTC).await?;
    assert_eq!(quote.size, udec("0.2"));
    // 10,700*(1 + 0.003177570093457943)
    assert_eq!(quote.price, udec("10733.9999999999999901"));
    let event = scene.liquidate(&scene.call()).await?;
    assert_eq!((event.size, event.price, event.fee), (dec("-0.2"), quote.price, udec("10.7")));
    let keeper = holding(&scene.world, scene.keeper.account(0)).await?;
    // pays 0.2*10,733.99... = 2,146.79999999999999802
    let basis = dec("2146.79999999999999802");
    assert_eq!(keeper, Holding::new(dec("100000"), &[(BTC, dec("-0.2"), basis)]));
    balanced(&scene.world, 0).await
}

#[tokio::test]
async fn in_a_cross_margined_account_any_market_may_be_closed() -> Result<()> {
    let scene = Scene::new().await?;
    let world = &scene.world;
    let (a, m) = (scene.alice.account(0), scene.maker.account(0));
    let deposit = world.deposit_txs(&scene.alice, a, wad(600));
    world.chain.send_all_ok(&deposit).await?;
    world.trade(a, m, perp(ETH), 10 * ONE, wad(500)).await?;

    // E = 1,600 - 1,000 - 200 = 400, M = 270 + 144 = 414: d = 0.002 + 0.018*14/414 = 0.00260869...,
    // x = 55.4/0.0253913... = 2,181.849..., 4.54551... ether at 480: 4.546 by the lot.
    world.set_prices(&[(BTC, wad(9_000)), (ETH, wad(480))]).await?;
    assert_eq!(scene.quote(ETH).await?.size, udec("4.546"));
    // The same notional of bitcoin: 0.24242... at 9,000, 0.243 by the lot.
    assert_eq!(scene.quote(BTC).await?.size, udec("0.243"));
    let event = scene.liquidate(&liquidateCall { instrument: perp(ETH), ..scene.call() }).await?;
    assert_eq!(event.size, dec("4.546"));
    let margin = scene.margin().await?;
    // 414 - 3 % of 4.546*480
    assert_eq!(margin.maintenance, udec("348.5376"));
    ensure!(margin.equity > dec("383.39136") && margin.equity < dec("383.41"), "{margin:?}"); // 1.1*M and a lot more
    balanced(world, 0).await
}

#[tokio::test]
async fn the_discount_grows_with_the_shortfall_and_never_lowers_health() -> Result<()> {
    let needs = [Capability::Snapshots];
    let Some(world) = world_alone(test_name!(), &needs, &options(&params())).await? else { return Ok(()) };
    let scene = Scene::on(world, ONE).await?;
    let world = &scene.world;
    let mut last = 0;
    // From the line, 9,278.35, down to where no equity is left, 9,000.
    for price in [9_278, 9_260, 9_200, 9_150, 9_100, 9_050, 9_010, 9_001] {
        let snapshot = world.chain.snapshot().await?;
        world.set_price(BTC, wad(price)).await?;
        let before = scene.margin().await?;
        let (equity, maintenance) = (before.equity as u128, before.maintenance);
        let quote = scene.quote(BTC).await?;
        let discount = (quote.mark - quote.price) * 1_000_000 / quote.mark * WAD / 1_000_000;
        // d = 0.2 % + 1.8 % of the shortfall's share, at most 1.5 %*E/M; to a millionth
        let linear = 2_000 * WAD / 1_000_000
            + 18 * WAD / 1_000 * ((maintenance - equity) / 1_000_000) / (maintenance / 1_000_000);
        let expected = linear.min(15 * WAD / 1_000 * (equity / 1_000_000) / (maintenance / 1_000_000));
        ensure!(expected.abs_diff(discount) <= 2 * WAD / 1_000_000, "{price}: {discount}, not {expected}");
        if linear == expected {
            ensure!(discount >= last, "{price}: {discount} after {last}");
            last = discount;
        }
        scene.liquidate(&scene.call()).await?;
        let after = scene.margin().await?;
        // E'/M' >= E/M; a position closed whole leaves no requirement
        let (new, needed) = (u128::try_from(after.equity)?, after.maintenance);
        ensure!(
            new / 1_000 * (maintenance / 1_000_000_000) >= equity / 1_000 * (needed / 1_000_000_000),
            "{price}: {before:?} became {after:?}"
        );
        world.chain.revert_to(snapshot).await?;
    }
    ensure!(last > 0);
    Ok(())
}

#[tokio::test]
async fn liquidate_errors_on_what_it_may_not_do() -> Result<()> {
    let scene = Scene::new().await?;
    let (world, keeper, call) = (&scene.world, &scene.keeper, scene.call());
    let stranger = world.trader("stranger", wad(1)).await?;
    let (a, k) = (scene.alice.account(0), keeper.account(0));

    // At 10,000 alice has 1,000 and needs 300.
    let error: IPlimsoll::NotLiquidatable = refused(world, keeper, &call).await?;
    assert_eq!((error.account, error.equity, error.maintenance), (a, 1_000 * ONE, wad(300)));

    world.set_price(BTC, wad(9_250)).await?;
    let error: IPlimsoll::NotAuthorized = refused(world, &stranger, &call).await?;
    assert_eq!((error.account, error.caller), (k, stranger.address()));
    refused::<IPlimsoll::SelfLiquidation, _>(world, &scene.alice, &liquidateCall { into: a, ..call.clone() })
        .await?;
    refused::<IPlimsoll::ZeroSize, _>(world, keeper, &liquidateCall { maxSize: 0, ..call.clone() }).await?;
    let error: IPlimsoll::NoPosition =
        refused(world, keeper, &liquidateCall { instrument: perp(ETH), ..call.clone() }).await?;
    assert_eq!((error.account, error.instrument), (a, perp(ETH)));
    for instrument in [perp(9), perp(BTC) | 1, 0, u128::MAX] {
        let error: IPlimsoll::UnknownMarket =
            refused(world, keeper, &liquidateCall { instrument, ..call.clone() }).await?;
        assert_eq!(error.instrument, instrument);
    }
    // The price is 9,215.00000000000000725; who buys wants to pay at most 9,215.
    let error: IPlimsoll::LimitPrice =
        refused(world, keeper, &liquidateCall { limitPrice: wad(9_215), ..call.clone() }).await?;
    assert_eq!((error.price, error.limit), (udec("9215.00000000000000725"), wad(9_215)));
    // A liquidator with 1: 0.247 at 9,250 takes 114.2375 of margin; it gains 8.644999999999998209 by the discount, its
    // basis being what alice got, rounded up.
    let poor = liquidateCall { into: stranger.account(0), ..call.clone() };
    let error: IPlimsoll::InsufficientMargin = refused(world, &stranger, &poor).await?;
    assert_eq!((error.account, error.initial), (stranger.account(0), udec("114.2375")));
    assert_eq!(error.equity, dec("9.644999999999998209"));

    // At 8,999 alice is insolvent: for `bury` alone.
    world.set_price(BTC, wad(8_999)).await?;
    let error: IPlimsoll::Insolvent = refused(world, keeper, &call).await?;
    assert_eq!((error.account, error.equity), (a, -ONE));
    Ok(())
}

#[tokio::test]
async fn limits_and_operators_are_honoured() -> Result<()> {
    let scene = Scene::new().await?;
    let world = &scene.world;
    world.set_price(BTC, wad(9_250)).await?;
    // An operator of the keeper, at exactly the price that it is, at most 0.1.
    let operator = world.user("operator").await?;
    let set = IPlimsoll::setOperatorCall { operator: operator.address(), approved: true };
    world.chain.transact(&scene.keeper, world.engine, &set).await?;
    let call =
        liquidateCall { maxSize: WAD / 10, limitPrice: udec("9215.00000000000000725"), ..scene.call() };
    let receipt = world.chain.transact(&operator, world.engine, &call).await?;
    let event: IPlimsoll::Liquidated = receipt.event()?;
    assert_eq!((event.size, event.liquidator), (ONE / 10, scene.keeper.account(0)));
    // 0.5 % of 925
    assert_eq!(event.fee, udec("4.625"));
    Ok(())
}

#[tokio::test]
async fn a_late_price_serves_a_stale_one_does_not_and_a_pause_is_no_obstacle() -> Result<()> {
    let quick = Options {
        feeds: vec![(BTC, scenario::feed()), (ETH, scenario::feed())], // fresh 60 s, late until 3,600 s
        ..options(&params())
    };
    let needs = [Capability::TimeTravel];
    let Some(world) = world_alone(test_name!(), &needs, &quick).await? else { return Ok(()) };
    let scene = Scene::on(world, ONE).await?;
    let world = &scene.world;
    let time = world.set_price(BTC, wad(9_250)).await?.event::<IPlimsollOracle::PriceUpdated>()?.time;
    let pause = IPlimsoll::pauseCall { until: time + 100_000 };
    world.chain.transact(&world.guardian, world.engine, &pause).await?;
    let part = liquidateCall { maxSize: WAD / 100, ..scene.call() };

    world.chain.set_next_time(time + 3_601).await?;
    let error: IPlimsoll::PriceUnusable = refused(world, &scene.keeper, &part).await?;
    assert_eq!((error.instrument, error.status), (perp(BTC), 3));
    let quote = quoteLiquidationCall { account: part.account, instrument: perp(BTC) };
    world.chain.call(world.engine, &quote).await.expect_revert::<IPlimsoll::PriceUnusable>()?;

    world.set_price(BTC, wad(9_250)).await?;
    let time = world.chain.head().await?.timestamp();
    world.chain.set_next_time(time + 3_599).await?;
    let margin = scene.margin().await?;
    assert_eq!(margin.equity, dec("250"));
    // Whoever takes over at a late price gains nothing by it, and the fee waits too.
    let event = scene.liquidate(&part).await?;
    assert_eq!((event.size, event.price, event.discount, event.fee), (ONE / 100, event.mark, 0, 0));
    assert_eq!(scene.margin().await?.priceStatus, 2);
    Ok(())
}

#[tokio::test]
async fn a_rest_below_the_least_notional_is_closed_whole() -> Result<()> {
    let scene =
        Scene::of(&options(&IPlimsoll::MarketParams { minNotional: wad(8_000), ..params() }), ONE).await?;
    // 0.247 would leave 0.753*9,250 = 6,965, less than 8,000.
    scene.world.set_price(BTC, wad(9_250)).await?;
    assert_eq!(scene.liquidate(&scene.call()).await?.size, ONE);
    assert_eq!(holding(&scene.world, scene.alice.account(0)).await?.positions, []);
    balanced(&scene.world, 0).await
}

#[tokio::test]
async fn a_dead_feed_of_dust_blocks_neither_liquidation_nor_leaving_nor_burial() -> Result<()> {
    // Ether is fresh for 60 s, late until 3,600 s; bitcoin for a day.
    let quick = Options {
        feeds: vec![(BTC, plimsoll_e2e::book::feed()), (ETH, scenario::feed())],
        ..options(&params())
    };
    let needs = [Capability::TimeTravel];
    let Some(world) = world_alone(test_name!(), &needs, &quick).await? else { return Ok(()) };
    let scene = Scene::on(world, ONE).await?;
    let world = &scene.world;
    let carol = world.trader("carol", wad(1_000)).await?;
    let (a, c, m) = (scene.alice.account(0), carol.account(0), scene.maker.account(0));
    world.set_price(ETH, wad(500)).await?;
    world.trade(c, m, perp(BTC), ONE, wad(10_000)).await?;
    for account in [a, c] {
        world.trade(account, m, perp(ETH), ONE / 50, wad(500)).await?;
    }
    world.pass_time(4_000).await?;

    // At 9,250 alice has 250; the ether of 10 counts with 0.3 of maintenance and a stress move of 0.5.
    world.set_price(BTC, wad(9_250)).await?;
    let margin = scene.margin().await?;
    assert_eq!((margin.equity, margin.stress, margin.maintenance), (dec("250"), udec("0.5"), udec("277.8")));
    assert_eq!(margin.priceStatus, 3);
    let ether = liquidateCall { instrument: perp(ETH), ..scene.call() };
    let error: IPlimsoll::PriceUnusable = refused(world, &scene.keeper, &ether).await?;
    assert_eq!((error.instrument, error.status), (perp(ETH), 3));
    let event = scene.liquidate(&scene.call()).await?;
    ensure!(event.size > 0 && event.size < ONE, "{event:?}");
    // She reduces, closes, and leaves with all but what the ether needs: 0.5 and 0.5.
    world.trade(a, m, perp(BTC), -ONE / 10, wad(9_250)).await?;
    let rest = event.size + ONE / 10 - ONE;
    world.trade(a, m, perp(BTC), rest, wad(9_250)).await?;
    let cash = holding(world, a).await?.cash;
    let free = world.chain.call(world.engine, &IPlimsoll::freeCollateralCall { account: a }).await?;
    assert_eq!(free as i128, cash - ONE);
    let (to, amount) = (scene.alice.address(), plimsoll_harness::ids::to_quote_units(free));
    let withdraw = IPlimsoll::withdrawCall { account: a, token: world.token, amount, to };
    world.chain.transact(&scene.alice, world.engine, &withdraw).await?;

    // At 8,999 carol lacks 1, by the ether's last good price without any stress.
    world.pass_time(1).await?;
    world.set_price(BTC, wad(8_999)).await?;
    let bury = IPlimsoll::buryCall { account: c };
    let receipt = world.chain.transact(&scene.keeper, world.engine, &bury).await?;
    assert_eq!(receipt.event::<IPlimsoll::Buried>()?.deficit, WAD);
    let parts: Vec<_> =
        receipt.events::<IPlimsoll::Interred>().iter().map(|i| (i.instrument, i.size, i.part)).collect();
    assert_eq!(parts, [(perp(BTC), ONE, WAD), (perp(ETH), ONE / 50, 0)]);
    let pass = IPlimsoll::deleverageCall { instrument: perp(BTC) };
    let event: IPlimsoll::Deleveraged =
        world.chain.transact(&scene.keeper, world.engine, &pass).await?.event()?;
    // A tenth of the fee of alice's liquidation suffices.
    assert_eq!((event.deficit, event.insurance, event.taken), (WAD, WAD, 0));
    // Its own market waits for its price.
    let pass = IPlimsoll::deleverageCall { instrument: perp(ETH) };
    let error: IPlimsoll::PriceUnusable = refused(world, &scene.keeper, &pass).await?;
    assert_eq!((error.instrument, error.status), (perp(ETH), 3));
    balanced(world, 100).await
}
