//! The risk model's other answers on the node: greeks, attribution, worst moves, liquidation prices, the expected
//! shortfall, several underlyings together. Each is the pure model's to the last digit.

use alloy::sol_types::SolValue;
use anyhow::Result;
use plimsoll_e2e::risk::{Risk, leg, option, refused_with, sample, standard};
use plimsoll_harness::{
    bindings::{
        IPlimsollRiskModel::{
            Assessment, BadFactor, BadMoves, DuplicateLeg, DuplicateUnderlying, EmptyTail, Move, NoParams,
            NotOwner, Overflow, Portfolio, ShortfallSet, UnknownScenario, assessTogetherCall, attributeCall,
            greeksCall, liquidationRangeCall, setShortfallCall, shortfallCall, shortfallReturn,
            worstMoveCall,
        },
        solidity::{GreeksReader, greeks_reader},
    },
    margin_cases::{portfolio_from_abi, portfolio_to_abi},
    prelude::*,
    scenario::init_code,
};
use plimsoll_risk::portfolio::{self as model, Compiled, Params};

const ONE: i128 = WAD as i128;
/// 60 %.
const VOLATILITY: u128 = WAD / 10 * 6;
const DAY: u32 = 86_400;

fn compiled() -> Compiled {
    Compiled::new(&Params::standard()).unwrap()
}

/// The sample, with one leg twice.
fn with_duplicate() -> Portfolio {
    let mut portfolio = sample();
    portfolio.legs.push(portfolio.legs[0]);
    portfolio
}

/// Nothing but cash.
fn empty() -> Portfolio {
    Portfolio { legs: vec![], expiries: vec![], ..sample() }
}

/// The same portfolio, of another underlying.
fn of_underlying(underlying: u16, mut portfolio: Portfolio) -> Portfolio {
    portfolio.underlying = underlying;
    for leg in &mut portfolio.legs {
        leg.0[..2].copy_from_slice(&underlying.to_be_bytes());
    }
    portfolio
}

fn duplicate() -> DuplicateLeg {
    DuplicateLeg { instrument: option(7, 20_000, true) }
}

#[tokio::test]
async fn greeks_are_the_pure_models_and_a_consumer_hedges_by_them() -> Result<()> {
    let risk = Risk::start().await?;
    let mut portfolio = sample();
    portfolio.perps = 3 * ONE;
    portfolio.perpPrice = portfolio.spot;
    let found = risk.chain.call(risk.model, &greeksCall { portfolio: portfolio.clone() }).await?;
    let expected = model::greeks(&mut portfolio_from_abi(&portfolio)).unwrap();
    let fields = |g: &model::Greeks| [g.value, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga];
    let of = |g: &plimsoll_harness::bindings::IPlimsollRiskModel::Greeks| {
        [g.value, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga]
    };
    assert_eq!(of(&found.account), fields(&expected.account));
    assert_eq!(
        found.byExpiry.iter().map(of).collect::<Vec<_>>(),
        expected.expiries.iter().map(fields).collect::<Vec<_>>()
    );
    assert_eq!(
        found.byLeg.iter().map(of).collect::<Vec<_>>(),
        expected.legs.iter().map(fields).collect::<Vec<_>>()
    );
    // A short straddle and a long put: short gamma and vega of the week, long vega of the month, time works for it.
    assert!(found.byExpiry[0].vega < 0 && found.byExpiry[1].vega > 0 && found.byExpiry[0].theta > 0);

    let reader = risk.chain.create(&risk.owner, init_code("GreeksReader", &(risk.model,))?).await?;
    // The same struct, under the name that the consumer's interface has it by.
    let theirs = || -> Result<_> {
        Ok(greeks_reader::IPlimsollRiskModel::Portfolio::abi_decode(&portfolio.abi_encode())?)
    };
    let hedge = risk.chain.call(reader, &GreeksReader::hedgeOfCall { portfolio: theirs()? }).await?;
    assert_eq!(i128::try_from(hedge)?, -expected.account.delta);
    let vegas = risk.chain.call(reader, &GreeksReader::vegasCall { portfolio: theirs()? }).await?;
    assert_eq!(vegas, expected.expiries.iter().map(|greeks| greeks.vega).collect::<Vec<_>>());
    // Only the long put decays.
    let decay = risk.chain.call(reader, &GreeksReader::mostDecayCall { portfolio: theirs()? }).await?;
    assert_eq!(decay.instrument, option(30, 18_000, false));
    assert_eq!(i128::try_from(decay.loss)?, -expected.legs[2].theta / 365);

    let call = greeksCall { portfolio: with_duplicate() };
    refused_with(risk.chain.call(risk.model, &call).await, &duplicate())
}

