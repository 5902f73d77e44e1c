//! Memory over a whole transaction: pages open and ever open, of all frames (`stylus.md` section 4.4 and its worked
//! examples in 5.3).

use crate::common::script::*;
use crate::common::*;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::ArbWasm;

const PRICE: u64 = 10_000;
/// GasCost(128, 0, 0): 126 pages beyond the free ones, and the ramp: 126,000 + 31,873,999 - 1.
const ALL_PAGES: u64 = 31_999_998;

/// Calldata `[pages][step]`: grows its memory, of one page at first, by so many pages, a step at a time.
const MEMORY: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param i32) (result i32) (local $left i32) (local $step i32)
    (call $read_args (i32.const 0))
    (local.set $left (i32.load8_u (i32.const 0)))
    (loop $next
      (local.set $step (i32.load8_u (i32.const 1)))
      (if (i32.gt_u (local.get $step) (local.get $left)) (then (local.set $step (local.get $left))))
      (if (i32.eq (memory.grow (local.get $step)) (i32.const -1)) (then unreachable))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (local.get $step)))))
    (i32.const 0)))"#;

struct Stage {
    chain: Chain,
    actor: Address,
}

fn stage() -> Stage {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    Stage { chain, actor }
}

impl Stage {
    fn send(&mut self, script: Script) -> (Mined, Vec<Step>) {
        let tx = send_gas(&mut self.chain, Some(self.actor), script, 0, 200_000_000);
        assert!(tx.success, "{:?}", tx.halt);
        let steps = steps(&self.chain, &tx);
        (tx, steps)
    }
}

/// Gas of each growth in a frame.
fn grown(steps: &[Step]) -> Vec<u64> {
    inks(steps, "pay_for_memory_grow").into_iter().map(|ink| ink / PRICE).collect()
}

/// The first worked example. The reference has (127, 50), counted by Nitro's own program, and (126, 80); the program here
/// has one page to begin with, so that 126 grown are 127 of its own, and 128 with the caller's.
#[test]
fn two_programs_that_take_all_pages_one_after_the_other() {
    let mut stage = stage();
    let memory = program(&mut stage.chain, MEMORY);
    let (tx, steps) = stage.send(script().call(memory, 0, ALL, [126, 50]).call(memory, 0, ALL, [126, 80]));
    let calls = named(&steps, "call_contract");
    // 52, 102, 128 pages: 1,000 each and the ramp 1,117 - 1; 953,456 - 1,117; 31,873,999 - 953,456.
    assert_eq!(grown(&calls[0].steps), [51_116, 1_002_339, 30_946_543]);
    assert_eq!(grown(&calls[0].steps).iter().sum::<u64>(), ALL_PAGES);
    // Again, and only the linear part is to be paid.
    assert_eq!(grown(&calls[1].steps), [80_000, 46_000]);
    let least = ALL_PAGES + 126_000;
    assert!((least..=least + 200_000).contains(&tx.gas_used), "{}", tx.gas_used);
    assert!(tx.gas_used.abs_diff(32_000_000 + 126_000) < 200_000);
}

#[test]
fn page_129_cannot_be_paid() {
    let mut stage = stage();
    let memory = program(&mut stage.chain, MEMORY);
    let (tx, _) = stage.send(script().call(memory, 0, 50_000_000, [127, 127]));
    assert_eq!(read(&tx.output).call(), (0, 2));
    assert!(tx.gas_used > 50_000_000, "out of ink takes all");
    // Alone it has the page.
    assert!(send_gas(&mut stage.chain, Some(memory), vec![127, 127], 0, 50_000_000).success);
    let tx = send_gas(&mut stage.chain, Some(memory), vec![128, 128], 0, 50_000_000);
    assert_eq!(tx.halt.as_deref(), Some("out of gas"));
}

/// The second worked example: 122 pages of a caller and a callee that begins with 8.
#[test]
fn programs_that_begin_with_pages_pay_for_them_when_they_are_called() {
    const EIGHT: &str = r#"(module
      (memory (export "memory") 8 8)
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#;
    let mut stage = stage();
    let callee = program(&mut stage.chain, EIGHT);
    // The caller has one page: 118 more are 119, and 127 with the callee's.
    let (tx, steps) = stage.send(script().grow(118).call(callee, 0, ALL, []));
    assert_eq!(read(&tx.output).call(), (0, 0));
    // GasCost(127, 0, 0) = 125,000 + 27,849,408 - 1.
    let least = 27_974_407;
    assert!((least..=least + 100_000).contains(&tx.gas_used), "{}", tx.gas_used);
    assert_eq!(grown(&steps), [117_000 + 9_459_129 - 1]);
    // Section 2.2: 1 function of 2 types, 4 globals, 8 pages; the block of the callee is 1 gas.
    let wasm_len = wat::parse_str(EIGHT).unwrap().len() as u64;
    let start = 69 * 128 + 8 + 2 + wasm_len * 1_286 / 10_000 + 11 * 32 + wasm_len * 122 / 100_000 + 6 + 40;
    let pages = 8_000 + 27_849_408 - 9_459_129;
    let ink = 83_193 + 2 * 16_381 + (2_600 + start + pages + 1) * PRICE;
    assert_eq!(inks(&steps, "call_contract"), [ink]);
    // 120 are 128, the most; 121 and 122 are too many: the callee does not begin.
    for (pages, status) in [(120, 0), (121, 2), (122, 2)] {
        let (tx, _) = stage.send(script().grow(pages - 1).call(callee, 0, 40_000_000, []));
        assert_eq!(read(&tx.output).call(), (0, status), "{pages} pages");
    }
}

