//! The words of a price feed. A reader of prices needs the first slot alone; a report needs both.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use plimsoll_kit::slot::Slot;
use plimsoll_risk::oracle::{Ages, Band, Price};
use stylus_sdk::{
    prelude::*,
    storage::{StorageGuard, StorageGuardMut},
};

use crate::Oracle;

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

pub(crate) fn key(underlying: u16) -> B256 {
    B256::new(U256::from_limbs([underlying.into(), 0, 0, 0]).to_be_bytes())
}

/// A feed's two slots.
#[storage]
pub struct FeedWords {
    /// `struct { uint128 price; uint64 time; uint32 maxAge; uint32 maxAgeLate; }`, a whole slot.
    state: Slot,
    /// `struct { uint96 minPrice; uint96 maxPrice; uint32 maxMove; }`: no price exceeds 96 bits.
    band: Slot,
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
