//! Answers as JSON.
//!
//! Written by hand: a number has all its 18 places, which a float has not.

use std::fmt::Write;

use plimsoll_harness::margin_cases::{Case, decimal};
use plimsoll_risk::portfolio::{BASIS, SHORTFALL};
use serde_json::Value;

use super::{Answer, Outcome};

/// An object by the cases' ids, in the order of the cases.
pub(super) fn json(cases: &[Case], answers: &[Answer]) -> String {
    let mut text = String::from("{");
    for (index, (case, answer)) in cases.iter().zip(answers).enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let id = Value::from(case.id.as_str());
        let _ = write!(text, "{comma}\n  {id}: ");
        match answer {
            Ok(outcome) => write_outcome(&mut text, outcome),
            Err(name) => {
                let _ = write!(text, "{{\n    \"error\": {}\n  }}", Value::from(name.as_str()));
            }
        }
    }
    text.push_str("\n}\n");
    text
}

fn write_outcome(text: &mut String, outcome: &Outcome) {
    let profits: Vec<String> = outcome.profits.iter().copied().map(decimal).collect();
    let worst = match outcome.worst {
        BASIS => "\"basis\"".to_owned(),
        SHORTFALL => "\"shortfall\"".to_owned(),
        index => index.to_string(),
    };
    let gas = outcome.gas.map_or_else(|| "null".to_owned(), |gas| gas.to_string());
    let fields = [
        ("initial_margin_balance", decimal(outcome.initial)),
        ("maintenance_margin_balance", decimal(outcome.maintenance)),
        ("mark_to_market", decimal(outcome.mark_to_market)),
        ("scenario_pnl", format!("[{}]", profits.join(", "))),
        ("worst_scenario", worst),
        ("gas", gas),
    ];
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("    \"{name}\": {value}")).collect();
    let _ = write!(text, "{{\n{}\n  }}", lines.join(",\n"));
}
