//! Programs on the chain: calls between EVM code and WASM in both directions, with one journal.

use crate::common::*;
use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::precompiles::abi::{ArbDebug, ArbOwner};
use plimsoll_devnode::precompiles::{ARB_DEBUG, ARB_OWNER};

struct Cast {
    chain: Chain,
    forwarder: alloy_primitives::Address,
    storer: alloy_primitives::Address,
}

fn cast() -> Cast {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let storer = program(&mut chain, STORER);
    Cast { chain, forwarder, storer }
}

#[test]
fn program_stores_and_loads() {
    let Cast { mut chain, storer: at, .. } = cast();
    assert!(send(&mut chain, Some(at), storer(0, 3, 4), 0).success);
    assert_eq!(slot(&chain, at, 3), U256::from(4));
    assert_eq!(call(&chain, at, storer(1, 3, 0)).unwrap()[..], word(4));
}

#[test]
fn program_revert_returns_data_and_rolls_back() {
    let Cast { mut chain, storer: at, .. } = cast();
    let tx = send(&mut chain, Some(at), storer(2, 3, 4), 0);
    assert!(!tx.success && tx.halt.is_none());
    assert_eq!(tx.output[..], word(4));
    assert_eq!(slot(&chain, at, 3), U256::ZERO);
}

#[test]
fn program_trap_is_a_revert_without_data_that_keeps_gas() {
    let Cast { mut chain, storer: at, .. } = cast();
    let tx = send(&mut chain, Some(at), storer(3, 3, 4), 0);
    assert!(!tx.success && tx.halt.is_none());
    assert!(tx.output.is_empty());
    assert!(tx.gas_used < 100_000, "unspent gas comes back");
    assert_eq!(slot(&chain, at, 3), U256::ZERO);
}

#[test]
fn program_endless_loop_takes_all_gas() {
    let Cast { mut chain, storer: at, .. } = cast();
    let tx = send_gas(&mut chain, Some(at), storer(8, 0, 0), 0, 3_000_000);
    assert!(!tx.success);
    assert_eq!(tx.halt.as_deref(), Some("out of gas"));
    assert_eq!(tx.gas_used, 3_000_000);
}

#[test]
fn evm_calls_program() {
    let Cast { mut chain, storer: at, .. } = cast();
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    assert!(send(&mut chain, Some(evm), forward_evm(at, &storer(0, 1, 11)), 0).success);
    assert_eq!(slot(&chain, at, 1), U256::from(11));
    assert_eq!(call(&chain, evm, forward_evm(at, &storer(1, 1, 0))).unwrap()[..], word(11));
}

#[test]
fn program_calls_evm_with_value() {
    let Cast { mut chain, forwarder, .. } = cast();
    let store = deploy(&mut chain, &EVM_STORE);
    let tx = send(&mut chain, Some(forwarder), forward(0, store, &[word(5), word(6)].concat()), 1_000);
    assert!(tx.success);
    assert_eq!(slot(&chain, store, 5), U256::from(6));
    let view = chain.view(BlockRef::Latest).unwrap();
    assert_eq!(view.account(store).unwrap().balance, U256::from(1_000));
    assert_eq!(view.account(forwarder).unwrap().balance, U256::ZERO);
}

#[test]
fn nested_three_deep_both_ways() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    // EVM -> WASM -> EVM -> WASM
    let inner = forward_evm(at, &storer(0, 2, 22));
    let middle = forward(0, evm, &inner);
    let tx = send(&mut chain, Some(evm), forward_evm(forwarder, &middle), 0);
    assert!(tx.success, "{:?}", tx.halt);
    assert_eq!(slot(&chain, at, 2), U256::from(22));
}

#[test]
fn inner_revert_rolls_back_the_inner_frame_only() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    // A contract that calls the forwarder and swallows its failure, then writes: PUSH0 x5 of CALL, then SSTORE(1, 1).
    // CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 PUSH20 forwarder GAS CALL POP
    // PUSH1 1 PUSH1 1 SSTORE STOP
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73];
    code.extend(forwarder.as_slice());
    code.extend([0x5a, 0xf1, 0x50, 0x60, 0x01, 0x60, 0x01, 0x55, 0x00]);
    let swallow = deploy(&mut chain, &code);
    let tx = send(&mut chain, Some(swallow), forward(0, at, &storer(2, 3, 4)), 0);
    assert!(tx.success);
    assert_eq!(slot(&chain, at, 3), U256::ZERO);
    assert_eq!(slot(&chain, swallow, 1), U256::ONE);
    let tx = send(&mut chain, Some(swallow), forward(0, at, &storer(0, 3, 4)), 0);
    assert!(tx.success);
    assert_eq!(slot(&chain, at, 3), U256::from(4));
}

