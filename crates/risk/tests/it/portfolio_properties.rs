//! What must hold of any portfolio margin, of the pure model; and what only it is asked.
#![allow(clippy::float_arithmetic)]

use plimsoll_risk::{
    WAD, ids,
    portfolio::{Compiled, Detail, Error, Leg, Params, Portfolio, assess_detail, liquidation_prices, moved},
};
use plimsoll_testing::portfolios::{self as random_portfolios, portfolio};
use proptest::prelude::*;

const SPOT: u128 = 2_500 * WAD;
const ONE: i128 = WAD as i128;
/// Of each property.
const CASES: u32 = 400;

fn detail(portfolio: &Portfolio, params: &Params) -> Detail {
    assess_detail(&mut portfolio.clone(), &Compiled::new(params).unwrap(), None).unwrap()
}

plimsoll_testing::portfolio_properties!(super::CASES, super::detail);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// Whatever the bytes of an instrument and the numbers of a book, the answer is a margin or a typed error.
    #[test]
    fn any_input_gets_an_answer(
        mut portfolio in portfolio(8, 3), instrument: u128, size: i128, spot: u128, cash: i128,
        svi in any::<[i128; 5]>(), forward: u128, years: u128,
    ) {
        let compiled = Compiled::new(&Params::standard()).unwrap();
        portfolio.legs.push(Leg { instrument, size });
        let _ = assess_detail(&mut portfolio.clone(), &compiled, None);
        portfolio.legs.pop();
        if let Some(leg) = portfolio.legs.first_mut() {
            leg.size = size;
        }
        (portfolio.spot, portfolio.cash) = (spot, cash);
        let _ = assess_detail(&mut portfolio.clone(), &compiled, None);
        portfolio.spot = SPOT;
        let slice = &mut portfolio.slices[0];
        [slice.svi.a, slice.svi.b, slice.svi.rho, slice.svi.m, slice.svi.sigma] = svi;
        let _ = assess_detail(&mut portfolio.clone(), &compiled, None);
        let bounded = svi.map(|x| x >> 58);
        let slice = &mut portfolio.slices[0];
        [slice.svi.a, slice.svi.b, slice.svi.rho, slice.svi.m, slice.svi.sigma] = bounded;
        (slice.forward, slice.svi_forward, slice.svi_years) = (forward >> 40, forward >> 41, years >> 60);
        let _ = assess_detail(&mut portfolio, &compiled, None);
    }
}

/// A price sixteen times as high is out of a strike's reach: that side ends there, the other is found.
#[test]
fn liquidation_prices_end_where_a_strike_is_out_of_reach() {
    let compiled = Compiled::new(&Params::standard()).unwrap();
    let spot = 95_000 * WAD;
    let mut book = random_portfolios::bare(spot);
    let expiry = book.time as u32 + 86_400;
    book.slices[0].expiry = expiry;
    // A call at 1, worth all of the spot but that, on credit.
    let instrument = ids::option(random_portfolios::UNDERLYING, expiry, 100_000_000, true);
    book.legs = vec![Leg { instrument, size: ONE }];
    book.cash = -50_000 * ONE;
    let found = liquidation_prices(&book, &compiled, None, 1_000_000).unwrap();
    let below = found.below.unwrap();
    assert!(below > 50_000 * WAD && below < spot, "{below}");
    assert_eq!(found.above, None);
    // It is the price of that account without a distant side too.
    let maintenance = |price: u128| {
        let mut after = moved(&book, price / (spot / WAD)).unwrap();
        assess_detail(&mut after, &compiled, None).unwrap().assessment.maintenance
    };
    assert!(maintenance(below - below / 1_000_000) < 0 && maintenance(below + below / 1_000_000) >= 0);
}

/// Calls short, deep in the money, of sizes whose sum is at the end of what a share of it can be.
#[test]
fn enormous_sizes_are_valued_or_refused() {
    let value = |sizes: [i128; 3]| {
        let mut book = random_portfolios::bare(WAD / 100);
        let legs = sizes.into_iter().enumerate().filter(|(_, size)| *size != 0);
        book.legs = legs
            .map(|(at, size)| Leg {
                instrument: ids::option(
                    random_portfolios::UNDERLYING,
                    book.slices[0].expiry,
                    at as u64 + 1,
                    true,
                ),
                size,
            })
            .collect();
        let compiled = Compiled::new(&Params::standard()).unwrap();
        assess_detail(&mut book, &compiled, None).map(|detail| detail.assessment.mark_to_market)
    };
    let largest = 1i128 << 126;
    // Worth size * (forward - strike), at expiry: 0.01 less 1e-8, 2e-8, 3e-8.
    let exact = |sizes: [i128; 3]| -> i128 {
        sizes.iter().zip(1..).map(|(size, strike)| size / 100_000_000 * (1_000_000 - strike)).sum()
    };
    for sizes in
        [[-largest, 0, 0], [-largest / 2, -largest / 4, -largest / 4], [largest / 2, -largest / 2, 0]]
    {
        let (found, exact) = (value(sizes).unwrap(), exact(sizes));
        assert!((found - exact).abs() <= largest >> 58, "{sizes:?}: {found}, not {exact}");
    }
    for sizes in [[-largest, -1, 0], [-largest; 3], [i128::MIN, 0, 0], [i128::MIN + 1, 1, i128::MIN + 1]] {
        assert_eq!(value(sizes), Err(Error::Overflow), "{sizes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Found by halving, and by walking in steps of a thousandth.
    #[test]
    fn liquidation_prices_are_the_nearest(mut portfolio in portfolio(6, 2), short in 0u32..3) {
        let params = Params::standard();
        let compiled = Compiled::new(&params).unwrap();
        // An account somewhat above its line.
        let margin = detail(&portfolio, &params).assessment;
        portfolio.cash += margin.worst.abs() * i128::from(short) / 4 - margin.maintenance + ONE;
        let maintenance = |book: &Portfolio, factor: u128| {
            detail(&moved(book, factor).unwrap(), &params).assessment.maintenance
        };
        let prices = liquidation_prices(&portfolio, &compiled, None, 1_000_000).unwrap();
        prop_assert!(maintenance(&portfolio, WAD) >= 0);
        for (price, up) in [(prices.below, false), (prices.above, true)] {
            let factor = |step: u64| if up { WAD + u128::from(step) * WAD / 1_000 } else { WAD * 1_000 / (1_000 + u128::from(step)) };
            let walked = (1..3_000).map(factor).find(|factor| maintenance(&portfolio, *factor) < 0);
            match (price, walked) {
                (Some(price), Some(walked)) => {
                    let walked = portfolio.spot / 1_000_000 * (walked / 1_000_000_000_000);
                    // Within two steps of the walk: 0.2 %; or nearer, where the walk stepped over a dip.
                    let (near, far) = if up { (price, walked) } else { (walked, price) };
                    prop_assert!(near <= far + far / 400, "{} {}", price, walked);
                    let far_enough = if up { walked <= price + price / 50 } else { walked >= price - price / 50 };
                    prop_assert!(far_enough, "{} {}", price, walked);
                }
                (None, Some(factor)) => prop_assert!(false, "missed {}", factor),
                _ => {}
            }
            if let Some(price) = price {
                // Really short of margin there.
                let factor = (price as f64 / portfolio.spot as f64 * 1e18) as u128;
                let nudged = if up { factor + WAD / 1_000_000 } else { factor - WAD / 1_000_000 };
                prop_assert!(maintenance(&portfolio, nudged) < ONE / 1_000);
            }
        }
    }
}
