//! What must hold of any portfolio margin, of the contract on the node: the properties that the pure model is held to.
#![allow(clippy::float_arithmetic)]

use std::sync::{LazyLock, Mutex, PoisonError};

use plimsoll_e2e::risk::Risk;
use plimsoll_harness::margin_cases::{params_to_abi, portfolio_to_abi};
use plimsoll_risk::portfolio::{Assessment, Detail, Params, Portfolio};
use tokio::runtime::Runtime;

/// Of each property; the pure model is asked more often.
const CASES: u32 = 24;

/// One model for all tests, with the parameters it was given last.
struct Model {
    runtime: Runtime,
    risk: Risk,
    params: Option<Params>,
}

static MODEL: LazyLock<Mutex<Model>> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let risk = runtime.block_on(Risk::start()).unwrap();
    Mutex::new(Model { runtime, risk, params: None })
});

/// What the contract says.
fn detail(portfolio: &Portfolio, params: &Params) -> Detail {
    // A property that fails is no reason for the others to fail too.
    let mut model = MODEL.lock().unwrap_or_else(PoisonError::into_inner);
    let Model { runtime, risk, params: last } = &mut *model;
    if last.as_ref() != Some(params) {
        runtime.block_on(risk.set(portfolio.underlying, &params_to_abi(params))).unwrap();
        *last = Some(params.clone());
    }
    let found = runtime.block_on(risk.scenarios(&portfolio_to_abi(portfolio))).unwrap();
    let of = found.assessment;
    Detail {
        assessment: Assessment {
            initial: of.initial,
            maintenance: of.maintenance,
            mark_to_market: of.markToMarket,
            worst: of.worst,
            worst_scenario: of.worstScenario,
            basis: of.basis,
            shortfall: of.shortfall,
            maintenance_contingency: of.maintenanceContingency,
            initial_contingency: of.initialContingency,
        },
        profits: found.profits,
        tail: Vec::new(),
        initial_factor: 0,
    }
}

plimsoll_testing::portfolio_properties!(super::CASES, super::detail);
