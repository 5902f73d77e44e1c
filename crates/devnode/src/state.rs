//! The state of the chain in memory, with an undo log.
//!
//! Every change records what it replaced. A snapshot is a position in the log, a revert walks back to it, and the
//! state of a past block is the present one overlaid with what the log holds above that block.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use revm::Database;
use revm::state::{AccountInfo, Bytecode, EvmState};
use serde::{Deserialize, Serialize};

/// Balance, nonce and code hash of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Balance in wei.
    pub balance: U256,
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Keccak-256 of the code.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self { balance: U256::ZERO, nonce: 0, code_hash: KECCAK256_EMPTY }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Undo {
    Account(Address, Option<Account>),
    Slot(Address, U256, U256),
}

fn bytecode(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// A position in the undo log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Mark(usize);

/// A state in order, for a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct StateDump {
    accounts: BTreeMap<Address, Account>,
    storage: BTreeMap<Address, BTreeMap<U256, U256>>,
    codes: Vec<Bytes>,
    log: Vec<Undo>,
}

/// Accounts, storage and code.
#[derive(Debug, Default)]
pub struct State {
    accounts: HashMap<Address, Account>,
    storage: HashMap<(Address, U256), U256>,
    codes: HashMap<B256, Bytecode>,
    log: Vec<Undo>,
    block_hashes: Vec<B256>,
}

impl State {
    /// The account, if it exists.
    #[must_use]
    pub fn account(&self, address: Address) -> Option<Account> {
        self.accounts.get(&address).copied()
    }

    /// A storage word; zero where nothing was written.
    #[must_use]
    pub fn slot(&self, address: Address, key: U256) -> U256 {
        self.storage.get(&(address, key)).copied().unwrap_or_default()
    }

    /// Code by its hash.
    #[must_use]
    pub fn code(&self, hash: B256) -> Bytecode {
        self.codes.get(&hash).cloned().unwrap_or_default()
    }

    /// Writes or removes an account.
    pub fn set_account(&mut self, address: Address, account: Option<Account>) {
        let old = match account {
            Some(account) => self.accounts.insert(address, account),
            None => self.accounts.remove(&address),
        };
        if old != account {
            self.log.push(Undo::Account(address, old));
        }
    }

    /// Writes a storage word.
    pub fn set_slot(&mut self, address: Address, key: U256, value: U256) {
        let old = self.put(address, key, value);
        if old != value {
            self.log.push(Undo::Slot(address, key, old));
        }
    }

    fn put(&mut self, address: Address, key: U256, value: U256) -> U256 {
        let old = if value.is_zero() {
            self.storage.remove(&(address, key))
        } else {
            self.storage.insert((address, key), value)
        };
        old.unwrap_or_default()
    }

    /// Stores code and returns its hash. Code is kept for good: it is found by hash only.
    pub fn add_code(&mut self, code: Bytes) -> B256 {
        let hash = keccak256(&code);
        self.codes.entry(hash).or_insert_with(|| bytecode(code));
        hash
    }

    /// Applies what a transaction changed.
    pub fn commit(&mut self, changes: EvmState) {
        for (address, account) in changes {
            if !account.is_touched() {
                continue;
            }
            if account.is_selfdestructed() || account.is_empty() {
                self.set_account(address, None);
                if account.is_selfdestructed() {
                    // Only an account created in the same transaction is destroyed; it had no storage before.
                    continue;
                }
            } else {
                if let Some(code) = &account.info.code
                    && !code.is_empty()
                {
                    self.codes.entry(account.info.code_hash).or_insert_with(|| code.clone());
                }
                let info = &account.info;
                self.set_account(
                    address,
                    Some(Account { balance: info.balance, nonce: info.nonce, code_hash: info.code_hash }),
                );
            }
            for (key, slot) in account.storage {
                if slot.is_changed() {
                    self.set_slot(address, key, slot.present_value);
                }
            }
        }
    }

    /// Everything but the hashes of blocks.
    #[must_use]
    pub fn dump(&self) -> StateDump {
        let mut storage: BTreeMap<Address, BTreeMap<U256, U256>> = BTreeMap::new();
        for ((address, key), value) in &self.storage {
            storage.entry(*address).or_default().insert(*key, *value);
        }
        let codes: BTreeMap<_, _> =
            self.codes.iter().map(|(hash, code)| (*hash, code.original_bytes())).collect();
        StateDump {
            accounts: self.accounts.iter().map(|(address, account)| (*address, *account)).collect(),
            storage,
            codes: codes.into_values().collect(),
            log: self.log.clone(),
        }
    }

    /// The state of a dump; `None` when the code of an account is not in it.
    #[must_use]
    pub fn load(dump: StateDump) -> Option<Self> {
        let mut state = Self { log: dump.log, ..Self::default() };
        for code in dump.codes {
            state.add_code(code);
        }
        let known = |account: &Account| {
            account.code_hash == KECCAK256_EMPTY || state.codes.contains_key(&account.code_hash)
        };
        if !dump.accounts.values().all(known) {
            return None;
        }
        state.accounts = dump.accounts.into_iter().collect();
        for (address, words) in dump.storage {
            state.storage.extend(words.into_iter().map(|(key, value)| ((address, key), value)));
        }
        Some(state)
    }

