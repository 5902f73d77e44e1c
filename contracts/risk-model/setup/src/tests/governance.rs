//! Parameters and ownership.

use alloy_primitives::{Address, U256, address, keccak256};
use alloy_sol_types::SolValue;
use plimsoll_kit::sol::{NotOwner, NotPendingOwner, OwnershipTransferStarted, OwnershipTransferred};
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::*,
    testing::{BTC, IModel, MoveOf, OWNER, ParamsOf, Rig, WAD, recast, refused, standard},
};

use crate::entry::enter;

const STRANGER: Address = address!("0x00000000000000000000000000000000000000bb");
/// An underlying without parameters.
const NEW: u16 = 9;

#[test]
fn set_params_keeps_them_as_code_and_logs_them() {
    let rig = Rig::of(enter);
    let mut params = standard();
    params.margin.maintenance = WAD / 2;
    params.scenarios.truncate(7);
    rig.call(IModel::setParamsCall { underlying: NEW, params: params.clone() }).unwrap();

    let events = rig.events::<ParamsSet>();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].underlying, NEW);
    assert_eq!(recast::<_, ParamsOf>(&events[0].params), params);
    assert_eq!(rig.call(IModel::paramsCall { underlying: NEW }).unwrap(), params);
    // The other underlying's are as they were.
    assert_eq!(rig.call(IModel::paramsCall { underlying: BTC }).unwrap(), standard());

    let world = rig.host.0.borrow();
    let at = Address::from_slice(&world.storage[&places(NEW)][12..]);
    let compiled = portfolio::Compiled::new(&convert::params(&recast(&params)).unwrap()).unwrap();
    assert_eq!(world.codes[&at], [&[0][..], &compiled.to_bytes()].concat());
    let raw = Address::from_slice(&world.storage[&(places(NEW) + U256::ONE)][12..]);
    assert_eq!(world.codes[&raw], [&[0][..], &params.abi_encode()].concat());
    drop(world);
    assert_eq!(rig.call(IModel::compiledCall { underlying: NEW }).unwrap(), at);
}

/// Where an underlying's three words are: at the hash of region 1, the underlying in a word, and 20 bytes of nothing, with
/// the last byte replaced.
fn places(underlying: u16) -> U256 {
    let mut preimage = [0; 53];
    preimage[0] = 1;
    preimage[31..33].copy_from_slice(&underlying.to_be_bytes());
    let mut slot = keccak256(preimage);
    slot[31] = 0;
    slot.into()
}

#[test]
fn set_params_errors_with_the_first_rule_broken() {
    let rig = Rig::of(enter);
    let set = |change: &dyn Fn(&mut ParamsOf)| {
        let mut params = standard();
        change(&mut params);
        rig.call(IModel::setParamsCall { underlying: NEW, params })
    };
    let many = set(&|params| {
        let first = params.scenarios[0].clone();
        params.scenarios = vec![first; 41];
    });
    refused(many, TooManyScenarios { scenarios: U256::from(41), most: U256::from(40) });
    let shock = set(&|params| params.scenarios[6].shock = 5);
    refused(shock, BadScenario { index: U256::from(6) });
    let still = set(&|params| params.scenarios[4].spot = 0);
    refused(still, BadScenario { index: U256::from(4) });
    refused(set(&|params| params.volShock.rangeUp = 101 * WAD), ParameterOutOfBounds { index: 0 });
    refused(set(&|params| params.skew.linearC = -21 * WAD as i128), ParameterOutOfBounds { index: 7 });
    refused(set(&|params| params.contingency.optionInitial = 4 * WAD), ParameterOutOfBounds { index: 33 });
    refused(rig.call(IModel::paramsCall { underlying: NEW }), NoParams { underlying: NEW });
}

#[test]
fn set_params_errors_when_nothing_can_be_created() {
    let rig = Rig::of(enter);
    rig.host.0.borrow_mut().full = true;
    let call = IModel::setParamsCall { underlying: NEW, params: standard() };
    refused(rig.call(call), ParamsNotStored {});
}

