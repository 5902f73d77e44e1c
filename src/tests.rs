//! The engine's door against the SDK's, and what only the own one says, on a native host.

use alloy_primitives::{Address, FixedBytes, U256, keccak256};
use alloy_sol_types::{SolError, SolValue};
use plimsoll_kit::{
    sol::{AlreadyConstructed, MalformedCall, NotPayable, UnknownSelector, ZeroAddress},
    testing::{doors::Doors, host::TestHost},
};
use plimsoll_ledger::testing::{GUARDIAN, ORACLE, OWNER, TOKEN, call, doors as doors_of};
use stylus_sdk::{abi::router_entrypoint, host::VM};

use crate::{Engine, entry::enter, routes};

/// Where the modules are.
fn modules() -> [Address; 8] {
    // From 17 on: the first addresses are precompiles.
    core::array::from_fn(|number| Address::with_last_byte(17 + number as u8))
}

/// The call that a deployer makes: its selector is that of `stylus_constructor()`, whatever the arguments.
fn construction(owner: Address) -> Vec<u8> {
    let arguments = (modules().to_vec(), owner, GUARDIAN, TOKEN, ORACLE).abi_encode_params();
    [&keccak256("stylus_constructor()")[..4], &arguments].concat()
}

/// A module that answers with the call it got, and ends without a reason when that has arguments.
fn echo(input: Vec<u8>, _: VM) -> Result<Vec<u8>, Vec<u8>> {
    if input.len() == 4 { Ok(input) } else { Err(Vec::new()) }
}

/// An engine before its construction: the token tells its decimals, modules echo.
fn bare() -> TestHost {
    let host = TestHost::default();
    let mut world = host.0.borrow_mut();
    world.sender = OWNER;
    world.precompiles.insert(TOKEN, |_, _| 6_u64.abi_encode());
    for module in modules() {
        world.modules.insert(module, echo);
    }
    drop(world);
    host
}

fn refused(host: &TestHost, input: Vec<u8>, expected: impl SolError) {
    assert_eq!(enter(input, host.vm()), Err(expected.abi_encode()));
}

fn doors() -> Doors {
    let names = &[MalformedCall::SELECTOR, UnknownSelector::SELECTOR];
    let calls = vec![call("modules()", &())];
    let doors = doors_of(OWNER, enter, router_entrypoint::<Engine, Engine>, crate::signatures(), calls);
    Doors { names, ..doors }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn construction_agrees_with_the_sdk() {
    let (own, sdk) = (bare(), bare());
    assert_eq!(enter(construction(OWNER), own.vm()), Ok(Vec::new()));
    assert_eq!(router_entrypoint::<Engine, Engine>(construction(OWNER), sdk.vm()), Ok(Vec::new()));
    assert_eq!(own.0.borrow().storage, sdk.0.borrow().storage);
    assert_eq!(own.0.borrow().logs, sdk.0.borrow().logs);
}

#[test]
fn construction_happens_once() {
    let host = bare();
    refused(&host, construction(Address::ZERO), ZeroAddress {});
    // The chain undoes what a refused call wrote; this host does not.
    let host = bare();
    enter(construction(OWNER), host.vm()).unwrap();
    refused(&host, construction(OWNER), AlreadyConstructed {});
    let told = enter(call("modules()", &()), host.vm()).unwrap();
    assert_eq!(told, (modules().to_vec(),).abi_encode_params());
}

#[test]
fn calls_go_to_the_module_that_the_table_names() {
    let host = bare();
    for (selector, _) in routes::ROUTES {
        refused(&host, selector.to_vec(), UnknownSelector { selector: FixedBytes(*selector) });
    }
    enter(construction(OWNER), host.vm()).unwrap();
    for (selector, module) in routes::ROUTES {
        // This module alone answers.
        let mut world = host.0.borrow_mut();
        world.modules.clear();
        world.modules.insert(modules()[usize::from(*module)], echo);
        drop(world);
        assert_eq!(enter(selector.to_vec(), host.vm()), Ok(selector.to_vec()));
        let selector = FixedBytes(*selector);
        refused(&host, [selector.as_slice(), &[0]].concat(), MalformedCall { selector });
    }
}

#[test]
fn doors_refuse_ether_and_unknown_selectors() {
    let host = bare();
    enter(construction(OWNER), host.vm()).unwrap();
    for (input, selector) in [(vec![], [0; 4]), (vec![0x12], [0x12, 0, 0, 0]), (vec![0xff; 40], [0xff; 4])] {
        refused(&host, input, UnknownSelector { selector: selector.into() });
    }
    host.0.borrow_mut().value = U256::ONE;
    refused(&host, call("modules()", &()), NotPayable {});
}