    /// Notes the hash of the next L2 block.
    pub fn push_block_hash(&mut self, hash: B256) {
        self.block_hashes.push(hash);
    }

    /// Forgets the hashes of L2 blocks from a number on.
    pub fn truncate_block_hashes(&mut self, blocks: usize) {
        self.block_hashes.truncate(blocks);
    }

    /// The present position in the undo log.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.log.len())
    }

    /// Undoes every change made since the mark.
    pub fn revert_to(&mut self, mark: Mark) {
        while self.log.len() > mark.0 {
            match self.log.pop() {
                Some(Undo::Account(address, Some(old))) => {
                    self.accounts.insert(address, old);
                }
                Some(Undo::Account(address, None)) => {
                    self.accounts.remove(&address);
                }
                Some(Undo::Slot(address, key, old)) => {
                    self.put(address, key, old);
                }
                None => {}
            }
        }
    }

    /// The state as it was at the mark.
    #[must_use]
    pub fn view_at(&self, mark: Mark) -> View<'_> {
        let mut view =
            View { state: self, accounts: HashMap::new(), storage: HashMap::new(), codes: HashMap::new() };
        for undo in self.log.get(mark.0..).unwrap_or_default().iter().rev() {
            match undo {
                Undo::Account(address, old) => {
                    view.accounts.insert(*address, *old);
                }
                Undo::Slot(address, key, old) => {
                    view.storage.insert((*address, *key), *old);
                }
            }
        }
        view
    }

    /// The present state.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { state: self, accounts: HashMap::new(), storage: HashMap::new(), codes: HashMap::new() }
    }
}

/// A state to read from: the chain's, with some accounts and words replaced.
#[derive(Clone, Debug)]
pub struct View<'a> {
    state: &'a State,
    accounts: HashMap<Address, Option<Account>>,
    storage: HashMap<(Address, U256), U256>,
    codes: HashMap<B256, Bytecode>,
}

/// A change to one account for the length of a call.
#[derive(Clone, Debug, Default)]
pub struct AccountOverride {
    /// Balance in wei.
    pub balance: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Code.
    pub code: Option<Bytes>,
    /// Words to write; the others stay.
    pub slots: Vec<(U256, U256)>,
    /// Whether all other words read as zero.
    pub clear_slots: bool,
}

impl View<'_> {
    /// The account, if it exists.
    #[must_use]
    pub fn account(&self, address: Address) -> Option<Account> {
        match self.accounts.get(&address) {
            Some(account) => *account,
            None => self.state.account(address),
        }
    }

    /// A storage word.
    #[must_use]
    pub fn slot(&self, address: Address, key: U256) -> U256 {
        match self.storage.get(&(address, key)) {
            Some(value) => *value,
            None => self.state.slot(address, key),
        }
    }

    /// Code of an account, empty when it has none.
    #[must_use]
    pub fn code(&self, address: Address) -> Bytes {
        match self.account(address) {
            Some(account) if account.code_hash != KECCAK256_EMPTY => {
                self.find_code(account.code_hash).original_bytes()
            }
            _ => Bytes::new(),
        }
    }

    fn find_code(&self, hash: B256) -> Bytecode {
        self.codes.get(&hash).cloned().unwrap_or_else(|| self.state.code(hash))
    }

    /// The hash of an L2 block.
    #[must_use]
    pub fn l2_block_hash(&self, number: u64) -> Option<B256> {
        self.state.block_hashes.get(usize::try_from(number).ok()?).copied()
    }

    /// Replaces parts of an account.
    pub fn apply(&mut self, address: Address, change: &AccountOverride) {
        let mut account = self.account(address).unwrap_or_default();
        if let Some(balance) = change.balance {
            account.balance = balance;
        }
        if let Some(nonce) = change.nonce {
            account.nonce = nonce;
        }
        if let Some(code) = &change.code {
            account.code_hash = keccak256(code);
            self.codes.insert(account.code_hash, bytecode(code.clone()));
        }
        self.accounts.insert(address, Some(account));
        if change.clear_slots {
            self.storage.retain(|(owner, _), _| *owner != address);
            let state = self.state;
            let keys = state.storage.keys().filter(|(owner, _)| *owner == address);
            self.storage.extend(keys.map(|key| (*key, U256::ZERO)));
        }
        for (key, value) in &change.slots {
            self.storage.insert((address, *key), *value);
        }
    }
}

impl Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.account(address).map(|account| {
            let code = (account.code_hash == KECCAK256_EMPTY).then(Bytecode::default);
            AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: account.code_hash,
                code,
                ..Default::default()
            }
        }))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.find_code(code_hash))
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, Infallible> {
        Ok(self.slot(address, index))
    }

    /// `BLOCKHASH` takes L1 block numbers on Arbitrum; there is no L1 here, so the hash is derived from the number.
    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(l1_block_hash(number))
    }
}

/// The hash that stands for an L1 block.
#[must_use]
pub fn l1_block_hash(number: u64) -> B256 {
    let mut seed = *b"plimsoll l1 block\0\0\0\0\0\0\0\0";
    seed[17..].copy_from_slice(&number.to_be_bytes());
    keccak256(seed)
}
