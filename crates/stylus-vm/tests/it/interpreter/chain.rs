//! The chain that a program of the interpreter sees: its own storage, accounts and pages.

use std::collections::{HashMap, HashSet};

use super::Stop;

pub(crate) type Word = [u8; 32];
pub(crate) type Account = [u8; 20];

/// A message call or a creation, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Host function.
    pub(crate) kind: &'static str,
    pub(crate) to: Account,
    pub(crate) data: Vec<u8>,
    pub(crate) value: Word,
    pub(crate) salt: Option<Word>,
    pub(crate) gas_left: u64,
    pub(crate) gas_request: u64,
}

/// A chain in which calls and creations answer what the test set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    pub(crate) storage: HashMap<Word, Word>,
    pub(crate) original: HashMap<Word, Word>,
    pub(crate) transient: HashMap<Word, Word>,
    pub(crate) warm_slots: HashSet<Word>,
    pub(crate) warm_accounts: HashSet<Account>,
    pub(crate) codes: HashMap<Account, Vec<u8>>,
    pub(crate) balances: HashMap<Account, Word>,
    pub(crate) logs: Vec<(Vec<Word>, Vec<u8>)>,
    pub(crate) requests: Vec<Request>,
    pub(crate) is_static: bool,
    pub(crate) open_pages: u64,
    pub(crate) ever_pages: u64,
    /// What a call answers: success, gas that the callee burned, data.
    pub(crate) answer: (bool, u64, Vec<u8>),
    /// What a creation answers, for 32,000 gas.
    pub(crate) created: Option<Account>,
}

impl Chain {
    /// Gas of touching an account.
    pub(super) fn touch(&mut self, account: Account) -> u64 {
        if self.warm_accounts.insert(account) { 2_600 } else { 100 }
    }

    /// Gas of reading a slot.
    pub(super) fn load(&mut self, key: Word) -> (Word, u64) {
        let gas = if self.warm_slots.insert(key) { 2_100 } else { 100 };
        (self.storage.get(&key).copied().unwrap_or_default(), gas)
    }

    /// Writes words in order: the gas of all; `None` when that is more than there is.
    pub(super) fn store(&mut self, words: &[(Word, Word)], gas_left: u64) -> Option<u64> {
        let mut total = 0;
        for (key, value) in words {
            let zero = Word::default();
            let current = *self.storage.get(key).unwrap_or(&zero);
            let original = *self.original.get(key).unwrap_or(&zero);
            if self.warm_slots.insert(*key) {
                total += 2_100;
            }
            // EIP-2200 with the figures of EIP-2929; refunds are the chain's affair
            total += if *value == current || current != original {
                100
            } else if original == zero {
                20_000
            } else {
                2_900
            };
            if total > gas_left {
                return None;
            }
            self.storage.insert(*key, *value);
        }
        Some(total)
    }

    /// Ends the program in a static context.
    pub(super) fn forbid_static(&self) -> Result<(), Stop> {
        if self.is_static { Err(Stop::Failure) } else { Ok(()) }
    }

    /// Opens pages: their gas (4.4).
    pub(super) fn add_pages(&mut self, pages: u64) -> u64 {
        let beyond_free = |pages: u64| pages.saturating_sub(2);
        let ramp = |pages: u64| RAMP.get(pages as usize).copied().unwrap_or(u64::MAX);
        // pages are counted in 16 bits
        let open = (self.open_pages + pages).min(u16::MAX.into());
        let ever = self.ever_pages.max(open);
        let linear = 1_000 * (beyond_free(open) - beyond_free(self.open_pages));
        let gas = if ever <= 2 { 0 } else { linear.saturating_add(ramp(ever) - ramp(self.ever_pages)) };
        (self.open_pages, self.ever_pages) = (open, ever);
        gas
    }
}

/// Gas of the largest number of pages ever open, before the linear part.
#[rustfmt::skip]
const RAMP: [u64; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4,
    5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22,
    25, 29, 33, 38, 43, 50, 57, 65, 75, 85, 98, 112,
    128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569,
    651, 745, 853, 976, 1117, 1279, 1463, 1675, 1917, 2194, 2511, 2874,
    3290, 3765, 4309, 4932, 5645, 6461, 7395, 8464, 9687, 11087, 12689, 14523,
    16621, 19024, 21773, 24919, 28521, 32642, 37359, 42758, 48938, 56010, 64104, 73368,
    83971, 96106, 109994, 125890, 144082, 164904, 188735, 216010, 247226, 282953, 323844, 370643,
    424206, 485509, 555672, 635973, 727880, 833067, 953456, 1091243, 1248941, 1429429, 1636000, 1872423,
    2143012, 2452704, 2807151, 3212820, 3677113, 4208502, 4816684, 5512756, 6309419, 7221210, 8264766, 9459129,
    10826093, 12390601, 14181199, 16230562, 18576084, 21260563, 24332984, 27849408, 31873999,
];
