//! The module's door against the SDK's.

use std::{cell::RefCell, rc::Rc};

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use plimsoll_risk_core::testing::{
    BTC, IModel, MoveOf, OWNER,
    host::{TestHost, World},
    standard,
};
use proptest::prelude::*;
use stylus_sdk::abi::router_entrypoint;

use super::{enter, rig};
use crate::Setup;

/// One good call of every function.
fn calls() -> Vec<Vec<u8>> {
    vec![
        IModel::setParamsCall { underlying: 2, params: standard() }.abi_encode(),
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

thread_local! {
    /// A transfer of ownership is under way, so that every function has something to say.
    static BASE: (World, Vec<Vec<u8>>) = {
        let rig = rig();
        rig.call(IModel::transferOwnershipCall { pending: OWNER }).unwrap();
        (rig.host.0.borrow().clone(), calls())
    };
}

/// Both doors on the same state: the same result, storage, codes and logs. A refusal without a name is the model's to
/// name.
fn compare(input: &[u8]) {
    let host = || TestHost(BASE.with(|(world, _)| Rc::new(RefCell::new(world.clone()))));
    let (own, sdk) = (host(), host());
    let expected = router_entrypoint::<Setup, Setup>(input.to_vec(), sdk.vm());
    assert_eq!(enter(input.to_vec(), own.vm()), expected);
    let (own, sdk) = (own.0.borrow(), sdk.0.borrow());
    assert_eq!(own.storage, sdk.storage);
    assert_eq!(own.codes, sdk.codes);
    assert_eq!(own.logs, sdk.logs);
}

#[test]
fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
    for call in calls() {
        compare(&call);
        for length in 0..call.len() {
            compare(&call[..length]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn door_agrees_with_the_sdk_on_changed_calls(
        call in 0..7_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        word in prop::option::of((any::<prop::sample::Index>(), prop_oneof![0..700_u64, any::<u64>()])),
    ) {
        let mut input = BASE.with(|(_, calls)| calls[call].clone());
        match word {
            // A whole word replaced finds offsets and lengths, which random bytes hardly ever leave plausible.
            Some((at, value)) if input.len() > 4 => {
                let at = 4 + 32 * at.index((input.len() - 4) / 32);
                input[at..at + 32].copy_from_slice(&U256::from(value).to_be_bytes::<32>());
            }
            _ => for (at, byte) in changes {
                let at = at.index(input.len());
                input[at] = byte;
            }
        }
        compare(&input);
    }
}
