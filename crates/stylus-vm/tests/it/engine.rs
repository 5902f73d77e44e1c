//! The engine itself: whatever a program executes, and however often, native stack does not grow with it.

use crate::common::{TestHost, entry, program, run_gas};
use stylus_vm::Outcome;

/// Native stack of the thread that runs the loops, bytes: a handler that left 8 bytes behind would use it up.
const STACK: usize = 768 << 10;
const ROUNDS: u32 = 100_000;

/// Instructions to loop over, each on fresh and on stored operands, so that all forms of operands occur.
fn instructions() -> Vec<String> {
    let mut bodies = Vec::new();
    let compare = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
    let arithmetic = "add sub and or xor shl shr_s shr_u rotl rotr mul div_s div_u rem_s rem_u";
    for ty in ["i32", "i64"] {
        for name in arithmetic.split(' ') {
            bodies.push(format!("(local.set ${ty} ({ty}.{name} (local.get ${ty}) ({ty}.const 3)))"));
            bodies.push(format!("(local.set ${ty} ({ty}.{name} ({ty}.const 99) (local.get $one_{ty})))"));
            bodies.push(format!(
                "({ty}.store (i32.const 8) ({ty}.{name} (local.get ${ty}) (local.get $one_{ty})))"
            ));
        }
        for name in compare.split(' ') {
            bodies.push(format!("(drop ({ty}.{name} (local.get ${ty}) ({ty}.const 3)))"));
            bodies.push(format!("(local.set $i32 ({ty}.{name} (local.get ${ty}) (local.get $one_{ty})))"));
            bodies.push(format!(
                "(if ({ty}.{name} (local.get ${ty}) (local.get $one_{ty})) (then nop) (else nop))"
            ));
        }
        for name in ["eqz", "clz", "ctz", "popcnt"] {
            bodies.push(format!("(drop ({ty}.{name} (local.get ${ty})))"));
        }
        bodies.push(format!("({ty}.store (local.get $one_i32) ({ty}.load offset=3 (local.get $one_i32)))"));
        bodies
            .push(format!("({ty}.store8 (local.get $one_i32) ({ty}.load8_s offset=3 (local.get $one_i32)))"));
        bodies.push(format!(
            "({ty}.store16 (local.get $one_i32) ({ty}.load16_u offset=3 (local.get $one_i32)))"
        ));
        bodies.push(format!("({ty}.store (i32.const 5) ({ty}.const 77))"));
        bodies.push(format!(
            "(local.set ${ty} (select (local.get ${ty}) ({ty}.const 2) (local.get $one_i32)))"
        ));
        bodies.push(format!("(global.set $g_{ty} ({ty}.add (global.get $g_{ty}) ({ty}.const 1)))"));
        bodies.push(format!("(global.set $g_{ty} (local.get ${ty}))"));
        bodies.push(format!("(local.set ${ty} (local.tee $one_{ty} ({ty}.const 1)))"));
    }
    for body in [
        "(i64.store32 (i32.const 4) (i64.load32_s (i32.const 4)))",
        "(local.set $i64 (i64.extend_i32_u (i32.wrap_i64 (local.get $i64))))",
        "(local.set $i64 (i64.extend_i32_s (i32.extend8_s (i32.extend16_s (local.get $i32)))))",
        "(local.set $i64 (i64.extend8_s (i64.extend16_s (i64.extend32_s (local.get $i64)))))",
        "(drop (memory.size)) (drop (memory.grow (i32.const 0)))",
        "(memory.copy (i32.const 64) (i32.const 0) (i32.const 9))",
        "(memory.fill (i32.const 64) (local.get $one_i32) (local.get $one_i32))",
        "(block (block (block (br_table 0 1 2 (i32.and (local.get $n) (i32.const 3))))))",
        "(block (br_if 0 (local.get $one_i32)) nop)",
        "(block (br_if 0 (i64.eqz (local.get $i64))) nop)",
        "(local.set $i32 (call $leaf (local.get $i32)))",
        "(local.set $i32 (call_indirect (type $unary) (local.get $i32) (i32.const 0)))",
        "(drop (call $chainid))",
    ] {
        bodies.push(body.to_owned());
    }
    bodies
}

