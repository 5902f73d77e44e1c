//! The module on a native host: its door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::UnknownScenario,
    testing::{AttributionOf, IModel, Rig, doors::Doors, known, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use crate::{AttributionModule, entry::enter};

fn attribute(scenario: u16) -> IModel::attributeCall {
    IModel::attributeCall { portfolio: sample(), scenario }
}

fn doors() -> Doors {
    Doors {
        host: Rig::of(enter).host,
        own: enter,
        sdk: router_entrypoint::<AttributionModule, AttributionModule>,
        signatures: crate::signatures(),
        known: known(),
        calls: [3, 65_535].map(attribute).map(|call| call.abi_encode()).into(),
        names: &[],
    }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn attribution_is_the_models_and_adds_up() {
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    for scenario in (0..33).chain([portfolio::BASIS]) {
        let found = Rig::of(enter).call(attribute(scenario)).unwrap();
        let mut book = convert::portfolio(&recast(&sample()));
        let expected = portfolio::attribute(&mut book, &compiled, scenario).unwrap();
        assert_eq!(found, recast::<_, AttributionOf>(&convert::attribution(expected)));
        assert_eq!(found.profit, found.linear + found.expiries.iter().sum::<i128>());
    }
    let missing = Rig::of(enter).call(attribute(33));
    refused(missing, UnknownScenario { scenario: 33 });
    doors().compare(&attribute(33).abi_encode());
}