#[test]
fn only_the_owner_sets_parameters_and_hands_over() {
    let rig = Rig::of(enter);
    rig.as_caller(STRANGER);
    let call = IModel::setParamsCall { underlying: BTC, params: standard() };
    refused(rig.call(call), NotOwner { caller: STRANGER });
    refused(rig.call(IModel::transferOwnershipCall { pending: STRANGER }), NotOwner { caller: STRANGER });
    refused(rig.call(IModel::acceptOwnershipCall {}), NotPendingOwner { caller: STRANGER });
}

#[test]
fn ownership_is_handed_over_in_two_steps() {
    let rig = Rig::of(enter);
    rig.call(IModel::transferOwnershipCall { pending: STRANGER }).unwrap();
    let started = OwnershipTransferStarted { owner: OWNER, pending: STRANGER };
    assert_eq!(rig.events::<OwnershipTransferStarted>(), [started]);
    assert_eq!(rig.call(IModel::ownerCall {}).unwrap(), OWNER);
    assert_eq!(rig.call(IModel::pendingOwnerCall {}).unwrap(), STRANGER);
    rig.as_caller(STRANGER).call(IModel::acceptOwnershipCall {}).unwrap();
    let done = OwnershipTransferred { previous: OWNER, owner: STRANGER };
    assert_eq!(rig.events::<OwnershipTransferred>(), [done]);
    assert_eq!(rig.call(IModel::ownerCall {}).unwrap(), STRANGER);
    assert_eq!(rig.call(IModel::pendingOwnerCall {}).unwrap(), Address::ZERO);
    rig.as_caller(OWNER);
    let call = IModel::transferOwnershipCall { pending: OWNER };
    refused(rig.call(call), NotOwner { caller: OWNER });
}

#[test]
fn an_underlying_without_parameters_has_none_to_show() {
    let rig = Rig::of(enter);
    refused(rig.call(IModel::paramsCall { underlying: NEW }), NoParams { underlying: NEW });
    assert_eq!(rig.call(IModel::compiledCall { underlying: NEW }).unwrap(), Address::ZERO);
}

#[test]
fn shortfall_is_kept_checked_and_taken_away() {
    let rig = Rig::of(enter);
    let set = |share: u64, moves: Vec<MoveOf>| IModel::setShortfallCall {
        underlying: BTC,
        share,
        binding: true,
        moves,
    };
    let get = IModel::shortfallCall { underlying: BTC };
    let moves: Vec<MoveOf> = (-250..250).map(|spot| MoveOf { spot: spot * 1_000, vol: spot }).collect();
    rig.call(set(25_000_000_000_000_000, moves.clone())).unwrap();
    let event = rig.events::<ShortfallSet>();
    assert_eq!((event[0].share, event[0].moves), (25_000_000_000_000_000, U256::from(500)));
    let found = rig.call(get.clone()).unwrap();
    assert_eq!((found.share, found.binding, found.moves), (25_000_000_000_000_000, true, moves.clone()));
    // Other parameters leave it, and it leaves them.
    rig.call(IModel::setParamsCall { underlying: BTC, params: standard() }).unwrap();
    assert_eq!(rig.call(get.clone()).unwrap().moves, moves);
    assert_ne!(rig.call(IModel::compiledCall { underlying: BTC }).unwrap(), Address::ZERO);
    let one = || vec![MoveOf { spot: 1, vol: 1 }];
    refused(rig.call(set(0, one())), EmptyTail {});
    refused(rig.call(set(1_000_000_000_000_000_001, one())), EmptyTail {});
    refused(rig.call(set(1, [moves.clone(), one()].concat())), BadMoves {});
    refused(rig.call(set(1, vec![MoveOf { spot: 277_000_001, vol: 0 }])), BadMoves {});
    refused(
        rig.call(IModel::setShortfallCall { underlying: 9, ..set(1, one()) }),
        NoParams { underlying: 9 },
    );
    rig.host.0.borrow_mut().logs.clear();
    // Taken away with whatever share: what is logged is that there is none.
    rig.call(set(5, Vec::new())).unwrap();
    let gone = ShortfallSet { underlying: BTC, share: 0, binding: false, moves: U256::ZERO };
    assert_eq!(rig.events::<ShortfallSet>(), [gone]);
    assert!(rig.call(get).unwrap().moves.is_empty());
    let stranger = Address::repeat_byte(7);
    refused(rig.as_caller(stranger).call(set(1, one())), NotOwner { caller: stranger });
}
