//! The insurance fund: what goes in, what a market may draw, what covers bad debt later.

use alloy::primitives::U256;
use anyhow::Result;
use plimsoll_e2e::book::{balanced, dec, fill, holding, options, params, refused, udec, world, world_alone};
use plimsoll_harness::{
    bindings::IPlimsoll::{
        MarketParams, buryCall, coverBadDebtCall, deleverageCall, fundInsuranceCall, marketCall,
        setInsuranceCapCall, totalsCall,
    },
    ids::to_quote_units,
    prelude::*,
};

const ONE: i128 = WAD as i128;

#[tokio::test]
async fn anyone_may_fund_and_nothing_is_no_amount() -> Result<()> {
    let world = world(&options(&params())).await?;
    let donor = world.trader("donor", wad(1)).await?;
    refused::<IPlimsoll::ZeroAmount, _>(&world, &donor, &fundInsuranceCall { amount: U256::ZERO }).await?;
    // Without tokens, or more of them than there are.
    for amount in [U256::from(1), U256::MAX] {
        world
            .chain
            .transact(&donor, world.engine, &fundInsuranceCall { amount })
            .await
            .expect_any_revert()?;
    }
    let amount = to_quote_units(udec("12.345678"));
    let mint = IToken::mintCall { to: donor.address(), amount };
    world.chain.transact(&donor, world.token, &mint).await?;
    let approve = IToken::approveCall { spender: world.engine, amount };
    world.chain.transact(&donor, world.token, &approve).await?;
    let receipt = world.chain.transact(&donor, world.engine, &fundInsuranceCall { amount }).await?;
    let funded: IPlimsoll::InsuranceFunded = receipt.event()?;
    assert_eq!((funded.by, funded.amount, funded.credited), (donor.address(), amount, udec("12.345678")));
    let totals = world.chain.call(world.engine, &totalsCall {}).await?;
    assert_eq!((totals.insurance, totals.tokens), (udec("12.345678"), udec("13.345678")));
    balanced(&world, 0).await
}

#[tokio::test]
async fn a_market_draws_at_most_its_share_and_that_refills_over_a_day() -> Result<()> {
    let options = options(&MarketParams { priceBand: 500_000, insuranceShare: 0, ..params() });
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    share(&world, 500_000, 500_000).await?;
    world.set_price(BTC, wad(8_192)).await?;
    let short = world.trader("short", wad(100_000)).await?;
    let stays = world.trader("stays", wad(10_000)).await?;
    world.settle(vec![fill(stays.account(0), short.account(0), BTC, ONE, wad(8_192))]).await?;
    let mut victims = Vec::new();
    for (size, deposit) in [(4, 3_048), (2, 1_000), (1, 500)] {
        let victim = world.trader(&format!("victim of {size}"), wad(deposit)).await?;
        let fills = vec![fill(victim.account(0), short.account(0), BTC, size * ONE, wad(8_192))];
        world.settle(fills).await?;
        victims.push(victim);
    }
    world.fund_insurance(wad(1_000)).await?;
    // Deficits of 1,048, 1,048 and 524. The first draws half of 1,000, which empties a bucket 500 deep. A moment later the share
    // is still of 1,000: of what is left the market may draw what a few seconds refilled, 500/86,400 each. Two days later nothing
    // counts as drawn: half of 500. The short pays the rest.
    let refilled = wad(500) / 86_400;
    let near = |found: u128, expected: u128| (expected..=expected + 30 * refilled).contains(&found);
    let mut drawn = 0;
    for (victim, (deficit, paid, days)) in victims.iter().zip([(1_048, 500, 0), (1_048, 0, 0), (524, 250, 2)])
    {
        world.pass_time(days * 86_400 + 1).await?;
        world.set_price(BTC, wad(7_168)).await?;
        if days > 0 {
            let market = world.chain.call(world.engine, &marketCall { instrument: perp(BTC) }).await?;
            assert_eq!(market.insurance, (wad(1_000) - drawn) / 2);
        }
        let event = resolve(&world, victim).await?;
        if days > 0 {
            assert_eq!(event.insurance, (wad(1_000) - drawn) / 2);
        } else {
            assert!(near(event.insurance, wad(paid)), "{event:?}");
        }
        assert_eq!(event.insurance + event.taken, wad(deficit));
        drawn += event.insurance;
        balanced(&world, 100).await?;
    }
    assert_eq!(world.chain.call(world.engine, &totalsCall {}).await?.insurance, wad(1_000) - drawn);
    // 100,000 + 8*1,024 - 2,620 and what insurance paid, however much was closed.
    let margin = IPlimsoll::marginOfCall { account: short.account(0) };
    let equity = world.chain.call(world.engine, &margin).await?.equity;
    let expected = dec("105572") + i128::try_from(drawn)?;
    assert!((expected - 100..=expected).contains(&equity), "{equity}");
    Ok(())
}

