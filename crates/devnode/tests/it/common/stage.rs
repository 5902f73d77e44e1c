//! A chain with the program of scripts, and ways to play scripts on it.

use alloy_primitives::{Address, U256};
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::{BlockRef, Chain};

use super::script::*;
use super::*;

/// Ink of a call before what the call itself costs: H + 3P + E and twice the reading of up to 32 bytes.
pub const FIXED: u64 = 83_193 + 2 * 16_381;
pub const PRICE: u64 = 10_000;

pub struct Stage {
    pub chain: Chain,
    pub actor: Address,
}

pub fn stage() -> Stage {
    let mut chain = chain();
    let actor = program(&mut chain, &actor());
    chain.set_balance(actor, U256::from(ETHER));
    Stage { chain, actor }
}

impl Stage {
    pub fn send(&mut self, script: Script, gas: u64) -> (Mined, Vec<Step>) {
        let tx = send_gas(&mut self.chain, Some(self.actor), script, 0, gas);
        let steps = steps(&self.chain, &tx);
        (tx, steps)
    }

    pub fn play(&mut self, script: Script) -> (Reader, Vec<Step>) {
        let (tx, steps) = self.send(script, 32_000_000);
        assert!(tx.success, "{:?} {}", tx.halt, tx.output);
        (read(&tx.output), steps)
    }

    /// The gas limit with which a script has exactly `left` gas when the last call of a host function asks the chain.
    pub fn limit_for(&mut self, script: &Script, name: &str, left: u64) -> u64 {
        let probe = 32_000_000;
        let snapshot = self.chain.snapshot();
        let (_, steps) = self.send(script.clone(), probe);
        self.chain.revert(snapshot);
        probe - (gas_at(named(&steps, name).last().unwrap()) - left)
    }

    pub fn nonce(&self, address: Address) -> u64 {
        self.chain.view(BlockRef::Latest).unwrap().account(address).unwrap_or_default().nonce
    }
}

/// Gas left when a call with little calldata asks the chain.
pub const fn gas_at(step: &Step) -> u64 {
    (step.start - FIXED) / PRICE
}
