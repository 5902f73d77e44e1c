//! Storage of programs: the cache of each frame, what a flush costs and earns, what other frames see; transient storage and
//! logs (`stylus.md` sections 4.1 and 4.2).

use crate::common::script::*;
use crate::common::*;
use alloy::eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256, U256};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::config::DEV_ADDRESS;

const PRICE: u64 = 10_000;
/// H + 2P: the ink of a load and of a cached write before gas.
const ACCESS: u64 = 18_480;
/// H + E: the ink of a flush before gas.
const FLUSH: u64 = 68_073;
const GAS: u64 = 32_000_000;

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
        let tx = send_gas(&mut self.chain, Some(self.actor), script, 0, GAS);
        assert!(tx.success, "{:?} {}", tx.halt, tx.output);
        let steps = steps(&self.chain, &tx);
        (tx, steps)
    }

    fn play(&mut self, script: Script) -> (Reader, Vec<Step>) {
        let (tx, steps) = self.send(script);
        (read(&tx.output), steps)
    }

    /// Sets a word of the actor in a transaction of its own.
    fn set(&mut self, key: u64, value: u64) {
        self.send(script().store(key, value).flush());
        assert_eq!(self.slot(key), value);
    }

    fn slot(&self, key: u64) -> u64 {
        slot(&self.chain, self.actor, key).to()
    }

    /// Gas of each flush, beyond its ink.
    fn flushes(&mut self, script: Script) -> Vec<u64> {
        let (_, steps) = self.send(script);
        let gas = |ink: u64| {
            assert_eq!((ink - FLUSH) % PRICE, 0);
            (ink - FLUSH) / PRICE
        };
        inks(&steps, "storage_flush_cache").into_iter().map(gas).collect()
    }

    /// Gas spent before refunds, and what was given back.
    fn refund(&mut self, script: Script) -> (u64, u64) {
        let (tx, steps) = self.send(script);
        let left = named(&steps, "user_returned")[0].end / PRICE;
        (GAS - left, GAS - left - tx.gas_used)
    }
}

#[test]
fn reads_have_tiers_by_count_in_a_frame() {
    let mut stage = stage();
    let read = |count| (0..count).fold(script(), |script, _| script.load(1));
    // A frame below counts for itself; clearing the cache does not start the count again.
    let inner = read(34);
    let (_, steps) = stage.play(read(31).flush_and_clear().call(stage.actor, 0, ALL, inner).load(1).load(1));
    let ink = inks(&steps, "storage_load_bytes32");
    assert_eq!(ink[31..], [ACCESS + 105 * PRICE, ACCESS + 2 * PRICE], "the 32nd is free, the 33rd is not");
    let inner = inks(&named(&steps, "call_contract")[0].steps, "storage_load_bytes32");
    assert_eq!(inner[0], ACCESS + 105 * PRICE, "the slot is warm");
    assert_eq!(inner[1..], [vec![ACCESS; 31], vec![ACCESS + 2 * PRICE; 2]].concat());
    let (_, steps) = stage.play(read(130));
    let ink = inks(&steps, "storage_load_bytes32");
    assert_eq!((ink[0], ink[1], ink[31]), (ACCESS + 2_105 * PRICE, ACCESS, ACCESS));
    assert_eq!((ink[32], ink[127]), (ACCESS + 2 * PRICE, ACCESS + 2 * PRICE));
    assert_eq!((ink[128], ink[129]), (ACCESS + 10 * PRICE, ACCESS + 10 * PRICE));
    // The tier comes on top of the slot: the 129th read of another slot, cold.
    let (_, steps) = stage.play(read(128).load(2));
    assert_eq!(inks(&steps, "storage_load_bytes32")[128], ACCESS + (10 + 2_105) * PRICE);
}

#[test]
fn writes_have_tiers_by_count_in_a_frame() {
    let mut stage = stage();
    let write = |count| (0..count).fold(script(), |script, i| script.store(1, i));
    let (_, steps) = stage.play(write(66));
    let ink = inks(&steps, "storage_cache_bytes32");
    assert_eq!(ink[..8], [ACCESS; 8]);
    assert_eq!(ink[8..64], [ACCESS + 7 * PRICE; 56]);
    assert_eq!(ink[64..], [ACCESS + 10 * PRICE; 2]);
    let (_, steps) = stage.play(write(8).flush_and_clear().store(1, 1));
    assert_eq!(inks(&steps, "storage_cache_bytes32")[8], ACCESS + 7 * PRICE);
}

