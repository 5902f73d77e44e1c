//! Every rule of activation: a module that passes and one that fails.

mod common;

use common::{activation_error, wasm};
use stylus_vm::{Config, Error, Program};

const ENTRY: &str = r#"(func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))"#;
const MEMORY: &str = r#"(memory (export "memory") 1 1)"#;

/// A minimal program and more fields before and after its own.
fn with(before: &str, after: &str) -> String {
    format!("(module {before} {MEMORY} {ENTRY} {after})")
}

fn passes(text: &str) {
    assert_eq!(activation_error(text), None, "{}", &text[..text.len().min(300)]);
}

fn fails(text: &str, error: Error) {
    assert_eq!(activation_error(text), Some(error), "{}", &text[..text.len().min(300)]);
}

fn too_many(what: &'static str, count: u64, limit: u64) -> Error {
    Error::TooMany { what, count, limit }
}

fn is_invalid(text: &str) {
    let error = activation_error(text);
    assert!(matches!(error, Some(Error::InvalidModule(_))), "{error:?}: {text}");
}

#[test]
fn features_allowed() {
    passes(&with("(global (export \"g\") (mut i32) (i32.const 0))", ""));
    passes(&with("", "(func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))"));
    passes(&with("", "(func (param i32) (result i32) (i32.extend8_s (local.get 0)))"));
    passes(&with("", "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))"));
    passes(&with("", "(data \"passive\")"));
}

