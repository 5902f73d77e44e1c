//! The scenario model against one in floating point, on random portfolios.
#![allow(clippy::float_arithmetic)]

#[path = "support/float_margin.rs"]
mod float_margin;
#[path = "support/random_portfolios.rs"]
mod random_portfolios;

use float_margin::float;
use plimsoll_risk::portfolio::{Compiled, assess_detail};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Up to 128 options of 12 expiries. The tolerance is what the floats themselves lose, 1e-13 of the notional.
    #[test]
    fn assess_agrees_with_floats(
        mut portfolio in random_portfolios::portfolio(128, 12), params in random_portfolios::params(),
    ) {
        let compiled = Compiled::new(&params).unwrap();
        let got = assess_detail(&mut portfolio, &compiled, None).unwrap();
        let wanted = float_margin::margin(&portfolio, &params);
        let largest = params.scenarios.iter().map(|s| float(s.damp) * float(s.spot).max(1.0)).fold(1.0, f64::max);
        let check = |what: &str, got: i128, wanted_value: f64| {
            let got = float_margin::signed(got);
            let slack = 1e-12 * wanted_value.abs() + 1e-13 * wanted.notional * largest + 1e-12;
            prop_assert!((got - wanted_value).abs() <= slack, "{}: {} against {}, slack {}", what, got, wanted_value, slack);
            Ok(())
        };
        check("mark to market", got.assessment.mark_to_market, wanted.mark_to_market)?;
        for (index, (got, wanted)) in got.profits.iter().zip(&wanted.profits).enumerate() {
            check(&format!("scenario {index}"), *got, *wanted)?;
        }
        check("initial", got.assessment.initial, wanted.initial)?;
        check("maintenance", got.assessment.maintenance, wanted.maintenance)?;
    }
}