#[tokio::test]
async fn a_cap_of_zero_or_of_everything_is_obeyed_and_more_is_refused() -> Result<()> {
    let world = world(&options(&MarketParams { priceBand: 500_000, insuranceShare: 0, ..params() })).await?;
    world.set_price(BTC, wad(8_192)).await?;
    let short = world.trader("short", wad(100_000)).await?;
    world.fund_insurance(wad(600)).await?;
    for cap in [1_000_001, u32::MAX] {
        refused::<IPlimsoll::ParameterOutOfBounds, _>(&world, &world.owner, &setInsuranceCapCall { cap })
            .await?;
    }
    for (number, (cap, paid)) in [(0, 0), (1_000_000, 600)].into_iter().enumerate() {
        let victim = world.trader(&format!("victim {number}"), wad(1_000)).await?;
        world.set_price(BTC, wad(8_192)).await?;
        let fills = vec![fill(victim.account(0), short.account(0), BTC, 2 * ONE, wad(8_192))];
        world.settle(fills).await?;
        share(&world, cap, cap).await?;
        world.set_price(BTC, wad(7_168)).await?;
        let event = resolve(&world, &victim).await?;
        assert_eq!((event.insurance, event.taken), (wad(paid), wad(1_048 - paid)));
    }
    // An empty fund covers nothing, and says so.
    let call = coverBadDebtCall { instrument: perp(BTC), amount: 1 };
    let error: IPlimsoll::NoBadDebt = refused(&world, &short, &call).await?;
    assert_eq!(error.instrument, perp(BTC));
    balanced(&world, 100).await
}

#[tokio::test]
async fn what_no_open_loss_explains_is_insurances_and_then_debt_of_no_market() -> Result<()> {
    // Longs pay 12 % per 8 hours: at 10,000 a twenty-fourth of a quote a second and unit. Each market may draw a tenth of the
    // fund, which leaves a tenth of it to no market.
    let params = MarketParams { fundingCap: 120_000, interest: 120_000, ..params() };
    let options = options(&params);
    let Some(world) = world_alone(test_name!(), &[Capability::TimeTravel], &options).await? else {
        return Ok(());
    };
    world.fund_insurance(wad(1_000)).await?;
    let long = world.trader("long", wad(1_000)).await?;
    let short = world.trader("short", wad(10_000)).await?;
    world.trade(long.account(0), short.account(0), perp(BTC), 2 * ONE, wad(10_000)).await?;
    let since = world.chain.call(world.engine, &marketCall { instrument: perp(BTC) }).await?.lastFill;
    // Four hours: 1,200 of the 1,000, at the price at which it bought.
    world.chain.set_next_time(since + 14_400).await?;
    let call = buryCall { account: long.account(0) };
    let receipt = world.chain.transact(&short, world.engine, &call).await?;
    let event: IPlimsoll::Buried = receipt.event()?;
    let near = |found: u128, expected: u128| found.abs_diff(expected) <= 10;
    assert!(near(event.deficit, wad(200)), "{event:?}");
    assert_eq!(event.insurance, wad(100));
    assert_eq!(event.socialised, event.deficit - wad(100));
    let interred: IPlimsoll::Interred = receipt.event()?;
    assert_eq!((interred.size, interred.basis, interred.cash, interred.part), (2 * ONE, dec("-20000"), 0, 0));
    let recorded: IPlimsoll::BadDebtRecorded = receipt.event()?;
    assert_eq!((recorded.instrument, recorded.amount), (0, event.socialised));
    let paid: IPlimsoll::InsurancePaid = receipt.event()?;
    assert_eq!((paid.instrument, paid.amount, paid.left), (0, wad(100), wad(900)));
    let found = holding(&world, long.account(0)).await?;
    assert_eq!(found, plimsoll_e2e::book::Holding::new(0, &[]));
    let market = world.chain.call(world.engine, &marketCall { instrument: perp(BTC) }).await?;
    assert_eq!(market.badDebt, 0);
    assert_eq!(world.chain.call(world.engine, &totalsCall {}).await?.badDebt, event.socialised);
    balanced(&world, 10).await?;
    // Covered as a market's, from its bucket when it is full again: a tenth of 900 refill the 100 in 96,000 s.
    let cover = coverBadDebtCall { instrument: 0, amount: u128::MAX };
    world.chain.set_next_time(since + 14_400 + 100_000).await?;
    let covered: IPlimsoll::BadDebtCovered =
        world.chain.transact(&short, world.engine, &cover).await?.event()?;
    assert_eq!((covered.instrument, covered.amount), (0, wad(90)));
    assert_eq!(covered.total, event.socialised - wad(90));
    balanced(&world, 10).await
}

/// All markets together may draw `cap` of the fund, and bitcoin `share`.
async fn share(world: &World, cap: u32, share: u32) -> Result<()> {
    let (owner, engine) = (&world.owner, world.engine);
    let set = setInsuranceCapCall { cap };
    if cap > 0 {
        world.chain.transact(owner, engine, &set).await?;
    }
    let of = IPlimsoll::marketParamsCall { instrument: perp(BTC) };
    let params = MarketParams { insuranceShare: share, ..world.chain.call(engine, &of).await? };
    let call = IPlimsoll::setMarketParamsCall { instrument: perp(BTC), params };
    world.chain.transact(owner, engine, &call).await?;
    world.chain.transact(owner, engine, &set).await?;
    Ok(())
}

/// Buries an account in bitcoin and runs the pass.
async fn resolve(world: &World, account: &Key) -> Result<IPlimsoll::Deleveraged> {
    let (chain, engine, owner) = (&world.chain, world.engine, &world.owner);
    chain.transact(owner, engine, &buryCall { account: account.account(0) }).await?;
    let receipt = chain.transact(owner, engine, &deleverageCall { instrument: perp(BTC) }).await?;
    let event: IPlimsoll::Deleveraged = receipt.event()?;
    let paid: Vec<IPlimsoll::InsurancePaid> = receipt.events();
    assert_eq!(paid.iter().map(|p| p.amount).sum::<u128>(), event.insurance);
    assert!(paid.iter().all(|p| p.instrument == perp(BTC)));
    Ok(event)
}