/// A program that runs an instruction [`ROUNDS`] times.
fn looped(body: &str) -> String {
    let text = entry(
        r#"(import "vm_hooks" "chainid" (func $chainid (result i64)))"#,
        &format!(
            "(local $n i32) (local $i32 i32) (local $one_i32 i32) (local $i64 i64) (local $one_i64 i64)
             (local.set $i32 (i32.const 7)) (local.set $one_i32 (i32.const 1))
             (local.set $i64 (i64.const 7)) (local.set $one_i64 (i64.const 1))
             (loop $next {body}
                (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {ROUNDS}))))
             (i32.const 0)"
        ),
    );
    let own = "(type $unary (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $leaf)
        (func $leaf (type $unary) (i32.add (local.get 0) (i32.const 1)))
        (global $g_i32 (mut i32) (i32.const 0)) (global $g_i64 (mut i64) (i64.const 0)) (memory";
    text.replacen("(memory", own, 1)
}

#[test]
fn native_stack_does_not_grow_with_instructions() {
    let body = || {
        for instruction in instructions() {
            let result = run_gas(&program(&looped(&instruction)), &mut TestHost::new(), &[], 1_000_000_000);
            assert_eq!(result.outcome, Outcome::Success, "{instruction}");
        }
    };
    // a stack overflow ends the process: this test cannot fail in any other way
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(body).unwrap();
    thread.join().unwrap();
}

/// Results of `select` with a condition that is a comparison of a local with zero, for calldata of one byte: the local
/// is 1, the register that the engine computes in holds something else.
#[test]
fn select_by_a_comparison_with_zero() {
    // each leaves 7 when the condition holds and 9 when not
    let cases = [
        ("(i32.eqz (local.get $len))", 9),
        ("(i32.eqz (local.get $zero))", 7),
        ("(i32.ne (local.get $len) (i32.const 0))", 7),
        ("(i32.ne (local.get $zero) (i32.const 0))", 9),
        ("(i32.eq (local.get $zero) (i32.const 0))", 7),
        ("(i32.eq (i32.const 0) (local.get $len))", 9),
        ("(i32.eqz (i32.eqz (local.get $len)))", 7),
        ("(i32.eqz (i32.ne (local.get $zero) (i32.const 0)))", 7),
        ("(block (result i32) (i32.eqz (local.get $len)))", 9),
        ("(i32.or (i32.eqz (local.get $len)) (i32.const 0))", 9),
        ("(i32.wrap_i64 (i64.extend_i32_u (i32.eqz (local.get $len))))", 9),
    ];
    for (condition, status) in cases {
        for register in [0, 1] {
            // what stands in the register when the condition is looked at: the sum
            let text = entry(
                r#"(import "vm_hooks" "write_result" (func $write (param i32 i32)))"#,
                &format!(
                    "(local $zero i32) (local $sum i32)
                     (local.set $sum (i32.add (local.get $zero) (i32.const {register})))
                     (i32.store (i32.const 0) (select (i32.const 7) (i32.const 9) {condition}))
                     (call $write (i32.const 0) (i32.const 1))
                     (i32.const 0)"
                ),
            );
            let result = crate::common::run(&program(&text), &mut TestHost::new(), &[0]);
            assert_eq!(result.output.to_vec(), [status], "{condition}, register {register}");
        }
    }
}

#[test]
fn store_of_a_local_at_itself_far_off() {
    for (store, offset) in
        [("i32.store", 65_535), ("i32.store", 65_536), ("i32.store8", 70_000), ("i32.store16", 70_000)]
    {
        // 1 is stored at 1 and the offset
        let text = format!(
            r#"(module (memory (export "memory") 2 2)
                (func (export "user_entrypoint") (param $len i32) (result i32) (local $x i32)
                    (local.set $x (i32.add (local.get $len) (i32.const 1)))
                    ({store} offset={offset} (local.get $x) (local.get $x))
                    (i32.load8_u (i32.const {}))))"#,
            offset + 1
        );
        let result = crate::common::run(&program(&text), &mut TestHost::new(), &[]);
        assert_eq!(result.outcome, Outcome::Revert, "{store} offset={offset}: the status is what was stored");
    }
}
