//! Compares the model's own door with the SDK's, and checks the errors that only its own gives.

use alloy_primitives::{Address, FixedBytes, U256};
use alloy_sol_types::{SolCall, SolError};
use plimsoll_kit::sol::*;
use plimsoll_risk_core::{
    sol::*,
    testing::{
        BTC, ETH, IModel, OWNER, WAD,
        doors::Doors,
        known,
        portfolios::{any_portfolio, sample, sample_of},
        refused,
    },
};
use proptest::prelude::*;
use stylus_sdk::abi::router_entrypoint;

use super::{MODULES, OTHER, SETUP, construction, rig};
use crate::{RiskModel, entry::enter};

/// One good call of every function but the constructor.
fn calls() -> Vec<Vec<u8>> {
    vec![
        IModel::assessCall { portfolio: sample() }.abi_encode(),
        IModel::scenariosCall { portfolio: sample() }.abi_encode(),
        IModel::modulesCall {}.abi_encode(),
        IModel::assessTogetherCall {
            portfolios: vec![sample(), sample_of(ETH)],
            loadings: vec![WAD as u64 / 2; 2],
            floor: 0,
        }
        .abi_encode(),
    ]
}

fn doors() -> Doors {
    Doors {
        host: rig().host,
        own: enter,
        sdk: router_entrypoint::<RiskModel, RiskModel>,
        signatures: crate::signatures(),
        known: known(),
        calls: calls(),
        names: &[MalformedCall::SELECTOR, UnknownSelector::SELECTOR],
    }
}

plimsoll_kit::doors_agree!(doors);

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn assess_never_traps(portfolio in any_portfolio()) {
        let _ = rig().raw(IModel::assessCall { portfolio }.abi_encode());
    }
}

#[test]
fn call_errors_unknown_selector() {
    let rig = rig();
    for (input, selector) in [
        (vec![], [0; 4]),
        (vec![0x12], [0x12, 0, 0, 0]),
        (vec![1, 2, 3, 4], [1, 2, 3, 4]),
        (vec![0xff; 40], [0xff; 4]),
    ] {
        refused(rig.raw(input), UnknownSelector { selector: selector.into() });
    }
}

#[test]
fn call_errors_malformed_call() {
    let rig = rig();
    for call in calls().into_iter().filter(|call| call.len() > 4) {
        let selector = FixedBytes::from_slice(&call[..4]);
        refused(rig.raw(call[..call.len() - 32].to_vec()), MalformedCall { selector });
    }
    // A refusal of a module without a name gets one too.
    let mut input = IModel::paramsCall { underlying: BTC }.abi_encode();
    refused(rig.raw(input.clone()), MalformedCall { selector: IModel::paramsCall::SELECTOR.into() });
    input.truncate(4);
    assert_eq!(rig.raw(input.clone()), Ok(input));
}

#[test]
fn call_errors_not_payable() {
    let rig = rig();
    rig.host.0.borrow_mut().value = U256::ONE;
    for call in calls() {
        refused(rig.raw(call), NotPayable {});
    }
}

#[test]
fn constructor_fixes_modules_and_owner_once() {
    let rig = rig();
    assert_eq!(rig.call(IModel::modulesCall {}).unwrap(), MODULES);
    let selector = FixedBytes::from_slice(&construction(&[], OWNER)[..4]);
    refused(rig.raw(construction(&MODULES, OWNER)), AlreadyConstructed {});
    rig.host.0.borrow_mut().storage.clear();
    // Nothing is constructed: modules are asked for, but nobody is there.
    let (modules, needed) = (U256::ONE, U256::from(6));
    refused(rig.raw(construction(&[SETUP], OWNER)), WrongModules { modules, needed });
    let nobody = Address::repeat_byte(0xee);
    refused(
        rig.raw(construction(&[SETUP, OTHER, OTHER, OTHER, OTHER, nobody], OWNER)),
        NoCode { module: nobody },
    );
    let nobody = Address::ZERO;
    refused(rig.raw(construction(&[nobody; 6], OWNER)), NoCode { module: nobody });
    refused(rig.raw(construction(&MODULES, Address::ZERO)), ZeroAddress {});
    refused(rig.raw(construction(&MODULES, OWNER)[..68].to_vec()), MalformedCall { selector });
    // Nor has any module a function yet.
    let asked = rig.raw(IModel::ownerCall {}.abi_encode());
    refused(asked, UnknownSelector { selector: IModel::ownerCall::SELECTOR.into() });
    rig.raw(construction(&MODULES, OWNER)).unwrap();
    let first = OwnershipTransferred { previous: Address::ZERO, owner: OWNER };
    assert_eq!(rig.events::<OwnershipTransferred>(), [first]);
}
