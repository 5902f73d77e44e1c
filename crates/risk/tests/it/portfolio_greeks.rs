//! Greeks and attribution of random portfolios: they add up, and they are the derivatives of the model's own values.
#![allow(clippy::float_arithmetic)]

use crate::support::float_margin;
use crate::support::float_margin::{float, signed};
use plimsoll_risk::{
    WAD, ids,
    portfolio::{
        BASIS, Compiled, Greeks, Params, Portfolio, Scenario, Shock, assess_detail, attribute, greeks, moved,
    },
};
use plimsoll_testing::portfolios as random_portfolios;
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
    fn delta_and_gamma_are_derivatives(
        mut portfolio in random_portfolios::portfolio(0, 3), spread in 0.05f64..1.0,
        sizes in proptest::array::uniform3(random_portfolios::signed_milli(-3_000, 3_000)),
    ) {
        portfolio.slices.iter_mut().for_each(|slice| slice.expiry += 86_400);
        portfolio.collaterals.clear();
        // A flat smile of this spread, volatility times the root of time.
        let slice = &mut portfolio.slices[0];
        let years = (f64::from(slice.expiry) - portfolio.time as f64) / 31_536_000.0;
        slice.svi.a = (spread * spread / years * slice.svi_years as f64) as i128;
        slice.svi.b = 0;
        prop_assume!(slice.svi.a < 1_000 * WAD as i128);
        let slice = *slice;
        let strike = (slice.forward / 10_000_000_000) as u64;
        for (at, size) in [90, 100, 120].into_iter().zip(sizes) {
            let instrument = ids::option(3, slice.expiry, strike / 100 * at + 1, at > 95);
            portfolio.legs.push(plimsoll_risk::portfolio::Leg { instrument, size: if size == 0 { 1 } else { size } });
        }
        let all = greeks(&mut portfolio.clone()).unwrap();
        let mut params = Params::standard();
        let step = WAD / 1_000;
        params.scenarios = [WAD + step, WAD - step].map(|spot| Scenario { spot, shock: Shock::None, damp: WAD }).into();
        params.margin.long_base = WAD;
        params.margin.short_base = WAD;
        (params.margin.long_rate_mult, params.margin.long_rate_add) = (0, 0);
        (params.margin.short_rate_mult, params.margin.short_rate_add) = (0, 0);
        let profits = detail(&portfolio, &params).profits;
        let forward = float(slice.forward);
        let perps = signed(portfolio.perps);
        let move_of = forward / 1_000.0;
        let notional = portfolio.legs.iter().map(|leg| signed(leg.size).abs()).sum::<f64>() * forward;

        // What the third derivative leaves is below (step/spread)^2 of the first's part.
        let slope = (signed(profits[0]) - signed(profits[1])) / 2.0 - perps * portfolio.perp_price as f64 / 1e21;
        let wanted = (signed(all.account.delta) - perps) * move_of;
        let slack = 1e-9 * notional / (spread * spread) + 1e-15 * perps.abs() * portfolio.perp_price as f64 / 1e18;
        prop_assert!((slope - wanted).abs() <= slack, "delta {} {}", slope, wanted);

        // The fourth leaves (step/spread)^2 of the second's, leg by leg; at the tightest spread 1/2,500. And the last places
        // of two profits.
        let bend = signed(profits[0]) + signed(profits[1]);
        let wanted = signed(all.account.gamma) * move_of * move_of;
        let whole = all.legs.iter().map(|leg| signed(leg.gamma).abs()).sum::<f64>() * move_of * move_of;
        let slack = 1e-6 / (spread * spread) * whole + 1e-13 * notional + 1e-15;
        prop_assert!((bend - wanted).abs() <= slack, "gamma {} {} slack {}", bend, wanted, slack);
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

    /// The orders of an attribution are the greeks times the scenario's moves: greeks come from `black76`, moves from the
    /// formulas.
    #[test]
    fn attribution_is_by_the_greeks(mut portfolio in random_portfolios::portfolio(16, 4), which in 0usize..31) {
        portfolio.slices.iter_mut().for_each(|slice| slice.expiry += 86_400);
        portfolio.legs.iter_mut().for_each(|leg| leg.instrument += 86_400 << 72);
        let params = Params::standard();
        let plain = || params.scenarios.iter().enumerate().filter(|(_, s)| !s.shock.is_skew());
        let (index, scenario) = plain().nth(which % plain().count()).unwrap();
        let greeks = greeks(&mut portfolio.clone()).unwrap();
        let found = attribute(&mut portfolio.clone(), &Compiled::new(&params).unwrap(), index as u16).unwrap();
        let (mut wanted, mut notional) = ([0.0; 3], 0.0);
        for (leg, greeks) in portfolio.legs.iter().zip(&greeks.legs) {
            let terms = ids::option_of(leg.instrument).unwrap();
            let slice = portfolio.slices.iter().find(|slice| slice.expiry == terms.expiry).unwrap();
            let vol = float_margin::volatility(slice, float(terms.strike));
            let moved = float(slice.forward) * (float(scenario.spot) - 1.0);
            let days = (f64::from(slice.expiry) - portfolio.time as f64) / 86_400.0;
            let shock = &params.vol_shock;
            let power = if days <= 30.0 { shock.short_term_power } else { shock.long_term_power };
            let term = (30.0 / days.max(f64::from(shock.floor) / 86_400.0)).powf(float(power));
            let after = match scenario.shock {
                Shock::Up => (vol * (1.0 + float(shock.range_up) * term)).max(float(shock.min_vol_up)),
                Shock::Down => vol * (1.0 - float(shock.range_down) * term).max(0.0),
                _ => vol,
            };
            let orders = [
                signed(greeks.delta) * moved,
                signed(greeks.gamma) * moved * moved / 2.0,
                signed(greeks.vega) * (after - vol),
            ];
            wanted.iter_mut().zip(orders).for_each(|(total, order)| *total += order * float(scenario.damp));
            notional += signed(leg.size).abs() * float(slice.forward).max(float(terms.strike)) * (1.0 + after);
        }
        for ((name, got), wanted) in
            ["delta", "gamma", "vega"].into_iter().zip([found.delta, found.gamma, found.vega]).zip(wanted)
        {
            let slack = 1e-10 * notional + 1e-9 * wanted.abs() + 1e-12;
            prop_assert!((signed(got) - wanted).abs() <= slack, "{}: {} against {}", name, signed(got), wanted);
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
