//! Profiles: each function and host function is charged what it used, and watching changes nothing.

use crate::common::{OTHER, TestHost, entry, evm_data, program, wasm};
use alloy_primitives::{Address, Bytes};
use stylus_vm::{
    Call, Config, Outcome, Program, RunResult,
    profile::{Profile, Site},
};

const GAS: u64 = 1_000_000;

/// Places by their path from the root: functions by index, host functions by name, then calls and ink.
type Paths = Vec<(String, u64, i128)>;

fn profiled(text: &str) -> Program {
    Program::compile_profiled(&wasm(text), &Config::default()).expect("the test's own program")
}

fn run(program: &Program, host: &mut TestHost, calldata: &[u8], gas: u64) -> RunResult {
    program.run(host, &Config::default(), &evm_data(), Call { calldata, gas, starting_gas: gas })
}

fn paths(profile: &Profile) -> Paths {
    let mut found: Paths = Vec::new();
    for node in profile.nodes() {
        let own = match node.site {
            Site::Chain(place) => format!("chain{place}"),
            Site::Function(index) => index.to_string(),
            Site::Host(name) => name.to_owned(),
        };
        let path = node.parent.map_or(own.clone(), |parent| format!("{} {own}", found[parent].0));
        found.push((path, node.calls, node.ink));
    }
    found
}

/// Runs a program with and without hooks: all that can be seen must agree. Returns the profile, whose sum must be what
/// the run used.
fn compare(text: &str, gas: u64, prepare: impl Fn(&mut TestHost)) -> (RunResult, Paths) {
    let mut plain_host = TestHost::new();
    prepare(&mut plain_host);
    let plain = run(&program(text), &mut plain_host, &[7; 5], gas);
    let mut host = TestHost { profile: Some(Profile::new(Site::Chain(0))), ..TestHost::new() };
    prepare(&mut host);
    let watched = run(&profiled(text), &mut host, &[7; 5], gas);
    assert_eq!(watched, plain);
    let traces = |host: &TestHost| {
        host.traces.iter().map(|t| (t.name, t.args.clone(), t.outs.clone(), t.ink)).collect::<Vec<_>>()
    };
    assert_eq!(traces(&host), traces(&plain_host));
    assert_eq!((host.storage, host.logs), (plain_host.storage, plain_host.logs));
    let profile = host.profile.take().unwrap();
    assert_eq!(profile.depth(), 1, "the run closes what it opened");
    let sum: i128 = profile.nodes().iter().map(|node| node.ink).sum();
    assert_eq!(sum, profile.spent());
    if !matches!(watched.outcome, Outcome::OutOfInk | Outcome::OutOfStack) {
        assert_eq!(sum, i128::from(gas * 10_000 - watched.ink_left));
    }
    (watched, paths(&profile))
}

/// Ink of a basic block: 2,450 and its instructions.
const BLOCK: i128 = 2_450;
const CALL: i128 = 3_800;

#[test]
fn functions_and_host_functions_are_charged_their_own_ink() {
    // function 2 is the entry point, behind two imports
    let text = r#"(module
        (import "vm_hooks" "read_args" (func $read_args (param i32)))
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32)
            (call $leaf)
            (call $leaf)
            (call $read_args (i32.const 0))
            (i32.const 0))
        (func $leaf (call $read_args (i32.const 0))))"#;
    let (result, paths) = compare(text, GAS, |_| ());
    assert_eq!(result.outcome, Outcome::Success);
    // read_args of at most 32 bytes: 8,400 + 5,040
    let args = 13_440;
    // entry: [call] [call] [const call] [const end]; leaf: [const call] [end]
    let entry = 4 * BLOCK + 3 * CALL + 3;
    let leaf = 2 * BLOCK + CALL + 2;
    let expected = [
        ("chain0", 1, 0),
        ("chain0 2", 1, entry),
        ("chain0 2 3", 2, 2 * leaf),
        ("chain0 2 3 read_args", 2, 2 * args),
        ("chain0 2 read_args", 1, args),
    ];
    assert_eq!(paths, expected.map(|(path, calls, ink)| (path.to_owned(), calls, ink)));
}

