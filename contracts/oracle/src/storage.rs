//! What the oracle stores: one slot a feed for whoever reads prices, a second one for whoever reports them.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use plimsoll_risk::oracle::{Ages, Band, Price};
use stylus_sdk::{
    prelude::*,
    storage::{StorageArray, StorageGuard, StorageGuardMut, StorageMap},
};

use crate::word::Word;

/// Largest number of signers.
pub const MAX_SIGNERS: usize = 16;

/// The root of the oracle's storage. Every slot is a [`Word`], laid out as the Solidity type that stands with it.
#[storage]
pub struct Oracle {
    /// `address`: who sets feeds and signers.
    pub(crate) owner: Word,
    /// `address`: who may become the owner; zero for nobody.
    pub(crate) pending_owner: Word,
    /// `struct { uint64 threshold; uint64 count; }`: how many signatures a report needs, and how many signers there are.
    pub(crate) quorum: Word,
    /// `mapping(uint16 => ...)`: feeds by underlying.
    feeds: StorageMap<B256, FeedWords>,
    /// `mapping(address => bool)`: whether an address is one of the signers. A report costs one slot a signature, not
    /// the whole list.
    pub(crate) admitted: StorageMap<B256, Word>,
    /// `address[16]`: the signers in the order they were set; only as many as `quorum` counts.
    pub(crate) signers: StorageArray<Word, MAX_SIGNERS>,
}

impl Oracle {
    /// A feed's slots, for reading.
    pub(crate) fn feed_words(&self, underlying: u16) -> StorageGuard<'_, FeedWords> {
        self.feeds.getter(key(underlying))
    }

    /// A feed's slots, for writing.
    pub(crate) fn feed_words_mut(&mut self, underlying: u16) -> StorageGuardMut<'_, FeedWords> {
        self.feeds.setter(key(underlying))
    }

    /// How many signatures a report needs, and how many signers there are.
    pub(crate) fn quorum(&self) -> (u8, usize) {
        let [threshold, count, ..] = self.quorum.limbs();
        (threshold as u8, count as usize)
    }

    /// The signers in the order they were set.
    pub(crate) fn all_signers(&self) -> Vec<Address> {
        let (_, count) = self.quorum();
        (0..count).filter_map(|index| Some(self.signers.getter(index)?.address())).collect()
    }
}

fn key(underlying: u16) -> B256 {
    B256::new(U256::from_limbs([underlying.into(), 0, 0, 0]).to_be_bytes())
}

/// A feed's two slots.
#[storage]
pub struct FeedWords {
    /// `struct { uint128 price; uint64 time; uint32 maxAge; uint32 maxAgeLate; }`, a whole slot.
    state: Word,
    /// `struct { uint96 minPrice; uint96 maxPrice; uint32 maxMove; }`: no price exceeds 96 bits.
    band: Word,
}

impl FeedWords {
    /// The last price and for how long it may be used. Reads one slot.
    pub(crate) fn state(&self) -> (Price, Ages) {
        let [low, high, time, ages] = self.state.limbs();
        let price = Price { price: u128::from(low) | u128::from(high) << 64, time };
        (price, Ages { max_age: ages as u32, max_age_late: (ages >> 32) as u32 })
    }

    /// Stores the last price and for how long it may be used.
    pub(crate) fn set_state(&mut self, last: &Price, ages: &Ages) {
        let both = u64::from(ages.max_age) | u64::from(ages.max_age_late) << 32;
        self.state.set_limbs([last.price as u64, (last.price >> 64) as u64, last.time, both]);
    }

    /// The band of prices accepted. Reads one slot.
    pub(crate) fn band(&self) -> Band {
        let [low, middle, high, max_move] = self.band.limbs();
        Band {
            min_price: u128::from(low) | u128::from(middle as u32) << 64,
            max_price: u128::from(middle >> 32) | u128::from(high) << 32,
            max_move: max_move as u32,
        }
    }

    /// Stores the band of prices accepted, whose prices fit 96 bits after the check of the feed.
    pub(crate) fn set_band(&mut self, band: &Band) {
        let middle = (band.min_price >> 64) as u32;
        self.band.set_limbs([
            band.min_price as u64,
            u64::from(middle) | u64::from(band.max_price as u32) << 32,
            (band.max_price >> 32) as u64,
            u64::from(band.max_move),
        ]);
    }
}