#[tokio::test]
async fn attribution_decomposes_the_worst_scenario() -> Result<()> {
    let risk = Risk::start().await?;
    // With a perpetual, whose part is linear.
    let mut portfolio = sample();
    (portfolio.perps, portfolio.perpPrice) = (2 * ONE, portfolio.spot);
    let margin = risk.scenarios(&portfolio).await?;
    let (mut linear, mut discount) = (0, 0);
    for scenario in [margin.assessment.worstScenario, 32, model::BASIS] {
        let call = attributeCall { portfolio: portfolio.clone(), scenario };
        let found = risk.chain.call(risk.model, &call).await?;
        let expected = model::attribute(&mut portfolio_from_abi(&portfolio), &compiled(), scenario).unwrap();
        assert_eq!((found.profit, found.linear), (expected.profit, expected.linear));
        assert_eq!((&found.expiries, &found.legs), (&expected.expiries, &expected.legs));
        assert_eq!((found.delta, found.gamma, found.vega), (expected.delta, expected.gamma, expected.vega));
        assert_eq!((found.rest, found.discount), (expected.rest, expected.discount));
        assert_eq!(found.profit, found.linear + found.expiries.iter().sum::<i128>());
        assert_eq!(found.legs.iter().sum::<i128>(), found.delta + found.gamma + found.vega + found.rest);
        let wanted = margin.profits.get(usize::from(scenario)).copied().unwrap_or(margin.assessment.basis);
        // Leg by leg and together round differently.
        assert!(found.profit.abs_diff(wanted) < 1_000, "{} {wanted}", found.profit);
        linear |= found.linear;
        discount |= found.discount;
    }
    // Neither is always nothing.
    assert!(linear != 0 && discount != 0, "{linear} {discount}");
    let call = attributeCall { portfolio: sample(), scenario: 33 };
    refused_with(risk.chain.call(risk.model, &call).await, &UnknownScenario { scenario: 33 })?;
    let call = attributeCall { portfolio: of_underlying(9, sample()), scenario: 0 };
    refused_with(risk.chain.call(risk.model, &call).await, &NoParams { underlying: 9 })
}

#[tokio::test]
async fn worst_move_is_not_beaten_by_any_other() -> Result<()> {
    let risk = Risk::start().await?;
    let vols = vec![-20_000_000, 0, 30_000_000];
    let call = worstMoveCall { portfolio: sample(), low: -40_000_000, high: 40_000_000, vols: vols.clone() };
    let found = risk.chain.call(risk.model, &call).await?;
    let mut book = portfolio_from_abi(&sample());
    let expected = model::worst_move(&mut book, -40_000_000, 40_000_000, &vols).unwrap();
    assert_eq!((found.found.spot, found.found.vol), (expected.shock.spot, expected.shock.vol));
    assert_eq!(found.profit, expected.profit);
    // Brute force: ten thousand prices, through the shortfall's revaluation of up to 500 at a time.
    for vol in vols {
        for chunk in (-5_000..5_000).collect::<Vec<i32>>().chunks(500) {
            let moves = chunk.iter().map(|step| model::Move { spot: step * 8_000, vol }).collect();
            let tail = model::Tail { moves, share: WAD, binding: false };
            let detail = model::assess_detail(&mut book, &compiled(), Some(&tail)).unwrap();
            assert!(detail.tail.iter().all(|profit| *profit >= found.profit));
        }
    }
    for bad in [
        worstMoveCall { vols: vec![], ..call.clone() },
        worstMoveCall { low: 1, high: 0, ..call.clone() },
        worstMoveCall { high: 277_000_001, ..call.clone() },
    ] {
        refused_with(risk.chain.call(risk.model, &bad).await, &BadMoves {})?;
    }
    let call = worstMoveCall { portfolio: with_duplicate(), ..call };
    refused_with(risk.chain.call(risk.model, &call).await, &duplicate())
}

