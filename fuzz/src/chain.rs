//! A chain for one thread, put back to where it was after each input.

use std::cell::RefCell;

use alloy_primitives::{Address, Bytes, U256};
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::call::CallRequest;
use plimsoll_devnode::config::{Config, DEV_ADDRESS};

use crate::common;

/// Gas of a call: an endless loop ends soon.
pub const CALL_GAS: u64 = 200_000;
/// Gas of a creation or an activation.
pub const CREATE_GAS: u64 = 5_000_000;

/// Settings of the chains: the same in every run, cheap requests, few compiled programs kept.
#[must_use]
pub fn config() -> Config {
    Config {
        // a transaction's gas is paid for: this is enough for some millions
        accounts: vec![(DEV_ADDRESS, U256::from(2_000_000_000_000_000u64))],
        rpc_gas: 500_000,
        rpc_gas_cap: 1_000_000,
        program_cache: 16,
        ..common::config()
    }
}

/// Sends from the developer account; a refusal is an answer too.
pub fn send(
    chain: &mut Chain,
    to: Option<Address>,
    data: impl Into<Bytes>,
    value: u64,
    gas: u64,
) -> Option<Mined> {
    let request = CallRequest {
        from: Some(DEV_ADDRESS),
        to,
        gas: Some(gas),
        value: U256::from(value),
        data: data.into(),
        ..Default::default()
    };
    let hash = chain.send_unsigned(&request).ok()?;
    let (block, index) = chain.transaction(hash).expect("what was sent is mined");
    Some(block.transactions[index].clone())
}

/// Runs on a thread with the node's stack, on the chain that `make` made once, and takes back what was done to it.
pub fn with_chain<T: 'static>(
    slot: &'static std::thread::LocalKey<RefCell<Option<(Chain, T)>>>,
    make: impl FnOnce() -> (Chain, T),
    act: impl FnOnce(&mut Chain, &T) + Send,
) where
    T: Send + Sync,
{
    slot.with_borrow_mut(|slot| {
        let (chain, extra) = slot.get_or_insert_with(make);
        let before = chain.snapshot();
        plimsoll_devnode::stack::on_large_stack(|| act(chain, extra));
        assert!(chain.revert(before), "the chain goes back");
    });
}
