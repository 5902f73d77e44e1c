//! Gas of calls and creations that programs make, and what the callee is given (`stylus.md` sections 4.2 and 4.5).

use crate::common::script::*;
use crate::common::stage::*;
use crate::common::*;
use alloy_primitives::{Address, Bytes, U256};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use serde_json::Value;

/// Returns the gas left after `GAS`, two less than it was given: GAS PUSH0 MSTORE PUSH1 32 PUSH0 RETURN. Costs 15:
/// 2 + 2 + 3 + 3 (a word of memory) + 3 + 2.
const EVM_GAS: [u8; 7] = [0x5a, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

fn child(chain: &Chain, tx: &Mined, at: usize) -> Value {
    chain.retrace(tx.hash).unwrap().call_trace()["calls"][at].clone()
}

fn hex(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

const fn all_but_one_64th(gas: u64) -> u64 {
    gas * 63 / 64
}

#[test]
fn gas_given_is_all_but_a_64th_after_the_base_cost() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &EVM_GAS);
    // Cold, warm, warm with value (and its stipend).
    let script = script()
        .call(callee, 0, ALL, [])
        .returned(0, 32)
        .call(callee, 0, ALL, [])
        .returned(0, 32)
        .call(callee, 1, ALL, []);
    let (mut out, steps) = stage.play(script.returned(0, 32));
    let calls = named(&steps, "call_contract");
    for (step, base, stipend) in [(&calls[0], 2_600, 0), (&calls[1], 100, 0), (&calls[2], 9_100, 2_300)] {
        assert_eq!(out.call(), (32, 0));
        assert_eq!(out.small() + 2, all_but_one_64th(gas_at(step) - base) + stipend);
        // What the callee did not use comes back.
        assert_eq!(step.ink(), FIXED + (base + 15) * PRICE);
    }
}

#[test]
fn gas_given_is_what_was_asked_for_if_there_is_as_much() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &EVM_GAS);
    let (mut out, _) = stage.play(script().call(callee, 0, 5_000, []).returned(0, 32));
    assert_eq!((out.call(), out.small() + 2), ((32, 0), 5_000));
    // All forms of call take the request; delegate and static calls have no value to add a stipend for.
    let script = script().delegate(callee, 5_000, []).returned(0, 32).static_call(callee, 5_000, []);
    let (mut out, _) = stage.play(script.returned(0, 32));
    for _ in 0..2 {
        assert_eq!((out.call(), out.small() + 2), ((32, 0), 5_000));
    }
    // One gas more than there is to give is the same as all of it.
    let data = crate::common::script::script().call(callee, 0, 31_000_000, []).returned(0, 32);
    let limit = stage.limit_for(&data, "call_contract", 1_002_600);
    let (tx, _) = stage.send(data, limit);
    let mut out = read(&tx.output);
    assert_eq!((out.call(), out.small() + 2), ((32, 0), all_but_one_64th(1_000_000)));
}

#[test]
fn value_brings_a_stipend_even_where_no_gas_is_asked_for() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &EVM_GAS);
    let (mut out, steps) = stage.play(script().call(callee, 1, 0, []).returned(0, 32));
    assert_eq!((out.call(), out.small() + 2), ((32, 0), 2_300));
    // The stipend is in the gas given, not on top of what is paid: 15 of it were used.
    assert_eq!(inks(&steps, "call_contract"), [FIXED + (2_600 + 9_000 + 15) * PRICE]);
    // A callee that burns it all (INVALID) costs it too.
    let invalid = deploy(&mut stage.chain, &[0xfe]);
    let (mut out, steps) = stage.play(script().call(invalid, 1, 0, []));
    assert_eq!(out.call(), (0, 2));
    assert_eq!(inks(&steps, "call_contract"), [FIXED + (2_600 + 9_000 + 2_300) * PRICE]);
}

