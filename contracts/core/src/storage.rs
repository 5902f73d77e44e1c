//! The storage root of the engine, the same for the router and every module.
//!
//! Records are packed by hand into words ([`crate::words`]), because what a margin check pays for is cold slots.

use alloy_primitives::{Address, U256};
use stylus_sdk::{
    prelude::*,
    storage::{StorageAddress, StorageArray, StorageBool, StorageMap, StorageU16, StorageU256, StorageVec},
};

use crate::words::{halves, pack, unpack};

/// How many modules the router has: trading, liquidation, lens, governance.
pub const MODULES: usize = 4;

/// Most markets in which one account may have a position.
pub const MAX_POSITIONS: usize = 32;

/// Market ids in a word of an account's list.
const IDS_PER_WORD: usize = 16;

/// The engine's whole state. Money is WAD of quote.
#[storage]
pub struct Ledger {
    /// The router's modules, fixed at construction.
    pub modules: StorageArray<StorageAddress, MODULES>,
    /// Who sets parameters.
    pub owner: StorageAddress,
    /// Who may become the owner; zero for nobody.
    pub pending_owner: StorageAddress,
    /// The guardian (160 bits), and until when the engine is paused (u64, Unix seconds).
    guard: StorageU256,
    /// The price oracle.
    pub oracle: StorageAddress,
    /// The quote token (160 bits) and its decimals (u8).
    quote: StorageU256,
    /// Insurance fund (u128) and collected fees (u128).
    funds: StorageU256,
    /// Quote tokens that the ledger accounts for (u128), and the share of the fund that one event may draw (u32, ppm).
    totals: StorageU256,
    /// Venues that governance admits.
    pub venues: StorageMap<Address, StorageBool>,
    /// Owner to operator to whether it may act.
    pub operators: StorageMap<Address, StorageMap<Address, StorageBool>>,
    /// Account to venue to whether it may trade for it.
    pub venue_approvals: StorageMap<U256, StorageMap<Address, StorageBool>>,
    /// All markets, by underlying.
    pub listed: StorageVec<StorageU16>,
    /// Markets by underlying.
    pub(crate) markets: StorageMap<u16, MarketWords>,
    /// Accounts by id.
    pub(crate) accounts: StorageMap<U256, AccountWords>,
    /// Positions by account and underlying.
    pub(crate) positions: StorageMap<U256, StorageMap<u16, PositionWords>>,
    /// Rungs by market, side and tick ([`crate::ladder::RungKey`]).
    pub(crate) rungs: StorageMap<u64, RungWords>,
    /// Ended epochs by rung and epoch: running index (i128), shrink index (u96).
    pub(crate) epochs: StorageMap<u128, StorageU256>,
    /// Which ticks are occupied, 256 to a word, by market, side and word.
    pub(crate) occupied: StorageMap<u64, StorageU256>,
}

/// A market's slots.
#[storage]
pub struct MarketWords {
    /// Funding index (i128), average premium (i64), last premium (i64).
    pub(crate) funding: StorageU256,
    /// Open interest (u128), funding time (u64), whether the market is listed (bit 192).
    pub(crate) state: StorageU256,
    /// Bad debt (u128), dust (i128).
    pub(crate) debt: StorageU256,
    /// Initial, maintenance, profit weight, price band, taker fee, maker fee, funding cap (u32 each, ppm).
    pub(crate) factors: StorageU256,
    /// Open interest from and to which the initial factor grows, depth, liquidation cost (u64 each, 1e-6 quote).
    pub(crate) amounts: StorageU256,
    /// Largest open interest (u128) and largest position (u128).
    pub(crate) caps: StorageU256,
    /// Least notional (u128), liquidation fee, least and largest discount, target buffer (u32 each, ppm).
    pub(crate) liquidation: StorageU256,
    /// Step of a liquidation's size (u128).
    pub(crate) lot: StorageU256,
}

/// An account's slots beside its positions.
#[storage]
pub struct AccountWords {
    /// Cash (i128), nonce (u64), number of positions (u8).
    pub(crate) head: StorageU256,
    /// Underlyings of the positions, 16 to a word.
    pub(crate) list: StorageArray<StorageU256, { MAX_POSITIONS / IDS_PER_WORD }>,
}

