//! Transactions, and what the chain says about them.

use alloy::{
    primitives::{Address, B256, Bytes, TxKind, U64, U256},
    rpc::types::Log,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::key::Key;

/// Gas that a transaction may use when the caller names none: within Nitro's limit of 32 million.
pub const DEFAULT_GAS: u64 = 30_000_000;

/// A transaction to be signed and sent.
#[derive(Clone, Debug)]
pub struct Tx {
    /// Who signs and pays.
    pub from: Key,
    /// Callee, or a creation.
    pub to: TxKind,
    /// Wei.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Gas limit.
    pub gas: u64,
}

impl Tx {
    /// A call of a typed function.
    #[must_use]
    pub fn call<C: SolCall>(from: &Key, to: Address, call: &C) -> Self {
        Self::raw(from, to, call.abi_encode())
    }

    /// A call with raw data.
    #[must_use]
    pub fn raw(from: &Key, to: Address, data: impl Into<Bytes>) -> Self {
        Self {
            from: from.clone(),
            to: TxKind::Call(to),
            value: U256::ZERO,
            data: data.into(),
            gas: DEFAULT_GAS,
        }
    }

    /// A creation.
    #[must_use]
    pub fn create(from: &Key, init_code: impl Into<Bytes>) -> Self {
        Self { to: TxKind::Create, ..Self::raw(from, Address::ZERO, init_code) }
    }

    /// The same with another value, in wei.
    #[must_use]
    pub fn value(mut self, wei: U256) -> Self {
        self.value = wei;
        self
    }

    /// The same with another gas limit.
    #[must_use]
    pub fn gas(mut self, gas: u64) -> Self {
        self.gas = gas;
        self
    }

    /// As `eth_call` and `eth_estimateGas` take it.
    pub(crate) fn request(&self) -> Value {
        let mut request = json!({
            "from": self.from.address(), "value": self.value, "data": self.data, "gas": U64::from(self.gas),
        });
        if let TxKind::Call(to) = self.to {
            request["to"] = json!(to);
        }
        request
    }
}

/// What became of a transaction that succeeded. Only what every node gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Hash of the transaction.
    pub transaction_hash: B256,
    /// One for success.
    pub status: U64,
    /// Gas paid for.
    pub gas_used: U64,
    /// Block that holds it.
    pub block_number: U64,
    /// Address of a created contract.
    pub contract_address: Option<Address>,
    /// Events, in order.
    pub logs: Vec<Log>,
}

impl Receipt {
    /// Every event of one type, whoever emitted it.
    #[must_use]
    pub fn events<E: SolEvent>(&self) -> Vec<E> {
        self.logs.iter().filter_map(|log| E::decode_log(&log.inner).ok().map(|log| log.data)).collect()
    }

    /// The one event of its type.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn event<E: SolEvent>(&self) -> Result<E> {
        let mut events = self.events();
        ensure!(events.len() == 1, "{} events of {}, not one", events.len(), E::SIGNATURE);
        events.pop().context("no event")
    }

    /// Gas paid for.
    #[must_use]
    pub fn gas(&self) -> u64 {
        self.gas_used.to()
    }
}

/// Number and time of a block.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Head {
    number: U64,
    timestamp: U64,
}

impl Head {
    /// Number of the block.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number.to()
    }

    /// Unix seconds.
    #[must_use]
    pub fn timestamp(&self) -> u64 {
        self.timestamp.to()
    }
}