#[tokio::test]
async fn liquidation_range_ends_where_maintenance_does() -> Result<()> {
    let risk = Risk::start().await?;
    // The straddle alone.
    let straddle = || {
        let mut portfolio = sample();
        portfolio.legs.pop();
        portfolio
    };
    let call =
        liquidationRangeCall { portfolio: straddle(), step: 5_000_000, volatility: VOLATILITY, horizon: DAY };
    let found = risk.chain.call(risk.model, &call).await?;
    let book = portfolio_from_abi(&straddle());
    let prices = model::liquidation_prices(&book, &compiled(), None, 5_000_000).unwrap();
    assert_eq!((found.below, found.above), (prices.below.unwrap_or(0), prices.above.unwrap_or(0)));
    // A short straddle dies on both sides; at the price found the contract itself says that maintenance is short, a
    // hundredth of a percent nearer to spot that it is not.
    let spot = straddle().spot;
    assert!(found.below > 0 && found.below < spot && spot < found.above);
    for (price, nearer) in [(found.below, found.below / 10_000), (found.above, 0)] {
        let safe = if nearer > 0 { price + nearer } else { price - price / 10_000 };
        let beyond = if nearer > 0 { price - price / 1_000_000 } else { price + price / 1_000_000 };
        for (at, short) in [(safe, false), (beyond, true)] {
            // To a billionth, which is far finer than the distances here.
            let factor = at * 1_000_000_000 / (spot / 1_000_000_000);
            let moved = portfolio_to_abi(&model::moved(&book, factor).unwrap());
            assert_eq!(risk.assess(&moved).await?.maintenance < 0, short, "at {at}");
        }
    }
    let score = model::liquidation_probability(spot, prices, VOLATILITY, DAY).unwrap();
    assert_eq!(u128::from(found.probability), score);
    for (distance, price) in [(found.distanceBelow, found.below), (found.distanceAbove, found.above)] {
        assert_eq!(distance, model::distance_floor(spot, price, VOLATILITY, DAY).unwrap());
    }
    let bad = liquidationRangeCall { step: 0, ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &BadMoves {})?;
    // Also of a portfolio that nothing can liquidate, which needs no distance.
    let mut safe = straddle();
    safe.legs.clear();
    for portfolio in [straddle(), safe] {
        let bad = liquidationRangeCall { portfolio: portfolio.clone(), volatility: 0, ..call.clone() };
        refused_with(risk.chain.call(risk.model, &bad).await, &Overflow {})?;
        let bad = liquidationRangeCall { portfolio, horizon: 0, ..call.clone() };
        refused_with(risk.chain.call(risk.model, &bad).await, &Overflow {})?;
    }
    let bad = liquidationRangeCall { portfolio: of_underlying(9, straddle()), ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &NoParams { underlying: 9 })?;
    let bad = liquidationRangeCall { portfolio: with_duplicate(), ..call };
    refused_with(risk.chain.call(risk.model, &bad).await, &duplicate())
}

#[tokio::test]
async fn sensitivities_and_worst_moves_need_no_parameters() -> Result<()> {
    let risk = Risk::start().await?;
    let unset = of_underlying(9, sample());
    refused_with(risk.assess(&unset).await, &NoParams { underlying: 9 })?;
    let greeks = async |portfolio| risk.chain.call(risk.model, &greeksCall { portfolio }).await;
    assert_eq!(greeks(unset.clone()).await?, greeks(sample()).await?);
    let worst = async |portfolio| {
        let call = worstMoveCall { portfolio, low: -40_000_000, high: 40_000_000, vols: vec![0] };
        risk.chain.call(risk.model, &call).await
    };
    let found = worst(unset).await?;
    assert_eq!(found, worst(sample()).await?);
    assert!(found.profit < 0);
    Ok(())
}

/// 500 moves of spot and volatility as a made-up history has them: fat tails, volatility up when spot falls.
fn history() -> Vec<Move> {
    (0..500i32)
        .map(|day| {
            let wave = (day * 7_919 % 1_000) - 500;
            let spot = wave * wave * wave / 4 + wave * 10_000;
            Move { spot, vol: -spot / 3 }
        })
        .collect()
}

