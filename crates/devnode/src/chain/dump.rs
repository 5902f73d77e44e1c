//! The whole chain as a file: state, blocks, and what past blocks need.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_consensus::Header;
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, Log};
use serde::{Deserialize, Serialize};

use super::block::{Block, Mined};
use super::{Chain, Clock};
use crate::config::{ARBOS_VERSIONS, Config};
use crate::state::{Mark, State, StateDump};

/// Name of the format, first in the file.
const FORMAT: &str = "plimsoll-devnode";
/// Version of the format.
const VERSION: u32 = 1;

/// Why a dump cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It is no JSON, or lacks fields.
    #[error("this is no dump of a chain: {0}")]
    Malformed(String),
    /// It is of another format or version.
    #[error("the dump is of format {0} version {1}; this node reads {FORMAT} version {VERSION}")]
    Format(String, u32),
    /// It is of another chain.
    #[error("the dump is of chain {0}, this node runs chain {1}")]
    ChainId(u64, u64),
    /// It is of a version of ArbOS that this node does not run.
    #[error("the dump is of ArbOS {0}, which this node does not run")]
    Arbos(u64),
    /// Its parts do not fit together.
    #[error("the dump is damaged: {0}")]
    Damaged(&'static str),
}

#[derive(Debug, Serialize, Deserialize)]
struct Dump {
    format: String,
    version: u32,
    chain_id: u64,
    l1_genesis_block: u64,
    /// Seconds that the chain is ahead of the wall clock.
    ahead: i64,
    blocks: Vec<BlockDump>,
    state: StateDump,
}

#[derive(Debug, Serialize, Deserialize)]
struct BlockDump {
    header: Header,
    l1_block: u64,
    arbos_version: u64,
    after: Mark,
    transactions: Vec<MinedDump>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MinedDump {
    raw: Bytes,
    sender: Address,
    success: bool,
    gas_used: u64,
    logs: Vec<Log>,
    created: Option<Address>,
    output: Bytes,
    halt: Option<String>,
    before: Mark,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recent_before: Vec<B256>,
}

impl From<&Mined> for MinedDump {
    fn from(tx: &Mined) -> Self {
        Self {
            raw: tx.envelope.encoded_2718().into(),
            sender: tx.sender,
            success: tx.success,
            gas_used: tx.gas_used,
            logs: tx.logs.clone(),
            created: tx.created,
            output: tx.output.clone(),
            halt: tx.halt.clone(),
            before: tx.before,
            recent_before: tx.recent_before.clone(),
        }
    }
}

impl TryFrom<MinedDump> for Mined {
    type Error = LoadError;

    fn try_from(tx: MinedDump) -> Result<Self, LoadError> {
        let envelope = alloy_consensus::TxEnvelope::decode_2718(&mut tx.raw.as_ref())
            .map_err(|_| LoadError::Damaged("a transaction does not decode"))?;
        Ok(Self {
            hash: *envelope.tx_hash(),
            envelope,
            sender: tx.sender,
            success: tx.success,
            gas_used: tx.gas_used,
            logs: tx.logs,
            created: tx.created,
            output: tx.output,
            halt: tx.halt,
            before: tx.before,
            recent_before: tx.recent_before,
        })
    }
}

impl Chain {
    /// The chain as JSON, the same for the same chain. Snapshots and waiting transactions are left out.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        let blocks = self.blocks.iter().map(|block| BlockDump {
            header: block.header.clone(),
            l1_block: block.l1_block,
            arbos_version: block.arbos_version,
            after: block.after,
            transactions: block.transactions.iter().map(MinedDump::from).collect(),
        });
        let dump = Dump {
            format: FORMAT.into(),
            version: VERSION,
            chain_id: self.config.chain_id,
            l1_genesis_block: self.config.l1_genesis_block,
            ahead: self.clock.offset,
            blocks: blocks.collect(),
            state: self.state.dump(),
        };
        // Numbers, strings and lists: nothing here fails to serialise.
        serde_json::to_vec(&dump).unwrap_or_default()
    }

    /// The chain of a dump, with the settings of this process: accounts and version of ArbOS are those of the dump.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(config: Config, dump: &[u8]) -> Result<Self, LoadError> {
        let dump: Dump = serde_json::from_slice(dump).map_err(|e| LoadError::Malformed(e.to_string()))?;
        if dump.format != FORMAT || dump.version != VERSION {
            return Err(LoadError::Format(dump.format, dump.version));
        }
        if dump.chain_id != config.chain_id {
            return Err(LoadError::ChainId(dump.chain_id, config.chain_id));
        }
        let mut state = State::load(dump.state).ok_or(LoadError::Damaged("an account's code is missing"))?;
        let end = state.mark();
        let mut blocks: Vec<Arc<Block>> = Vec::with_capacity(dump.blocks.len());
        let mut numbers = HashMap::new();
        let mut transactions = HashMap::new();
        for entry in dump.blocks {
            let hash = entry.header.hash_slow();
            let number = blocks.len() as u64;
            let parent = blocks.last().map_or(B256::ZERO, |block| block.hash);
            if entry.header.number != number || entry.header.parent_hash != parent {
                return Err(LoadError::Damaged("the blocks are no chain"));
            }
            let mined = entry.transactions.into_iter().map(Mined::try_from).collect::<Result<Vec<_>, _>>()?;
            if entry.after > end || mined.iter().any(|tx| tx.before > end) {
                return Err(LoadError::Damaged("a block is newer than the state"));
            }
            transactions.extend(mined.iter().map(|tx| (tx.hash, number)));
            numbers.insert(hash, number);
            state.push_block_hash(hash);
            blocks.push(Arc::new(Block {
                header: entry.header,
                hash,
                l1_block: entry.l1_block,
                transactions: mined,
                after: entry.after,
                arbos_version: entry.arbos_version,
            }));
        }
        if blocks.is_empty() {
            return Err(LoadError::Damaged("there is no genesis block"));
        }
        let config = Config { l1_genesis_block: dump.l1_genesis_block, ..config };
        let clock = Clock { offset: if config.wall_clock { dump.ahead } else { 0 }, next: None };
        let mut chain = Self::assemble(config, state, blocks, numbers, transactions, clock);
        let version = chain.arbos_version();
        if !ARBOS_VERSIONS.contains(&version) {
            return Err(LoadError::Arbos(version));
        }
        Ok(chain)
    }
}
