//! Creations that programs make: what they cost, what the new account is, and how they fail (`stylus.md` section 4.2).

use crate::common::script::*;
use crate::common::stage::*;
use crate::common::*;
use alloy_primitives::{Address, B256, U256};
use plimsoll_devnode::chain::BlockRef;

/// Returns what it was given less 2, as its code: GAS PUSH0 MSTORE PUSH1 32 PUSH0 RETURN.
const INIT_GAS: [u8; 7] = [0x5a, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

#[test]
fn creations_keep_a_64th() {
    let mut stage = stage();
    let (mut out, steps) = stage.play(script().create1(&INIT_GAS, 0));
    let step = &named(&steps, "create1")[0];
    let given = gas_at(step) - 32_000;
    let made = out.address();
    let code = stage.chain.view(BlockRef::Latest).unwrap().code(made);
    assert_eq!(U256::from_be_slice(&code[..32]), U256::from(given - given / 64 - 2));
    // 15 gas inside and 200 a byte of code.
    assert_eq!(step.ink(), FIXED + (32_000 + 15 + 32 * 200) * PRICE);
    assert_eq!(stage.nonce(made), 1);
}

#[test]
fn creations_that_fail_have_no_address() {
    let mut stage = stage();
    let actor = stage.actor;
    // PUSH1 0xaa PUSH0 MSTORE8 PUSH1 1 PUSH0 REVERT: 3 + 2 + 3 + 3 + 3 + 2 = 16 gas and one byte.
    let revert = [0x60, 0xaa, 0x5f, 0x53, 0x60, 1, 0x5f, 0xfd];
    let nonce = stage.nonce(actor);
    let (mut out, steps) = stage.play(script().create1(&revert, 0).returned(0, 1));
    assert_eq!((out.address(), out.u32(), &out.bytes(1)[..]), (Address::ZERO, 1, &[0xaa][..]));
    assert_eq!(inks(&steps, "create1"), [FIXED + 32_016 * PRICE]);
    assert_eq!(stage.nonce(actor), nonce + 1, "the number is used up");
    // Anything else takes all but the 64th and leaves no data.
    let (mut out, steps) = stage.play(script().create1(&[0xfe], 0));
    assert_eq!((out.address(), out.u32()), (Address::ZERO, 0));
    let step = &named(&steps, "create1")[0];
    let given = gas_at(step) - 32_000;
    assert_eq!(step.ink(), FIXED + (32_000 + given - given / 64) * PRICE);
    // More value than there is: the base cost only, and the number stays.
    let nonce = stage.nonce(actor);
    let (mut out, steps) = stage.play(script().create1(&[], 2 * ETHER));
    assert_eq!((out.address(), out.u32()), (Address::ZERO, 0));
    assert_eq!(inks(&steps, "create1"), [FIXED + 32_000 * PRICE]);
    assert_eq!(stage.nonce(actor), nonce);
}

#[test]
fn creations_collide() {
    let mut stage = stage();
    let init = stylus_vm::code::initcode(&EVM_ECHO);
    let (mut out, steps) = stage.play(script().create2(&init, 7, B256::ZERO).create2(&init, 0, B256::ZERO));
    let made = out.address();
    assert_eq!(made, stage.actor.create2(B256::ZERO, alloy_primitives::keccak256(&init)));
    assert_eq!((out.u32(), out.address(), out.u32()), (0, Address::ZERO, 0));
    // The second takes all but the 64th. 51 bytes of init code: 19 beyond the first 32, two words of hashing; a P more.
    assert_eq!(init.len(), 51);
    let step = &named(&steps, "create2")[1];
    let fixed = FIXED + 5_040 + 2 * 55 * 19;
    let given = (step.start - fixed) / PRICE - 32_012;
    assert_eq!(step.ink(), fixed + (32_012 + given - given / 64) * PRICE);
    let account = stage.chain.view(BlockRef::Latest).unwrap().account(made).unwrap();
    assert_eq!((account.balance, account.nonce), (U256::from(7), 1));
}

#[test]
fn creations_that_cannot_be_paid_fail_the_frame_with_all_its_gas() {
    let mut stage = stage();
    let script = script().create1(&[], 0);
    let limit = stage.limit_for(&script, "create1", 32_000);
    let (tx, steps) = stage.send(script.clone(), limit);
    assert_eq!(named(&steps, "create1")[0].ink(), FIXED + 32_000 * PRICE);
    assert_eq!(tx.halt.as_deref(), Some("out of gas"), "nothing is left to return with");
    // One less: a failure, which reverts, and gas that is gone.
    let (tx, _) = stage.send(script, limit - 1);
    assert!(!tx.success && tx.halt.is_none() && tx.output.is_empty(), "{:?}", tx.halt);
    assert_eq!(tx.gas_used, limit - 1);
}
