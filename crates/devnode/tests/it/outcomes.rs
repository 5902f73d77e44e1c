//! How frames of programs end: what the transaction, a calling program and a calling contract see of it, and what gas is
//! left (`stylus.md` section 4.5).

use crate::common::script::*;
use crate::common::*;
use alloy_primitives::{Address, Bytes, U256};
use plimsoll_devnode::chain::Chain;

const FIXED: u64 = 83_193 + 2 * 16_381;
const PRICE: u64 = 10_000;

/// An EVM contract that calls `[address 32][gas 32][payload]` and returns success, the gas that the call took, and what
/// came back, whatever happened.
///
/// ```text
/// PUSH0 PUSH2 8000 MSTORE                                   memory is paid for before anything is measured
/// PUSH1 64 CALLDATASIZE SUB DUP1 PUSH1 64 PUSH0 CALLDATACOPY
/// PUSH0 PUSH0 SWAP2 PUSH0 PUSH0 PUSH0 CALLDATALOAD PUSH1 32 CALLDATALOAD
/// GAS PUSH2 7000 MSTORE CALL GAS PUSH2 7020 MSTORE          3 + 3 + the call + 2
/// PUSH2 6000 MSTORE                                         success
/// PUSH2 7020 MLOAD PUSH2 7000 MLOAD SUB PUSH2 6020 MSTORE
/// RETURNDATASIZE PUSH0 PUSH2 6040 RETURNDATACOPY
/// RETURNDATASIZE PUSH1 64 ADD PUSH2 6000 RETURN
/// ```
fn evm_probe() -> Vec<u8> {
    let mut code = vec![0x5f, 0x61, 0x80, 0x00, 0x52];
    code.extend([0x60, 64, 0x36, 0x03, 0x80, 0x60, 64, 0x5f, 0x37]);
    code.extend([0x5f, 0x5f, 0x91, 0x5f, 0x5f, 0x5f, 0x35, 0x60, 32, 0x35]);
    code.extend([0x5a, 0x61, 0x70, 0x00, 0x52, 0xf1, 0x5a, 0x61, 0x70, 0x20, 0x52]);
    code.extend([0x61, 0x60, 0x00, 0x52]);
    code.extend([0x61, 0x70, 0x20, 0x51, 0x61, 0x70, 0x00, 0x51, 0x03, 0x61, 0x60, 0x20, 0x52]);
    code.extend([0x3d, 0x5f, 0x61, 0x60, 0x40, 0x3e, 0x3d, 0x60, 64, 0x01, 0x61, 0x60, 0x00, 0xf3]);
    code
}

struct Stage {
    chain: Chain,
    /// Calls.
    actor: Address,
    /// Is called.
    callee: Address,
    probe: Address,
}

fn stage() -> Stage {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    let callee = deploy(
        &mut chain,
        &stylus_vm::code::compress(&wat::parse_str(crate::common::script::actor()).unwrap()),
    );
    let probe = deploy(&mut chain, &evm_probe());
    Stage { chain, actor, callee, probe }
}

/// What is seen of a frame.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    success: bool,
    data: Bytes,
    /// Whether the frame took all gas that it was given.
    took_all: bool,
}

impl Stage {
    /// The script as a transaction: how it ended, the error if it is more than a revert.
    fn alone(&mut self, script: &Script) -> (Seen, Option<String>) {
        let gas = 1_000_000;
        let tx = send_gas(&mut self.chain, Some(self.callee), script.clone(), 0, gas);
        assert!(tx.gas_used == gas || tx.gas_used < 100_000, "{}", tx.gas_used);
        let seen = Seen { success: tx.success, data: tx.output, took_all: tx.gas_used == gas };
        (seen, tx.halt)
    }

    /// The script as called by a program with 500,000 gas.
    fn by_program(&mut self, script: &Script) -> Seen {
        let data = crate::common::script::script().call(self.callee, 0, 500_000, script).returned(0, 10_000);
        let tx = send(&mut self.chain, Some(self.actor), data, 0);
        assert!(tx.success, "{:?}", tx.halt);
        let mut out = read(&tx.output);
        let (len, status) = out.call();
        let step = &named(&steps(&self.chain, &tx), "call_contract")[0];
        let extra = 2 * 55 * (script.as_ref().len().max(32) as u64 - 32);
        let taken = (step.ink() - FIXED - extra) / PRICE - 2_600;
        assert!(taken == 500_000 || taken < 100_000, "{taken}");
        assert!(status == 0 || status == 2, "never 1");
        Seen { success: status == 0, data: out.bytes(len as usize), took_all: taken == 500_000 }
    }

    /// The script as called by an EVM contract with 500,000 gas.
    fn by_contract(&mut self, script: &Script) -> Seen {
        let gas: [u8; 32] = U256::from(500_000).to_be_bytes();
        let data = [self.callee.into_word().as_slice(), &gas, script.as_ref()].concat();
        let tx = send(&mut self.chain, Some(self.probe), data, 0);
        assert!(tx.success, "{:?}", tx.halt);
        let mut out = read(&tx.output);
        let (success, taken) = (out.small(), out.small() - 8 - 2_600);
        assert!(taken == 500_000 || taken < 100_000, "{taken}");
        let len = tx.output.len() - 64;
        Seen { success: success == 1, data: out.bytes(len), took_all: taken == 500_000 }
    }

    /// The script ends the same for whoever sees it.
    fn ends(&mut self, script: Script, success: bool, data: &[u8], halt: Option<&str>) {
        let expected = || Seen { success, data: Bytes::copy_from_slice(data), took_all: halt.is_some() };
        let (seen, error) = self.alone(&script);
        assert_eq!((seen, error.as_deref()), (expected(), halt), "alone");
        assert_eq!(self.by_program(&script), expected(), "by a program");
        assert_eq!(self.by_contract(&script), expected(), "by a contract");
    }
}