#[test]
fn features_forbidden() {
    for after in [
        "(func (param externref))",
        "(table 1 externref)",
        "(func (drop (ref.null func)))",
        "(func (drop (i8x16.splat (i32.const 0))))",
        "(memory 1)",
        "(func (return_call 0 (i32.const 0)) (drop))",
        "(tag (param i32))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(func (drop (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0))) drop)",
        "(type (struct))",
        "(func (param i32) (result i32) (i32.atomic.load (local.get 0)))",
    ] {
        is_invalid(&with("", after));
    }
    is_invalid(r#"(module (memory (export "memory") i64 1 1))"#);
    is_invalid(r#"(module (memory (export "memory") 1 1 shared))"#);
}

#[test]
fn features_multi_value_ends_with_arbos_60() {
    let module = wasm(&with("", "(func (result i32 i32) (i32.const 0) (i32.const 0))"));
    for version in [32, 40, 51, 59] {
        assert!(Program::activate(&module, &Config::for_arbos(version), 0).is_ok(), "{version}");
    }
    let error = Program::activate(&module, &Config::for_arbos(60), 0).unwrap_err();
    assert!(matches!(error, Error::InvalidModule(_)), "{error}");
}

#[test]
fn binary_errors() {
    let config = Config::default();
    for bytes in [&b""[..], b"\0asm", b"\0asm\x02\0\0\0", b"no wasm at all"] {
        assert!(matches!(Program::activate(bytes, &config, 0), Err(Error::InvalidModule(_))));
    }
    // raw output of some compilers: `call_indirect` with a table index in more than one byte
    let module =
        wasm(&with("(type $t (func)) (table 1 funcref)", "(func (call_indirect (type $t) (i32.const 0)))"));
    assert!(Program::activate(&module, &config, 0).is_ok());
    let at = module.windows(4).position(|bytes| bytes == [0x41, 0, 0x11, 0]).unwrap();
    let mut overlong = module.clone();
    overlong.splice(at + 4..at + 5, [0x80, 0x00]);
    // lengths of body and section grow by one
    let body = at - 2;
    let code = module.iter().take(at).rposition(|byte| *byte == 0x0a).unwrap();
    overlong[body] += 1;
    overlong[code + 1] += 1;
    let error = Program::activate(&overlong, &config, 0).unwrap_err();
    assert!(error.to_string().contains("zero byte expected"), "{error}");
}

#[test]
fn imports_functions_of_the_host_only() {
    passes(&with(r#"(import "vm_hooks" "read_args" (func (param i32)))"#, ""));
    fails(
        &with(r#"(import "vm_hooks" "read_arg" (func (param i32)))"#, ""),
        Error::UnknownImport("vm_hooks.read_arg".to_owned()),
    );
    fails(
        &with(r#"(import "env" "read_args" (func (param i32)))"#, ""),
        Error::UnknownImport("env.read_args".to_owned()),
    );
    fails(
        &with(r#"(import "vm_hooks" "read_args" (global i32))"#, ""),
        Error::ImportKind("vm_hooks.read_args".to_owned()),
    );
    fails(
        r#"(module (import "vm_hooks" "memory" (memory 1)))"#,
        Error::ImportKind("vm_hooks.memory".to_owned()),
    );
}

#[test]
fn imports_twice_with_the_same_type_only() {
    let twice = |second: &str| {
        with(
            &format!(
                r#"(import "vm_hooks" "chainid" (func (result i64))) (import "vm_hooks" "chainid" (func {second}))"#
            ),
            "",
        )
    };
    passes(&twice("(result i64)"));
    fails(&twice("(result i32)"), Error::ImportType("vm_hooks.chainid".to_owned()));
    fails(&twice("(param i64) (result i64)"), Error::ImportType("vm_hooks.chainid".to_owned()));
}

#[test]
fn imports_at_most_513() {
    let imports =
        |count: usize| with(&r#"(import "vm_hooks" "chainid" (func (result i64)))"#.repeat(count), "");
    passes(&imports(513));
    fails(&imports(514), too_many("imports", 514, 513));
}

#[test]
fn names_of_exports() {
    let import = r#"(import "vm_hooks" "chainid" (func (result i64)))"#;
    passes(&with(import, r#"(func (export "chainid2"))"#));
    for name in ["chainid", "vm_hooks__chainid", "a__b__chainid"] {
        fails(&with(import, &format!(r#"(func (export "{name}"))"#)), Error::ExportsImport(name.to_owned()));
        passes(&with("", &format!(r#"(func (export "{name}"))"#)));
    }
    passes(&with("", r#"(func (export "my_stylus"))"#));
    for name in ["stylus", "stylus_ink_left", "stylus_start"] {
        fails(&with("", &format!(r#"(func (export "{name}"))"#)), Error::ReservedSymbol(name.to_owned()));
    }
}

#[test]
fn names_of_at_most_512_bytes() {
    let export = |len: usize| with("", &format!(r#"(func (export "{}"))"#, "x".repeat(len)));
    passes(&export(512));
    fails(&export(513), Error::NameTooLong { length: 513 });
    let module = |len: usize| format!("(module ${} {MEMORY} {ENTRY})", "x".repeat(len));
    passes(&module(512));
    fails(&module(513), Error::NameTooLong { length: 513 });
}

#[test]
fn memory_exactly_one_exported_as_memory() {
    fails(&format!("(module {ENTRY})"), Error::MissingMemory);
    fails(&format!("(module (memory 1 1) {ENTRY})"), Error::MissingMemory);
    fails(&format!(r#"(module (memory (export "mem") 1 1) {ENTRY})"#), Error::MissingMemory);
    fails(&format!(r#"(module (memory 1 1) {ENTRY} (func (export "memory")))"#), Error::MissingMemory);
}

#[test]
fn memory_that_can_grow_needs_the_payment() {
    let payment = r#"(import "vm_hooks" "pay_for_memory_grow" (func (param i32)))"#;
    for memory in ["1", "1 2", "0 128"] {
        let text = |import: &str| format!(r#"(module {import} (memory (export "memory") {memory}) {ENTRY})"#);
        passes(&text(payment));
        fails(&text(""), Error::MissingMemoryHook);
    }
    passes(&format!(r#"(module (memory (export "memory") 2 2) {ENTRY})"#));
}

#[test]
fn memory_within_the_limit_and_what_is_open() {
    let text = |pages: u32| format!(r#"(module (memory (export "memory") {pages} {pages}) {ENTRY})"#);
    passes(&text(128));
    fails(&text(129), Error::MemoryTooLarge { pages: 129, limit: 128 });
    // a program of 120 pages while 60 are open
    let module = wasm(&text(120));
    let activate = |open| Program::activate(&module, &Config::default(), open).err();
    assert_eq!(activate(8), None);
    assert_eq!(activate(9), Some(Error::MemoryTooLarge { pages: 120, limit: 119 }));
    assert_eq!(activate(60), Some(Error::MemoryTooLarge { pages: 120, limit: 68 }));
    assert_eq!(activate(u16::MAX), Some(Error::MemoryTooLarge { pages: 120, limit: 0 }));
    assert!(Program::compile(&module, &Config::default()).is_ok());
}

#[test]
fn entrypoint_of_its_type() {
    fails(&format!("(module {MEMORY})"), Error::MissingEntrypoint);
    for signature in ["", "(param i32)", "(param i64) (result i32)", "(param i32) (result i64)"] {
        let text = format!(r#"(module {MEMORY} (func (export "user_entrypoint") {signature} unreachable))"#);
        fails(&text, Error::MissingEntrypoint);
    }
    fails(
        &format!(r#"(module {MEMORY} (global (export "user_entrypoint") i32 (i32.const 0)))"#),
        Error::MissingEntrypoint,
    );
}

#[test]
fn start_function_is_not_allowed() {
    passes(&with("", "(func $f)"));
    fails(&with("", "(func $f) (start $f)"), Error::StartFunction);
}

#[test]
fn limits_of_segments() {
    let data = |count: usize| with("", &"(data (i32.const 0) \"\")".repeat(count));
    passes(&data(128));
    fails(&data(129), too_many("data segments", 129, 128));
    let elements = |count: usize| with("(table 4 funcref)", &"(elem (i32.const 0) func)".repeat(count));
    passes(&elements(128));
    fails(&elements(129), too_many("element segments", 129, 128));
    // a segment of the plain form: flag, offset of three bytes, count of two, an index of one byte for each entry
    let bytes =
        |count: usize| with("(table 4096 funcref)", &format!("(elem (i32.const 0) {})", "0 ".repeat(count)));
    passes(&bytes(4_090));
    fails(&bytes(4_091), too_many("bytes of element segments", 4_097, 4_096));
}

#[test]
fn limits_of_tables() {
    passes(&with("(table 4096 funcref)", ""));
    fails(&with("(table 4097 funcref)", ""), too_many("table entries", 4_097, 4_096));
}

#[test]
fn limits_of_definitions() {
    let exports = |count: usize| {
        let exports: String = (0..count).map(|at| format!("(export \"e{at}\" (func $f))")).collect();
        with("", &format!("(func $f) {exports}"))
    };
    // memory and entry point are exports too
    passes(&exports(1_022));
    fails(&exports(1_023), too_many("exports", 1_025, 1_024));
    let functions = |count: usize| with("", &"(func)".repeat(count - 1));
    passes(&functions(4_096));
    fails(&functions(4_097), too_many("functions", 4_097, 4_096));
    let globals = |count: usize| with(&"(global i32 (i32.const 0))".repeat(count), "");
    passes(&globals(32_768));
    fails(&globals(32_769), too_many("globals", 32_769, 32_768));
}

#[test]
fn limits_of_locals() {
    // parameters do not count
    let locals = |count: usize| with("", &format!("(func (param i32 i32) (local {}))", "i64 ".repeat(count)));
    passes(&locals(348));
    fails(&locals(349), too_many("locals in a function", 349, 348));
}

#[test]
fn limits_of_instrumented_instructions() {
    // one block: 12 to meter it, 12 + 4 + 1 for the stack, the body and its `end`
    let function = |nops: usize| with("", &format!("(func {})", "nop ".repeat(nops)));
    let most = 65_536 - 12 - 17 - 1;
    passes(&function(most));
    fails(&function(most + 1), too_many("instructions in a function", 65_537, 65_536));
}

#[test]
fn figures_of_a_program() {
    let text = with("(global i32 (i32.const 0))", "(func (param i32 i64) (result i32) (i32.const 0))");
    let bytes = wasm(&text);
    let info = *Program::activate(&bytes, &Config::default(), 0).unwrap().info();
    let len = bytes.len() as u64;
    // two functions of arity 2 and 3, five globals, one page
    assert_eq!(u64::from(info.asm_estimate), 512_000 + 1_993 + 57 + len * 62_628 / 10_000);
    assert_eq!(u64::from(info.cached_cost), len * 122 / 100_000 + 8 + 5);
    assert_eq!(u64::from(info.init_cost), 16 + 5 + len * 1_286 / 10_000);
    assert_eq!(info.footprint, 1);
    // each body `const end` becomes 12 + 12 + 5 + 2 instructions: 62 * 0.535 = 33 us
    assert_eq!(info.activation_gas, (len * 31_733 / 100_000 + 2_217 + 33) * 28);
}

#[test]
fn figures_count_the_original_instrumentation_of_growing() {
    let gas = |body: &str| {
        let text = format!(
            r#"(module (import "vm_hooks" "pay_for_memory_grow" (func (param i32))) (memory (export "memory") 1)
                (func (export "user_entrypoint") (param i32) (result i32) {} (i32.const 0)))"#,
            body.repeat(200)
        );
        let bytes = wasm(&text);
        let info = *Program::activate(&bytes, &Config::default(), 0).unwrap().info();
        info.activation_gas / 28 - bytes.len() as u64 * 31_733 / 100_000 - 2_217
    };
    // besides: metering 12, stack 12 + 5, `const end` 2; each time `const grow drop`, growing with 4 more
    assert_eq!(gas("(drop (i32.const 0))"), (31 + 200 * 2) * 535 / 1_000);
    assert_eq!(gas("(drop (memory.grow (i32.const 0)))"), (31 + 200 * 7) * 535 / 1_000);
}

#[test]
fn figures_count_whole_segments() {
    let cost = |text: &str| Program::activate(&wasm(text), &Config::default(), 0).unwrap().info().cached_cost;
    let bare = cost(&with("", ""));
    // 1000 bytes, flag, offset of three bytes and length of two: 1006 * 0.75244 = 756, and 1 of the module's length
    let data = cost(&with("", &format!("(data (i32.const 0) \"{}\")", "x".repeat(1_000))));
    assert_eq!(data - bare, 757);
}
