//! The module on a native host: its door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::BadMoves,
    testing::{IModel, Rig, doors::Doors, known, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use crate::{WorstModule, entry::enter};

fn worst(vols: Vec<i32>) -> IModel::worstMoveCall {
    IModel::worstMoveCall { portfolio: sample(), low: -50_000_000, high: 50_000_000, vols }
}

fn doors() -> Doors {
    Doors {
        host: Rig::of(enter).host,
        own: enter,
        sdk: router_entrypoint::<WorstModule, WorstModule>,
        signatures: crate::signatures(),
        known: known(),
        calls: vec![worst(vec![-5_000_000, 0]).abi_encode()],
        names: &[],
    }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn worst_move_is_the_models() {
    let vols = [-20_000_000, 0, 40_000_000];
    let found = Rig::of(enter).call(worst(vols.into())).unwrap();
    let mut book = convert::portfolio(&recast(&sample()));
    let expected = portfolio::worst_move(&mut book, -50_000_000, 50_000_000, &vols).unwrap();
    assert_eq!((found.found.spot, found.found.vol), (expected.shock.spot, expected.shock.vol));
    assert_eq!(found.profit, expected.profit);
    assert!(found.profit < 0);
    refused(Rig::of(enter).call(worst(Vec::new())), BadMoves {});
}