#[test]
fn success_gives_data_and_gas_back() {
    stage().ends(script().host("tx_ink_price", &[]), true, &10_000u32.to_le_bytes(), None);
}

#[test]
fn revert_gives_data_and_gas_back() {
    let script = script().host("tx_ink_price", &[]).revert();
    stage().ends(script, false, &10_000u32.to_le_bytes(), None);
}

#[test]
fn exit_early_ends_by_its_status_with_the_result_so_far() {
    let mut stage = stage();
    stage.ends(script().result(b"so far").exit(0), true, b"so far", None);
    stage.ends(script().result(b"so far").exit(1), false, b"so far", None);
    stage.ends(script().result(b"first").result(b"last").exit(77), false, b"last", None);
    stage.ends(script().exit(0), true, b"", None);
}

#[test]
fn trap_is_a_revert_without_data_that_gives_gas_back() {
    // The script sets a result before it traps.
    stage().ends(script().trap(), false, b"", None);
}

#[test]
fn pointers_out_of_bounds_are_a_failure_like_a_trap() {
    // Results of 32 bytes: 548 of them fill the buffer, from 48,000 to the end of the page; the next is outside.
    let mut script = script().result(b"lost");
    for _ in 0..549 {
        script = script.host("msg_value", &[]);
    }
    stage().ends(script, false, b"", None);
}

#[test]
fn forbidden_acts_are_a_failure_like_a_trap() {
    // Five topics, one too many; bytes for fewer topics than there are said to be.
    let five = [&counted(&[0; 160])[..], &5u32.to_le_bytes()].concat();
    let few = [&counted(&[0; 63])[..], &2u32.to_le_bytes()].concat();
    let mut stage = stage();
    stage.ends(script().result(b"lost").host("emit_log", &five), false, b"", None);
    stage.ends(script().result(b"lost").host("emit_log", &few), false, b"", None);
}

#[test]
fn out_of_ink_takes_all_gas() {
    let mut stage = stage();
    stage.ends(script().result(b"lost").forever(), false, b"", Some("out of gas"));
    // In a host function: 120 pages more cost 9,578,127 gas at least (119,000 and the ramp from 121 pages).
    stage.ends(script().result(b"lost").pay_for_pages(120), false, b"", Some("out of gas"));
}

#[test]
fn out_of_stack_takes_all_gas() {
    stage().ends(script().result(b"lost").recurse(), false, b"", Some("max call depth exceeded"));
}

#[test]
fn too_little_gas_to_start_takes_all() {
    let mut stage = stage();
    // Of the 8,832 + 352 and more that it takes to start the callee uncached there are 9,000.
    let data = script().call(stage.callee, 0, 9_000, []);
    let tx = send(&mut stage.chain, Some(stage.actor), data, 0);
    // The actor's code ran just now; in a block of its own a call by EVM code is the first.
    assert_eq!(read(&tx.output).call(), (0, 0), "warm: the actor has the same code");
    let gas: [u8; 32] = U256::from(9_000).to_be_bytes();
    let data = [stage.callee.into_word().as_slice(), &gas].concat();
    let tx = send(&mut stage.chain, Some(stage.probe), data, 0);
    let mut out = read(&tx.output);
    assert_eq!((out.small(), out.small()), (0, 8 + 2_600 + 9_000));
    assert!(out.ends());
    let tx = send_gas(&mut stage.chain, Some(stage.callee), [], 0, 30_000);
    assert_eq!((tx.halt.as_deref(), tx.gas_used), (Some("out of gas"), 30_000));
}

#[test]
fn state_of_a_frame_that_did_not_succeed_is_gone() {
    let mut stage = stage();
    let callee = stage.callee;
    let work = || script().store(1, 9).flush().transient_store(1, 9).log(&[], b"gone");
    let look = script().load(1).transient_load(1);
    for end in [work().revert(), work().trap(), work().forever(), work().recurse(), work().exit(3)] {
        let data = script()
            .call(callee, 0, 2_000_000, end)
            .call(callee, 0, ALL, &look)
            .returned(0, 64)
            .log(&[], b"kept");
        let tx = send(&mut stage.chain, Some(stage.actor), data, 0);
        assert!(tx.success, "{:?}", tx.halt);
        let mut out = read(&tx.output);
        assert_eq!(out.call().1, 2);
        assert_eq!((out.call(), out.small(), out.small()), ((64, 0), 0, 0));
        assert_eq!(tx.logs.len(), 1);
        assert_eq!(tx.logs[0].data.data[..], *b"kept");
    }
    // Value that went with the call comes back too.
    stage.chain.set_balance(stage.actor, U256::from(10));
    let balance = script().host("account_balance", callee.as_slice());
    let data = script().call(callee, 10, 2_000_000, script().trap()).call(callee, 0, ALL, balance);
    let tx = send(&mut stage.chain, Some(stage.actor), data.returned(0, 32), 0);
    let mut out = read(&tx.output);
    assert_eq!((out.call(), out.call(), out.small()), ((0, 2), (32, 0), 0));
}

#[test]
fn traps_show_what_ran_before_them() {
    // A trace of a frame that failed ends where it failed, without `user_returned`.
    let mut stage = stage();
    let tx = send(&mut stage.chain, Some(stage.callee), script().host("chainid", &[]).trap(), 0);
    let steps = steps(&stage.chain, &tx);
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["user_entrypoint", "read_args", "chainid", "write_result"]);
}
