//! The module's door against the SDK's.

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use plimsoll_risk_core::testing::{BTC, IModel, MoveOf, OWNER, Rig, doors::Doors, known, standard};
use stylus_sdk::abi::router_entrypoint;

use crate::{Setup, entry::enter};

/// One good call of every function.
fn calls() -> Vec<Vec<u8>> {
    vec![
        IModel::setParamsCall { underlying: 9, params: standard() }.abi_encode(),
        IModel::paramsCall { underlying: BTC }.abi_encode(),
        IModel::setShortfallCall {
            underlying: BTC,
            share: 1,
            binding: true,
            moves: vec![MoveOf { spot: -5, vol: 7 }],
        }
        .abi_encode(),
        IModel::shortfallCall { underlying: BTC }.abi_encode(),
        IModel::compiledCall { underlying: BTC }.abi_encode(),
        IModel::ownerCall {}.abi_encode(),
        IModel::pendingOwnerCall {}.abi_encode(),
        IModel::transferOwnershipCall { pending: Address::repeat_byte(0xee) }.abi_encode(),
        IModel::acceptOwnershipCall {}.abi_encode(),
    ]
}

/// A transfer of ownership is under way, so that every function has something to say.
fn doors() -> Doors {
    let rig = Rig::of(enter);
    rig.call(IModel::transferOwnershipCall { pending: OWNER }).unwrap();
    Doors {
        host: rig.host,
        own: enter,
        sdk: router_entrypoint::<Setup, Setup>,
        signatures: crate::signatures(),
        calls: calls(),
        known: known(),
        names: &[],
    }
}

plimsoll_kit::doors_agree!(doors);
