//! The price of each instruction and of each kind of block, measured by running it. Figures: the price table of the
//! reference meter; each block costs 2,450 ink and its instructions, its last one included.

use crate::common::{TestHost, activation_error, entry, program, run};
use stylus_vm::{Error, Outcome};

const BUDGET: u64 = 10_000_000_000_000;
const HEADER: u64 = 2_450;

/// Ink of a run of this entry point, which must end with status zero.
fn ink_of(text: &str) -> u64 {
    let result = run(&program(text), &mut TestHost::new(), &[]);
    assert_eq!(result.outcome, Outcome::Success, "{text}");
    BUDGET - result.ink_left
}

/// Ink of some instructions inside a single block that ends with `i32.const 0, end`.
fn ink_in_block(body: &str) -> u64 {
    ink_of(&entry("", &format!("{body} (i32.const 0)"))) - HEADER - 2
}

#[test]
fn instruction_binary() {
    let same =
        |names: &str, ink: u64| names.split(' ').map(|name| (name.to_owned(), ink)).collect::<Vec<_>>();
    let compare = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
    let bits = "add sub and or xor shl shr_s shr_u rotl rotr";
    let divide = "div_s div_u rem_s rem_u";
    for (ty, tables) in [
        ("i32", [same(compare, 170), same(bits, 70), same("mul", 160), same(divide, 1_120)]),
        ("i64", [same(compare, 225), same(bits, 100), same("mul", 160), same(divide, 1_270)]),
    ] {
        for (name, ink) in tables.concat() {
            let body = format!("(drop ({ty}.{name} ({ty}.const 7) ({ty}.const 3)))");
            assert_eq!(ink_in_block(&body), 2 + ink + 9, "{ty}.{name}");
        }
    }
}

#[test]
fn instruction_unary() {
    for (name, from, ink) in [
        ("i32.eqz", "i32", 170),
        ("i64.eqz", "i64", 225),
        ("i32.clz", "i32", 210),
        ("i32.ctz", "i32", 210),
        ("i64.clz", "i64", 210),
        ("i64.ctz", "i64", 210),
        ("i32.popcnt", "i32", 2_650),
        ("i64.popcnt", "i64", 6_000),
        ("i32.wrap_i64", "i64", 100),
        ("i64.extend_i32_s", "i32", 100),
        ("i64.extend_i32_u", "i32", 100),
        ("i32.extend8_s", "i32", 100),
        ("i32.extend16_s", "i32", 100),
        ("i64.extend8_s", "i64", 100),
        ("i64.extend16_s", "i64", 100),
        ("i64.extend32_s", "i64", 100),
    ] {
        let body = format!("(drop ({name} ({from}.const 7)))");
        assert_eq!(ink_in_block(&body), 1 + ink + 9, "{name}");
    }
}

#[test]
fn instruction_memory() {
    let loads = [
        ("i32", 670, "load load8_s load8_u load16_s load16_u"),
        ("i64", 680, "load load8_s load8_u load16_s load16_u load32_s load32_u"),
    ];
    for (ty, ink, names) in loads {
        for name in names.split(' ') {
            assert_eq!(
                ink_in_block(&format!("(drop ({ty}.{name} (i32.const 8)))")),
                1 + ink + 9,
                "{ty}.{name}"
            );
        }
    }
    for (ty, ink, names) in
        [("i32", 825, "store store8 store16"), ("i64", 950, "store store8 store16 store32")]
    {
        for name in names.split(' ') {
            let body = format!("({ty}.{name} (i32.const 8) ({ty}.const 5))");
            assert_eq!(ink_in_block(&body), 2 + ink, "{ty}.{name}");
        }
    }
    assert_eq!(ink_in_block("(drop (memory.size))"), 3_000 + 9);
    // growing by nothing: the payment is the 8,400 ink of the host function; its call is not metered
    assert_eq!(ink_in_block("(drop (memory.grow (i32.const 0)))"), 1 + 8_050 + 8_400 + 9);
    // 100 ink a byte
    assert_eq!(ink_in_block("(memory.fill (i32.const 0) (i32.const 7) (i32.const 40))"), 3 + 950 + 4_000);
    assert_eq!(ink_in_block("(memory.copy (i32.const 0) (i32.const 64) (i32.const 24))"), 3 + 950 + 2_400);
}

#[test]
fn instruction_variables_and_parametric() {
    assert_eq!(ink_in_block("nop nop nop"), 3);
    assert_eq!(ink_in_block("(drop (local.get 0))"), 75 + 9);
    assert_eq!(ink_in_block("(local.set 0 (i32.const 1))"), 1 + 210);
    assert_eq!(ink_in_block("(drop (local.tee 0 (i32.const 1)))"), 1 + 75 + 9);
    assert_eq!(ink_in_block("(drop (select (i32.const 1) (i32.const 2) (i32.const 0)))"), 3 + 1_250 + 9);
    let global = |body: &str| {
        let text = format!(
            r#"(module (memory (export "memory") 0 0) (global $g (mut i64) (i64.const 3))
                (func (export "user_entrypoint") (param i32) (result i32) {body} (i32.const 0)))"#
        );
        ink_of(&text) - HEADER - 2
    };
    assert_eq!(global("(drop (global.get $g))"), 225 + 9);
    assert_eq!(global("(global.set $g (i64.const 1))"), 1 + 575);
}

#[test]
fn blocks_block_and_loop() {
    // `block` opens no new block, its `end` closes one: [block nop end] [const end]
    assert_eq!(ink_of(&entry("", "(block nop) (i32.const 0)")), 2 * HEADER + 3 + 2);
    // [loop] [nop end] [const end]
    assert_eq!(ink_of(&entry("", "(loop nop) (i32.const 0)")), 3 * HEADER + 1 + 2 + 2);
    // [block br] then [end const .. ]: what stands between the branch and the `end` is its own block and not run
    assert_eq!(ink_of(&entry("", "(block (br 0) nop nop) (i32.const 0)")), 2 * HEADER + 1 + 765 + 2);
}

