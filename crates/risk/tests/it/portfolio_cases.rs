//! The scenario model against the published cases of the peer whose model it is.
#![allow(clippy::float_arithmetic)]

use crate::support::portfolio_cases as cases;
use plimsoll_risk::portfolio::{Compiled, assess_detail};
use serde_json::Value;

/// |got - wanted| over the larger of one and |wanted|.
fn error(got: i128, wanted: &Value) -> f64 {
    let wanted = wanted.as_f64().unwrap();
    (got as f64 / 1e18 - wanted).abs() / wanted.abs().max(1.0)
}

#[test]
fn every_case_within_a_billionth() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/e2e/data/portfolio-margin.json");
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(all.len(), 69);
    let mut worst = 0.0f64;
    for case in &all {
        let (mut portfolio, params) = (cases::portfolio(case), cases::params(case));
        let compiled =
            Compiled::new(&params).unwrap_or_else(|error| panic!("case {}: {error:?}", case["id"]));
        let detail = assess_detail(&mut portfolio, &compiled, None)
            .unwrap_or_else(|error| panic!("case {}: {error:?}", case["id"]));
        let (margin, profits) = (detail.assessment, detail.profits);
        let expected = &case["expected"];
        let mut check = |what: &str, got: i128, wanted: &Value| {
            let error = error(got, wanted);
            worst = worst.max(error);
            assert!(error <= 1e-9, "case {} {what}: {got} against {wanted}", case["id"]);
        };
        check("initial", margin.initial, &expected["initial_margin_balance"]);
        check("maintenance", margin.maintenance, &expected["maintenance_margin_balance"]);
        check("mark to market", margin.mark_to_market, &expected["mark_to_market"]);
        for (index, profit) in profits.iter().enumerate() {
            check(&format!("scenario {index}"), *profit, &expected["scenario_pnl"][index]);
        }
        assert_eq!(profits.len(), expected["scenario_pnl"].as_array().unwrap().len());
    }
    println!("worst relative error {worst:e}");
}