#[tokio::test]
async fn a_shortfall_is_told_and_binds_when_it_is_asked_to() -> Result<()> {
    let risk = Risk::start().await?;
    let share = WAD as u64 / 40;
    let set = |binding, moves| setShortfallCall { underlying: BTC, share, binding, moves };
    let plain = risk.assess(&sample()).await?;
    let none = shortfallReturn { share: 0, binding: false, moves: vec![] };
    for underlying in [BTC, 9] {
        assert_eq!(risk.chain.call(risk.model, &shortfallCall { underlying }).await?, none);
    }
    let receipt = risk.chain.transact(&risk.owner, risk.model, &set(false, history())).await?;
    let event: ShortfallSet = receipt.event()?;
    assert_eq!((event.share, event.binding, u64::try_from(event.moves)?), (share, false, 500));
    let told = risk.assess(&sample()).await?;
    let moves = history().iter().map(|m| model::Move { spot: m.spot, vol: m.vol }).collect();
    let tail = model::Tail { moves, share: share.into(), binding: true };
    let expected = model::assess(&mut portfolio_from_abi(&sample()), &compiled(), Some(&tail)).unwrap();
    assert_eq!(told.shortfall, expected.shortfall);
    assert!(told.shortfall < plain.worst);
    // Nothing else is another.
    assert_eq!(told, Assessment { shortfall: told.shortfall, ..plain.clone() });

    risk.chain.transact(&risk.owner, risk.model, &set(true, history())).await?;
    let bound = risk.assess(&sample()).await?;
    assert_eq!((bound.initial, bound.maintenance), (expected.initial, expected.maintenance));
    assert_eq!((bound.worst, bound.shortfall), (expected.worst, expected.shortfall));
    assert_eq!(bound.worstScenario, model::SHORTFALL);
    let kept = risk.chain.call(risk.model, &shortfallCall { underlying: BTC }).await?;
    assert_eq!((kept.share, kept.binding, kept.moves), (share, true, history()));

    // New parameters leave it; no moves take it away.
    risk.set(BTC, &standard()).await?;
    assert_eq!(risk.assess(&sample()).await?.worstScenario, model::SHORTFALL);
    risk.chain.transact(&risk.owner, risk.model, &set(true, vec![])).await?;
    assert_eq!(risk.assess(&sample()).await?, plain);
    assert_eq!(risk.chain.call(risk.model, &shortfallCall { underlying: BTC }).await?, none);

    let refused = async |call: setShortfallCall| risk.chain.transact(&risk.owner, risk.model, &call).await;
    let one = || vec![Move { spot: 1, vol: 1 }];
    refused_with(refused(setShortfallCall { share: 0, ..set(true, one()) }).await, &EmptyTail {})?;
    let large = setShortfallCall { share: WAD as u64 + 1, ..set(true, one()) };
    refused_with(refused(large).await, &EmptyTail {})?;
    refused_with(refused(set(true, [history(), one()].concat())).await, &BadMoves {})?;
    let far = set(true, vec![Move { spot: 0, vol: -277_000_001 }]);
    refused_with(refused(far).await, &BadMoves {})?;
    let unknown = setShortfallCall { underlying: 9, ..set(true, one()) };
    refused_with(refused(unknown).await, &NoParams { underlying: 9 })?;
    let denied = risk.chain.transact(&risk.stranger, risk.model, &set(true, one())).await;
    refused_with(denied, &NotOwner { caller: risk.stranger.address() })
}

