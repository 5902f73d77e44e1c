//! The module's door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    testing::{GreeksOf, IModel, portfolios::sample, recast},
};
use stylus_sdk::abi::router_entrypoint;

use super::{enter, rig};
use crate::GreeksModule;

fn calls() -> Vec<Vec<u8>> {
    vec![IModel::greeksCall { portfolio: sample() }.abi_encode()]
}

#[test]
fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
    let rig = rig();
    let compare = |input: &[u8]| {
        let expected = router_entrypoint::<GreeksModule, GreeksModule>(input.to_vec(), rig.host.vm());
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
fn greeks_are_the_models() {
    let found = rig().call(IModel::greeksCall { portfolio: sample() }).unwrap();
    let expected = portfolio::greeks(&mut convert::portfolio(recast(&sample()))).unwrap();
    let same = |greeks: &portfolio::Greeks| recast::<_, GreeksOf>(&convert::greeks(greeks));
    assert_eq!(found.account, same(&expected.account));
    assert_eq!(found.byExpiry, expected.expiries.iter().map(same).collect::<Vec<_>>());
    assert_eq!(found.byLeg, expected.legs.iter().map(same).collect::<Vec<_>>());
    assert!(found.account.vega != 0 && found.byLeg.len() == 2);
}