#[test]
fn revert_data_travels_through_every_frame() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    let data = forward_evm(forwarder, &forward(0, at, &storer(2, 3, 77)));
    assert_eq!(call(&chain, evm, data), Err(ChainError::Reverted(Bytes::from(word(77)))));
}

#[test]
fn delegate_calls_use_the_callers_storage() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    // WASM delegates to WASM.
    assert!(send(&mut chain, Some(forwarder), forward(1, at, &storer(0, 1, 10)), 0).success);
    assert_eq!((slot(&chain, forwarder, 1), slot(&chain, at, 1)), (U256::from(10), U256::ZERO));
    // WASM delegates to EVM.
    let store = deploy(&mut chain, &EVM_STORE);
    assert!(send(&mut chain, Some(forwarder), forward(1, store, &[word(2), word(20)].concat()), 0).success);
    assert_eq!((slot(&chain, forwarder, 2), slot(&chain, store, 2)), (U256::from(20), U256::ZERO));
    // EVM delegates to WASM.
    let evm = deploy(&mut chain, &evm_forwarder(DELEGATECALL));
    assert!(send(&mut chain, Some(evm), forward_evm(at, &storer(0, 3, 30)), 0).success);
    assert_eq!((slot(&chain, evm, 3), slot(&chain, at, 3)), (U256::from(30), U256::ZERO));
}

#[test]
fn static_calls_forbid_writes_on_either_side() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    let store = deploy(&mut chain, &EVM_STORE);
    let static_evm = deploy(&mut chain, &evm_forwarder(STATICCALL));
    let deep = deploy(&mut chain, &evm_forwarder(CALL));
    let writes = [storer(0, 1, 1), storer(4, 1, 1), storer(7, 1, 1)];
    for write in &writes {
        assert!(!send(&mut chain, Some(forwarder), forward(2, at, write), 0).success);
        assert!(!send(&mut chain, Some(static_evm), forward_evm(at, write), 0).success);
        // The context stays static below a further call, through a program and through EVM code.
        let below = forward_evm(forwarder, &forward(0, at, write));
        assert!(!send(&mut chain, Some(static_evm), below, 0).success);
        let below = forward(2, deep, &forward_evm(at, write));
        assert!(!send(&mut chain, Some(forwarder), below, 0).success);
    }
    let evm_write = forward(2, store, &[word(1), word(1)].concat());
    assert!(!send(&mut chain, Some(forwarder), evm_write, 0).success);
    assert_eq!(slot(&chain, at, 1), U256::ZERO);
    assert_eq!(slot(&chain, store, 1), U256::ZERO);
    assert_eq!(
        call(&chain, forwarder, forward(2, at, &storer(1, 1, 0))).unwrap()[..],
        word(0),
        "reading is free"
    );
}

#[test]
fn transient_storage_lasts_one_transaction() {
    let Cast { mut chain, storer: at, .. } = cast();
    // CALL with calldata of op 4, then with op 5, return what the second gives.
    // calldata: [first 65][second 65]; memory 0 gets it; call twice.
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x60, 65, 0x5f, 0x5f, 0x73];
    code.extend(at.as_slice());
    code.extend([0x5a, 0xf1, 0x50, 0x60, 32, 0x60, 200, 0x60, 65, 0x60, 65, 0x5f, 0x73]);
    code.extend(at.as_slice());
    code.extend([0x5a, 0xf1, 0x50, 0x60, 32, 0x60, 200, 0xf3]);
    let twice = deploy(&mut chain, &code);
    let data = [storer(4, 9, 5), storer(5, 9, 0)].concat();
    assert_eq!(call(&chain, twice, data).unwrap()[..], word(5));
    assert!(send(&mut chain, Some(at), storer(4, 9, 5), 0).success);
    assert_eq!(call(&chain, at, storer(5, 9, 0)).unwrap()[..], word(0));
}

#[test]
fn logs_of_programs_are_in_the_receipt() {
    let Cast { mut chain, storer: at, forwarder } = cast();
    let tx = send(&mut chain, Some(forwarder), forward(0, at, &storer(7, 8, 9)), 0);
    assert_eq!(tx.logs.len(), 1);
    assert_eq!(tx.logs[0].address, at);
    assert_eq!(tx.logs[0].data.topics(), [B256::from(word(8))]);
    assert_eq!(tx.logs[0].data.data[..], word(9));
}