#[tokio::test]
async fn underlyings_together_need_less_than_apart_and_never_more() -> Result<()> {
    let risk = Risk::start().await?;
    risk.set(2, &standard()).await?;
    let mut other = sample();
    // The other way round: long what the sample is short.
    other.legs = [true, false].map(|call| leg(option(7, 20_000, call), ONE)).into();
    let other = of_underlying(2, other);
    let loadings = vec![WAD as u64 / 10 * 9; 2];
    let call =
        assessTogetherCall { portfolios: vec![sample(), other.clone()], loadings, floor: WAD as u64 / 2 };
    let found = risk.chain.call(risk.model, &call).await?;
    let details = [sample(), other]
        .map(|given| model::assess_detail(&mut portfolio_from_abi(&given), &compiled(), None).unwrap());
    let compiled = compiled();
    let [first, second] = &details;
    let parts = [(BTC, first), (2, second)].map(|(underlying, detail)| model::Part {
        underlying,
        detail,
        compiled: &compiled,
        loading: WAD / 10 * 9,
    });
    let expected = model::together(&parts, WAD / 2).unwrap();
    assert_eq!((found.initial, found.maintenance), (expected.initial, expected.maintenance));
    assert_eq!((found.loss, [found.down, found.up]), (expected.loss, expected.directions));
    assert_eq!((found.markToMarket, found.tail), (expected.mark_to_market, expected.tail));
    assert_eq!(found.alone, expected.alone);
    assert!(found.loss < found.alone);
    let apart = details[0].assessment.initial + details[1].assessment.initial;
    assert!(found.initial > apart, "{} {apart}", found.initial);

    let bad = assessTogetherCall { floor: WAD as u64 + 1, ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &BadFactor {})?;
    let bad = assessTogetherCall { loadings: vec![0; 3], ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &BadFactor {})?;
    let bad = assessTogetherCall { loadings: vec![WAD as u64, WAD as u64 + 1], ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &BadFactor {})?;
    // None, and one more than there may be; as many as there may be are fine.
    let many = |count: u16| assessTogetherCall {
        portfolios: (20..20 + count).map(|underlying| of_underlying(underlying, empty())).collect(),
        loadings: vec![WAD as u64; count.into()],
        floor: 0,
    };
    for count in [0, 17] {
        refused_with(risk.chain.call(risk.model, &many(count)).await, &BadFactor {})?;
    }
    for underlying in 20..36 {
        risk.set(underlying, &standard()).await?;
    }
    let cash = risk.chain.call(risk.model, &many(16)).await?;
    assert_eq!((cash.initial, cash.markToMarket), (160_000 * ONE, 160_000 * ONE));
    let bad = assessTogetherCall { portfolios: vec![sample(), of_underlying(9, sample())], ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &NoParams { underlying: 9 })?;
    let mut other = call.portfolios[1].clone();
    other.legs.push(other.legs[0]);
    let instrument = u128::from_be_bytes(*other.legs[0].first_chunk().unwrap());
    let bad = assessTogetherCall { portfolios: vec![sample(), other], ..call.clone() };
    refused_with(risk.chain.call(risk.model, &bad).await, &DuplicateLeg { instrument })?;
    // One underlying in two parts would be diversified against itself.
    let twice = assessTogetherCall { portfolios: vec![sample(), sample()], ..call };
    refused_with(risk.chain.call(risk.model, &twice).await, &DuplicateUnderlying { underlying: BTC })
}

#[tokio::test]
async fn hedging_out_is_charged_against_depth() -> Result<()> {
    let risk = Risk::start().await?;
    let mut portfolio = sample();
    (portfolio.perps, portfolio.perpPrice) = (3 * ONE, portfolio.spot);
    portfolio.legs.clear();
    let free = risk.assess(&portfolio).await?;
    portfolio.depth = 1_000_000 * WAD;
    let charged = risk.assess(&portfolio).await?;
    // Three at 20,000, after the basis' move up of 4.5 %: 62,700, of which 1,000,000 move the price by one percent. That is
    // half of 0.0627 percent of 62,700: 19.65645.
    let cost = 19_656_450_000_000_000_000;
    assert_eq!(charged.maintenanceContingency - free.maintenanceContingency, cost);
    assert_eq!(free.maintenance - charged.maintenance, cost as i128);
    assert_eq!(free.initial - charged.initial, cost as i128);
    // With options it is the delta where it is largest: gamma counts.
    portfolio.legs = sample().legs;
    let found = risk.assess(&portfolio).await?;
    let expected = model::assess(&mut portfolio_from_abi(&portfolio), &compiled(), None).unwrap();
    assert_eq!(found.maintenanceContingency, expected.maintenance_contingency);
    assert!(found.maintenanceContingency > charged.maintenanceContingency);
    Ok(())
}
