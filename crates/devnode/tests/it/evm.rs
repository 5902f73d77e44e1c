//! EVM code on the chain: deployment, calls, reverts, fees, time, snapshots.

use crate::common::*;
use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::call::{CallRequest, Overrides};
use plimsoll_devnode::chain::error::ChainError;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::config::{BASE_FEE, DEV_ADDRESS};
use plimsoll_devnode::precompiles::ARB_SYS;
use plimsoll_devnode::precompiles::abi::ArbSys;
use plimsoll_devnode::state::AccountOverride;

#[test]
fn deploy_and_call_store() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    let tx = send(&mut chain, Some(store), [word(7), word(9)].concat(), 0);
    assert!(tx.success);
    assert_eq!(slot(&chain, store, 7), U256::from(9));
    // 21,000 + 62 zero bytes at 4 and 2 others at 16 + cold slot 2,100 + new word 20,000 + 2 PUSH (3, 2), 2 loads (3)
    assert_eq!(tx.gas_used, 21_000 + 62 * 4 + 2 * 16 + 22_100 + 3 + 3 + 2 + 3);
}

#[test]
fn revert_leaves_no_trace_but_the_fee() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE_REVERT);
    let before = chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap();
    let tx = send(&mut chain, Some(store), [word(7), word(9)].concat(), 0);
    let after = chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap();
    assert!(!tx.success);
    assert_eq!(slot(&chain, store, 7), U256::ZERO);
    assert_eq!(after.nonce, before.nonce + 1);
    assert_eq!(before.balance - after.balance, U256::from(tx.gas_used * BASE_FEE));
}

#[test]
fn fees_are_conserved() {
    let mut chain = chain();
    let before = chain.view(BlockRef::Latest).unwrap().account(DEV_ADDRESS).unwrap().balance;
    let tx = send(&mut chain, Some(NOBODY), [], 5);
    let view = chain.view(BlockRef::Latest).unwrap();
    // The network account is the zero address until an owner names another.
    let fee = view.account(Default::default()).unwrap().balance;
    assert_eq!(tx.gas_used, 21_000);
    assert_eq!(fee, U256::from(21_000 * BASE_FEE));
    let left = view.account(DEV_ADDRESS).unwrap().balance;
    assert_eq!(left + fee + view.account(NOBODY).unwrap().balance, before);
}

#[test]
fn code_beginning_with_ef_is_refused_unless_stylus() {
    let mut chain = chain();
    let ef = send(&mut chain, None, stylus_vm::code::initcode(&[0xef, 0x00, 0x01, 0x02]), 0);
    assert!(!ef.success);
    let delegation = send(&mut chain, None, stylus_vm::code::initcode(&[0xef, 0x01, 0x00, 0x02]), 0);
    assert!(!delegation.success);
    let short = send(&mut chain, None, stylus_vm::code::initcode(&[0xef, 0xf0, 0x00]), 0);
    assert!(!short.success);
    let program = send(&mut chain, None, stylus_vm::code::initcode(&[0xef, 0xf0, 0x00, 0x00]), 0);
    assert!(program.success);
    let fragment = send(&mut chain, None, stylus_vm::code::initcode(&[0xef, 0xf0, 0x01, 0x00]), 0);
    assert!(fragment.success);
}

#[test]
fn code_size_limit_is_24576() {
    let mut chain = chain();
    let most = send(&mut chain, None, stylus_vm::code::initcode(&vec![1; 24_576]), 0);
    assert!(most.success);
    let more = send(&mut chain, None, stylus_vm::code::initcode(&vec![1; 24_577]), 0);
    assert!(!more.success);
    let huge = CallRequest {
        from: Some(DEV_ADDRESS),
        gas: Some(32_000_000),
        data: vec![0; 49_153].into(),
        ..Default::default()
    };
    assert!(matches!(chain.send_unsigned(&huge), Err(ChainError::Invalid(why)) if why.contains("initcode")));
}

#[test]
fn extcode_sees_the_prefixed_code() {
    let mut chain = chain();
    let target = deploy_wat(&mut chain, STORER);
    // PUSH0 CALLDATALOAD DUP1 EXTCODESIZE PUSH0 MSTORE DUP1 EXTCODEHASH PUSH1 32 MSTORE
    // PUSH1 4 PUSH0 PUSH1 64 DUP4 EXTCODECOPY PUSH1 96 PUSH0 RETURN
    let probe = [
        0x5f, 0x35, 0x80, 0x3b, 0x5f, 0x52, 0x80, 0x3f, 0x60, 0x20, 0x52, 0x60, 0x04, 0x5f, 0x60, 0x40, 0x83,
        0x3c, 0x60, 0x60, 0x5f, 0xf3,
    ];
    let probe = deploy(&mut chain, &probe);
    let out = call(&chain, probe, target.into_word().to_vec()).unwrap();
    let code = chain.view(BlockRef::Latest).unwrap().code(target);
    assert_eq!(U256::from_be_slice(&out[..32]), U256::from(code.len()));
    assert_eq!(B256::from_slice(&out[32..64]), keccak256(&code));
    assert_eq!(out[64..68], [0xef, 0xf0, 0x00, 0x00]);
}

