//! How runs end: status, ink, stack, traps, early exits, return data; and programs that call each other.

use crate::common::{TestHost, activation_error, entry, evm_data, program, run, run_gas};
use alloy_primitives::{Address, Bytes};
use stylus_vm::{Call, Config, Error, Outcome, Program, RunResult, pricing};

const IMPORTS: &str = r#"
    (import "vm_hooks" "read_args" (func $read_args (param i32)))
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "exit_early" (func $exit_early (param i32)))
    (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "read_return_data" (func $read_return_data (param i32 i32 i32) (result i32)))"#;

fn ended(body: &str) -> RunResult {
    run(&program(&entry(IMPORTS, body)), &mut TestHost::new(), &[])
}

#[test]
fn status_decides_between_success_and_revert() {
    for (status, outcome) in [(0, Outcome::Success), (1, Outcome::Revert), (-1, Outcome::Revert)] {
        let body = format!(
            "(i32.store8 (i32.const 0) (i32.const 9)) (call $write_result (i32.const 0) (i32.const 1)) (i32.const {status})"
        );
        let result = ended(&body);
        assert_eq!((result.outcome, result.output), (outcome, Bytes::from_static(&[9])));
    }
}

#[test]
fn trap_after_a_result_reverts_without_data() {
    for trap in [
        "unreachable",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
        "(drop (i32.load (i32.const 65533)))",
    ] {
        let result = ended(&format!("(call $write_result (i32.const 0) (i32.const 8)) {trap} (i32.const 0)"));
        assert_eq!((result.outcome, result.output.len()), (Outcome::Failure, 0), "{trap}");
        assert!(result.gas_left > 999_000_000, "{trap}");
    }
}

#[test]
fn exit_early_ends_with_its_status_and_the_result_so_far() {
    for (status, outcome) in [(0, Outcome::Success), (7, Outcome::Revert)] {
        let result = ended(&format!(
            "(call $write_result (i32.const 0) (i32.const 8)) (call $exit_early (i32.const {status})) unreachable"
        ));
        assert_eq!((result.outcome, result.output.len()), (outcome, 8));
    }
}

#[test]
fn traces_begin_and_end_with_the_entry_point() {
    let lines = |body: &str| {
        let mut host = TestHost::new();
        run(&program(&entry(IMPORTS, body)), &mut host, &[1, 2, 3]);
        host.traces.iter().map(|line| (line.name, line.args.clone(), line.outs.clone())).collect::<Vec<_>>()
    };
    let entered = ("user_entrypoint", vec![0, 0, 0, 3], vec![]);
    let read = ("read_args", vec![], vec![1, 2, 3]);
    let left = |status| ("user_returned", vec![], vec![0, 0, 0, status]);
    let body = "(call $read_args (i32.const 0)) (i32.const 5)";
    assert_eq!(lines(body), [entered.clone(), read.clone(), left(5)]);
    let body = "(call $read_args (i32.const 0)) (call $exit_early (i32.const 6)) (i32.const 0)";
    assert_eq!(
        lines(body),
        [entered.clone(), read.clone(), ("exit_early", vec![0, 0, 0, 6], vec![]), left(6)]
    );
    assert_eq!(lines("(call $read_args (i32.const 0)) unreachable"), [entered, read]);
}

#[test]
fn infinite_loop_runs_out_of_ink() {
    let endless = program(&entry("", "(loop (br 0)) (i32.const 0)"));
    let result = run_gas(&endless, &mut TestHost::new(), &[], 1_000_000);
    assert_eq!((result.outcome, result.gas_left, result.ink_left), (Outcome::OutOfInk, 0, 0));
    // one unit of gas is 10,000 ink: enough for [const end] at 2,452
    let short = program(&entry("", "(i32.const 0)"));
    assert_eq!(run_gas(&short, &mut TestHost::new(), &[], 0).outcome, Outcome::OutOfInk);
    let result = run_gas(&short, &mut TestHost::new(), &[], 1);
    assert_eq!((result.outcome, result.gas_left, result.ink_left), (Outcome::Success, 0, 7_548));
}

