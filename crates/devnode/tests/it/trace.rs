//! Ink of host functions as a trace shows it, where other contracts take part (`stylus.md` section 5.2).

use crate::common::*;
use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::precompiles::ARBOS_TEST;
use plimsoll_devnode::precompiles::abi::ArbosTest;
use serde_json::Value;

/// An EVM contract that costs 221 gas inside, warm and without state, as the contract of the reference test does.
/// 55 times PUSH0 POP (2 + 2) and one JUMPDEST (1).
fn costs_221() -> Vec<u8> {
    let mut code = [0x5f, 0x50].repeat(55);
    code.extend([0x5b, 0x00]);
    code
}

fn ink(steps: &Value, name: &str) -> u64 {
    let step = steps.as_array().unwrap().iter().find(|step| step["name"] == name);
    let step = step.unwrap_or_else(|| panic!("no {name} in {steps}"));
    step["startInk"].as_u64().unwrap() - step["endInk"].as_u64().unwrap()
}

fn trace(chain: &mut Chain, to: Address, data: Vec<u8>, value: u64) -> Value {
    let tx = send(chain, Some(to), data, value);
    assert!(tx.success, "{:?}", tx.halt);
    chain.retrace(tx.hash).unwrap().stylus_trace()
}

#[test]
fn call_to_a_cold_contract() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let callee = deploy(&mut chain, &costs_221());
    // Without calldata both reads of it cost 16,381: H+3P+E + 2*16,381 + (2,600 + 221)*10,000.
    let expected = 28_325_955;
    for (kind, name) in [(0, "call_contract"), (1, "delegate_call_contract"), (2, "static_call_contract")] {
        let steps = trace(&mut chain, forwarder, forward(kind, callee, &[]), 0);
        assert_eq!(ink(&steps, name), expected, "{name}");
    }
    // With value the call costs 9,000 gas more; the callee has an account already.
    let steps = trace(&mut chain, forwarder, forward(0, callee, &[]), 1_000);
    assert_eq!(ink(&steps, "call_contract"), expected + 9_000 * 10_000);
    // A new account costs 25,000 more and nothing runs in it.
    let steps = trace(&mut chain, forwarder, forward(0, NOBODY, &[]), 1_000);
    assert_eq!(ink(&steps, "call_contract"), expected - 221 * 10_000 + (9_000 + 25_000) * 10_000);
}

#[test]
fn call_to_a_precompile() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let data = ArbosTest::burnArbGasCall { gasAmount: U256::ZERO }.abi_encode();
    let steps = trace(&mut chain, forwarder, forward(2, ARBOS_TEST, &data), 0);
    // 83,193 + 2*(16,381 + 55*(36 - 32)) + 103*10,000
    assert_eq!(ink(&steps, "static_call_contract"), 83_193 + 2 * (16_381 + 220) + 1_030_000);
}

#[test]
fn storage_through_the_journal() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let steps = trace(&mut chain, at, storer(1, 1, 0), 0);
    assert_eq!(ink(&steps, "storage_load_bytes32"), 21_068_480);
    let steps = trace(&mut chain, at, storer(0, 1, 5), 0);
    assert_eq!(ink(&steps, "storage_cache_bytes32"), 18_480);
    assert_eq!(ink(&steps, "storage_flush_cache"), 221_068_073);
    let steps = trace(&mut chain, at, storer(0, 1, 6), 0);
    assert_eq!(ink(&steps, "storage_flush_cache"), 50_068_073);
}

#[test]
fn looking_at_accounts() {
    let mut chain = chain();
    let at = program(&mut chain, INSPECTOR);
    let echo = deploy(&mut chain, &EVM_ECHO);
    chain.set_balance(echo, U256::from(5));
    let out = call(&chain, at, echo.to_vec()).unwrap();
    let hash = keccak256(EVM_ECHO);
    assert_eq!(out[..], [&word(5)[..], hash.as_slice(), &8u32.to_le_bytes()].concat());
    let steps = trace(&mut chain, at, echo.to_vec(), 0);
    // The size is asked first and pays for the cold account and for the largest code.
    assert_eq!(ink(&steps, "account_code_size"), 33_068_073);
    assert_eq!(ink(&steps, "account_codehash"), 1_078_153);
    assert_eq!(ink(&steps, "account_balance"), 1_078_153);
}

#[test]
fn logs() {
    let mut chain = chain();
    let at = program(&mut chain, STORER);
    let steps = trace(&mut chain, at, storer(7, 1, 2), 0);
    // H + E + R(64) + (2*375 + 8*32) gas
    assert_eq!(ink(&steps, "emit_log"), 8_400 + 59_673 + 16_381 + 55 * 32 + (750 + 256) * 10_000);
}

#[test]
fn creation_by_both_functions_differs_by_hashing_the_code() {
    let mut chain = chain();
    let maker = program(&mut chain, CREATOR);
    let init = stylus_vm::code::initcode(&vec![1; 4_640 - 43]);
    let one = trace(&mut chain, maker, creator(1, 0, Default::default(), &init), 0);
    let two = trace(&mut chain, maker, creator(2, 0, Default::default(), &init), 0);
    // One pointer more and 6 gas for each of 145 words.
    assert_eq!(ink(&two, "create2") - ink(&one, "create1"), 5_040 + 870 * 10_000);
    // 32,000 for the creation, 200 a byte deposited; the init code runs PUSH32 DUP1 PUSH1 PUSH1 CODECOPY PUSH1 RETURN.
    let words = (4_640u64 - 43).div_ceil(32);
    let inside = 6 * 3 + 3 * words + 3 * words + words * words / 512;
    let gas = 32_000 + 200 * (4_640 - 43) + inside;
    assert_eq!(ink(&one, "create1"), 83_193 + 2 * (16_381 + 55 * (4_640 - 32)) + gas * 10_000);
}

#[test]
fn nested_programs_are_steps_of_the_call() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let at = program(&mut chain, STORER);
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    let data = forward(0, evm, &forward_evm(at, &storer(1, 1, 0)));
    let steps = trace(&mut chain, forwarder, data, 0);
    let call = steps.as_array().unwrap().iter().find(|step| step["name"] == "call_contract").unwrap();
    assert_eq!(call["address"], serde_json::json!(evm));
    assert_eq!(ink(&call["steps"], "storage_load_bytes32"), 21_068_480);
}

#[test]
fn call_trace_shows_every_frame() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let at = program(&mut chain, STORER);
    let tx = send(&mut chain, Some(forwarder), forward(0, at, &storer(2, 1, 7)), 0);
    let frames = chain.retrace(tx.hash).unwrap().call_trace();
    assert_eq!(frames["type"], "CALL");
    assert_eq!(frames["to"], serde_json::json!(forwarder));
    assert_eq!(frames["error"], "execution reverted");
    let inner = &frames["calls"][0];
    assert_eq!((&inner["from"], &inner["to"]), (&serde_json::json!(forwarder), &serde_json::json!(at)));
    assert_eq!(inner["output"].as_str().unwrap().len(), 66);
}
