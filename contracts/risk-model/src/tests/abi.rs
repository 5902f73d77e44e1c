//! The model's own door against the SDK's, and what only the own one says.

use std::{cell::RefCell, rc::Rc};

use alloy_primitives::{Address, FixedBytes, U256};
use alloy_sol_types::{SolCall, SolError};
use plimsoll_risk_core::{
    sol::*,
    testing::{
        BTC, ETH, IModel, OWNER, WAD,
        host::{TestHost, World},
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

thread_local! {
    static BASE: (World, Vec<Vec<u8>>) = (rig().host.0.borrow().clone(), calls());
}

/// Both routers on the same state: the same result, storage, codes and logs, but for a reason where the SDK gives none.
fn compare(input: &[u8]) {
    let host = || TestHost(BASE.with(|(world, _)| Rc::new(RefCell::new(world.clone()))));
    let (own, sdk) = (host(), host());
    let result = enter(input.to_vec(), own.vm());
    match router_entrypoint::<RiskModel, RiskModel>(input.to_vec(), sdk.vm()) {
        Err(data) if data.is_empty() => {
            let reason = result.unwrap_err();
            let reasons = [MalformedCall::SELECTOR, UnknownSelector::SELECTOR];
            assert!(reasons.iter().any(|selector| reason.starts_with(selector)));
        }
        expected => assert_eq!(result, expected),
    }
    let (own, sdk) = (own.0.borrow(), sdk.0.borrow());
    assert_eq!(own.storage, sdk.storage);
    assert_eq!(own.codes, sdk.codes);
    assert_eq!(own.logs, sdk.logs);
}

#[test]
fn entry_agrees_with_the_sdk_on_good_calls() {
    for call in calls() {
        assert!(rig().raw(call.clone()).is_ok());
        compare(&call);
    }
}

#[test]
fn entry_agrees_with_the_sdk_on_cut_calls() {
    for call in calls() {
        for length in 0..call.len() {
            compare(&call[..length]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entry_agrees_with_the_sdk_on_changed_calls(
        call in 0..3_usize,
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
    refused(rig.raw(construction(&MODULES, OWNER)), UnknownSelector { selector });
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
    rig.raw(construction(&MODULES, OWNER)).unwrap();
    let first = OwnershipTransferred { previous: Address::ZERO, owner: OWNER };
    assert_eq!(rig.events::<OwnershipTransferred>(), [first]);
}