#[test]
fn gas_beyond_the_meter_saturates() {
    let short = program(&entry("", "(i32.const 0)"));
    let result = run_gas(&short, &mut TestHost::new(), &[], u64::MAX);
    assert_eq!((result.outcome, result.ink_left), (Outcome::Success, u64::MAX - 2_452));
}

/// A program that calls itself as often as the first four bytes of its calldata say.
fn recursion() -> String {
    format!(
        r#"(module {IMPORTS}
            (memory (export "memory") 1 1)
            (func $down (param $n i32) (result i32)
                (if (result i32) (local.get $n)
                    (then (call $down (i32.sub (local.get $n) (i32.const 1))))
                    (else (i32.const 0))))
            (func (export "user_entrypoint") (param i32) (result i32)
                (call $read_args (i32.const 0)) (call $down (i32.load (i32.const 0)))))"#
    )
}

/// Runs [`recursion`] with a stack of so many words.
fn recurse(depth: u32, words: u32) -> Outcome {
    let config = Config { max_stack_depth: words, ..Config::default() };
    let program = Program::activate(&crate::common::wasm(&recursion()), &config, 0).unwrap();
    let call = Call { calldata: &depth.to_le_bytes(), gas: 1_000_000_000, starting_gas: 1_000_000_000 };
    let result = program.run(&mut TestHost::new(), &config, &evm_data(), call);
    assert_eq!(result.gas_left == 0, result.outcome == Outcome::OutOfStack);
    result.outcome
}

#[test]
fn stack_depth_by_frames() {
    // Operands of `down` at their worst: the result that the `if` made room for, the result of the call, and the two
    // words of the meter before `else`: 4. With 4 fixed words and no declared local the frame is 8.
    // The entry point: the call's result and the meter's two words: 3, a frame of 7.
    // Space must stay above zero: depth d needs 7 + 8 * (d + 1) < words.
    for depth in [0, 1, 10, 1_000] {
        let exact = 7 + 8 * (depth + 1);
        assert_eq!(recurse(depth, exact), Outcome::OutOfStack, "depth {depth}");
        assert_eq!(recurse(depth, exact + 1), Outcome::Success, "depth {depth}");
    }
}

#[test]
fn stack_depth_of_each_version_ends_before_the_engine() {
    for version in [40, 51] {
        let words = Config::for_arbos(version).max_stack_depth;
        let deepest = (words - 1 - 7) / 8 - 1;
        assert_eq!(recurse(deepest, words), Outcome::Success, "ArbOS {version}");
        assert_eq!(recurse(deepest + 1, words), Outcome::OutOfStack, "ArbOS {version}");
    }
    // a budget beyond the engine's own stack is out of stack too
    assert_eq!(recurse(10_000_000, u32::MAX), Outcome::OutOfStack);
}

#[test]
fn stack_is_given_back_on_return() {
    let text = r#"(module (memory (export "memory") 1 1)
        (func $f (param i32) (result i32) (local i64 i64 i64)
            (if (local.get 0) (then (return (i32.const 0)))) (i32.const 0))
        (func (export "user_entrypoint") (param i32) (result i32) (local $i i32)
            (loop $next
                (drop (call $f (i32.and (local.get $i) (i32.const 1))))
                (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))
            (i32.const 0)))"#;
    assert_eq!(run(&program(text), &mut TestHost::new(), &[]).outcome, Outcome::Success);
}

#[test]
fn frame_errors_too_large() {
    let deep = |operands: usize| {
        let push = "(i32.const 1)".repeat(operands);
        let drop = "drop ".repeat(operands);
        format!(
            r#"(module (memory (export "memory") 1 1)
                (func (export "user_entrypoint") (param i32) (result i32) {push} {drop} (i32.const 0)))"#
        )
    };
    // the block is metered before it begins, on an empty stack
    assert_eq!(activation_error(&deep(4_096)), None);
    let error = activation_error(&deep(4_097));
    assert_eq!(error, Some(Error::FrameTooLarge { function: 0, frame: 4_101, height: 4_097 }));
}