#[test]
fn blocks_if_and_else() {
    let text = |condition: u8| {
        entry("", &format!("(if (i32.const {condition}) (then nop nop) (else nop)) (i32.const 0)"))
    };
    // [const if] [nop nop else] [const end]
    assert_eq!(ink_of(&text(1)), 3 * HEADER + 766 + 3 + 2);
    // [const if] [nop end] [const end]
    assert_eq!(ink_of(&text(0)), 3 * HEADER + 766 + 2 + 2);
}

#[test]
fn blocks_branches() {
    // [block const br_if] [end] [const end]
    assert_eq!(
        ink_of(&entry("", "(block (br_if 0 (i32.const 0))) (i32.const 0)")),
        3 * HEADER + 2 + 765 + 1 + 2
    );
    // taken: the `end` is not run
    assert_eq!(ink_of(&entry("", "(block (br_if 0 (i32.const 1))) (i32.const 0)")), 2 * HEADER + 2 + 765 + 2);
    // 325 for each target, the default not counted
    let table = "(block (block (block (br_table 0 1 2 (i32.const 9))))) (i32.const 0)";
    assert_eq!(ink_of(&entry("", table)), 2 * HEADER + 4 + 2_400 + 325 * 2 + 2);
    // [const return]
    assert_eq!(ink_of(&entry("", "(return (i32.const 0))")), HEADER + 2);
}

#[test]
fn blocks_calls() {
    let text = r#"(module (memory (export "memory") 0 0)
        (type $two (func (param i32 i64) (result i32)))
        (table 1 funcref) (elem (i32.const 0) $f)
        (func $f (type $two) (i32.const 0))
        (func (export "user_entrypoint") (param i32) (result i32) BODY))"#;
    // [const const call] [const end] [end]
    let direct = text.replace("BODY", "(call $f (i32.const 1) (i64.const 2))");
    assert_eq!(ink_of(&direct), 3 * HEADER + 2 + 3_800 + 2 + 1);
    // the table index is no parameter: 13,610 + 2 * 650
    let indirect =
        text.replace("BODY", "(call_indirect (type $two) (i32.const 1) (i64.const 2) (i32.const 0))");
    assert_eq!(ink_of(&indirect), 3 * HEADER + 3 + 14_910 + 2 + 1);
}

#[test]
fn floats_validate_but_cannot_be_paid() {
    for body in [
        "(drop (f32.const 1))",
        "(drop (f64.const 1))",
        "(drop (f64.load (i32.const 0)))",
        "(f32.store (i32.const 0) (f32.reinterpret_i32 (i32.const 0)))",
        "(drop (f64.add (f64.const 1) (f64.const 1)))",
        "(drop (f64.convert_i32_s (i32.const 1)))",
        "(drop (i32.trunc_sat_f64_s (f64.const 1)))",
        "(drop (i64.trunc_f32_u (f32.const 1)))",
        "(drop (f32.lt (f32.const 1) (f32.const 2)))",
    ] {
        let program = program(&entry("", &format!("{body} (i32.const 0)")));
        let result = run(&program, &mut TestHost::new(), &[]);
        assert_eq!((result.outcome, result.gas_left), (Outcome::OutOfInk, 0), "{body}");
    }
    // a float in a block that does not run costs nothing
    let guarded = entry("", "(if (i32.const 0) (then (drop (f64.const 1)))) (i32.const 0)");
    assert_eq!(ink_of(&guarded), 2 * HEADER + 766 + 2);
}

#[test]
fn instruction_errors_unsupported() {
    let text = |body: &str| {
        format!(
            r#"(module (memory (export "memory") 0 0) (table 1 funcref) (data $d "x") (elem $e func $f)
                (func $f)
                (func (export "user_entrypoint") (param i32) (result i32) {body} (i32.const 0)))"#
        )
    };
    for (body, name) in [
        ("(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))", "MemoryInit"),
        ("(data.drop $d)", "DataDrop"),
        ("(table.init $e (i32.const 0) (i32.const 0) (i32.const 0))", "TableInit"),
        ("(table.copy (i32.const 0) (i32.const 0) (i32.const 0))", "TableCopy"),
        ("(elem.drop $e)", "ElemDrop"),
    ] {
        assert_eq!(activation_error(&text(body)), Some(Error::UnsupportedInstruction(name.to_owned())));
    }
    assert_eq!(activation_error(&text("")), None);
}

#[test]
fn memory_fill_out_of_ink_by_size() {
    // 10 gas pay for the block but not for 64 KiB of bytes
    let fill = |size: u32| {
        entry("", &format!("(memory.fill (i32.const 0) (i32.const 1) (i32.const {size})) (i32.const 0)"))
    };
    let gas = 10;
    let spent = |size| crate::common::run_gas(&program(&fill(size)), &mut TestHost::new(), &[], gas);
    assert_eq!(spent(900).outcome, Outcome::Success);
    assert_eq!((spent(1_000).outcome, spent(1_000).gas_left), (Outcome::OutOfInk, 0));
    // the charge comes before the check of bounds
    assert_eq!(spent(u32::MAX).outcome, Outcome::OutOfInk);
    let rich = run(&program(&fill(65_537)), &mut TestHost::new(), &[]);
    assert_eq!(rich.outcome, Outcome::Failure);
    assert!(rich.gas_left > 999_000_000, "a trap leaves the gas that was not spent");
}
