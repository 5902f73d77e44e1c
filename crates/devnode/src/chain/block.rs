//! Blocks and what they hold.

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::Transaction as _;
use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Eip658Value, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, TxEnvelope,
    TxType,
};
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, Log, U256, keccak256};

use crate::config::{BASE_FEE, BLOCK_GAS_LIMIT, COINBASE};
use crate::state::Mark;

/// A transaction that is part of the chain.
#[derive(Clone, Debug)]
pub struct Mined {
    /// The signed transaction.
    pub envelope: TxEnvelope,
    /// Its hash.
    pub hash: B256,
    /// Who signed it.
    pub sender: Address,
    /// Whether it ended well.
    pub success: bool,
    /// Gas used after refunds.
    pub gas_used: u64,
    /// Logs; none when it failed.
    pub logs: Vec<Log>,
    /// The contract that it created.
    pub created: Option<Address>,
    /// What it returned, or its revert data.
    pub output: Bytes,
    /// Why it failed, if it did not simply revert.
    pub halt: Option<String>,
    /// The state right before it.
    pub before: Mark,
    /// Programs that had run in its block before it, oldest first.
    pub recent_before: Vec<B256>,
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Header.
    pub header: Header,
    /// Hash of the header.
    pub hash: B256,
    /// Number of the L1 block.
    pub l1_block: u64,
    /// Transactions: at most one where each is mined at once.
    pub transactions: Vec<Mined>,
    /// The state after it.
    pub after: Mark,
    /// Version of ArbOS under which it ran.
    pub arbos_version: u64,
}

/// What the block is about to say of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    /// Number.
    pub number: u64,
    /// Number of the L1 block.
    pub l1_block: u64,
    /// Unix seconds.
    pub timestamp: u64,
}

impl Block {
    /// Seals a block on top of a parent. There is no state trie: the state root is a running hash of the chain.
    #[must_use]
    pub fn seal(
        parent: Option<&Self>,
        info: BlockInfo,
        transactions: Vec<Mined>,
        after: Mark,
        arbos_version: u64,
    ) -> Self {
        let envelopes: Vec<TxEnvelope> = transactions.iter().map(|tx| tx.envelope.clone()).collect();
        let mut cumulative = 0;
        let receipts: Vec<ReceiptEnvelope> = transactions
            .iter()
            .map(|tx| {
                cumulative += tx.gas_used;
                receipt(tx, cumulative)
            })
            .collect();
        let mut logs_bloom = Bloom::ZERO;
        for tx in &transactions {
            logs_bloom |= bloom(&tx.logs);
        }
        let transactions_root = calculate_transaction_root(&envelopes);
        let parent_hash = parent.map_or(B256::ZERO, |block| block.hash);
        let mut mix = [0u8; 32];
        mix[8..16].copy_from_slice(&info.l1_block.to_be_bytes());
        mix[16..24].copy_from_slice(&arbos_version.to_be_bytes());
        let header = Header {
            parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: COINBASE,
            state_root: keccak256([parent_hash.as_slice(), transactions_root.as_slice()].concat()),
            transactions_root,
            receipts_root: calculate_receipt_root(&receipts),
            logs_bloom,
            difficulty: U256::ONE,
            number: info.number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used: transactions.iter().map(|tx| tx.gas_used).sum(),
            timestamp: info.timestamp,
            extra_data: B256::ZERO.into(),
            mix_hash: mix.into(),
            nonce: B64::ZERO,
            base_fee_per_gas: Some(BASE_FEE),
            ..Default::default()
        };
        let hash = header.hash_slow();
        Self { header, hash, l1_block: info.l1_block, transactions, after, arbos_version }
    }

    /// What the block says of itself.
    #[must_use]
    pub const fn info(&self) -> BlockInfo {
        BlockInfo { number: self.header.number, l1_block: self.l1_block, timestamp: self.header.timestamp }
    }
}

impl Block {
    /// Gas used in the block up to and including a transaction.
    #[must_use]
    pub fn cumulative_gas(&self, index: usize) -> u64 {
        self.transactions.iter().take(index + 1).map(|tx| tx.gas_used).sum()
    }

    /// Index in the block of the first log of a transaction.
    #[must_use]
    pub fn first_log(&self, index: usize) -> usize {
        self.transactions.iter().take(index).map(|tx| tx.logs.len()).sum()
    }
}

/// Bloom filter of logs.
#[must_use]
pub fn bloom(logs: &[Log]) -> Bloom {
    let mut bloom = Bloom::ZERO;
    for log in logs {
        bloom.accrue_log(log);
    }
    bloom
}

fn receipt(tx: &Mined, cumulative_gas_used: u64) -> ReceiptEnvelope {
    let receipt =
        Receipt { status: Eip658Value::Eip658(tx.success), cumulative_gas_used, logs: tx.logs.clone() };
    let receipt = ReceiptWithBloom { receipt, logs_bloom: bloom(&tx.logs) };
    match tx.envelope.tx_type() {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}

impl Mined {
    /// Price of gas that the transaction paid, wei: the base fee, tips are ignored.
    #[must_use]
    pub const fn gas_price(&self) -> u64 {
        BASE_FEE
    }

    /// The account called; `None` for a creation.
    #[must_use]
    pub fn to(&self) -> Option<Address> {
        self.envelope.to()
    }
}