#[test]
fn return_data_costs_what_it_costs_in_the_evm() {
    // 3 gas a word and words squared over 512
    assert_eq!(pricing::return_data_gas(0), 0);
    assert_eq!(pricing::return_data_gas(1), 3);
    assert_eq!(pricing::return_data_gas(65_536), 2_048 * 3 + 8_192);
    let wasm = crate::common::wasm(&entry(
        IMPORTS,
        "(call $write_result (i32.const 0) (i32.const 65536)) (i32.const 0)",
    ));
    let spent = |version, starting: u64| {
        let config = Config::for_arbos(version);
        let call = Call { calldata: &[], gas: 100_000, starting_gas: starting };
        let result = Program::activate(&wasm, &config, 0).unwrap().run(
            &mut TestHost::new(),
            &config,
            &evm_data(),
            call,
        );
        (result.outcome, result.gas_left)
    };
    // writing it costs (2 * (16381 + 55 * 65504) + 8400 + ...) ink = 728 gas
    let (outcome, plain) = spent(30, 100_000);
    assert_eq!((outcome, 100_000 - plain), (Outcome::Success, 726));
    assert_eq!(spent(31, 100_000), (Outcome::Success, 100_000 - 14_336));
    // what the call itself cost counts
    assert_eq!(spent(31, 110_000), (Outcome::Success, 110_000 - 14_336));
    assert_eq!(spent(31, 200_000), (Outcome::Success, plain));
    assert_eq!(spent(31, 14_335), (Outcome::OutOfInk, 0));
    assert_eq!(spent(31, 14_336), (Outcome::Success, 0));
}

#[test]
fn memory_grow_pays_first() {
    let text = entry(
        IMPORTS,
        "(call $read_args (i32.const 0))
         (i32.store (i32.const 4) (memory.grow (i32.load (i32.const 0))))
         (i32.store (i32.const 8) (memory.size)) (call $write_result (i32.const 4) (i32.const 8)) (i32.const 0)",
    );
    let program = program(&text);
    let grow = |pages: u32, gas: u64| {
        let mut host = TestHost { open_pages: 1, ever_pages: 1, ..TestHost::new() };
        run_gas(&program, &mut host, &pages.to_le_bytes(), gas)
    };
    let sizes = |before: i32, after: u32| [before.to_le_bytes(), after.to_le_bytes()].concat();
    let result = grow(100, 1_000_000);
    assert_eq!((result.outcome, result.output.to_vec()), (Outcome::Success, sizes(1, 101)));
    // 932,066 gas for the pages
    assert!(1_000_000 - result.gas_left > 932_066 && 1_000_000 - result.gas_left < 932_080);
    assert_eq!(grow(100, 932_066).outcome, Outcome::OutOfInk);
    assert_eq!(grow(128, u64::MAX / 10_000).outcome, Outcome::OutOfInk);
    // 16 bits are paid for; more than the limit of pages is never given
    assert_eq!(grow(0x1_0000, 1_000_000).output.to_vec(), sizes(-1, 1));
    assert_eq!(grow(0, 1_000_000).output.to_vec(), sizes(1, 1));
}

#[test]
fn memory_grown_is_usable_and_payment_alone_grows_nothing() {
    let body = |act: &str| {
        entry(
            IMPORTS,
            &format!(
                "{act} (i32.store (i32.const 65536) (i32.const 7))
         (call $write_result (i32.const 65536) (i32.const 4)) (i32.const 0)"
            ),
        )
    };
    let grown = run(&program(&body("(drop (memory.grow (i32.const 1)))")), &mut TestHost::new(), &[]);
    assert_eq!((grown.outcome, grown.output.to_vec()), (Outcome::Success, vec![7, 0, 0, 0]));
    let paid = body("(drop (memory.grow (i32.const 0))) (call $pay_for_memory_grow (i32.const 1))");
    assert_eq!(run(&program(&paid), &mut TestHost::new(), &[]).outcome, Outcome::Failure);
}