#[test]
fn reentrant_flag_counts_open_frames_that_are_no_delegate_calls() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    let flag = |chain: &Chain, to, data| call(chain, to, data).unwrap()[0];
    assert_eq!(flag(&chain, at, storer(6, 0, 0)), 0);
    assert_eq!(flag(&chain, forwarder, forward(0, at, &storer(6, 0, 0))), 0);
    // The forwarder delegates to the storer: the forwarder's account acts, once.
    assert_eq!(flag(&chain, forwarder, forward(1, at, &storer(6, 0, 0))), 0);
    // The forwarder calls itself, and that frame delegates: its account has two open frames.
    let inner = forward(1, at, &storer(6, 0, 0));
    assert_eq!(flag(&chain, forwarder, forward(0, forwarder, &inner)), 1);
    // The same through EVM code in between.
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    let data = forward(0, evm, &forward_evm(forwarder, &inner));
    assert_eq!(flag(&chain, forwarder, data), 1);
    // An EVM account that acts twice: it calls itself and delegates to the program.
    let delegate = deploy(&mut chain, &evm_forwarder(DELEGATECALL));
    assert_eq!(flag(&chain, delegate, forward_evm(at, &storer(6, 0, 0))), 0);
}

#[test]
fn programs_create_by_both_opcodes() {
    let mut chain = chain();
    let maker = program(&mut chain, CREATOR);
    let init = stylus_vm::code::initcode(&EVM_ECHO);
    chain.set_balance(maker, U256::from(10));
    let tx = send(&mut chain, Some(maker), creator(1, 3, B256::ZERO, &init), 0);
    assert!(tx.success, "{:?}", tx.halt);
    // An account starts with nonce 1 when it is created.
    let first = maker.create(1);
    assert_eq!(tx.output[..], first[..]);
    assert_eq!(call(&chain, first, word(3)).unwrap()[..], word(3));
    assert_eq!(chain.view(BlockRef::Latest).unwrap().account(first).unwrap().balance, U256::from(3));
    let salt = B256::repeat_byte(7);
    let tx = send(&mut chain, Some(maker), creator(2, 0, salt, &init), 0);
    assert_eq!(tx.output[..], maker.create2(salt, keccak256(&init))[..]);
    // Again at the same address: a collision; no data comes back and the frame reverts.
    let tx = send(&mut chain, Some(maker), creator(2, 0, salt, &init), 0);
    assert!(!tx.success && tx.output.is_empty());
    // PUSH1 0xaa PUSH0 MSTORE8 PUSH1 1 PUSH0 REVERT
    let tx =
        send(&mut chain, Some(maker), creator(1, 0, salt, &[0x60, 0xaa, 0x5f, 0x53, 0x60, 1, 0x5f, 0xfd]), 0);
    assert!(!tx.success);
    assert_eq!(tx.output[..], [0xaa]);
    // More than it has.
    let tx = send(&mut chain, Some(maker), creator(1, 100, salt, &init), 0);
    assert!(!tx.success && tx.output.is_empty());
    // A program makes a program.
    let wasm = wat::parse_str(STORER).unwrap();
    let init = stylus_vm::code::initcode(&stylus_vm::code::compress(&wasm));
    let tx = send(&mut chain, Some(maker), creator(1, 0, salt, &init), 0);
    let made = alloy_primitives::Address::from_slice(&tx.output);
    assert!(activate(&mut chain, made).success);
    assert!(send(&mut chain, Some(made), storer(0, 1, 2), 0).success);
    assert_eq!(slot(&chain, made, 1), U256::from(2));
}

#[test]
fn delegated_accounts_run_the_program_in_their_own_storage() {
    let Cast { mut chain, forwarder, storer: at } = cast();
    // EIP-7702: the code of the account names the program.
    chain.set_code(NOBODY, [&[0xef, 0x01, 0x00], at.as_slice()].concat().into());
    assert!(send(&mut chain, Some(NOBODY), storer(0, 1, 5), 0).success);
    assert!(send(&mut chain, Some(forwarder), forward(0, NOBODY, &storer(0, 2, 6)), 0).success);
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    assert!(send(&mut chain, Some(evm), forward_evm(NOBODY, &storer(0, 3, 7)), 0).success);
    assert_eq!([1, 2, 3].map(|key| slot(&chain, NOBODY, key).to::<u64>()), [5, 6, 7]);
    assert_eq!(slot(&chain, at, 1), U256::ZERO);
}

#[test]
fn creation_in_a_static_context_fails() {
    let Cast { mut chain, forwarder, .. } = cast();
    let maker = program(&mut chain, CREATOR);
    let init = stylus_vm::code::initcode(&EVM_ECHO);
    let data = forward(2, maker, &creator(1, 0, B256::ZERO, &init));
    let tx = send(&mut chain, Some(forwarder), data, 0);
    assert!(!tx.success && tx.output.is_empty());
    assert_eq!(chain.view(BlockRef::Latest).unwrap().account(maker).unwrap().nonce, 1);
}