#[test]
fn recursion_nests_and_unwinds() {
    let text = entry(
        "",
        "(call $down (i32.const 3)) (i32.const 0))
        (func $down (param i32)
            (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))))",
    );
    let (_, paths) = compare(&text, GAS, |_| ());
    let names: Vec<_> = paths.iter().map(|(path, calls, _)| (path.as_str(), *calls)).collect();
    let expected = ["chain0", "chain0 1", "chain0 1 2", "chain0 1 2 2", "chain0 1 2 2 2", "chain0 1 2 2 2 2"];
    assert_eq!(names, expected.map(|path| (path, 1)));
    // [get if] [get const sub call] [end] [end], the innermost without the second and third
    let deep = 75 + 765 + 75 + 1 + 70 + CALL + 1 + 1 + 4 * BLOCK;
    assert_eq!(paths[3].2, deep);
    assert_eq!(paths[5].2, 75 + 765 + 1 + 2 * BLOCK);
}

#[test]
fn a_branch_out_of_a_function_leaves_it() {
    // all three ways out: branch to the outermost label, `return`, the end
    let text = r#"(module
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32)
            (call $branch) (call $return) (call $end) (i32.const 0))
        (func $branch (block (br 1)) unreachable)
        (func $return (block return) unreachable)
        (func $end))"#;
    let (result, paths) = compare(text, GAS, |_| ());
    assert_eq!(result.outcome, Outcome::Success);
    let expected = [
        ("chain0", 1, 0),
        ("chain0 1", 1, 4 * BLOCK + 3 * CALL + 2),
        ("chain0 1 2", 1, BLOCK + 1 + 765),
        ("chain0 1 3", 1, BLOCK + 1 + 1),
        ("chain0 1 4", 1, BLOCK + 1),
    ];
    assert_eq!(paths, expected.map(|(path, calls, ink)| (path.to_owned(), calls, ink)));
}

#[test]
fn calls_through_the_table_reach_functions_and_host_functions() {
    let text = r#"(module
        (type $one (func (param i32)))
        (import "vm_hooks" "read_args" (func $read_args (param i32)))
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (memory (export "memory") 1)
        (table 3 funcref)
        (elem (i32.const 0) $read_args $local $last)
        (func (export "user_entrypoint") (param i32) (result i32)
            (call_indirect (type $one) (i32.const 0) (i32.const 0))
            (call_indirect (type $one) (i32.const 0) (i32.const 1))
            (call_indirect (type $one) (i32.const 0) (i32.const 0))
            (i32.const 0))
        (func $local (param i32) (call_indirect (type $one) (local.get 0) (i32.const 2)))
        (func $last (param i32) (call $read_args (local.get 0))))"#;
    let (result, paths) = compare(text, GAS, |_| ());
    assert_eq!(result.outcome, Outcome::Success);
    let indirect = 13_610 + 650;
    let expected = [
        ("chain0", 1, 0),
        ("chain0 2", 1, 4 * BLOCK + 3 * (indirect + 2) + 2),
        ("chain0 2 read_args", 2, 2 * 13_440),
        ("chain0 2 3", 1, 2 * BLOCK + 75 + 1 + indirect + 1),
        ("chain0 2 3 4", 1, 2 * BLOCK + 75 + CALL + 1),
        ("chain0 2 3 4 read_args", 1, 13_440),
    ];
    assert_eq!(paths, expected.map(|(path, calls, ink)| (path.to_owned(), calls, ink)));
}