#[test]
fn activation_counts_the_pages_that_are_open() {
    const LARGE: &str = r#"(module
      (memory (export "memory") 120 120)
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#;
    let mut stage = stage();
    let large = deploy_wat(&mut stage.chain, LARGE);
    stage.chain.set_balance(stage.actor, U256::from(ETHER));
    let data = ArbWasm::activateProgramCall { program: large }.abi_encode();
    // 60 pages open, as in the reference; then 9, one too many; then 8.
    for (open, status) in [(60, 2), (9, 2), (8, 0)] {
        let play = script().grow(open - 1).call(ARB_WASM, ETHER / 2, 20_000_000, &data);
        let (tx, _) = stage.send(play);
        assert_eq!(read(&tx.output).call().1, status, "{open} pages");
        if status != 0 {
            assert!(tx.gas_used > 20_000_000, "a failed activation takes all");
        } else {
            // The fixed part and 120 pages at 2,217 microseconds of 28 gas.
            assert!(tx.gas_used > 1_659_168 + 120 * 2_217 * 28);
        }
    }
}

#[test]
fn ramp_is_paid_once_and_reverts_do_not_reset_it() {
    let mut stage = stage();
    let actor = stage.actor;
    for end in [script().grow(100).revert(), script().grow(100).trap(), script().grow(100).exit(3)] {
        let play = script().call(actor, 0, ALL, end).call(actor, 0, ALL, script().grow(100)).grow(101);
        let (_, steps) = stage.send(play);
        let calls = named(&steps, "call_contract");
        // From 2 pages to 102: 100,000 + 953,456 - 1. The pages are given back, the ramp is not.
        assert_eq!(grown(&calls[0].steps), [1_053_455]);
        assert_eq!(grown(&calls[1].steps), [100_000]);
        // The caller alone: one page to 102, of which one is free.
        assert_eq!(grown(&steps), [100_000]);
    }
    // One page further than ever: 1,000 and 1,091,243 - 953,456.
    let play = script().call(actor, 0, ALL, script().grow(100).revert()).grow(101).grow(1);
    assert_eq!(grown(&stage.send(play).1), [100_000, 138_787]);
}

#[test]
fn frames_of_every_kind_count() {
    let mut stage = stage();
    let actor = stage.actor;
    let evm = deploy(&mut stage.chain, &evm_forwarder(CALL));
    let inner = script().grow(5);
    for play in [
        script().grow(10).call(actor, 0, ALL, &inner),
        script().grow(10).delegate(actor, ALL, &inner),
        script().grow(10).static_call(actor, ALL, &inner),
        script().grow(10).call(evm, 0, ALL, forward_evm(actor, inner.as_ref())),
    ] {
        let (tx, steps) = stage.send(play.grow(1));
        assert_eq!(read(&tx.output).call(), (0, 0));
        let call = steps.iter().find(|step| !step.steps.is_empty()).unwrap();
        // The caller has 11 pages, the callee begins with one: from 12 to 17, 5,000 + 9 - 5.
        assert_eq!(grown(&call.steps), [5_004]);
        // From 1 to 11: 9,000 + 4 - 1. Then from 11 to 12: the callee's pages are given back.
        assert_eq!(grown(&steps), [9_003, 1_000]);
    }
}

#[test]
fn pages_of_a_callee_are_paid_with_the_call() {
    let mut stage = stage();
    let actor = stage.actor;
    // Below two frames of one page each further frame opens a third page, a fourth, ...: 1,000 gas each, not more, as the
    // ramp is flat so far.
    let nested = (0..4).fold(script(), |inner, _| script().call(actor, 0, ALL, &inner));
    let (_, steps) = stage.send(nested);
    let mut frame = &steps[..];
    let mut costs = Vec::new();
    while let Some(call) = frame.iter().find(|step| step.name == "call_contract") {
        let entry = call.steps[0].clone();
        assert_eq!(entry.name, "user_entrypoint");
        let len = call.args.len() as u64 - 20 - 8 - 32;
        let fixed = 83_193 + 2 * (16_381 + 55 * (len.max(32) - 32));
        let left = (call.start - fixed) / PRICE - 100;
        // What the frame was given, less what its program had at its start.
        costs.push(left * 63 / 64 - entry.start / PRICE);
        frame = &call.steps;
    }
    // Pages 2, 3, 4, 5; the program is the same and costs the same to start.
    let start = costs[0];
    assert_eq!(costs[1..], [start + 1_000, start + 1_000, start + 1_000]);
}

/// The table of section 5.3: pages, place, length, whether the result may lie there.
#[test]
fn results_at_the_boundary_of_memory() {
    let mut chain = chain();
    for (pages, spot, len, passes) in [
        (0, 0, 0, true),
        (1, 4, 0, true),
        (1, 65_536, 0, true),
        (1, 65_536, 1, false),
        (1, 65_537, 0, false),
        (1, 65_535, 1, true),
        (1, 65_535, 2, false),
        (2, 131_072, 0, true),
        (2, 131_073, 0, false),
    ] {
        let text = format!(
            r#"(module
              (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
              (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
              (memory (export "memory") 0)
              (func (export "user_entrypoint") (param i32) (result i32)
                (drop (memory.grow (i32.const {pages})))
                (call $write_result (i32.const {spot}) (i32.const {len}))
                (i32.const 0)))"#
        );
        let at = program(&mut chain, &text);
        let tx = send(&mut chain, Some(at), [], 0);
        assert_eq!(tx.success, passes, "{pages} {spot} {len}");
        assert_eq!(tx.output.len(), if passes { len } else { 0 });
        assert!(tx.halt.is_none(), "a failure, not out of ink");
    }
}
