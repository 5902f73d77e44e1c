//! The model, in this process.

use plimsoll_harness::margin_cases::{Case, error_name};
use plimsoll_risk::portfolio::{Compiled, assess_scenarios};

use super::{Answer, Outcome};

/// What a case comes to. The number of the underlying is the first that the node would give.
pub(super) fn answer(case: &Case) -> Answer {
    let compiled = Compiled::new(&case.params).map_err(|error| error_name(Err(error)))?;
    let mut portfolio = case.of_underlying(1);
    let (found, profits) =
        assess_scenarios(&mut portfolio, &compiled).map_err(|error| error_name(Ok(error)))?;
    Ok(Outcome {
        initial: found.initial,
        maintenance: found.maintenance,
        mark_to_market: found.mark_to_market,
        profits,
        worst: found.worst_scenario,
        gas: None,
    })
}