#[test]
fn storage_functions_ask_for_gas_that_they_may_not_take() {
    // What is left when each asks, and what it takes: a repeated load 2,115 and none; a cached write 2,310 and none; a
    // flush of nothing 2,300 and none.
    let cases = [
        ("storage_load_bytes32", script().load(1).load(1), ACCESS, 2_115),
        ("storage_cache_bytes32", script().store(1, 1), ACCESS, 2_310),
        ("storage_flush_cache", script().flush(), FLUSH, 2_300),
    ];
    let mut stage = stage();
    for (name, script, ink, required) in cases {
        let (_, steps) = stage.send(script.clone());
        let left = (named(&steps, name).last().unwrap().start - ink) / PRICE;
        let limit = GAS - (left - required);
        let tx = send_gas(&mut stage.chain, Some(stage.actor), script.clone(), 0, limit);
        assert!(tx.success, "{name}: {:?}", tx.halt);
        let tx = send_gas(&mut stage.chain, Some(stage.actor), script, 0, limit - 1);
        assert_eq!((tx.halt.as_deref(), tx.gas_used), (Some("out of gas"), limit - 1), "{name}");
    }
}

#[test]
fn flushes_cost_what_sstore_costs() {
    let mut stage = stage();
    let run = |stage: &mut Stage, original: u64, writes: &[u64]| {
        let snapshot = stage.chain.snapshot();
        if original != 0 {
            stage.set(1, original);
        }
        let script = writes.iter().fold(script(), |script, value| script.store(1, *value).flush());
        let gas = stage.flushes(script);
        stage.chain.revert(snapshot);
        gas
    };
    // Cold 2,100; set 20,000, reset 2,900, anything else 100 (EIP-2200, EIP-2929).
    assert_eq!(run(&mut stage, 0, &[1, 2, 0, 3]), [22_100, 100, 100, 20_000]);
    assert_eq!(run(&mut stage, 1, &[2, 3, 1, 2]), [5_000, 100, 100, 2_900]);
    assert_eq!(run(&mut stage, 1, &[0, 1, 0]), [5_000, 100, 2_900]);
    // A word that was never read is not known to the cache: the same value is sent, and costs a warm access.
    assert_eq!(run(&mut stage, 1, &[1]), [2_200]);
    assert_eq!(run(&mut stage, 0, &[0]), [2_200]);
    // What was sent is known: the same again is not dirty.
    assert_eq!(run(&mut stage, 1, &[2, 2, 2]), [5_000, 0, 0]);
}

#[test]
fn flushes_send_what_differs_from_what_is_known() {
    let mut stage = stage();
    stage.set(1, 5);
    stage.set(2, 6);
    // Read, changed and changed back: nothing to send.
    assert_eq!(stage.flushes(script().load(1).store(1, 9).store(1, 5).flush()), [0]);
    // One of two is dirty, and warm by the load.
    assert_eq!(stage.flushes(script().load(1).load(2).store(1, 5).store(2, 7).flush()), [2_900]);
    // Several words in one flush: the sum.
    assert_eq!(stage.flushes(script().store(1, 0).store(3, 1).store(2, 7).flush()), [5_000 + 22_100 + 2_200]);
    assert_eq!([stage.slot(1), stage.slot(2), stage.slot(3)], [0, 7, 1]);
    // What is not flushed when the frame ends was never written.
    stage.play(script().store(1, 4));
    assert_eq!(stage.slot(1), 0);
}

/// Gas to refund against: 100 pages cost 932,066 and more, a fifth of which is above what the tests earn.
fn large(script: Script) -> Script {
    script.pay_for_pages(100)
}

#[test]
fn refunds_of_storage() {
    let mut stage = stage();
    let refund = |stage: &mut Stage, original: u64, writes: &[u64]| {
        let snapshot = stage.chain.snapshot();
        if original != 0 {
            stage.set(1, original);
        }
        let play = writes.iter().fold(script(), |script, value| script.store(1, *value).flush());
        let (_, refund) = stage.refund(large(play));
        stage.chain.revert(snapshot);
        refund
    };
    // EIP-3529: clearing earns 4,800, taking it back loses it; a word back at its first value earns 20,000 - 100 or
    // 2,900 - 100.
    assert_eq!(refund(&mut stage, 1, &[0]), 4_800);
    assert_eq!(refund(&mut stage, 1, &[2]), 0);
    assert_eq!(refund(&mut stage, 1, &[0, 2]), 0);
    assert_eq!(refund(&mut stage, 1, &[0, 1]), 2_800);
    assert_eq!(refund(&mut stage, 1, &[2, 1]), 2_800);
    assert_eq!(refund(&mut stage, 1, &[2, 0]), 4_800);
    assert_eq!(refund(&mut stage, 0, &[1, 0]), 19_900);
    assert_eq!(refund(&mut stage, 0, &[1, 0, 1]), 19_900);
}