#[test]
fn refunds_of_programs_and_contracts_add_up() {
    let Cast { mut chain, storer: at, forwarder } = cast();
    send(&mut chain, Some(at), storer(0, 1, 1), 0);
    let store = deploy(&mut chain, &EVM_STORE);
    send(&mut chain, Some(store), [word(1), word(1)].concat(), 0);
    // Clearing a word earns 4,800, whoever clears it; at most a fifth of what was spent is given back.
    let direct = send(&mut chain, Some(at), storer(0, 1, 0), 0);
    send(&mut chain, Some(at), storer(0, 1, 1), 0);
    let keep = send(&mut chain, Some(at), storer(0, 1, 2), 0);
    // A word that stays costs the same to write; calldata differs by one byte that is not zero.
    assert_eq!(keep.gas_used - direct.gas_used, 4_800 + 12);
    let nested = send(&mut chain, Some(forwarder), forward(0, store, &[word(1), word(0)].concat()), 0);
    send(&mut chain, Some(store), [word(1), word(1)].concat(), 0);
    let kept = send(&mut chain, Some(forwarder), forward(0, store, &[word(1), word(2)].concat()), 0);
    assert_eq!(kept.gas_used - nested.gas_used, 4_800 + 12);
}

/// Memory is priced over all frames, so that 128 programs of one page are the most; here an owner makes it free.
fn with_free_memory() -> Cast {
    let mut cast = cast();
    let chain = &mut cast.chain;
    assert!(send(chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0).success);
    let free = ArbOwner::setWasmFreePagesCall { pages: 2_000 }.abi_encode();
    assert!(send(chain, Some(ARB_OWNER), free, 0).success);
    cast
}

#[test]
fn programs_nest_as_deep_as_memory_can_be_paid() {
    let Cast { mut chain, forwarder, .. } = cast();
    let mut data = Vec::new();
    for _ in 0..200 {
        data.extend(forward(0, forwarder, &[]));
    }
    let tx = send_gas(&mut chain, Some(forwarder), data, 0, 1_000_000_000_000);
    let trace = chain.retrace(tx.hash).unwrap().call_trace();
    let (depth, last) = deepest(&trace);
    assert_eq!(
        (depth, last["error"].as_str()),
        (128, Some("OutOfGas")),
        "the 129th page costs more than there is"
    );
}

fn deepest(trace: &serde_json::Value) -> (usize, &serde_json::Value) {
    let (mut depth, mut frame) = (0, trace);
    while let Some(inner) = frame["calls"].get(0) {
        depth += 1;
        frame = inner;
    }
    (depth, frame)
}

#[test]
fn programs_recurse_natively_to_the_depth_limit() {
    let Cast { mut chain, forwarder, .. } = with_free_memory();
    let mut data = Vec::new();
    for _ in 0..1_030 {
        data.extend(forward(0, forwarder, &[]));
    }
    let tx = send_gas(&mut chain, Some(forwarder), data, 0, 1_000_000_000_000_000);
    // The frame at the limit is refused; each frame above passes the failure on as a revert.
    assert!(!tx.success && tx.halt.is_none());
    let trace = chain.retrace(tx.hash).unwrap().call_trace();
    let (depth, frame) = deepest(&trace);
    assert_eq!((depth, frame["error"].as_str()), (1_025, Some("CallTooDeep")));
}

#[test]
fn evm_recursion_through_programs_reaches_the_depth_limit() {
    let Cast { mut chain, forwarder, .. } = with_free_memory();
    // An EVM contract that calls the forwarder with calldata that makes it call back, for ever; failures are ignored.
    // memory: [0][own address 20]; PUSH0 PUSH0 PUSH1 21 PUSH0 PUSH0 PUSH20 forwarder GAS CALL STOP, where memory holds
    // kind 0 and ADDRESS at 1: ADDRESS PUSH1 96 SHL PUSH1 1 MSTORE
    let mut code = vec![0x30, 0x60, 96, 0x1b, 0x60, 1, 0x52, 0x5f, 0x5f, 0x60, 21, 0x5f, 0x5f, 0x73];
    code.extend(forwarder.as_slice());
    code.extend([0x5a, 0xf1, 0x00]);
    let bounce = deploy(&mut chain, &code);
    // A 64th stays in each frame: of 10^14 gas some 10^7 reach a depth of 1,024.
    let tx = send_gas(&mut chain, Some(bounce), [], 0, 100_000_000_000_000);
    assert!(tx.success, "{:?}", tx.halt);
    let trace = chain.retrace(tx.hash).unwrap().call_trace();
    let (depth, frame) = deepest(&trace);
    // Frames 0 to 1,024 run; the one below them is refused and shows as a call without gas.
    assert_eq!(depth, 1_025);
    assert_eq!(frame["error"], "CallTooDeep");
}
