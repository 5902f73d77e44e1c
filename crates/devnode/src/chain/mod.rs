//! The chain: blocks, time, snapshots. One block a transaction, mined at once, or blocks by the clock.

pub mod access_list;
pub mod block;
pub mod call;
pub mod dump;
pub mod error;
pub mod execute;
pub mod logs;
pub mod pool;
pub mod tx;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy_consensus::{TxEip1559, TxEnvelope};
use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, bytes};

use self::block::{Block, BlockInfo, Mined};
use self::error::ChainError;
use self::execute::Setting;
use self::logs::LogFilter;
use self::pool::Waiting;
use self::tx::Key;
use crate::arbos::storage::{Fault, Slots};
use crate::arbos::{self, ARBOS_STATE};
use crate::config::{BASE_FEE, Config};
use crate::precompiles;
use crate::program_cache::ProgramCache;
use crate::state::{Account, Mark, State, View};

/// Latest time of a block, Unix seconds; sums of such times stay within 64 bits.
const LAST_TIME: u64 = 1 << 40;
/// Seconds of an L1 block.
const L1_BLOCK_TIME: u64 = 12;

/// A block as callers name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockRef {
    /// The last block.
    Latest,
    /// The block about to be mined: the latest state at the next block's time.
    Pending,
    /// By number.
    Number(u64),
    /// By hash.
    Hash(B256),
}

/// A position to come back to.
#[derive(Clone, Debug)]
struct Snapshot {
    id: u64,
    mark: Mark,
    blocks: usize,
    clock: Clock,
}

/// Time of the chain against the wall clock.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    /// Seconds ahead of the wall clock; without one, seconds to add to the next block's time.
    offset: i64,
    next: Option<u64>,
}

/// A chain in memory.
#[derive(Debug)]
pub struct Chain {
    config: Config,
    state: State,
    blocks: Vec<Arc<Block>>,
    numbers: HashMap<B256, u64>,
    transactions: HashMap<B256, u64>,
    keys: Vec<Key>,
    programs: Arc<ProgramCache>,
    snapshots: Vec<Snapshot>,
    next_snapshot: u64,
    clock: Clock,
    pool: Vec<Waiting>,
}

/// ArbOS storage in the state itself, for free.
struct Raw<'a>(&'a mut State);

impl Slots for Raw<'_> {
    fn load(&mut self, key: U256) -> U256 {
        self.0.slot(ARBOS_STATE, key)
    }

    fn store(&mut self, key: U256, value: U256) {
        self.0.set_slot(ARBOS_STATE, key, value);
    }

    fn burn(&mut self, _gas: u64) -> Result<(), Fault> {
        Ok(())
    }
}

impl Chain {
    /// A chain with its genesis block.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut state = State::default();
        for (address, balance) in &config.accounts {
            state.set_account(*address, Some(Account { balance: *balance, ..Default::default() }));
        }
        // Solidity looks for code before it calls; the precompiles hold one invalid instruction.
        let code_hash = state.add_code(bytes!("fe"));
        for address in precompiles::ALL {
            state.set_account(address, Some(Account { code_hash, ..Default::default() }));
        }
        state.set_account(ARBOS_STATE, Some(Account { nonce: 1, ..Default::default() }));
        // An unmetered store cannot run out of gas.
        let _ = arbos::genesis(&mut Raw(&mut state), config.arbos_version, config.chain_id);

