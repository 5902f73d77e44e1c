//! What the oracle stores of prices and signers.

use alloc::vec::Vec;

use alloy_primitives::Address;
use plimsoll_kit::words::{Records, halves, unpack};
use plimsoll_risk::oracle::{Ages, Band, Price};

use crate::{
    Oracle,
    layout::feed::{BAND, DOUBT, STATE},
};

/// Bits of a price.
const PRICE_BITS: u32 = 96;

/// Bits of a time beside which a doubt stands: enough for 30,000 years.
const TIME_BITS: u32 = 40;

impl Oracle {
    /// How many signatures a report needs, and how many signers there are.
    pub(crate) fn quorum(&self) -> (u8, usize) {
        let (threshold, count) = unpack(self.quorum.get());
        (threshold as u8, count as usize)
    }

    /// The signers in the order they were set.
    pub(crate) fn all_signers(&self) -> Vec<Address> {
        let (_, count) = self.quorum();
        (0..count).filter_map(|index| Some(self.signers.getter(index)?.address())).collect()
    }

    /// The last price of an underlying and for how long it may be used. Reads one slot.
    pub(crate) fn feed_state(&self, underlying: u16) -> (Price, Ages) {
        let (low, rest) = self.read(&self.feed_record(underlying), STATE);
        let ages = Ages { max_age: (rest >> 64) as u32, max_age_late: (rest >> 96) as u32 };
        let (price, time) = (low & ((1 << PRICE_BITS) - 1), rest as u64 & ((1 << TIME_BITS) - 1));
        let doubted_after = (rest as u64 >> TIME_BITS) as u32;
        (Price { price, time, usable: (low >> PRICE_BITS) as u32, doubted_after }, ages)
    }

    /// Stores the last price of an underlying and for how long it may be used.
    pub(crate) fn set_feed_state(&mut self, underlying: u16, last: &Price, ages: &Ages) {
        let both = u64::from(ages.max_age) | u64::from(ages.max_age_late) << 32;
        let record = self.feed_record(underlying);
        let low = last.price | u128::from(last.usable) << PRICE_BITS;
        let time = last.time | u64::from(last.doubted_after) << TIME_BITS;
        self.write(&record, STATE, low, halves(time, both));
    }

    /// The report that has put the last price of an underlying in doubt. Reads one slot.
    pub(crate) fn doubting(&self, underlying: u16) -> Price {
        let (price, time) = self.read(&self.feed_record(underlying), DOUBT);
        Price { price, time: time as u64, ..Price::default() }
    }

    /// Stores the report that has put the last price of an underlying in doubt.
    pub(crate) fn set_doubting(&mut self, underlying: u16, report: &Price) {
        let record = self.feed_record(underlying);
        self.write(&record, DOUBT, report.price, report.time.into());
    }

    /// The band of prices accepted. Reads one slot.
    pub(crate) fn band(&self, underlying: u16) -> Band {
        let (low, high) = self.read(&self.feed_record(underlying), BAND);
        Band {
            min_price: low & ((1 << PRICE_BITS) - 1),
            max_price: low >> PRICE_BITS | u128::from(high as u64) << 32,
            max_move: (high >> 64) as u32,
        }
    }

    /// Stores the band of prices accepted, whose prices fit 96 bits after the check of the feed.
    pub(crate) fn set_band(&mut self, underlying: u16, band: &Band) {
        let record = self.feed_record(underlying);
        let low = band.min_price | band.max_price << PRICE_BITS;
        self.write(&record, BAND, low, halves((band.max_price >> 32) as u64, band.max_move.into()));
    }
}
