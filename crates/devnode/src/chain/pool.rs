//! Transactions that wait for the next block, where blocks come by the clock ([`Config::block_time`]).
//!
//! [`Config::block_time`]: crate::Config::block_time

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::Transaction as _;
use alloy_primitives::{Address, B256, U256};

use super::Chain;
use super::block::{BlockInfo, Mined};
use super::error::ChainError;
use crate::config::BASE_FEE;

/// A signed transaction that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The signed transaction.
    pub envelope: TxEnvelope,
    /// Who signed it.
    pub sender: Address,
}

/// Most transactions that wait at once.
const MOST_WAITING: usize = 10_000;

impl Chain {
    /// The transactions that wait for the next block, in the order in which it will take them.
    #[must_use]
    pub fn waiting(&self) -> &[Waiting] {
        &self.pool
    }

    /// The nonce of the next transaction of an account, those that wait included.
    #[must_use]
    pub fn next_nonce(&self, sender: Address) -> u64 {
        let mined = self.state.account(sender).map_or(0, |account| account.nonce);
        let waiting = self.pool.iter().filter(|tx| tx.sender == sender);
        waiting.map(|tx| tx.envelope.nonce() + 1).max().unwrap_or(0).max(mined)
    }

    /// Lets a transaction wait if the next block can be expected to take it.
    pub(super) fn admit(&mut self, envelope: TxEnvelope, sender: Address) -> Result<B256, ChainError> {
        let hash = *envelope.tx_hash();
        let (nonce, next) = (envelope.nonce(), self.next_nonce(sender));
        if nonce < next {
            return Err(ChainError::Invalid(format!("nonce too low: next nonce {next}, tx nonce {nonce}")));
        }
        if nonce > next {
            return Err(ChainError::Invalid(format!("nonce too high: next nonce {next}, tx nonce {nonce}")));
        }
        if envelope.chain_id().is_some_and(|id| id != self.config.chain_id) {
            return Err(ChainError::Invalid("invalid chain id for signer".into()));
        }
        if envelope.max_fee_per_gas() < u128::from(BASE_FEE) {
            return Err(ChainError::Invalid("max fee per gas less than block base fee".into()));
        }
        let balance = self.state.account(sender).unwrap_or_default().balance;
        let own = self.pool.iter().filter(|tx| tx.sender == sender).map(|tx| most_cost(&tx.envelope));
        let cost = own.fold(most_cost(&envelope), U256::saturating_add);
        if cost > balance {
            let text =
                format!("insufficient funds for gas * price + value: balance {balance}, tx cost {cost}");
            return Err(ChainError::Invalid(text));
        }
        if self.pool.len() >= MOST_WAITING {
            return Err(ChainError::Invalid("txpool is full".into()));
        }
        self.pool.push(Waiting { envelope, sender });
        Ok(hash)
    }

    /// Runs all that waits in a block about to be sealed. What has become invalid since it was admitted is dropped.
    pub(super) fn include_pool(&mut self, info: BlockInfo, arbos_version: u64) -> Vec<Mined> {
        let mut recent = Vec::new();
        let mut mined = Vec::with_capacity(self.pool.len());
        for Waiting { envelope, sender } in std::mem::take(&mut self.pool) {
            if let Ok(tx) = self.include(envelope, sender, info, arbos_version, &mut recent) {
                mined.push(tx);
            }
        }
        mined
    }
}

/// The most that a transaction can take from its sender, wei.
fn most_cost(envelope: &TxEnvelope) -> U256 {
    U256::from(envelope.max_fee_per_gas())
        .saturating_mul(U256::from(envelope.gas_limit()))
        .saturating_add(envelope.value())
}