        let timestamp = config.genesis_time.unwrap_or_else(wall_clock);
        let info = BlockInfo { number: 0, l1_block: config.l1_genesis_block, timestamp };
        let genesis = Block::seal(None, info, Vec::new(), state.mark(), config.arbos_version);
        state.push_block_hash(genesis.hash);
        let offset = match (config.genesis_time, config.wall_clock) {
            (Some(time), true) => signed(time).saturating_sub(signed(wall_clock())),
            _ => 0,
        };
        let numbers = HashMap::from([(genesis.hash, 0)]);
        let clock = Clock { offset, next: None };
        Self::assemble(config, state, vec![Arc::new(genesis)], numbers, HashMap::new(), clock)
    }

    fn assemble(
        config: Config,
        state: State,
        blocks: Vec<Arc<Block>>,
        numbers: HashMap<B256, u64>,
        transactions: HashMap<B256, u64>,
        clock: Clock,
    ) -> Self {
        Self {
            keys: config.unlocked.iter().filter_map(|secret| Key::new(*secret)).collect(),
            programs: Arc::new(ProgramCache::new(config.program_cache)),
            numbers,
            transactions,
            blocks,
            snapshots: Vec::new(),
            next_snapshot: 1,
            clock,
            pool: Vec::new(),
            state,
            config,
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Number of the last block.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    /// The last block.
    #[must_use]
    pub fn head(&self) -> &Arc<Block> {
        // The genesis block is never removed.
        &self.blocks[self.blocks.len() - 1]
    }

    /// A block; `Pending` gives the last one.
    #[must_use]
    pub fn block(&self, at: BlockRef) -> Option<&Arc<Block>> {
        match at {
            BlockRef::Latest | BlockRef::Pending => Some(self.head()),
            BlockRef::Number(number) => self.blocks.get(usize::try_from(number).ok()?),
            BlockRef::Hash(hash) => self.block(BlockRef::Number(*self.numbers.get(&hash)?)),
        }
    }

    /// A transaction and its block.
    #[must_use]
    pub fn transaction(&self, hash: B256) -> Option<(&Arc<Block>, usize)> {
        let block = self.block(BlockRef::Number(*self.transactions.get(&hash)?))?;
        let index = block.transactions.iter().position(|tx| tx.hash == hash)?;
        Some((block, index))
    }

    /// The state after a block.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`].
    pub fn view(&self, at: BlockRef) -> Result<View<'_>, ChainError> {
        let block = self.block(at).ok_or(ChainError::UnknownBlock)?;
        // The last block's state includes what was set by hand after it.
        if block.header.number == self.height() {
            return Ok(self.state.view());
        }
        Ok(self.state.view_at(block.after))
    }

    /// Version of ArbOS now.
    pub fn arbos_version(&mut self) -> u64 {
        arbos::version(&mut Raw(&mut self.state)).unwrap_or(self.config.arbos_version)
    }

    /// Accounts for which the node signs.
    #[must_use]
    pub fn unlocked(&self) -> Vec<Address> {
        self.keys.iter().map(Key::address).collect()
    }

    /// What the next block will say of itself if it is mined now.
    #[must_use]
    pub fn next_info(&self) -> BlockInfo {
        let last = self.head().info();
        let timestamp = match self.clock.next {
            Some(time) => time,
            None if self.config.wall_clock => {
                unsigned(signed(wall_clock()).saturating_add(self.clock.offset))
            }
            None => last.timestamp.saturating_add(1 + unsigned(self.clock.offset)),
        };
        let timestamp = timestamp.min(LAST_TIME).max(last.timestamp);
        let elapsed = timestamp.saturating_sub(self.blocks[0].header.timestamp);
        BlockInfo {
            number: last.number + 1,
            l1_block: self.config.l1_genesis_block.saturating_add(elapsed / L1_BLOCK_TIME),
            timestamp,
        }
    }

    /// Sends a signed transaction and mines it.
    ///
    /// # Errors
    /// [`ChainError::Malformed`] and [`ChainError::Invalid`]; a transaction that reverts is mined all the same.
    pub fn send_raw(&mut self, raw: &[u8]) -> Result<B256, ChainError> {
        let (envelope, sender) = tx::decode(raw)?;
        self.send(envelope, sender)
    }

    /// Signs for one of the node's accounts, sends and mines.
    ///
    /// # Errors
    /// [`ChainError::UnknownAccount`] and those of [`Self::send_raw`].
    pub fn send_unsigned(&mut self, request: &call::CallRequest) -> Result<B256, ChainError> {
        let from = request.from.ok_or(ChainError::UnknownAccount)?;
        let key =
            self.keys.iter().find(|key| key.address() == from).ok_or(ChainError::UnknownAccount)?.clone();
        let gas_limit = match request.gas {
            Some(gas) => gas,
            None => self.estimate(request, BlockRef::Pending, &[])?,
        };
        let nonce = match request.nonce {
            Some(nonce) => nonce,
            None => self.next_nonce(from),
        };
        let envelope = key.sign(TxEip1559 {
            chain_id: self.config.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: request.gas_price.unwrap_or_else(|| u128::from(2 * BASE_FEE)),
            max_priority_fee_per_gas: 0,
            to: request.to.map_or(TxKind::Create, TxKind::Call),
            value: request.value,
            access_list: AccessList::from(request.access_list.clone()),
            input: request.data.clone(),
        })?;
        self.send(envelope, from)
    }

    fn send(&mut self, envelope: TxEnvelope, sender: Address) -> Result<B256, ChainError> {
        if self.config.block_time.is_some() {
            return self.admit(envelope, sender);
        }
        let info = self.next_info();
        let version = self.arbos_version();
        let mined = self.include(envelope, sender, info, version, &mut Vec::new())?;
        let hash = mined.hash;
        self.push_block(info, vec![mined], version);
        Ok(hash)
    }

    /// Runs a transaction as the next of a block that is not sealed yet. `recent` are the programs that ran in the block
    /// so far.
    fn include(
        &mut self,
        envelope: TxEnvelope,
        sender: Address,
        info: BlockInfo,
        version: u64,
        recent: &mut Vec<B256>,
    ) -> Result<Mined, ChainError> {
        let env = tx::env(&envelope, sender, self.config.chain_id);
        let recent_before = recent.clone();
        let setting = Setting { recent: recent_before.clone(), ..Setting::full(info, version) };
        let ran = self.run(self.state.view(), env, setting)?;
        let before = self.state.mark();
        self.state.commit(ran.state);
        *recent = ran.recent;
        Ok(Mined {
            hash: *envelope.tx_hash(),
            envelope,
            sender,
            success: ran.result.is_success(),
            gas_used: ran.result.tx_gas_used(),
            created: execute::created(&ran.result),
            output: ran.result.output().cloned().unwrap_or_default(),
            halt: execute::halt(&ran.result),
            logs: execute::logs(ran.result),
            before,
            recent_before,
        })
    }

    /// Mines a block of all that waits, an empty one if nothing does; at a time if one is given.
    ///
    /// # Errors
    /// [`ChainError::TimeBackwards`].
    pub fn mine(&mut self, timestamp: Option<u64>) -> Result<(), ChainError> {
        if let Some(time) = timestamp {
            self.set_next_timestamp(time)?;
        }
        let info = self.next_info();
        let version = self.arbos_version();
        let mined = self.include_pool(info, version);
        self.push_block(info, mined, version);
        Ok(())
    }

    fn push_block(&mut self, info: BlockInfo, transactions: Vec<Mined>, version: u64) {
        let block = Block::seal(Some(self.head()), info, transactions, self.state.mark(), version);
        for tx in &block.transactions {
            self.transactions.insert(tx.hash, info.number);
        }
        self.numbers.insert(block.hash, info.number);
        self.state.push_block_hash(block.hash);
        self.blocks.push(Arc::new(block));
        if self.clock.next.take().is_some() && self.config.wall_clock {
            self.clock.offset = signed(info.timestamp).saturating_sub(signed(wall_clock()));
        }
        if !self.config.wall_clock {
            self.clock.offset = 0;
        }
    }

    /// Moves time forward by seconds for the blocks to come, not beyond the year 30000. Returns the seconds that the chain is ahead.
    pub fn increase_time(&mut self, seconds: u64) -> i64 {
        let seconds = seconds.min(LAST_TIME);
        if let Some(next) = &mut self.clock.next {
            *next = (*next + seconds).min(LAST_TIME);
        } else {
            self.clock.offset = (self.clock.offset + signed(seconds)).min(signed(LAST_TIME));
        }
        self.clock.offset
    }

    /// Sets the time of the next block; later blocks go on from there.
    ///
    /// # Errors
    /// [`ChainError::TimeBackwards`] for a time before the last block, [`ChainError::TimeTooFar`] beyond the year 30000.
    pub fn set_next_timestamp(&mut self, time: u64) -> Result<(), ChainError> {
        let last = self.head().header.timestamp;
        if time < last {
            return Err(ChainError::TimeBackwards(time, last));
        }
        if time > LAST_TIME {
            return Err(ChainError::TimeTooFar(time));
        }
        self.clock.next = Some(time);
        Ok(())
    }

    /// Sets the time between blocks; `None` mines each transaction at once from now on.
    pub const fn set_block_time(&mut self, time: Option<Duration>) {
        self.config.block_time = time;
    }

    /// Sets a balance, wei.
    pub fn set_balance(&mut self, address: Address, balance: U256) {
        let account = Account { balance, ..self.state.account(address).unwrap_or_default() };
        self.state.set_account(address, Some(account));
    }

    /// Sets the code of an account.
    pub fn set_code(&mut self, address: Address, code: Bytes) {
        let code_hash = self.state.add_code(code);
        let account = Account { code_hash, ..self.state.account(address).unwrap_or_default() };
        self.state.set_account(address, Some(account));
    }

    /// Sets a nonce.
    pub fn set_nonce(&mut self, address: Address, nonce: u64) {
        let account = Account { nonce, ..self.state.account(address).unwrap_or_default() };
        self.state.set_account(address, Some(account));
    }

    /// Sets a storage word.
    pub fn set_storage(&mut self, address: Address, key: U256, value: U256) {
        self.state.set_slot(address, key, value);
    }

    /// Notes where the chain stands. Costs nothing: state keeps an undo log.
    pub fn snapshot(&mut self) -> u64 {
        let id = self.next_snapshot;
        self.next_snapshot += 1;
        let (mark, blocks, clock) = (self.state.mark(), self.blocks.len(), self.clock);
        self.snapshots.push(Snapshot { id, mark, blocks, clock });
        id
    }

    /// Goes back to a snapshot, which is used up together with all taken after it. False if there is none.
    pub fn revert(&mut self, id: u64) -> bool {
        let Some(at) = self.snapshots.iter().position(|snapshot| snapshot.id == id) else { return false };
        let snapshot = self.snapshots[at].clone();
        self.snapshots.truncate(at);
        self.state.revert_to(snapshot.mark);
        self.state.truncate_block_hashes(snapshot.blocks);
        for block in self.blocks.drain(snapshot.blocks..) {
            self.numbers.remove(&block.hash);
            for tx in &block.transactions {
                self.transactions.remove(&tx.hash);
            }
        }
        self.clock = snapshot.clock;
        self.pool.clear();
        true
    }

    /// Logs of the blocks `from..=to` that pass a filter: block, index of the transaction, index of the log.
    #[must_use]
    pub fn logs(&self, from: u64, to: u64, filter: &LogFilter) -> Vec<(&Arc<Block>, usize, usize)> {
        let mut found = Vec::new();
        let last = to.min(self.height());
        for block in
            self.blocks.iter().take(last as usize + 1).skip(usize::try_from(from).unwrap_or(usize::MAX))
        {
            if !filter.may_match(&block.header.logs_bloom) {
                continue;
            }
            for (i, tx) in block.transactions.iter().enumerate() {
                let hits = tx.logs.iter().enumerate().filter(|(_, log)| filter.matches(log));
                found.extend(hits.map(|(j, _)| (block, i, j)));
            }
        }
        found
    }
}

fn wall_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