#[test]
fn early_exit_and_traps_in_depth_end_every_place() {
    for (end, outcome) in [
        ("(call $exit_early (i32.const 0))", Outcome::Success),
        ("(call $exit_early (i32.const 3))", Outcome::Revert),
        ("unreachable", Outcome::Failure),
        ("(drop (i32.load (i32.const 70000)))", Outcome::Failure),
        ("(call $read_args (i32.const 70000))", Outcome::Failure),
        ("(loop (br 0))", Outcome::OutOfInk),
        ("(call $deep)", Outcome::OutOfStack),
    ] {
        let text = format!(
            r#"(module
            (import "vm_hooks" "exit_early" (func $exit_early (param i32)))
            (import "vm_hooks" "read_args" (func $read_args (param i32)))
            (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
            (memory (export "memory") 1)
            (func (export "user_entrypoint") (param i32) (result i32) (call $deep) (i32.const 0))
            (func $deep {end}))"#
        );
        let (result, paths) = compare(&text, GAS, |_| ());
        assert_eq!(result.outcome, outcome, "{end}");
        assert_eq!(paths[2].0, "chain0 3 4", "{end}");
    }
}

#[test]
fn memory_is_paid_for_in_the_function_that_grows_it() {
    let text =
        entry("", "(drop (memory.grow (i32.const 3))) (drop (memory.grow (i32.const 0))) (i32.const 0)");
    let (result, paths) = compare(&text, GAS, |host| host.open_pages = 1);
    assert_eq!(result.outcome, Outcome::Success);
    let grow = paths.iter().find(|(path, ..)| path == "chain0 1 pay_for_memory_grow").unwrap();
    assert_eq!(grow.1, 2);
}

#[test]
fn programs_without_imports_or_with_a_fixed_memory_are_profiled() {
    let text = r#"(module (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32) (call $zero) (memory.grow (i32.const 1)) drop)
        (func $zero (result i32) (i32.const 0)))"#;
    let (result, paths) = compare(text, GAS, |_| ());
    assert_eq!(result.outcome, Outcome::Success);
    assert_eq!(paths.last().unwrap().0, "chain0 0 1");
}

#[test]
fn a_program_called_by_a_program_stands_below_the_call() {
    let imports =
        r#"(import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))"#;
    let caller = entry(
        imports,
        &format!(
            "{}(drop (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i64.const -1) (i32.const 128))) (i32.const 0)",
            store_address(OTHER)
        ),
    );
    let callee = entry("", "(i32.const 0)");
    let run_with = |watch: bool| {
        let make = |text: &str| if watch { profiled(text) } else { program(text) };
        let mut host = TestHost::new();
        host.profile = watch.then(|| Profile::new(Site::Chain(0)));
        host.programs.insert(OTHER, (make(&callee), Config::default()));
        let result = run(&make(&caller), &mut host, &[], GAS);
        (result, host.traced("call_contract")[0].ink, host.profile)
    };
    let (plain, plain_ink, _) = run_with(false);
    let (watched, ink, profile) = run_with(true);
    assert_eq!((&watched, ink), (&plain, plain_ink));
    let paths = paths(profile.as_ref().unwrap());
    let shape: Vec<_> = paths.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(shape, ["chain0", "chain0 2", "chain0 2 call_contract", "chain0 2 call_contract 1"]);
    // the callee: [const end]; it pays for its whole last unit of gas, which counts for the call
    assert_eq!(paths[3].2, BLOCK + 2);
    assert_eq!(paths[2].2 + paths[3].2, i128::from(ink));
    assert_eq!(profile.unwrap().spent(), i128::from(GAS * 10_000 - watched.ink_left));
}

fn store_address(address: Address) -> String {
    let bytes = address.as_slice().iter().enumerate();
    bytes.map(|(at, byte)| format!("(i32.store8 (i32.const {at}) (i32.const {byte}))")).collect()
}

#[test]
fn figures_do_not_depend_on_hooks() {
    let text = entry("", "(i32.const 0)");
    assert_eq!(program(&text).info(), profiled(&text).info());
    // without a profile to add to, hooks do nothing
    let result = run(&profiled(&text), &mut TestHost::new(), &[], GAS);
    assert_eq!((result.outcome, result.output), (Outcome::Success, Bytes::new()));
}

#[test]
fn programs_cannot_import_hooks() {
    let text = entry(r#"(import "profile" "enter" (func (param i32)))"#, "(i32.const 0)");
    assert!(Program::compile_profiled(&wasm(&text), &Config::default()).is_err());
}
