//! What programs see of accounts: nobody, a plain account, a contract, a program, a precompile, a delegated account
//! (`stylus.md` section 4.2).

use crate::common::script::*;
use crate::common::*;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::precompiles::ARB_WASM;

const PRICE: u64 = 10_000;
/// H + E.
const REQUEST: u64 = 68_073;
/// Gas of a read of code, for the largest code that there may be: 700 * 24,576 / 24,576.
const CODE: u64 = 700;

fn look(account: Address, size: u32) -> Script {
    let address = account.as_slice();
    script()
        .host("account_balance", address)
        .host("account_codehash", address)
        .host("account_code_size", address)
        .host("account_code", &[address, &0u32.to_le_bytes(), &size.to_le_bytes()].concat())
}

fn code_of(chain: &Chain, account: Address) -> Bytes {
    chain.view(BlockRef::Latest).unwrap().code(account)
}

#[test]
fn accounts_of_every_kind() {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    let contract = deploy(&mut chain, &EVM_ECHO);
    let storer = program(&mut chain, STORER);
    let [plain, delegated] = [0xaa, 0xbb].map(Address::repeat_byte);
    for (account, balance) in [(plain, 7), (contract, 8), (storer, 9)] {
        chain.set_balance(account, U256::from(balance));
    }
    let delegation = Bytes::from([&[0xef, 0x01, 0x00], storer.as_slice()].concat());
    chain.set_code(delegated, delegation.clone());
    let storer_code = code_of(&chain, storer);
    assert_eq!(storer_code[..4], [0xef, 0xf0, 0x00, 0x00], "the prefix is part of the code");
    let empty = keccak256([]);
    for (account, balance, hash, code) in [
        (NOBODY, 0, B256::ZERO, Bytes::new()),
        (plain, 7, empty, Bytes::new()),
        (contract, 8, keccak256(EVM_ECHO), EVM_ECHO.into()),
        (storer, 9, keccak256(&storer_code), storer_code),
        (ARB_WASM, 0, keccak256([0xfe]), [0xfe].into()),
        (delegated, 0, keccak256(&delegation), delegation),
    ] {
        let tx = send(&mut chain, Some(actor), look(account, 20_000), 0);
        let mut out = read(&tx.output);
        assert_eq!((out.small(), out.word(), out.u32()), (balance, hash, code.len() as u32), "{account}");
        assert_eq!(out.bytes(code.len()), code);
        assert!(out.ends());
    }
}

#[test]
fn first_look_pays_for_a_cold_account() {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    let contract = deploy(&mut chain, &[0x5b; 100]);
    let looks = [
        ("account_balance", vec![], REQUEST + 10_080, 0),
        ("account_codehash", vec![], REQUEST + 10_080, 0),
        ("account_code_size", vec![], REQUEST, CODE),
        // The whole code is paid for: W(100), though 10 bytes are asked for.
        ("account_code", [5u32.to_le_bytes(), 10u32.to_le_bytes()].concat(), REQUEST + 5_040 + 30 * 68, CODE),
    ];
    for (name, args, ink, gas) in looks {
        let args = [contract.as_slice(), &args].concat();
        let play = script().host(name, &args).host("account_balance", NOBODY.as_slice()).host(name, &args);
        let tx = send(&mut chain, Some(actor), play, 0);
        let inks: Vec<u64> = named(&steps(&chain, &tx), name)
            .iter()
            .filter(|step| step.args[..20] == contract[..])
            .map(Step::ink)
            .collect();
        // The last account whose code was read is remembered: not even the touch is paid again.
        let again = if gas == 0 { ink + 100 * PRICE } else { ink };
        assert_eq!(inks, [ink + (2_600 + gas) * PRICE, again], "{name}");
    }
}

#[test]
fn code_of_another_account_replaces_the_one_remembered() {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    let [a, b] = [[0x5b], [0x00]].map(|code| deploy(&mut chain, &code));
    let size = |script: Script, account: Address| script.host("account_code_size", account.as_slice());
    let play = size(size(size(size(script(), a), b), a), a);
    let tx = send(&mut chain, Some(actor), play, 0);
    let cold = REQUEST + (2_600 + CODE) * PRICE;
    let warm = REQUEST + (100 + CODE) * PRICE;
    assert_eq!(inks(&steps(&chain, &tx), "account_code_size"), [cold, cold, warm, REQUEST]);
}

#[test]
fn code_beyond_its_end_is_nothing() {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    let contract = deploy(&mut chain, &[1, 2, 3]);
    for (offset, size, expected) in
        [(0, 2, &[1, 2][..]), (1, 100, &[2, 3]), (3, 5, &[]), (u32::MAX, u32::MAX, &[]), (0, 0, &[])]
    {
        let args = [contract.as_slice(), &offset.to_le_bytes(), &size.to_le_bytes()].concat();
        let tx = send(&mut chain, Some(actor), script().host("account_code", &args), 0);
        assert_eq!(tx.output[..], *expected, "{offset} {size}");
    }
}

#[test]
fn looking_asks_for_the_gas_of_a_cold_account() {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    // A warm account: 100 gas to pay, 2,600 to have. H + 2P + E come first.
    let play = script().host("account_balance", actor.as_slice());
    let gas = 1_000_000;
    let tx = send_gas(&mut chain, Some(actor), play.clone(), 0, gas);
    let left = (named(&steps(&chain, &tx), "account_balance")[0].start - REQUEST - 10_080) / PRICE;
    let limit = gas - (left - 2_600);
    assert!(send_gas(&mut chain, Some(actor), play.clone(), 0, limit).success);
    let tx = send_gas(&mut chain, Some(actor), play, 0, limit - 1);
    assert_eq!((tx.halt.as_deref(), tx.gas_used), (Some("out of gas"), limit - 1));
}
