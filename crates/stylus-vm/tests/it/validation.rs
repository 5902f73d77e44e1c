//! Every rule of activation: modules that pass and modules that fail, and the figures of a program.

use crate::common::{activation_error, wasm};
use stylus_testing::modules::{self, Case, Verdict, with};
use stylus_vm::{Config, Error, Program};

fn check(cases: &[Case]) {
    assert!(cases.iter().any(|case| matches!(case.verdict, Verdict::Passes)));
    assert!(cases.iter().any(|case| !matches!(case.verdict, Verdict::Passes)));
    for case in cases {
        let error = activation_error(&case.text);
        match &case.verdict {
            Verdict::Passes => assert_eq!(error, None, "{}", case.head()),
            Verdict::Fails(expected) => assert_eq!(error.as_ref(), Some(expected), "{}", case.head()),
            Verdict::Invalid => {
                assert!(matches!(error, Some(Error::InvalidModule(_))), "{error:?}: {}", case.head());
            }
        }
    }
}

macro_rules! rules {
    ($($test:ident => $group:ident),* $(,)?) => {
        $(#[test]
        fn $test() {
            check(&modules::$group());
        })*
    };
}

rules! {
    features_allowed_and_forbidden => features,
    imports_functions_of_the_host_at_most_513 => imports,
    names_of_exports_and_of_the_module => names,
    memory_exactly_one_with_the_payment_for_growing => memory,
    entrypoint_of_its_type_and_no_start => entry_point,
    limits_of_segments_and_tables => segments_and_tables,
    limits_of_definitions => definitions,
    limits_of_a_function => functions,
    instructions_without_a_price => instructions,
    costs_fit_their_words => costs,
}

#[test]
fn features_multi_value_ends_with_arbos_60() {
    let module = wasm(&modules::multi_value());
    for version in [32, 40, 51, 59] {
        assert!(Program::activate(&module, &Config::for_arbos(version), 0).is_ok(), "{version}");
    }
    let error = Program::activate(&module, &Config::for_arbos(60), 0).unwrap_err();
    assert!(matches!(error, Error::InvalidModule(_)), "{error}");
    assert!(
        Program::compile(&module, &Config::for_arbos(60)).is_ok(),
        "what was activated before goes on running"
    );
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
fn memory_within_what_is_open() {
    // a program of 120 pages while 60 are open
    let module = wasm(&modules::pages(120));
    let activate = |open| Program::activate(&module, &Config::default(), open).err();
    assert_eq!(activate(8), None);
    assert_eq!(activate(9), Some(Error::MemoryTooLarge { pages: 120, limit: 119 }));
    assert_eq!(activate(60), Some(Error::MemoryTooLarge { pages: 120, limit: 68 }));
    assert_eq!(activate(u16::MAX), Some(Error::MemoryTooLarge { pages: 120, limit: 0 }));
    assert!(Program::compile(&module, &Config::default()).is_ok());
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
