//! `inkProfiler`: the parts of a transaction make the whole, over frames of both kinds, and watching changes nothing.

use crate::common::*;
use alloy_primitives::{Address, B256};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use serde_json::Value;

/// A node of a profile by its path, with ink and calls.
type Paths = Vec<(String, i64, u64)>;

fn profile(chain: &Chain, tx: &Mined) -> (Value, Paths) {
    let profile = chain.profile(tx.hash).expect("the transaction is known");
    let nodes = profile["nodes"].as_array().unwrap();
    let mut paths: Paths = Vec::new();
    let mut sum = 0;
    for node in nodes {
        let kind = node["kind"].as_str().unwrap();
        let own = match kind {
            "frame" => node["call"].as_str().unwrap().to_owned(),
            "function" => node["name"].as_str().map_or_else(|| node["index"].to_string(), str::to_owned),
            "host" => node["name"].as_str().unwrap().to_owned(),
            other => other.to_owned(),
        };
        let path = match node["parent"].as_u64() {
            Some(parent) => format!("{} {own}", paths[parent as usize].0),
            None => own,
        };
        let ink = node["ink"].as_i64().unwrap();
        sum += ink;
        paths.push((path, ink, node["calls"].as_u64().unwrap()));
    }
    let number = |key: &str| profile[key].as_i64().unwrap();
    assert_eq!(number("inkPrice"), 10_000);
    assert_eq!(number("gasUsed"), tx.gas_used as i64);
    assert_eq!(number("gas") - number("refund"), number("gasUsed"));
    assert_eq!(sum, number("gas") * 10_000, "{paths:?}");
    (profile, paths)
}

fn ink(paths: &Paths, path: &str) -> i64 {
    let found = paths.iter().find(|(known, ..)| known == path);
    found.unwrap_or_else(|| panic!("no {path} in {paths:?}")).1
}

/// 21,000, and 16 or 4 for each byte of calldata.
fn intrinsic(data: &[u8]) -> i64 {
    21_000 + data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<i64>()
}

#[test]
fn a_call_is_split_between_caller_call_and_callee() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    // 55 times PUSH0 POP and a JUMPDEST: 221 gas
    let mut code = [0x5f, 0x50].repeat(55);
    code.extend([0x5b, 0x00]);
    let callee = deploy(&mut chain, &code);
    let data = forward(0, callee, &[]);
    let tx = send(&mut chain, Some(forwarder), data.clone(), 0);
    assert!(tx.success);
    let (profile, paths) = profile(&chain, &tx);
    assert_eq!(ink(&paths, "transaction"), 0);
    assert_eq!(ink(&paths, "transaction intrinsic"), intrinsic(&data) * 10_000);
    // the entry point is function 8, behind eight imports, and has no name; H+3P+E + 2*16,381 + 2,600 gas are the call's
    let call = "transaction CALL 8 call_contract";
    assert_eq!(ink(&paths, call), 28_325_955 - 221 * 10_000);
    assert_eq!(ink(&paths, &format!("{call} CALL")), 221 * 10_000);
    assert_eq!(ink(&paths, "transaction CALL 8 read_args"), 13_440);
    assert!(ink(&paths, "transaction CALL start") > 0);
    // nothing came back, so that only the rest of the last unit of gas is the frame's own
    assert!((0..10_000).contains(&ink(&paths, "transaction CALL")));
    let frame = profile["nodes"].as_array().unwrap().iter().find(|n| n["kind"] == "frame").unwrap();
    assert_eq!(frame["address"].as_str().unwrap().parse::<Address>().unwrap(), forwarder);
    assert_eq!(frame["program"], true);
}