#[test]
fn gas_price_is_the_base_fee_also_in_free_calls() {
    let mut chain = chain();
    // GASPRICE PUSH0 MSTORE BASEFEE PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN
    let probe = deploy(&mut chain, &[0x3a, 0x5f, 0x52, 0x48, 0x60, 0x20, 0x52, 0x60, 0x40, 0x5f, 0xf3]);
    let out = call(&chain, probe, []).unwrap();
    assert_eq!(out[..], [word(BASE_FEE), word(BASE_FEE)].concat());
}

#[test]
fn block_number_is_the_l1_block_and_arb_sys_has_the_l2_block() {
    let mut chain = chain();
    // NUMBER PUSH0 MSTORE PREVRANDAO PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN
    let probe = deploy(&mut chain, &[0x43, 0x5f, 0x52, 0x44, 0x60, 0x20, 0x52, 0x60, 0x40, 0x5f, 0xf3]);
    chain.increase_time(1_200);
    chain.mine(None).unwrap();
    let out = call(&chain, probe, []).unwrap();
    // one second for each of two blocks and 1,200 more; an L1 block takes 12
    assert_eq!(out[..], [word(1 + 1_202 / 12), word(1)].concat());
    let l2 = call(&chain, ARB_SYS, ArbSys::arbBlockNumberCall {}.abi_encode()).unwrap();
    assert_eq!(U256::from_be_slice(&l2), U256::from(2));
    let hash =
        call(&chain, ARB_SYS, ArbSys::arbBlockHashCall { arbBlockNum: U256::ONE }.abi_encode()).unwrap();
    assert_eq!(B256::from_slice(&hash), chain.block(BlockRef::Number(1)).unwrap().hash);
    let future = call(&chain, ARB_SYS, ArbSys::arbBlockHashCall { arbBlockNum: U256::from(2) }.abi_encode());
    assert!(matches!(future, Err(ChainError::Reverted(data)) if data.len() == 68));
}

#[test]
fn snapshot_and_revert_restore_everything() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    let put = |chain: &mut Chain, value| send(chain, Some(store), [word(1), word(value)].concat(), 0);
    put(&mut chain, 5);
    let height = chain.height();
    let first = chain.snapshot();
    put(&mut chain, 6);
    chain.set_balance(NOBODY, U256::from(77));
    let second = chain.snapshot();
    let lost = put(&mut chain, 0);
    chain.increase_time(1_000);
    assert!(chain.revert(second));
    assert_eq!(slot(&chain, store, 1), U256::from(6));
    assert!(chain.transaction(lost.hash).is_none());
    assert!(chain.revert(first));
    assert_eq!(slot(&chain, store, 1), U256::from(5));
    assert_eq!(chain.height(), height);
    assert!(chain.view(BlockRef::Latest).unwrap().account(NOBODY).is_none());
    assert!(!chain.revert(second), "a snapshot taken later is gone");
    assert!(!chain.revert(first), "a snapshot serves once");
    put(&mut chain, 8);
    assert_eq!(slot(&chain, store, 1), U256::from(8));
}

#[test]
fn past_blocks_keep_their_state() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    for value in 1..=5 {
        send(&mut chain, Some(store), [word(1), word(value)].concat(), 0);
    }
    let at = |number| chain.view(BlockRef::Number(number)).unwrap().slot(store, U256::ONE);
    assert_eq!(at(1), U256::ZERO);
    for value in 1..=5 {
        assert_eq!(at(1 + value), U256::from(value));
    }
    assert_eq!(chain.view(BlockRef::Number(99)).err(), Some(ChainError::UnknownBlock));
}

#[test]
fn calls_take_overrides() {
    let mut chain = chain();
    // PUSH0 SLOAD PUSH0 MSTORE TIMESTAMP PUSH1 32 MSTORE SELFBALANCE PUSH1 64 MSTORE PUSH1 96 PUSH0 RETURN
    let code =
        [0x5f, 0x54, 0x5f, 0x52, 0x42, 0x60, 0x20, 0x52, 0x47, 0x60, 0x40, 0x52, 0x60, 0x60, 0x5f, 0xf3];
    let change = AccountOverride {
        balance: Some(U256::from(3)),
        code: Some(code.to_vec().into()),
        slots: vec![(U256::ZERO, U256::from(4))],
        ..Default::default()
    };
    let overrides = Overrides { accounts: vec![(NOBODY, change)], time: Some(5_000), number: None };
    let request = CallRequest { to: Some(NOBODY), ..Default::default() };
    let out = chain.call(&request, BlockRef::Latest, &overrides).unwrap();
    assert_eq!(out[..], [word(4), word(5_000), word(3)].concat());
    assert!(call(&chain, NOBODY, []).unwrap().is_empty(), "the chain itself is unchanged");
    let real = deploy(&mut chain, &EVM_STORE);
    send(&mut chain, Some(real), [word(0), word(9)].concat(), 0);
    let cleared =
        AccountOverride { code: Some(code.to_vec().into()), clear_slots: true, ..Default::default() };
    let overrides = Overrides { accounts: vec![(real, cleared)], ..Default::default() };
    let out = chain
        .call(&CallRequest { to: Some(real), ..Default::default() }, BlockRef::Latest, &overrides)
        .unwrap();
    assert_eq!(out[..32], word(0));
}