#[test]
fn new_accounts_cost_25000_where_value_makes_them() {
    let mut stage = stage();
    let script = script().call(NOBODY, 0, ALL, []).call(NOBODY, 1, ALL, []).call(NOBODY, 1, ALL, []);
    let (_, steps) = stage.play(script);
    let base = [2_600, 100 + 9_000 + 25_000, 100 + 9_000];
    assert_eq!(inks(&steps, "call_contract"), base.map(|gas| FIXED + gas * PRICE));
}

#[test]
fn base_cost_that_cannot_be_paid_takes_all_and_fails_the_call_only() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &[0x00]);
    // Touching; touching and value; touching, value and a new account.
    for (to, value, base) in [(callee, 0, 2_600), (callee, 1, 11_600), (NOBODY, 1, 36_600)] {
        let script = script().call(to, value, ALL, []);
        let limit = stage.limit_for(&script, "call_contract", base);
        for (left, status) in [(base, 0), (base - 1, 2)] {
            let (tx, steps) = stage.send(script.clone(), limit - (base - left));
            let step = &named(&steps, "call_contract")[0];
            assert_eq!(step.outs[..], [0, 0, 0, 0, status], "{base}: {left} left");
            assert_eq!(step.ink(), FIXED + left * PRICE);
            // There is no ink left to return anything with.
            assert_eq!(tx.halt.as_deref(), Some("out of gas"));
        }
    }
    // Gas that pays for touching, not for value, is lost as well, however much it is.
    let script = script().call(callee, 1, ALL, []);
    let limit = stage.limit_for(&script, "call_contract", 3_000);
    let (_, steps) = stage.send(script, limit);
    let step = &named(&steps, "call_contract")[0];
    assert_eq!((step.ink(), step.outs[4]), (FIXED + 3_000 * PRICE, 2));
}

#[test]
fn value_in_a_static_context_fails_for_free_and_touches_nothing() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &[0x00]);
    // Inside: the call with value, one without, the balance of the account before it is touched.
    let inner =
        script().call(callee, 1, ALL, []).host("account_balance", callee.as_slice()).call(callee, 0, ALL, []);
    let (mut out, steps) = stage.play(script().static_call(stage.actor, ALL, inner).returned(0, 1_000));
    let (len, status) = out.call();
    assert_eq!((len, status), (8 + 32 + 8, 0), "the frame lives on");
    assert_eq!((out.call(), out.small(), out.call()), ((0, 2), 0, (0, 0)));
    let inner = &named(&steps, "static_call_contract")[0].steps;
    assert_eq!(inks(inner, "call_contract"), [FIXED, FIXED + 100 * PRICE]);
    assert_eq!(inks(inner, "account_balance"), [78_153 + 2_600 * PRICE], "still cold");
}

#[test]
fn value_that_is_not_there_costs_the_base_and_gives_the_gas_back() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &EVM_GAS);
    stage.chain.set_balance(stage.actor, U256::from(4));
    let script = script().call(callee, 5, ALL, []).call(NOBODY, 5, ALL, []).call(callee, 4, ALL, []);
    let (mut out, steps) = stage.play(script);
    assert_eq!((out.call(), out.call(), out.call()), ((0, 2), (0, 2), (32, 0)));
    let base = [2_600 + 9_000, 2_600 + 9_000 + 25_000, 100 + 9_000 + 15];
    assert_eq!(inks(&steps, "call_contract"), base.map(|gas| FIXED + gas * PRICE));
}

