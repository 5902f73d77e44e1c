//! Margin, free collateral and liquidation price against numbers by hand.

use anyhow::{Result, ensure};
use plimsoll_e2e::book::{balanced, dec, fill, options, params, refused, udec, world};
use plimsoll_harness::{
    bindings::IPlimsoll::{
        Margin, MarketParams, freeCollateralCall, liquidateCall, liquidationPriceCall, marginOfCall,
        marginsOfCall, positionOfCall, quoteLiquidationCall,
    },
    ids::to_quote_units,
    prelude::*,
};

const ONE: i128 = WAD as i128;

async fn margin(world: &World, key: &Key) -> Result<Margin> {
    Ok(world.chain.call(world.engine, &marginOfCall { account: key.account(0) }).await?)
}

async fn liquidation_price(world: &World, key: &Key, underlying: u16) -> Result<u128> {
    let call = liquidationPriceCall { account: key.account(0), instrument: perp(underlying) };
    Ok(world.chain.call(world.engine, &call).await?)
}

#[tokio::test]
async fn every_term_of_margin_adds_up() -> Result<()> {
    // Half of unrealised profit counts, every position costs 5 to liquidate; bitcoin has a depth of a million a per
    // cent, the initial factor of ether grows from 1,000 of open interest to one at 11,000.
    let base = MarketParams { profitWeight: 500_000, liquidationCost: wad(5), ..params() };
    let mut options = options(&base);
    options.markets = vec![
        (perp(BTC), MarketParams { depth: wad(1_000_000), ..base.clone() }),
        (perp(ETH), MarketParams { oiLow: wad(1_000), oiHigh: wad(11_000), ..base }),
    ];
    let world = world(&options).await?;
    let alice = world.trader("alice", wad(5_000)).await?;
    let bob = world.trader("bob", wad(100_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    world.settle(vec![fill(a, b, BTC, ONE, wad(10_000)), fill(a, b, ETH, -10 * ONE, wad(500))]).await?;
    world.set_prices(&[(BTC, wad(10_400)), (ETH, wad(490))]).await?;

    let found = margin(&world, &alice).await?;
    // profits 400 and 100, of which 250 count
    assert_eq!((found.equity, found.initialEquity), (dec("5500"), dec("5250")));
    // 3 % of 10,400 and of 4,900, and 5 each
    assert_eq!(found.maintenance, udec("469"));
    // 2/3 of it, rounded up
    assert_eq!(found.backstop, udec("312.666666666666666667"));
    // bitcoin: 5 % of 10,400 and 10,400^2/(200*1e6) = 520.5408; ether: open interest 4,900, factor
    // 0.05 + 0.95*3,900/10,000 = 0.4205, of 4,900: 2,060.45
    assert_eq!(found.initial, udec("2580.9908"));
    assert_eq!(found.priceStatus, 1);

    // What is free without profit may go, and one unit of the token more may not: 5,000 less what is required.
    let free = world.chain.call(world.engine, &freeCollateralCall { account: a }).await?;
    assert_eq!(free, udec("2419.0092"));
    let to = alice.address();
    let withdraw = |amount| IPlimsoll::withdrawCall { account: a, token: world.token, amount, to };
    let amount = to_quote_units(free);
    let one = alloy::primitives::U256::ONE;
    let error: IPlimsoll::InsufficientCollateral = refused(&world, &alice, &withdraw(amount + one)).await?;
    assert_eq!((error.account, error.amount, error.free), (a, udec("2419.009201"), free));
    world.chain.transact(&alice, world.engine, &withdraw(amount)).await?;
    let found = margin(&world, &alice).await?;
    assert_eq!((found.ripe as u128, found.equity), (found.initial, dec("3080.9908")));

    // Many at once, in order, a stranger and a repetition among them.
    let stranger = Key::named("stranger").account(7);
    let call = marginsOfCall { accounts: vec![b, stranger, a, a] };
    let all = world.chain.call(world.engine, &call).await?;
    assert_eq!(all.len(), 4);
    assert_eq!(all[1], Margin { priceStatus: 1, ..Margin::default() });
    assert_eq!((&all[2], &all[3]), (&found, &found));
    assert_eq!(all[0], margin(&world, &bob).await?);
    assert_eq!(world.chain.call(world.engine, &marginsOfCall { accounts: vec![] }).await?, []);
    balanced(&world, 0).await
}

#[tokio::test]
async fn at_the_liquidation_price_an_account_is_safe_and_beyond_it_is_not() -> Result<()> {
    let world = world(&options(&params())).await?;
    let long = world.trader("long", wad(1_000)).await?;
    let short = world.trader("short", wad(1_000)).await?;
    let rich = world.trader("rich", wad(20_000)).await?;
    let (l, s, r) = (long.account(0), short.account(0), rich.account(0));
    world.settle(vec![fill(l, s, BTC, ONE, wad(10_000)), fill(r, s, ETH, ONE / 10, wad(500))]).await?;
    world.settle(vec![fill(s, r, ETH, ONE / 10, wad(500))]).await?;

    // (0 - 1,000 + 10,000)/(1 - 0.03) = 9,278.350515463917525773..., up; (1,000 + 10,000)/1.03 = 10,679.611650485436893203...
    let low = liquidation_price(&world, &long, BTC).await?;
    let high = liquidation_price(&world, &short, BTC).await?;
    assert_eq!((low, high), (udec("9278.350515463917525774"), udec("10679.611650485436893203")));
    // No position, no such price; nor for who has the money.
    for (key, id) in [(&long, ETH), (&rich, BTC)] {
        assert_eq!(liquidation_price(&world, key, id).await?, 0);
    }
    for instrument in [perp(9), perp(BTC) | 1] {
        let call = liquidationPriceCall { account: l, instrument };
        world.chain.call(world.engine, &call).await.expect_revert::<IPlimsoll::UnknownMarket>()?;
    }

    for (key, price, beyond) in [(&long, low, low - 1), (&short, high, high + 1)] {
        let quote = quoteLiquidationCall { account: key.account(0), instrument: perp(BTC) };
        let call = liquidateCall {
            account: key.account(0),
            into: r,
            instrument: perp(BTC),
            maxSize: 1,
            limitPrice: 0,
        };
        world.set_price(BTC, price).await?;
        let at = margin(&world, key).await?;
        ensure!(at.equity as u128 >= at.maintenance, "{at:?}");
        world.chain.call(world.engine, &quote).await.expect_revert::<IPlimsoll::NotLiquidatable>()?;
        refused::<IPlimsoll::NotLiquidatable, _>(&world, &rich, &call).await?;
        world.set_price(BTC, beyond).await?;
        let at = margin(&world, key).await?;
        ensure!((at.equity as u128) < at.maintenance, "{at:?}");
        world.chain.call(world.engine, &quote).await?;
        // The price does not depend on where the mark is.
        assert_eq!(liquidation_price(&world, key, BTC).await?, price);
    }
    Ok(())
}

#[tokio::test]
async fn the_liquidation_price_counts_the_other_markets() -> Result<()> {
    let cost = MarketParams { liquidationCost: wad(5), ..params() };
    let world = world(&options(&cost)).await?;
    let alice = world.trader("alice", wad(1_600)).await?;
    let bob = world.trader("bob", wad(100_000)).await?;
    let (a, b) = (alice.account(0), bob.account(0));
    world.settle(vec![fill(a, b, BTC, ONE, wad(10_000)), fill(a, b, ETH, 10 * ONE, wad(500))]).await?;
    world.set_price(ETH, wad(480)).await?;
    // Ether has lost 200 and takes 144 + 5. Bitcoin: (149 + 5 - 1,400 + 10,000)/0.97 = 8,754/0.97 = 9,024.742268041237...
    let price = liquidation_price(&world, &alice, BTC).await?;
    assert_eq!(price, udec("9024.742268041237113403")); // true value: 9024.74226804123711340206...
    // Ether with bitcoin at 10,000: (305 + 5 - 1,600 + 5,000)/9.7 = 3,710/9.7
    let ether = liquidation_price(&world, &alice, ETH).await?;
    assert_eq!(ether, udec("382.474226804123711341")); // true value: 382.474226804123711340206...
    world.set_price(BTC, price).await?;
    let at = margin(&world, &alice).await?;
    ensure!(at.equity as u128 >= at.maintenance && at.equity as u128 - at.maintenance <= 2, "{at:?}");
    world.set_price(BTC, price - 2).await?;
    let at = margin(&world, &alice).await?;
    ensure!((at.equity as u128) < at.maintenance, "{at:?}");
    Ok(())
}

#[tokio::test]
async fn positions_are_told_and_unknown_markets_refused() -> Result<()> {
    let world = world(&options(&params())).await?;
    let alice = world.trader("alice", wad(1_000)).await?;
    let bob = world.trader("bob", wad(1_000)).await?;
    world.trade(alice.account(0), bob.account(0), perp(BTC), ONE / 2, wad(10_100)).await?;
    let position = async |key: &Key, instrument| {
        let call = positionOfCall { account: key.account(0), instrument };
        world.chain.call(world.engine, &call).await.map(|p| (p.size, p.basis))
    };
    assert_eq!(position(&alice, perp(BTC)).await?, (ONE / 2, dec("-5050")));
    assert_eq!(position(&bob, perp(BTC)).await?, (-ONE / 2, dec("5050")));
    assert_eq!(position(&alice, perp(ETH)).await?, (0, 0));
    for instrument in [perp(9), perp(BTC) | 1, 0, u128::MAX] {
        let error = position(&alice, instrument).await.expect_revert::<IPlimsoll::UnknownMarket>()?;
        assert_eq!(error.instrument, instrument);
    }
    Ok(())
}