#[test]
fn estimate_suffices_and_is_close() {
    let mut chain = chain();
    let store = deploy(&mut chain, &EVM_STORE);
    let forwarder = deploy(&mut chain, &evm_forwarder(CALL));
    let data = forward_evm(store, &[word(1), word(2)].concat());
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to: Some(forwarder),
        data: data.clone().into(),
        ..Default::default()
    };
    let gas = chain.estimate(&request, BlockRef::Pending, &[]).unwrap();
    let tx = send_gas(&mut chain, Some(forwarder), data, 0, gas);
    assert!(tx.success);
    assert!(gas - tx.gas_used < tx.gas_used / 20, "{gas} for {}", tx.gas_used);
    let transfer = CallRequest { from: Some(DEV_ADDRESS), to: Some(NOBODY), ..Default::default() };
    assert_eq!(chain.estimate(&transfer, BlockRef::Pending, &[]), Ok(21_000));
}

#[test]
fn estimate_errors_with_the_revert_data() {
    let mut chain = chain();
    let reverting = deploy(&mut chain, &EVM_STORE_REVERT);
    let request = CallRequest { to: Some(reverting), ..Default::default() };
    assert_eq!(
        chain.estimate(&request, BlockRef::Pending, &[]),
        Err(ChainError::Reverted(Default::default()))
    );
    // JUMPDEST PUSH0 JUMP
    let endless = deploy(&mut chain, &[0x5b, 0x5f, 0x56]);
    let request = CallRequest { to: Some(endless), gas: Some(1_000_000), ..Default::default() };
    assert_eq!(chain.estimate(&request, BlockRef::Pending, &[]), Err(ChainError::GasAllowance(1_000_000)));
}

#[test]
fn large_gas_limits_are_allowed() {
    let mut chain = chain();
    let tx = send_gas(&mut chain, Some(NOBODY), [], 0, 500_000_000);
    assert!(tx.success);
    assert_eq!(tx.gas_used, 21_000);
}

#[test]
fn calldata_has_no_floor_price() {
    let mut chain = chain();
    // EIP-7623 would ask for 21,000 + 40 * 1,000.
    let tx = send(&mut chain, Some(NOBODY), vec![1; 1_000], 0);
    assert_eq!(tx.gas_used, 21_000 + 16 * 1_000);
}

#[test]
fn time_moves_as_told() {
    let mut chain = chain();
    chain.mine(None).unwrap();
    assert_eq!(chain.head().header.timestamp, GENESIS_TIME + 1);
    chain.increase_time(100);
    chain.mine(None).unwrap();
    assert_eq!(chain.head().header.timestamp, GENESIS_TIME + 102);
    chain.set_next_timestamp(GENESIS_TIME + 5_000).unwrap();
    chain.mine(None).unwrap();
    chain.mine(None).unwrap();
    assert_eq!(chain.head().header.timestamp, GENESIS_TIME + 5_001);
    assert!(matches!(chain.set_next_timestamp(GENESIS_TIME), Err(ChainError::TimeBackwards(..))));
    chain.increase_time(u64::MAX);
    chain.mine(None).unwrap();
    assert!(chain.head().header.timestamp > GENESIS_TIME + 5_001);
}

#[test]
fn create2_factory_deploys_by_the_well_known_transaction() {
    // The transaction without chain id of github.com/Arachnid/deterministic-deployment-proxy.
    let raw = alloy_primitives::hex!(
        "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b808252505050601460"
        "0cf31ba02222222222222222222222222222222222222222222222222222222222222222a0222222222222222222222222"
        "2222222222222222222222222222222222222222"
    );
    let mut chain = chain();
    let sender = alloy_primitives::address!("3fab184622dc19b6109349b94811493bf2a45362");
    assert!(
        matches!(chain.send_raw(&raw), Err(ChainError::Invalid(why)) if why.contains("insufficient funds"))
    );
    chain.set_balance(sender, U256::from(ETHER));
    let hash = chain.send_raw(&raw).unwrap();
    let (block, index) = chain.transaction(hash).unwrap();
    assert_eq!(block.transactions[index].sender, sender);
    let factory = alloy_primitives::address!("4e59b44847b379578588920ca78fbf26c0b4956c");
    assert_eq!(block.transactions[index].created, Some(factory));
    assert!(matches!(chain.send_raw(&raw), Err(ChainError::Invalid(why)) if why.contains("nonce too low")));

    let init = stylus_vm::code::initcode(&EVM_ECHO);
    let tx = send(&mut chain, Some(factory), [word(0).as_slice(), &init].concat(), 0);
    let expected = factory.create2(B256::ZERO, keccak256(&init));
    assert_eq!(tx.output[..], expected[..]);
    assert_eq!(call(&chain, expected, word(42)).unwrap()[..], word(42));
}