#[test]
fn refunds_are_a_fifth_of_what_was_spent_at_most() {
    let mut stage = stage();
    stage.set(1, 1);
    stage.set(2, 1);
    stage.set(3, 1);
    let clear = script().store(1, 0).store(2, 0).store(3, 0).flush();
    let (spent, refund) = stage.refund(clear);
    assert!(spent / 5 < 3 * 4_800, "{spent}");
    assert_eq!(refund, spent / 5);
}

#[test]
fn refunds_of_frames_below_count_unless_they_revert() {
    let mut stage = stage();
    let clear = script().store(1, 0).flush();
    let evm = deploy(&mut stage.chain, &EVM_STORE);
    let evm_revert = deploy(&mut stage.chain, &EVM_STORE_REVERT);
    for contract in [evm, evm_revert] {
        stage.chain.set_storage(contract, U256::ONE, U256::ONE);
    }
    let zero = [word(1), word(0)].concat();
    let actor = stage.actor;
    let cases = [
        ("a program", script().call(actor, 0, ALL, &clear), 4_800),
        ("a program by delegate", script().delegate(actor, ALL, &clear), 4_800),
        ("a program that reverts", script().call(actor, 0, ALL, clear.clone().revert()), 0),
        ("a program that traps", script().call(actor, 0, ALL, clear.clone().trap()), 0),
        ("EVM code", script().call(evm, 0, ALL, &zero), 4_800),
        ("EVM code that reverts", script().call(evm_revert, 0, ALL, &zero), 0),
        ("below and taken back above", script().call(actor, 0, ALL, &clear).store(1, 1).flush(), 2_800),
        // The frame in between succeeds, the one below it does not.
        ("two below", script().call(actor, 0, ALL, script().call(actor, 0, ALL, clear.clone().revert())), 0),
        ("two below, both good", script().call(actor, 0, ALL, script().call(actor, 0, ALL, &clear)), 4_800),
        // What the upper of two reverts with takes the lower with it.
        ("two below, lost", script().call(actor, 0, ALL, script().call(actor, 0, ALL, &clear).revert()), 0),
    ];
    for (what, play, expected) in cases {
        let snapshot = stage.chain.snapshot();
        stage.set(1, 1);
        assert_eq!(stage.refund(large(play)).1, expected, "{what}");
        stage.chain.revert(snapshot);
    }
}

#[test]
fn cache_is_stale_after_a_call_unless_it_is_cleared() {
    let mut stage = stage();
    let change = script().store(1, 5).flush();
    let play =
        script().load(1).call(stage.actor, 0, ALL, &change).load(1).flush().load(1).flush_and_clear().load(1);
    let (mut out, steps) = stage.play(play);
    assert_eq!((out.small(), out.call()), (0, (0, 0)));
    assert_eq!((out.small(), out.small(), out.small()), (0, 0, 5));
    let cold = ACCESS + 2_105 * PRICE;
    assert_eq!(inks(&steps, "storage_load_bytes32"), [cold, ACCESS, ACCESS, ACCESS + 105 * PRICE]);
}

#[test]
fn writes_are_seen_by_others_once_they_are_flushed() {
    let mut stage = stage();
    stage.set(1, 3);
    let look = script().load(1);
    let actor = stage.actor;
    let play = script()
        .store(1, 7)
        .call(actor, 0, ALL, &look)
        .returned(0, 32)
        .flush()
        .call(actor, 0, ALL, &look)
        .returned(0, 32)
        .delegate(actor, ALL, &look)
        .returned(0, 32);
    let (mut out, _) = stage.play(play);
    for expected in [3, 7, 7] {
        assert_eq!((out.call(), out.small()), ((32, 0), expected));
    }
    // A word waiting in the cache overwrites what a frame below wrote in the meantime.
    stage.play(script().store(1, 8).call(actor, 0, ALL, script().store(1, 9).flush()).flush());
    assert_eq!(stage.slot(1), 8);
    // A word that the cache believes to be unchanged does not.
    stage.play(script().load(1).call(actor, 0, ALL, script().store(1, 9).flush()).store(1, 8).flush());
    assert_eq!(stage.slot(1), 9);
    // Cleared before the call, it does.
    let play = script().load(1).flush_and_clear().call(actor, 0, ALL, script().store(1, 4).flush());
    stage.play(play.store(1, 9).flush());
    assert_eq!(stage.slot(1), 9);
}

#[test]
fn clearing_flushes_first() {
    let mut stage = stage();
    let (mut out, steps) = stage.play(script().store(1, 6).flush_and_clear().load(1));
    assert_eq!((out.small(), stage.slot(1)), (6, 6));
    assert_eq!(inks(&steps, "storage_load_bytes32"), [ACCESS + 105 * PRICE]);
}