#[test]
fn nested_frames_of_both_kinds_add_up() {
    let mut chain = chain();
    let forwarder = program(&mut chain, FORWARDER);
    let storer_at = program(&mut chain, STORER);
    let evm = deploy(&mut chain, &evm_forwarder(CALL));
    for op in 0..=8 {
        // program, program, EVM code, program
        let data = forward(0, forwarder, &forward(0, evm, &forward_evm(storer_at, &storer(op, 9, 5))));
        let tx = send(&mut chain, Some(forwarder), data, 0);
        let (_, paths) = profile(&chain, &tx);
        let inner = "transaction CALL 8 call_contract CALL 8 call_contract CALL CALL";
        assert!(paths.iter().any(|(path, ..)| path.starts_with(inner)), "{op}: {paths:?}");
        if op == 0 {
            assert!(
                paths.iter().any(|(path, ..)| *path == format!("{inner} 11 put storage_flush_cache")),
                "{paths:?}"
            );
        }
    }
    // EVM code that calls a program twice as deep
    let data = forward_evm(forwarder, &forward(1, storer_at, &storer(1, 9, 0)));
    let tx = send(&mut chain, Some(evm), data, 0);
    let (_, paths) = profile(&chain, &tx);
    ink(&paths, "transaction CALL CALL 8 delegate_call_contract DELEGATECALL 11 storage_load_bytes32");
}

#[test]
fn refunds_failures_and_transfers_add_up() {
    let mut chain = chain();
    let storer_at = program(&mut chain, STORER);
    send(&mut chain, Some(storer_at), storer(0, 1, 5), 0);
    let cleared = send(&mut chain, Some(storer_at), storer(0, 1, 0), 0);
    let (profile_of_clear, _) = profile(&chain, &cleared);
    // EIP-3529: 4,800 for a cleared word
    assert_eq!(profile_of_clear["refund"], 4_800);
    // out of ink: all that was left counts for the frame
    let endless = send_gas(&mut chain, Some(storer_at), storer(8, 0, 0), 0, 200_000);
    assert!(!endless.success);
    assert_eq!(endless.gas_used, 200_000);
    profile(&chain, &endless);
    // too little for the start of the program
    let data = storer(1, 1, 0);
    let gas = intrinsic(&data) as u64 + 50;
    let short = send_gas(&mut chain, Some(storer_at), data, 0, gas);
    let (_, paths) = profile(&chain, &short);
    assert_eq!(ink(&paths, "transaction CALL"), 50 * 10_000);
    let transfer = send(&mut chain, Some(NOBODY), Vec::new(), 1);
    let (_, paths) = profile(&chain, &transfer);
    assert_eq!(paths.len(), 3);
    assert_eq!(ink(&paths, "transaction intrinsic"), 21_000 * 10_000);
}

#[test]
fn creations_add_up_and_stand_apart() {
    let mut chain = chain();
    let init = stylus_vm::code::initcode(&EVM_ECHO);
    let tx = send(&mut chain, None, init.clone(), 0);
    let (created, paths) = profile(&chain, &tx);
    assert!(ink(&paths, "transaction CREATE") > 200 * 8 * 10_000);
    let frame = created["nodes"].as_array().unwrap().iter().find(|n| n["kind"] == "frame").unwrap();
    assert_eq!(frame["address"].as_str().map(|text| text.parse::<Address>().unwrap()), tx.created);

    let at = program(&mut chain, CREATOR);
    let tx = send(&mut chain, Some(at), creator(2, 0, B256::repeat_byte(1), &init), 0);
    assert!(tx.success);
    let (_, paths) = profile(&chain, &tx);
    // 32,000 and the hash of the init code belong to the host function; 200 a byte to the creation
    assert!(ink(&paths, "transaction CALL 5 create2") > 320_000_000);
    assert!(ink(&paths, "transaction CALL 5 create2 CREATE") > 200 * 8 * 10_000);
}

#[test]
fn profiles_leave_the_programs_of_the_chain_alone() {
    let mut chain = chain();
    let storer_at = program(&mut chain, STORER);
    let first = send(&mut chain, Some(storer_at), storer(1, 1, 0), 0);
    let (once, _) = profile(&chain, &first);
    let second = send(&mut chain, Some(storer_at), storer(1, 1, 0), 0);
    assert_eq!(second.gas_used, first.gas_used);
    assert_eq!(chain.profile(first.hash).unwrap(), once);
    assert!(chain.profile(B256::ZERO).is_err());
}