#[test]
fn memory_grow_of_a_fixed_memory() {
    let text = r#"(module
        (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
        (memory (export "memory") 3 3)
        (func (export "user_entrypoint") (param i32) (result i32)
            (i32.store (i32.const 0) (memory.grow (i32.const 0)))
            (i32.store (i32.const 4) (memory.grow (i32.const 1)))
            (i32.store (i32.const 8) (memory.size))
            (call $write_result (i32.const 0) (i32.const 12)) (i32.const 0)))"#;
    let result = run(&program(text), &mut TestHost::new(), &[]);
    assert_eq!(result.output.to_vec(), [3i32, -1, 3].map(i32::to_le_bytes).concat());
}

#[test]
fn memory_bounds_of_results() {
    // pages, pointer, length: which may be written as a result
    let text = r#"(module
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
        (memory (export "memory") PAGES)
        (func (export "user_entrypoint") (param i32) (result i32)
            (call $write_result (i32.const SPOT) (i32.const LEN)) (i32.const 0)))"#;
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
        let text = text.replace("PAGES", &pages.to_string()).replace("SPOT", &spot.to_string());
        let program = program(&text.replace("LEN", &len.to_string()));
        let expected = if passes { Outcome::Success } else { Outcome::Failure };
        assert_eq!(run(&program, &mut TestHost::new(), &[]).outcome, expected, "({pages}, {spot}, {len})");
    }
}

#[test]
fn segments_out_of_bounds_fail_at_the_start() {
    for segment in [r#"(data (i32.const 65535) "ab")"#, "(table 1 funcref) (elem (i32.const 1) 0)"] {
        let text = format!(
            r#"(module (memory (export "memory") 1 1)
                (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)) {segment})"#
        );
        let result = run(&program(&text), &mut TestHost::new(), &[]);
        assert_eq!((result.outcome, result.gas_left), (Outcome::Failure, 1_000_000_000), "{segment}");
    }
}

#[test]
fn instances_are_fresh_for_each_run() {
    let text = r#"(module
        (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
        (memory (export "memory") 1 1) (global $g (mut i32) (i32.const 5)) (data (i32.const 4) "z")
        (func (export "user_entrypoint") (param i32) (result i32)
            (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (global.get $g)))
            (global.set $g (i32.const 9)) (i32.store8 (i32.const 5) (i32.load8_u (i32.const 4)))
            (i32.store8 (i32.const 4) (i32.const 0))
            (call $write_result (i32.const 0) (i32.const 6)) (i32.const 0)))"#;
    let program = program(text);
    for _ in 0..3 {
        assert_eq!(run(&program, &mut TestHost::new(), &[]).output.to_vec(), b"\x05\0\0\0\0z");
    }
}

/// A program that calls the address in its calldata with its calldata and returns one more than it got.
const CHAIN: &str = "(local $status i32)
    (call $read_args (i32.const 0))
    (local.set $status
        (call $static (i32.const 0) (i32.const 0) (local.get $len) (i64.const -1) (i32.const 100)))
    (drop (call $read_return_data (i32.const 104) (i32.const 0) (i32.const 4)))
    (i32.store (i32.const 104) (i32.add (i32.load (i32.const 104)) (i32.const 1)))
    (call $write_result (i32.const 104) (i32.const 4)) (i32.const 0)";

#[test]
fn programs_call_themselves_until_gas_ends() {
    let body = || {
        let own = Address::repeat_byte(7);
        let program = program(&entry(IMPORTS, CHAIN));
        let mut host = TestHost::new();
        host.programs.insert(own, (program.clone(), Config::default()));
        let result = run_gas(&program, &mut host, own.as_slice(), 32_000_000);
        assert_eq!(result.outcome, Outcome::Success);
        let depth = u32::from_le_bytes(result.output[..4].try_into().unwrap());
        // 63/64 of the gas goes down each time and a frame costs some 120: a few hundred frames
        assert!((100..1_024).contains(&depth), "{depth}");
        // the figure that `Program::run` states, with room for the test's own host
        let frames: Vec<usize> = host.stack_marks.windows(2).map(|pair| pair[0].abs_diff(pair[1])).collect();
        let most = frames.iter().max().copied().unwrap_or_default();
        eprintln!("{depth} frames, {most} bytes of native stack each");
        assert!(most < 16 << 10, "{most}");
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(body).unwrap();
    thread.join().unwrap();
}
