//! The module on a native host: its door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    testing::{GreeksOf, IModel, Rig, doors::Doors, known, portfolios::sample, recast},
};
use stylus_sdk::abi::router_entrypoint;

use crate::{GreeksModule, entry::enter};

fn doors() -> Doors {
    Doors {
        host: Rig::of(enter).host,
        own: enter,
        sdk: router_entrypoint::<GreeksModule, GreeksModule>,
        signatures: crate::signatures(),
        known: known(),
        calls: vec![IModel::greeksCall { portfolio: sample() }.abi_encode()],
        names: &[],
    }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn greeks_are_the_models() {
    let found = Rig::of(enter).call(IModel::greeksCall { portfolio: sample() }).unwrap();
    let expected = portfolio::greeks(&mut convert::portfolio(&recast(&sample()))).unwrap();
    let same = |greeks: &portfolio::Greeks| recast::<_, GreeksOf>(&convert::greeks(greeks));
    assert_eq!(found.account, same(&expected.account));
    assert_eq!(found.byExpiry, expected.expiries.iter().map(same).collect::<Vec<_>>());
    assert_eq!(found.byLeg, expected.legs.iter().map(same).collect::<Vec<_>>());
    assert!(found.account.vega != 0 && found.byLeg.len() == 2);
}
