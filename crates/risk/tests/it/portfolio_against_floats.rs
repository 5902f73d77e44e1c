//! The scenario model against one in floating point, on random portfolios.
#![allow(clippy::float_arithmetic)]

use crate::support::float_margin;
use crate::support::float_margin::float;
use plimsoll_risk::portfolio::{BASIS, Compiled, Move, SHORTFALL, Tail, assess_detail};
use plimsoll_testing::portfolios as random_portfolios;
use proptest::{collection::vec, option::weighted, prelude::*};

/// A move of up to a factor of e^1.5 either way, in 1e-8.
fn moves() -> impl Strategy<Value = Vec<Move>> {
    let unit = || -150_000_000i32..150_000_000;
    vec((unit(), unit()).prop_map(|(spot, vol)| Move { spot, vol }), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Up to 128 options of 12 expiries, with rates of up to 600 %. The tolerance is what the floats themselves lose,
    /// 1e-13 of the notional as the scenario moves it.
    #[test]
    fn assess_agrees_with_floats(
        mut portfolio in random_portfolios::portfolio(128, 12), params in random_portfolios::params(),
        rates in vec(weighted(0.1, random_portfolios::milli(0, 6_000)), 12), moves in moves(), binding: bool,
    ) {
        for (slice, rate) in portfolio.slices.iter_mut().zip(rates) {
            slice.rate = rate.map_or(slice.rate, |rate| rate as i128);
        }
        let compiled = Compiled::new(&params).unwrap();
        // All moves count, so that the order of nearly equal ones does not.
        let tail = Tail { moves, share: plimsoll_risk::WAD, binding };
        let got = assess_detail(&mut portfolio, &compiled, Some(&tail)).unwrap();
        let wanted = float_margin::margin(&portfolio, &params, Some((&tail.moves, binding)));
        let growth = portfolio.slices.iter().map(|slice| {
            float_margin::signed(slice.rate).max(0.0) * (f64::from(slice.expiry) - portfolio.time as f64) / 31_536_000.0
        });
        // Each expiry's value is rounded, and that of short options multiplied by what it was discounted by.
        let rounding = 12.0 * 1e-18 * growth.fold(0.0, f64::max).exp() + 1e-12;
        let slack = |factor: f64| (1e-13 * wanted.notional + rounding) * factor.max(1.0);
        let check = |what: &str, got: i128, wanted: f64, slack: f64| {
            let got = float_margin::signed(got);
            // A number itself has 53 bits.
            let slack = slack + 1e-15 * wanted.abs();
            prop_assert!((got - wanted).abs() <= slack, "{}: {} against {}, slack {}", what, got, wanted, slack);
            Ok(())
        };
        let found = &got.assessment;
        check("mark to market", found.mark_to_market, wanted.mark_to_market, slack(1.0))?;
        // What a scenario multiplies forwards by, and profits; e^1.5 for moves.
        let factors: Vec<f64> =
            params.scenarios.iter().map(|s| float(s.damp).max(1.0) * float(s.spot).max(1.0)).collect();
        for (index, ((got, wanted), factor)) in got.profits.iter().zip(&wanted.profits).zip(&factors).enumerate() {
            check(&format!("scenario {index}"), *got, *wanted, slack(*factor))?;
        }
        for (index, (got, wanted)) in got.tail.iter().zip(&wanted.tail).enumerate() {
            check(&format!("move {index}"), *got, *wanted, slack(4.5))?;
        }
        let basis = [params.basis.up, params.basis.down, params.basis.add, params.basis.mult * 3];
        let basis_factor = basis.map(float).iter().map(|x| x.max(1.0)).product();
        check("basis", found.basis, wanted.basis, slack(basis_factor))?;
        let charge = |charge: u128| i128::try_from(charge).unwrap();
        // Charges are some factors below ten times notionals.
        check("maintenance", charge(found.maintenance_contingency), wanted.maintenance_contingency, slack(10.0))?;
        check("initial", charge(found.initial_contingency), wanted.initial_contingency, slack(10.0))?;
        check("shortfall", found.shortfall, wanted.shortfall, slack(4.5))?;

        let most = factors.iter().copied().fold(basis_factor.max(4.5), f64::max);
        check("worst", found.worst, wanted.worst, slack(most))?;
        // Whichever is named is the worst, to within the slack.
        let named = match found.worst_scenario {
            BASIS => wanted.basis,
            SHORTFALL => wanted.shortfall,
            index => wanted.profits[usize::from(index)],
        };
        prop_assert!((named - wanted.worst).abs() <= slack(most), "{} is named, {} is the worst", named, wanted.worst);
        // Factors of the worst case are below ten.
        check("initial balance", found.initial, wanted.initial, slack(10.0 * most))?;
        check("maintenance balance", found.maintenance, wanted.maintenance, slack(10.0 * most))?;
    }
}
