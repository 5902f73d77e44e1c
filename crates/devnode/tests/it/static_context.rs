//! What a program may not do in a static context, and how it ends when it tries (`stylus.md` sections 4.2 and 4.5).

use crate::common::script::*;
use crate::common::*;
use alloy_primitives::{Address, B256, U256};
use plimsoll_devnode::chain::{BlockRef, Chain};

struct Stage {
    chain: Chain,
    actor: Address,
}

fn stage() -> Stage {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    chain.set_balance(actor, U256::from(100));
    Stage { chain, actor }
}

impl Stage {
    /// Runs a script below a static call of 500,000 gas: length of what came back, status, gas that it took. The actor
    /// itself is warm, and its code ran in this block.
    fn below(&mut self, inner: &Script) -> (u32, u32, u64) {
        let data = script().static_call(self.actor, 500_000, inner);
        let tx = send(&mut self.chain, Some(self.actor), data, 0);
        assert!(tx.success, "{:?}", tx.halt);
        let (len, status) = read(&tx.output).call();
        let step = &named(&steps(&self.chain, &tx), "static_call_contract")[0];
        let fixed = 83_193 + 2 * (16_381 + 55 * (inner.as_ref().len().max(32) as u64 - 32));
        assert!(tx.logs.is_empty());
        (len, status, (step.ink() - fixed) / 10_000 - 100)
    }

    /// The act fails the frame: no data, status 2, and gas that was not used comes back.
    fn forbidden(&mut self, act: Script) {
        let (len, status, taken) = self.below(&act);
        assert_eq!((len, status), (0, 2));
        assert!(taken < 10_000, "{taken}");
        // The same act below a call, a delegate call and EVM code that are themselves below the static call.
        let evm = deploy(&mut self.chain, &evm_forwarder(CALL));
        let deep = [
            script().call(self.actor, 0, ALL, &act),
            script().delegate(self.actor, ALL, &act),
            script().call(evm, 0, ALL, forward_evm(self.actor, act.as_ref())),
        ];
        for frame in deep {
            let data = script().static_call(self.actor, 500_000, frame.clone()).returned(0, 8);
            let tx = send(&mut self.chain, Some(self.actor), data, 0);
            let mut out = read(&tx.output);
            assert_eq!((out.call(), out.call()), ((8, 0), (0, 2)), "{frame:?}");
        }
    }
}

#[test]
fn storage_may_be_cached_but_not_flushed() {
    let mut stage = stage();
    stage.forbidden(script().store(1, 2).flush());
    assert_eq!(slot(&stage.chain, stage.actor, 1), U256::ZERO);
    // The cache is the program's own; what it holds of clean words may be flushed.
    assert_eq!(stage.below(&script().store(1, 2).load(1)).1, 0);
    assert_eq!(stage.below(&script().load(1).store(1, 0).flush_and_clear()).1, 0);
}

#[test]
fn transient_storage_may_be_read_only() {
    let mut stage = stage();
    stage.forbidden(script().transient_store(1, 2));
    assert_eq!(stage.below(&script().transient_load(1)).1, 0);
}

#[test]
fn logs_are_forbidden() {
    let mut stage = stage();
    stage.forbidden(script().log(&[], &[]));
    stage.forbidden(script().log(&[B256::ZERO; 4], &[1, 2, 3]));
}

#[test]
fn creations_are_forbidden() {
    let mut stage = stage();
    let nonce =
        |stage: &Stage| stage.chain.view(BlockRef::Latest).unwrap().account(stage.actor).unwrap().nonce;
    let before = nonce(&stage);
    stage.forbidden(script().create1(&[], 0));
    stage.forbidden(script().create2(&[], 0, B256::ZERO));
    assert_eq!(nonce(&stage), before);
}

#[test]
fn calls_with_value_fail_but_the_frame_goes_on() {
    let mut stage = stage();
    let (len, status, taken) = stage.below(&script().call(NOBODY, 1, ALL, []));
    assert_eq!((len, status), (8, 0));
    assert!(taken < 10_000, "{taken}");
    // Delegate calls carry the value that the frame has, which is none.
    assert_eq!(stage.below(&script().delegate(NOBODY, ALL, [])).1, 0);
    assert_eq!(
        stage.chain.view(BlockRef::Latest).unwrap().account(stage.actor).unwrap().balance,
        U256::from(100)
    );
}

#[test]
fn evm_callees_may_not_write_either_and_lose_their_gas() {
    let mut stage = stage();
    // SSTORE(0, 0); TSTORE(0, 0); LOG0; CREATE; CREATE2; CALL with value 1; SELFDESTRUCT to zero.
    let acts: [&[u8]; 7] = [
        &[0x5f, 0x5f, 0x55],
        &[0x5f, 0x5f, 0x5d],
        &[0x5f, 0x5f, 0xa0],
        &[0x5f, 0x5f, 0x5f, 0xf0],
        &[0x5f, 0x5f, 0x5f, 0x5f, 0xf5],
        &[0x5f, 0x5f, 0x5f, 0x5f, 0x60, 1, 0x5f, 0x5f, 0xf1],
        &[0x5f, 0xff],
    ];
    for act in acts {
        let callee = deploy(&mut stage.chain, act);
        stage.chain.set_balance(callee, U256::ONE);
        let data = script().static_call(callee, 50_000, []).call(callee, 0, 50_000, []);
        let tx = send(&mut stage.chain, Some(stage.actor), data, 0);
        let mut out = read(&tx.output);
        assert_eq!((out.call(), out.call()), ((0, 2), (0, 0)), "{act:02x?}");
        let inks = inks(&steps(&stage.chain, &tx), "static_call_contract");
        assert_eq!(inks, [83_193 + 2 * 16_381 + (2_600 + 50_000) * 10_000], "{act:02x?}");
    }
}

#[test]
fn static_call_of_a_transaction_by_evm_code() {
    let mut stage = stage();
    let evm = deploy(&mut stage.chain, &evm_forwarder(STATICCALL));
    for act in [script().store(1, 2).flush(), script().transient_store(1, 1), script().log(&[], &[])] {
        let tx = send(&mut stage.chain, Some(evm), forward_evm(stage.actor, act.as_ref()), 0);
        assert!(!tx.success && tx.halt.is_none() && tx.output.is_empty());
    }
    let look = forward_evm(stage.actor, script().load(1).as_ref());
    assert!(send(&mut stage.chain, Some(evm), look, 0).success);
}