/// An EVM contract that calls itself `[n 32]` times more and then calls a program with a script that is part of its code.
///
/// ```text
///       PUSH0 CALLDATALOAD DUP1 PUSH1 down JUMPI POP
///       PUSH2 length PUSH2 offset PUSH0 CODECOPY
///       PUSH0 PUSH0 PUSH2 length PUSH0 PUSH0 PUSH20 program GAS CALL POP STOP
/// down: JUMPDEST PUSH1 1 SWAP1 SUB PUSH0 MSTORE
///       PUSH0 PUSH0 PUSH1 32 PUSH0 PUSH0 ADDRESS GAS CALL POP STOP
/// ```
fn descend(program: Address, script: &Script) -> Vec<u8> {
    let len = (script.as_ref().len() as u16).to_be_bytes();
    let head = |down: u8, offset: u16| {
        let offset = offset.to_be_bytes();
        let mut code = vec![0x5f, 0x35, 0x80, 0x60, down, 0x57, 0x50];
        code.extend([0x61, len[0], len[1], 0x61, offset[0], offset[1], 0x5f, 0x39]);
        code.extend([0x5f, 0x5f, 0x61, len[0], len[1], 0x5f, 0x5f, 0x73]);
        code.extend(program.as_slice());
        code.extend([0x5a, 0xf1, 0x50, 0x00]);
        code
    };
    let down = head(0, 0).len() as u8;
    let tail = [
        0x5b, 0x60, 1, 0x90, 0x03, 0x5f, 0x52, 0x5f, 0x5f, 0x60, 32, 0x5f, 0x5f, 0x30, 0x5a, 0xf1, 0x50, 0x00,
    ];
    let offset = u16::from(down) + tail.len() as u16;
    [&head(down, offset)[..], &tail, script.as_ref()].concat()
}

#[test]
fn calls_and_creations_end_at_a_depth_of_1024() {
    let mut stage = stage();
    let callee = deploy(&mut stage.chain, &[0x00]);
    let script = script().call(callee, 0, ALL, []).create1(&[], 0);
    let code = descend(stage.actor, &script);
    let contract = deploy(&mut stage.chain, &code);
    let mut deepest = |n: u64| {
        let tx = send_gas(&mut stage.chain, Some(contract), word(n), 0, 10_000_000_000_000);
        assert!(tx.success);
        let steps = steps(&stage.chain, &tx);
        (named(&steps, "call_contract")[0].clone(), named(&steps, "create1")[0].clone())
    };
    // The outermost frame has depth 0; after n steps down the program has n + 1, and what it calls n + 2.
    let (call, create) = deepest(1_022);
    assert_eq!((call.outs[4], call.ink()), (0, FIXED + 2_600 * PRICE));
    assert_ne!(create.outs[..20], [0; 20]);
    // One deeper the program still runs; its calls fail, cost their base, and give their gas back.
    let (call, create) = deepest(1_023);
    assert_eq!((call.outs[4], call.ink()), (2, FIXED + 2_600 * PRICE));
    assert_eq!((&create.outs[..20], create.ink()), (&[0; 20][..], FIXED + 32_000 * PRICE));
}

#[test]
fn accounts_warmed_by_a_frame_that_reverts_are_cold_again() {
    let mut stage = stage();
    let actor = stage.actor;
    let touch = |end: fn(Script) -> Script| {
        let inner = end(script().host("account_balance", NOBODY.as_slice()));
        script().call(actor, 0, ALL, inner).call(NOBODY, 0, ALL, [])
    };
    for (play, base) in [(touch(Script::revert), 2_600), (touch(Script::trap), 2_600), (touch(|s| s), 100)] {
        let (_, steps) = stage.play(play);
        assert_eq!(inks(&steps, "call_contract")[1], FIXED + base * PRICE);
    }
}

#[test]
fn failing_callees_cost_what_they_took() {
    let mut stage = stage();
    let revert = deploy(&mut stage.chain, &[0x5f, 0x5f, 0xfd]);
    let invalid = deploy(&mut stage.chain, &[0xfe]);
    // A program that was never activated takes all of its gas.
    let sleeping = deploy_wat(&mut stage.chain, FORWARDER);
    let script = script()
        .call(revert, 0, 70_000, [])
        .call(invalid, 0, 70_000, [])
        .call(sleeping, 0, 70_000, [])
        .call(stage.actor, 0, 50, []);
    let (mut out, steps) = stage.play(script);
    for _ in 0..4 {
        assert_eq!(out.call(), (0, 2));
    }
    // The last has too little gas to start a program.
    let gas = [2_600 + 4, 2_600 + 70_000, 2_600 + 70_000, 100 + 50];
    assert_eq!(inks(&steps, "call_contract"), gas.map(|gas| FIXED + gas * PRICE));
}

