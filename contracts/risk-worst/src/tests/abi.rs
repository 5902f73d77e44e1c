//! The module's door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::BadMoves,
    testing::{IModel, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use super::{enter, rig};
use crate::WorstModule;

fn worst(vols: Vec<i32>) -> IModel::worstMoveCall {
    IModel::worstMoveCall { portfolio: sample(), low: -50_000_000, high: 50_000_000, vols }
}

#[test]
fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
    let rig = rig();
    let compare = |input: &[u8]| {
        let expected = router_entrypoint::<WorstModule, WorstModule>(input.to_vec(), rig.host.vm());
        assert_eq!(enter(input.to_vec(), rig.host.vm()), expected);
    };
    for call in [worst(vec![-5_000_000, 0]).abi_encode()] {
        compare(&call);
        for length in (0..call.len()).step_by(31) {
            compare(&call[..length]);
        }
    }
}

#[test]
fn worst_move_is_the_models() {
    let vols = [-20_000_000, 0, 40_000_000];
    let found = rig().call(worst(vols.into())).unwrap();
    let mut book = convert::portfolio(recast(&sample()));
    let expected = portfolio::worst_move(&mut book, -50_000_000, 50_000_000, &vols).unwrap();
    assert_eq!((found.found.spot, found.found.vol), (expected.shock.spot, expected.shock.vol));
    assert_eq!(found.profit, expected.profit);
    assert!(found.profit < 0);
    refused(rig().call(worst(Vec::new())), BadMoves {});
}
