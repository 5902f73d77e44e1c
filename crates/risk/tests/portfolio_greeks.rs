//! Greeks and attribution of random portfolios: they add up, and they are the derivatives of the model's own values.
#![allow(clippy::float_arithmetic)]

#[path = "support/random_portfolios.rs"]
mod random_portfolios;

use plimsoll_risk::{
    WAD, ids,
    portfolio::{
        BASIS, Compiled, Greeks, Params, Portfolio, Scenario, Shock, assess_detail, attribute, greeks, moved,
    },
};
use proptest::{prelude::*, strategy::ValueTree};

fn detail(portfolio: &Portfolio, params: &Params) -> plimsoll_risk::portfolio::Detail {
    assess_detail(&mut portfolio.clone(), &Compiled::new(params).unwrap(), None).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn greeks_add_up(mut portfolio in random_portfolios::portfolio(20, 4)) {
        let given = portfolio.legs.clone();
        let all = greeks(&mut portfolio).unwrap();
        prop_assert_eq!(all.legs.len(), given.len());
        let sum = |greeks: &mut dyn Iterator<Item = Greeks>| {
            greeks.fold(Greeks::default(), |a, b| a.plus(&b).unwrap())
        };
        for (slice, total) in portfolio.slices.iter().zip(&all.expiries) {
            let own = given.iter().zip(&all.legs).filter(|(leg, _)| {
                ids::option_of(leg.instrument).unwrap().expiry == slice.expiry
            });
            prop_assert_eq!(sum(&mut own.map(|(_, greeks)| *greeks)), *total);
        }
        let options = sum(&mut all.expiries.iter().copied());
        prop_assert_eq!(options.vega, all.account.vega);
        // The value is the margin's mark to market: black76 and the grid price by themselves.
        let margin = detail(&portfolio, &Params::standard()).assessment;
        let notional: i128 = given.iter().map(|leg| leg.size.abs() / WAD as i128 + 1).sum::<i128>()
            * (portfolio.spot / WAD + 1) as i128;
        let slack = notional * 40_000 + 1_000;
        prop_assert!((all.account.value - margin.mark_to_market).abs() <= slack, "{} {}", all.account.value, margin.mark_to_market);
    }

    /// Delta and gamma against revaluations at spots a thousandth apart, for expiries that are not settling.
    #[test]
    fn delta_and_gamma_are_derivatives(mut portfolio in random_portfolios::portfolio(10, 3)) {
        portfolio.slices.iter_mut().for_each(|slice| slice.expiry += 86_400);
        portfolio.legs.clear();
        portfolio.collaterals.clear();
        let slice = portfolio.slices[0];
        let strike = (slice.forward / 10_000_000_000) as u64;
        for (at, size) in [(90, 3), (100, -2), (120, 1)] {
            let instrument = ids::option(3, slice.expiry, strike / 100 * at + 1, at > 95);
            portfolio.legs.push(plimsoll_risk::portfolio::Leg { instrument, size: size * WAD as i128 });
        }
        let all = greeks(&mut portfolio.clone()).unwrap().account;
        let mut params = Params::standard();
        let step = WAD / 1_000;
        params.scenarios = [WAD + step, WAD - step].map(|spot| Scenario { spot, shock: Shock::None, damp: WAD }).into();
        params.margin.long_base = WAD;
        params.margin.short_base = WAD;
        (params.margin.long_rate_mult, params.margin.long_rate_add) = (0, 0);
        (params.margin.short_rate_mult, params.margin.short_rate_add) = (0, 0);
        let profits = detail(&portfolio, &params).profits;
        let float = |x: i128| x as f64 / 1e18;
        let (forward, spot) = (slice.forward as f64 / 1e18, portfolio.spot as f64 / 1e18);
        let perps = float(portfolio.perps);
        let move_of = forward / 1_000.0;
        let delta = float(all.delta) - perps;
        let slope = (float(profits[0]) - float(profits[1])) / 2.0 - perps * portfolio.perp_price as f64 / 1e21;
        let wanted = delta * move_of;
        let gamma = float(all.gamma);
        let bend = float(profits[0]) + float(profits[1]);
        let wanted_bend = gamma * move_of * move_of;
        // What a third (fourth) derivative leaves is below a few times the step in shares of the notional.
        let scale = 10.0 * spot;
        // Short of a day volatility is so small that a thousandth is no small step.
        prop_assume!(slice.svi.a > 10_000_000_000_000);
        let width = (slice.svi.a as f64 / 1e18).sqrt().max(0.02);
        prop_assert!((slope - wanted).abs() <= scale * 1e-6 / width, "delta {} {}", slope, wanted);
        prop_assert!((bend - wanted_bend).abs() <= scale * 1e-6 / width, "gamma {} {}", bend, wanted_bend);
    }

    #[test]
    fn attribution_adds_up(portfolio in random_portfolios::portfolio(16, 4), which in 0usize..34, params in random_portfolios::params()) {
        let compiled = Compiled::new(&params).unwrap();
        let margin = detail(&portfolio, &params);
        let scenario = if which < margin.profits.len() { which as u16 } else { BASIS };
        let found = attribute(&mut portfolio.clone(), &compiled, scenario).unwrap();
        let wanted = if scenario == BASIS { margin.assessment.basis } else { margin.profits[which] };
        // Leg by leg and strike by strike round differently.
        let notional: i128 = portfolio.legs.iter().map(|leg| leg.size.abs() / WAD as i128 + 1).sum::<i128>()
            * (portfolio.spot / WAD + 1) as i128;
        let slack = notional * 2_000_000 + 1_000_000;
        prop_assert!((found.profit - wanted).abs() <= slack, "{} {} slack {}", found.profit, wanted, slack);
        let sum = |parts: &[i128]| parts.iter().sum::<i128>();
        prop_assert_eq!(found.profit, found.linear + sum(&found.expiries));
        prop_assert_eq!(sum(&found.expiries), sum(&found.legs) + found.discount);
        prop_assert_eq!(sum(&found.legs), found.delta + found.gamma + found.vega + found.rest);
        if scenario == BASIS {
            prop_assert_eq!(found.linear, 0);
        }
    }

    /// Moved by nothing it is itself; and a portfolio of perpetuals alone loses what it says.
    #[test]
    fn moved_marks_to_the_new_price(mut portfolio in random_portfolios::portfolio(6, 2), factor in random_portfolios::milli(200, 3_000)) {
        prop_assert_eq!(&moved(&portfolio, WAD).unwrap(), &portfolio);
        portfolio.legs.clear();
        portfolio.collaterals.clear();
        let value = |book: &Portfolio| detail(book, &Params::standard()).assessment.mark_to_market;
        let after = moved(&portfolio, factor).unwrap();
        let profit = value(&after) - value(&portfolio);
        let wanted = portfolio.perps as f64 / 1e18 * portfolio.perp_price as f64 * (factor as f64 / 1e18 - 1.0);
        prop_assert!((profit as f64 - wanted).abs() <= wanted.abs() * 1e-12 + 1e3);
    }
}

#[test]
fn attribution_of_no_scenario_is_refused() {
    let compiled = Compiled::new(&Params::standard()).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut portfolio = random_portfolios::portfolio(4, 2).new_tree(&mut runner).unwrap().current();
    let refused = attribute(&mut portfolio, &compiled, 33).unwrap_err();
    assert_eq!(refused, plimsoll_risk::portfolio::Error::UnknownScenario(33));
}