#[test]
fn return_data_is_that_of_the_last_call_in_every_case() {
    let mut stage = stage();
    let echo = deploy(&mut stage.chain, &EVM_ECHO);
    stage.chain.set_balance(stage.actor, U256::ZERO);
    let script = script()
        .call(echo, 0, ALL, word(9))
        .host("return_data_size", &[])
        .returned(31, 10)
        .returned(40, 10)
        .call(echo, 1, ALL, word(8))
        .host("return_data_size", &[]);
    let (mut out, _) = stage.play(script);
    assert_eq!((out.call(), out.u32()), ((32, 0), 32));
    assert_eq!(out.bytes(1)[..], [9], "as much as there is; nothing beyond the end");
    assert_eq!((out.call(), out.u32()), ((0, 2), 0), "a call that never began leaves none");
    assert!(out.ends());
}

#[test]
fn delegate_calls_keep_sender_value_and_account() {
    let mut stage = stage();
    let identity = script()
        .host("msg_sender", &[])
        .host("msg_value", &[])
        .host("contract_address", &[])
        .host("tx_origin", &[])
        .store(1, 77)
        .flush();
    // A second program of other code, whose account is the acting one.
    let other = program(
        &mut stage.chain,
        &format!("{} ;; other", actor()).replace("i32.const 48000", "i32.const 47000"),
    );
    let dev = plimsoll_devnode::config::DEV_ADDRESS;
    let data = script().delegate(stage.actor, ALL, &identity).returned(0, 200);
    let tx = send(&mut stage.chain, Some(other), data, 5);
    let mut out = read(&tx.output);
    assert_eq!(out.call(), (92, 0));
    assert_eq!((out.address(), out.small()), (dev, 5));
    assert_eq!((out.address(), out.address()), (other, dev));
    assert_eq!(
        (slot(&stage.chain, other, 1), slot(&stage.chain, stage.actor, 1)),
        (U256::from(77), U256::ZERO)
    );
    // A plain call has its own; a delegate call in a static context may not write.
    let data = script().call(stage.actor, 3, ALL, &identity).returned(0, 200).static_call(
        other,
        ALL,
        script().delegate(stage.actor, ALL, &identity),
    );
    let tx = send(&mut stage.chain, Some(other), data.returned(0, 8), 5);
    let mut out = read(&tx.output);
    assert_eq!(out.call(), (92, 0));
    assert_eq!((out.address(), out.small()), (other, 3));
    assert_eq!((out.address(), out.address()), (stage.actor, dev));
    assert_eq!((out.call(), out.call()), ((8, 0), (0, 2)));
}