#[test]
fn slots_warmed_by_a_frame_that_reverts_are_cold_again() {
    let mut stage = stage();
    let actor = stage.actor;
    let play = script().call(actor, 0, ALL, script().load(1).revert()).load(1);
    let (_, steps) = stage.play(play);
    assert_eq!(inks(&steps, "storage_load_bytes32"), [ACCESS + 2_105 * PRICE]);
    let play = script().call(actor, 0, ALL, script().load(1)).load(1);
    let (_, steps) = stage.play(play);
    assert_eq!(inks(&steps, "storage_load_bytes32"), [ACCESS + 105 * PRICE]);
}

#[test]
fn slots_of_the_access_list_are_warm() {
    let mut stage = stage();
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(stage.actor),
        gas: Some(GAS),
        data: script().load(1).load(2).into(),
        access_list: vec![AccessListItem { address: stage.actor, storage_keys: vec![word(1).into()] }],
        ..Default::default()
    };
    let hash = stage.chain.send_unsigned(&request).unwrap();
    let (block, index) = stage.chain.transaction(hash).unwrap();
    let tx = block.transactions[index].clone();
    let ink = inks(&steps(&stage.chain, &tx), "storage_load_bytes32");
    assert_eq!(ink, [ACCESS + 105 * PRICE, ACCESS + 2_105 * PRICE]);
}

#[test]
fn transient_storage_is_of_the_account_and_the_transaction() {
    let mut stage = stage();
    let actor = stage.actor;
    let look = script().transient_load(1);
    let other = deploy(
        &mut stage.chain,
        &stylus_vm::code::compress(&wat::parse_str(crate::common::script::actor()).unwrap()),
    );
    let play = script()
        .transient_store(1, 5)
        .call(actor, 0, ALL, &look)
        .returned(0, 32)
        .call(other, 0, ALL, &look)
        .returned(0, 32)
        .delegate(other, ALL, script().transient_store(1, 6))
        .transient_load(1)
        .call(actor, 0, ALL, script().transient_store(1, 7).revert())
        .transient_load(1)
        .call(actor, 0, ALL, script().transient_store(1, 8))
        .transient_load(1);
    let (mut out, _) = stage.play(play);
    assert_eq!((out.call(), out.small()), ((32, 0), 5), "at once, without a flush");
    assert_eq!((out.call(), out.small()), ((32, 0), 0), "another account");
    assert_eq!((out.call(), out.small()), ((0, 0), 6), "written by delegate");
    assert_eq!((out.call(), out.small()), ((0, 2), 6), "rolled back");
    assert_eq!((out.call(), out.small()), ((0, 0), 8));
    let (mut out, _) = stage.play(look);
    assert_eq!(out.small(), 0, "the next transaction");
    assert_eq!(stage.slot(1), 0, "nothing of it is storage");
}

#[test]
fn logs_keep_the_order_of_the_frames() {
    let mut stage = stage();
    let actor = stage.actor;
    let topics: Vec<B256> = (1..=4).map(B256::repeat_byte).collect();
    // LOG0 of EVM code: PUSH1 0xee PUSH0 MSTORE8 PUSH1 1 PUSH0 LOG0
    let evm = deploy(&mut stage.chain, &[0x60, 0xee, 0x5f, 0x53, 0x60, 1, 0x5f, 0xa0]);
    let inner = script().log(&topics[..1], b"b").call(evm, 0, ALL, []).log(&topics[..2], b"c");
    let play = script()
        .log(&[], b"a")
        .call(actor, 0, ALL, &inner)
        .call(actor, 0, ALL, script().log(&[], b"lost").revert())
        .delegate(evm, ALL, [])
        .log(&topics[..3], b"")
        .log(&topics, b"e");
    let (tx, _) = stage.send(play);
    let seen: Vec<(Address, usize, &[u8])> =
        tx.logs.iter().map(|log| (log.address, log.data.topics().len(), &log.data.data[..])).collect();
    assert_eq!(
        seen,
        [
            (actor, 0, &b"a"[..]),
            (actor, 1, b"b"),
            (evm, 0, &[0xee]),
            (actor, 2, b"c"),
            (actor, 0, &[0xee]),
            (actor, 3, b""),
            (actor, 4, b"e"),
        ]
    );
    assert_eq!(tx.logs[6].data.topics(), topics);
    // A transaction that reverts has none.
    let tx = send(&mut stage.chain, Some(actor), script().log(&[], b"a").revert(), 0);
    assert!(!tx.success && tx.logs.is_empty());
}
