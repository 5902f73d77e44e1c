//! The contract's own router, decoder and encoder against the SDK's and alloy's, and what only the own one says.

use std::{cell::RefCell, rc::Rc};

use alloy_primitives::{FixedBytes, U256};
use alloy_sol_types::SolError;
use plimsoll_core::codec::Args;
use proptest::prelude::*;
use stylus_sdk::abi::router_entrypoint;

use super::{
    host::World,
    portfolios::{any_portfolio, sample},
    *,
};
use crate::{RiskModel, decode, encode};

/// A rig with a transfer of ownership under way, so that every function has something to say.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.call(IModel::transferOwnershipCall { pending: OWNER }).unwrap();
    rig
}

/// One good call of every function but the constructor.
fn calls() -> Vec<Vec<u8>> {
    vec![
        IModel::assessCall { portfolio: sample() }.abi_encode(),
        IModel::scenariosCall { portfolio: sample() }.abi_encode(),
        IModel::setParamsCall { underlying: 2, params: standard() }.abi_encode(),
        IModel::paramsCall { underlying: BTC }.abi_encode(),
        IModel::compiledCall { underlying: BTC }.abi_encode(),
        IModel::ownerCall {}.abi_encode(),
        IModel::pendingOwnerCall {}.abi_encode(),
        IModel::transferOwnershipCall { pending: Address::repeat_byte(0xee) }.abi_encode(),
        IModel::acceptOwnershipCall {}.abi_encode(),
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
        call in 0..9_usize,
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
    fn portfolio_decodes_what_alloy_encodes(given in any_portfolio()) {
        let encoded = IModel::assessCall { portfolio: given.clone() }.abi_encode();
        let expected = convert::portfolio(recast(&given));
        prop_assert_eq!(decode::portfolio(Args(&encoded[4..]), 0), Some(expected.clone()));
        // Whatever it holds, it is answered, and never by a trap.
        let _ = rig().raw(encoded);
    }

    #[test]
    fn portfolio_never_panics_on_arbitrary_bytes(bytes: Vec<u8>) {
        let _ = decode::portfolio(Args(&bytes), 0);
        let _ = decode::params(Args(&bytes), 0);
    }

    #[test]
    fn params_encode_and_decode_as_alloy_does(
        values in prop::collection::vec(any::<u128>(), 34),
        scenarios in prop::collection::vec((any::<u128>(), 0..5_u8, any::<u128>()), 0..50),
    ) {
        let mut given = standard();
        let mut values = values.into_iter();
        given.volShock.rangeUp = values.next().unwrap();
        given.volShock.floor = values.next().unwrap() as u32;
        given.volShock.minVolUp = values.next().unwrap();
        given.skew.linearC = values.next().unwrap() as i128;
        given.skew.minKStar = values.next().unwrap();
        given.skew.volScale = values.next().unwrap() as i128;
        given.margin.initial = values.next().unwrap();
        given.margin.shortRateAdd = values.next().unwrap();
        given.basis.up = values.next().unwrap();
        given.basis.mult = values.next().unwrap();
        given.contingency.pegThreshold = values.next().unwrap();
        given.contingency.optionInitial = values.next().unwrap();
        given.scenarios =
            scenarios.into_iter().map(|(spot, shock, damp)| ScenarioOf { spot, shock, damp }).collect();
        let encoded = (7_u16, given.clone()).abi_encode_params();
        let decoded = decode::params(Args(&encoded), 1).unwrap().unwrap();
        prop_assert_eq!(recast::<_, ParamsOf>(&convert::params_to_abi(&decoded)), given.clone());
        prop_assert_eq!(encode::params(&decoded), given.abi_encode());
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
    let mut dirty = IModel::paramsCall { underlying: BTC }.abi_encode();
    dirty[4] = 1;
    refused(rig.raw(dirty), MalformedCall { selector: IModel::paramsCall::SELECTOR.into() });
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
fn constructor_agrees_with_the_sdk() {
    let input = construction(OWNER);
    let (own, sdk) = (TestHost::default(), TestHost::default());
    assert_eq!(enter(input.clone(), own.vm()), Ok(vec![]));
    assert_eq!(router_entrypoint::<RiskModel, RiskModel>(input.clone(), sdk.vm()), Ok(vec![]));
    assert_eq!(own.0.borrow().storage, sdk.0.borrow().storage);
    assert_eq!(own.0.borrow().logs, sdk.0.borrow().logs);
    // The SDK's router knows a contract that this one constructed, and the other way round.
    assert_eq!(router_entrypoint::<RiskModel, RiskModel>(input.clone(), own.vm()), Err(vec![]));
    assert_eq!(enter(input, sdk.vm()), Err(Revert::new(AlreadyConstructed {}).into()));
}