/// A position's slots, as of its last touch.
#[storage]
pub struct PositionWords {
    /// Size (i128) and basis (i128).
    pub(crate) amounts: StorageU256,
    /// Running index of its rung (i128), shrink index (u96), epoch (u32).
    pub(crate) snapshot: StorageU256,
}

/// A rung's slots. Deleveraging writes the first alone when it takes, all when it closes.
#[storage]
pub struct RungWords {
    /// Index (i128) and what was taken per unit (u128).
    pub(crate) flow: StorageU256,
    /// Size (u128), shrink index (u96), epoch (u32).
    pub(crate) state: StorageU256,
    /// Basis (i128), members (u32).
    pub(crate) tally: StorageU256,
}

impl Ledger {
    /// The guardian, and until when the engine is paused, Unix seconds.
    pub fn guard(&self) -> (Address, u64) {
        address_and_number(self.guard.get())
    }

    /// Stores the guardian and the end of the pause.
    pub fn set_guard(&mut self, guardian: Address, paused_until: u64) {
        self.guard.set(with_number(guardian, paused_until));
    }

    /// The quote token and its decimals.
    pub fn quote(&self) -> (Address, u8) {
        let (token, decimals) = address_and_number(self.quote.get());
        (token, decimals as u8)
    }

    /// Stores the quote token and its decimals.
    pub fn set_quote(&mut self, token: Address, decimals: u8) {
        self.quote.set(with_number(token, u64::from(decimals)));
    }

    /// The insurance fund and the collected fees.
    pub fn funds(&self) -> (u128, u128) {
        unpack(self.funds.get())
    }

    /// Stores the insurance fund and the collected fees.
    pub fn set_funds(&mut self, insurance: u128, fees: u128) {
        self.funds.set(pack(insurance, fees));
    }

    /// The quote tokens that the ledger accounts for, WAD, and the share of the fund that one event may draw, ppm.
    pub fn totals(&self) -> (u128, u32) {
        let (tokens, cap) = unpack(self.totals.get());
        (tokens, cap as u32)
    }

    /// Stores the tokens accounted for and the insurance cap.
    pub fn set_totals(&mut self, tokens: u128, insurance_cap: u32) {
        self.totals.set(pack(tokens, u128::from(insurance_cap)));
    }
}

/// An address in the low 160 bits and a number above it.
fn address_and_number(word: U256) -> (Address, u64) {
    let bytes = word.to_be_bytes::<32>();
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[4..12]);
    (Address::from_slice(&bytes[12..]), u64::from_be_bytes(number))
}

fn with_number(address: Address, number: u64) -> U256 {
    let mut bytes = [0; 32];
    bytes[4..12].copy_from_slice(&number.to_be_bytes());
    bytes[12..].copy_from_slice(address.as_slice());
    U256::from_be_bytes(bytes)
}

impl AccountWords {
    /// Cash, nonce and the underlyings of the open positions.
    pub(crate) fn load(&self) -> (i128, u64, alloc::vec::Vec<u16>) {
        let (cash, rest) = unpack(self.head.get());
        let count = (rest >> 64) as u8 as usize;
        let mut ids = alloc::vec::Vec::with_capacity(count);
        let mut word = [0; 4];
        for i in 0..count.min(MAX_POSITIONS) {
            if i % IDS_PER_WORD == 0 {
                word = self.list.get(i / IDS_PER_WORD).unwrap_or_default().into_limbs();
            }
            let place = i % IDS_PER_WORD;
            ids.push((word[place / 4] >> (16 * (place % 4))) as u16);
        }
        (cash as i128, rest as u64, ids)
    }

    /// Stores cash and nonce, and the underlyings when they changed.
    pub(crate) fn store(&mut self, cash: i128, nonce: u64, ids: &[u16], ids_changed: bool) {
        self.head.set(pack(cash as u128, halves(nonce, ids.len() as u64)));
        if !ids_changed {
            return;
        }
        for (page, chunk) in ids.chunks(IDS_PER_WORD).enumerate() {
            let mut word = [0u64; 4];
            for (place, id) in chunk.iter().enumerate() {
                word[place / 4] |= u64::from(*id) << (16 * (place % 4));
            }
            if let Some(mut slot) = self.list.setter(page) {
                slot.set(U256::from_limbs(word));
            }
        }
    }
}
