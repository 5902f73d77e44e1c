//! The model, in this process.

use plimsoll_harness::margin_cases::{Case, error_name};
use plimsoll_risk::portfolio::{Compiled, assess_detail};

use super::{Answer, Outcome};

/// What a case comes to. The number of the underlying is the first that the node would give.
pub(super) fn answer(case: &Case) -> Answer {
    let compiled = Compiled::new(&case.params).map_err(|error| error_name(Err(error)))?;
    let mut portfolio = case.of_underlying(1);
    let detail = assess_detail(&mut portfolio, &compiled, None).map_err(|error| error_name(Ok(error)))?;
    Ok(Outcome {
        initial: detail.assessment.initial,
        maintenance: detail.assessment.maintenance,
        mark_to_market: detail.assessment.mark_to_market,
        profits: detail.profits,
        worst: detail.assessment.worst_scenario,
        gas: None,
    })
}