#[test]
fn reentrant_flag_through_delegate_calls_and_creations() {
    let mut stage = stage();
    let (actor, flag) = (stage.actor, script().host("msg_reentrant", &[]));
    let other = program(&mut stage.chain, STORER);
    let reentrant = storer(6, 0, 0);
    let bounce = deploy(&mut stage.chain, &evm_forwarder(CALL));
    let by_delegate = deploy(&mut stage.chain, &evm_forwarder(DELEGATECALL));
    let data = script()
        .call(actor, 0, ALL, &flag)
        .returned(0, 4)
        .delegate(actor, ALL, &flag)
        .returned(0, 4)
        .delegate(by_delegate, ALL, forward_evm(other, &reentrant))
        .returned(0, 4)
        .call(bounce, 0, ALL, forward_evm(actor, flag.as_ref()))
        .returned(0, 4)
        .static_call(bounce, ALL, forward_evm(other, &reentrant))
        .returned(0, 4)
        .host("msg_reentrant", &[]);
    let (mut out, _) = stage.play(data);
    // Itself; by delegate itself and another, through EVM code: one frame of the account; itself behind EVM code; another.
    for expected in [1, 0, 0, 1, 0] {
        assert_eq!(out.call(), (4, 0));
        assert_eq!(out.u32(), expected);
    }
    assert_eq!(out.u32(), 0, "a fact of the frame, fixed when it began");
    // Init code that calls back into its maker: PUSH0 x5 PUSH20 actor ... with calldata of one byte, the flag's op.
    let op = flag.as_ref()[0];
    let mut init = vec![0x60, op, 0x5f, 0x53, 0x60, 4, 0x5f, 0x60, 1, 0x5f, 0x5f, 0x73];
    init.extend(actor.as_slice());
    // GAS CALL POP PUSH1 4 PUSH0 RETURN: the code is the flag.
    init.extend([0x5a, 0xf1, 0x50, 0x60, 4, 0x5f, 0xf3]);
    let (mut out, _) = stage.play(script().create1(&init, 0));
    let made = out.address();
    let code = script().host("account_code", &[made.as_slice(), &[0; 4], &4u32.to_le_bytes()].concat());
    let (mut out, _) = stage.play(code);
    assert_eq!(out.u32(), 1);
}

#[test]
fn return_data_costs_at_least_what_it_costs_in_the_evm() {
    /// Returns as many zeros as calldata says (4 bytes, little endian), with the status in the next 4.
    const RETURNER: &str = r#"(module
      (import "vm_hooks" "read_args" (func $read_args (param i32)))
      (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
      (memory (export "memory") 1 1)
      (func (export "user_entrypoint") (param $len i32) (result i32)
        (call $read_args (i32.const 0))
        (call $write_result (i32.const 8) (i32.load (i32.const 0)))
        (i32.load (i32.const 4))))"#;
    let mut stage = stage();
    let at = program(&mut stage.chain, RETURNER);
    cache(&mut stage.chain, at);
    // Cached, the program starts for some 360 gas and returns 32,768 bytes for 364; the EVM asks for
    // 3*1,024 + 1,024^2/512 = 5,120.
    let args = |status: u32| [32_768u32.to_le_bytes(), status.to_le_bytes()].concat();
    for status in [0, 1] {
        let tx = send(&mut stage.chain, Some(at), args(status), 0);
        assert_eq!((tx.success, tx.output.len()), (status == 0, 32_768));
        let calldata: u64 = args(status).iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
        assert_eq!(tx.gas_used, 21_000 + calldata + 5_120);
    }
    // Seen by a caller: the callee took 5,120; with one less it takes all and returns nothing.
    let (mut out, steps) = stage.play(script().call(at, 0, ALL, args(0)).call(at, 0, 5_120, args(1)).call(
        at,
        0,
        5_119,
        args(0),
    ));
    assert_eq!((out.call(), out.call(), out.call()), ((32_768, 0), (32_768, 2), (0, 2)));
    let gas = [2_600 + 5_120, 100 + 5_120, 100 + 5_119];
    assert_eq!(inks(&steps, "call_contract"), gas.map(|gas| FIXED + gas * PRICE));
    // No data, no charge: H + W(8) + H + 2*R(0) and four blocks: less than 20 gas beside the start.
    let tx = send(&mut stage.chain, Some(at), vec![0; 8], 0);
    assert!(tx.gas_used < 21_000 + 32 + 400, "{}", tx.gas_used);
}

#[test]
fn frames_of_programs_show_their_gas() {
    let mut stage = stage();
    let actor = stage.actor;
    let (tx, steps) = stage.send(script().call(actor, 0, 100_000, script().trap()), 32_000_000);
    let step = &named(&steps, "call_contract")[0];
    let frame = child(&stage.chain, &tx, 0);
    assert_eq!(hex(&frame["gas"]), 100_000);
    assert_eq!(step.ink(), FIXED + (100 + hex(&frame["gasUsed"])) * PRICE);
    assert_eq!(Bytes::from(step.outs[4..].to_vec())[..], [2]);
}
