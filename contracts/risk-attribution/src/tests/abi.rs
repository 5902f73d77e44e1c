//! The module's door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::UnknownScenario,
    testing::{AttributionOf, IModel, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use super::{enter, rig};
use crate::AttributionModule;

fn calls() -> Vec<Vec<u8>> {
    vec![
        IModel::attributeCall { portfolio: sample(), scenario: 3 }.abi_encode(),
        IModel::attributeCall { portfolio: sample(), scenario: 65_535 }.abi_encode(),
        IModel::attributeCall { portfolio: sample(), scenario: 33 }.abi_encode(),
    ]
}

#[test]
fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
    let rig = rig();
    let compare = |input: &[u8]| {
        let expected =
            router_entrypoint::<AttributionModule, AttributionModule>(input.to_vec(), rig.host.vm());
        assert_eq!(enter(input.to_vec(), rig.host.vm()), expected);
    };
    for call in calls() {
        compare(&call);
        for length in (0..call.len()).step_by(7) {
            compare(&call[..length]);
        }
    }
}

#[test]
fn attribution_is_the_models_and_adds_up() {
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    for scenario in (0..33).chain([portfolio::BASIS]) {
        let found = rig().call(IModel::attributeCall { portfolio: sample(), scenario }).unwrap();
        let mut book = convert::portfolio(recast(&sample()));
        let expected = portfolio::attribute(&mut book, &compiled, scenario).unwrap();
        assert_eq!(found, recast::<_, AttributionOf>(&convert::attribution(expected)));
        assert_eq!(found.profit, found.linear + found.expiries.iter().sum::<i128>());
    }
    let missing = rig().call(IModel::attributeCall { portfolio: sample(), scenario: 33 });
    refused(missing, UnknownScenario { scenario: 33 });
}
