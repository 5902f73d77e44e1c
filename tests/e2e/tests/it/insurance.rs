//! The insurance fund: what goes in, what one event may draw, what covers bad debt later.

use alloy::primitives::U256;
use anyhow::Result;
use plimsoll_e2e::book::{balanced, dec, fill, holding, options, params, refused, udec, world};
use plimsoll_harness::{
    bindings::IPlimsoll::{
        MarketParams, coverBadDebtCall, deleverageCall, fundInsuranceCall, setInsuranceCapCall, totalsCall,
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
async fn each_event_draws_at_most_the_share_of_what_is_left() -> Result<()> {
    let world = world(&options(&MarketParams { priceBand: 500_000, ..params() })).await?;
    world.set_price(BTC, wad(8_192)).await?;
    let short = world.trader("short", wad(100_000)).await?;
    // Eight bitcoin, of which every event closes half of what is left.
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
    let half = setInsuranceCapCall { cap: 500_000 };
    world.chain.transact(&world.owner, world.engine, &half).await?;
    // Deficits 1,048, 1,048 and 524. Half of 1,000, of 500, of 250; then the short pays the rest.
    world.set_price(BTC, wad(7_168)).await?;
    for (victim, (paid, taken)) in victims.iter().zip([(500, 548), (250, 798), (125, 399)]) {
        let call = deleverageCall { account: victim.account(0) };
        let receipt = world.chain.transact(&short, world.engine, &call).await?;
        let event: IPlimsoll::InsurancePaid = receipt.event()?;
        assert_eq!((event.account, event.amount, event.left), (victim.account(0), wad(paid), wad(paid)));
        let event: IPlimsoll::Deleveraged = receipt.event()?;
        assert_eq!((event.insurance, event.taken), (wad(paid), wad(taken)));
        balanced(&world, 0).await?;
    }
    // 100,000 + 7*1,024 - 548 - 798 - 399
    assert_eq!(holding(&world, short.account(0)).await?.cash, dec("105423"));
    Ok(())
}

#[tokio::test]
async fn a_cap_of_zero_or_of_everything_is_obeyed_and_more_is_refused() -> Result<()> {
    let world = world(&options(&MarketParams { priceBand: 500_000, ..params() })).await?;
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
        world.chain.transact(&world.owner, world.engine, &setInsuranceCapCall { cap }).await?;
        world.set_price(BTC, wad(7_168)).await?;
        let call = deleverageCall { account: victim.account(0) };
        let receipt = world.chain.transact(&short, world.engine, &call).await?;
        let event: IPlimsoll::Deleveraged = receipt.event()?;
        assert_eq!((event.insurance, event.taken), (wad(paid), wad(1_048 - paid)));
    }
    // An empty fund covers nothing, and says so.
    let call = coverBadDebtCall { instrument: perp(BTC), amount: 1 };
    let error: IPlimsoll::NoBadDebt = refused(&world, &short, &call).await?;
    assert_eq!(error.instrument, perp(BTC));
    balanced(&world, 0).await
}
