//! Where the engine keeps what: the one page of its storage.
//!
//! Single fields stand at the first slots, in the order of [`Ledger`]; records by region and key, as
//! [`plimsoll_kit::words`] says. Within a word the first field is in the low bits. Money is WAD of quote, sizes are WAD of
//! the underlying, factors ppm, times Unix seconds. The tests pin every word by its raw slot.
//!
//! | slots | field |
//! |---|---|
//! | 0 to 5 | the modules, in the order of [`MODULES`] |
//! | 6, 7 | owner; who may follow |
//! | 8 | guardian `u160`, paused until `u64` |
//! | 9 | oracle |
//! | 10 | quote token `u160`, decimals `u8` |
//! | 11 | insurance fund `u128`, collected fees `u128` |
//! | 12 | tokens accounted for `u128`, insurance cap `u32` |
//! | 13 | how many markets are listed `u128` |

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256};
use plimsoll_fixed::TICK_MIN;
use plimsoll_kit::{
    ownership::Ownership,
    row::Row,
    slot::Slot,
    words::{Record, Records},
};
use plimsoll_risk::ladder::Side;
use stylus_sdk::prelude::*;

/// How many modules the router has: trading, liquidation, resolution, collateral, lens, governance.
pub const MODULES: usize = 6;

/// The engine's whole state. Single fields here, at the first slots; records by region.
#[storage]
pub struct Ledger {
    /// The router's modules, fixed at construction.
    pub modules: Row<MODULES>,
    /// Who sets parameters, and who may follow.
    pub ownership: Ownership,
    pub(crate) guard: Slot,
    /// The price oracle.
    pub oracle: Slot,
    pub(crate) quote: Slot,
    pub(crate) funds: Slot,
    pub(crate) totals: Slot,
    pub(crate) listed: Slot,
}

/// The kinds of records, by the first byte of what their place is the hash of; then the key.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Region {
    /// Venue: whether governance admits it.
    Venue = 1,
    /// Owner, operator: whether it may act for him.
    Operator,
    /// Account, venue: whether it may trade for it.
    VenueApproval,
    /// Number from zero: the underlying listed so manieth.
    Listed,
    /// Underlying: [`market`].
    Market,
    /// Account: [`account`].
    Account,
    /// Account, underlying: [`position`].
    Position,
    /// Side, tick: [`rung`].
    Rung,
    /// Side, tick, epoch: how it ended, index `i128` and shrink index `u128`.
    Epoch,
    /// Side, number of a word: which ticks have members, a bit each.
    Occupied,
}

/// Words of a market.
pub mod market {
    /// Funding index `i128`, average premium `i64`, last premium `i64`.
    pub const FUNDING: u8 = 0;
    /// Open interest `u128`, funding time `u64`, [`LISTED`] or nothing `u64`.
    pub const STATE: u8 = 1;
    /// Bad debt `u128`, dust `i128`.
    pub const DEBT: u8 = 2;
    /// Initial factor, maintenance factor, profit weight, price band, taker fee, maker fee, funding cap, `u32` each.
    pub const FACTORS: u8 = 3;
    /// Open interest from and to which the initial factor grows, depth, liquidation cost, `u64` each, 1e-6 quote.
    pub const AMOUNTS: u8 = 4;
    /// Largest open interest `u128`, largest position `u128`.
    pub const CAPS: u8 = 5;
    /// Least notional `u128`, liquidation fee, least and largest discount, target buffer, `u32` each.
    pub const LIQUIDATION: u8 = 6;
    /// Step of a liquidation's size `u128`.
    pub const LOT: u8 = 7;

    /// What stands in [`STATE`] of a market that is listed.
    pub const LISTED: u64 = 1;
}

/// Words of an account.
pub mod account {
    /// Cash `i128`, nonce `u64`, number of positions `u64`.
    pub const STATE: u8 = 0;
    /// The first of the words with the underlyings of its positions, `u16` each, 16 a word.
    pub const POSITIONS: u8 = 1;
    /// Underlyings in a half of a word.
    pub const IDS_PER_HALF: usize = 8;
}

/// Words of a position, as of its last touch.
pub mod position {
    /// Size `i128`, basis `i128`.
    pub const AMOUNTS: u8 = 0;
    /// Index of its rung `i128`, shrink index `u96`, epoch `u32`.
    pub const SNAPSHOT: u8 = 1;
}

/// Words of a rung. Deleveraging writes the first alone when it takes, all when it closes.
pub mod rung {
    /// Index `i128`, its sign bit [`TURNED`], and what was taken per unit `u128`.
    pub const FLOW: u8 = 0;
    /// Size `u128`, shrink index `u96`, epoch `u32`.
    pub const STATE: u8 = 1;
    /// Basis `i128`, members `u32`.
    pub const TALLY: u8 = 2;

    /// Turns an index into its stored form and back. The word is nonzero once a rung was used. So a first taking costs what
    /// every other does: who opens a rung pays for the fresh slot, not a keeper in a crash.
    pub const TURNED: u128 = 1 << 127;
}

/// One side of one market's ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LadderSide {
    /// The underlying.
    pub market: u16,
    /// The side.
    pub side: Side,
}

impl LadderSide {
    /// Key of something numbered on this side: `market u16 | side u8 | number u32`, long 0, short 1.
    const fn key(self, number: u32) -> u128 {
        let side = match self.side {
            Side::Long => 0,
            Side::Short => 1,
        };
        (self.market as u128) << 40 | side << 32 | number as u128
    }

    /// Key of a rung: ticks count from the lowest.
    const fn rung(self, tick: i32) -> u128 {
        self.key((tick - TICK_MIN) as u32)
    }

    /// Key of an ended epoch of a rung: the rung's, then the epoch `u32`.
    const fn epoch(self, tick: i32, epoch: u32) -> u128 {
        self.rung(tick) << 32 | epoch as u128
    }
}

impl Ledger {
    pub(crate) fn venue_record(&self, venue: Address) -> Record {
        self.record(Region::Venue as u8, &venue.into_word(), &[])
    }

    pub(crate) fn operator_record(&self, owner: Address, operator: Address) -> Record {
        self.record(Region::Operator as u8, &owner.into_word(), &operator.0.0)
    }

    pub(crate) fn approval_record(&self, account: B256, venue: Address) -> Record {
        self.record(Region::VenueApproval as u8, &account, &venue.0.0)
    }

    pub(crate) fn listed_record(&self, number: u128) -> Record {
        self.numbered(Region::Listed as u8, number)
    }

    pub(crate) fn market_record(&self, id: u16) -> Record {
        self.numbered(Region::Market as u8, u128::from(id))
    }

    pub(crate) fn account_record(&self, id: B256) -> Record {
        self.record(Region::Account as u8, &id, &[])
    }

    pub(crate) fn position_record(&self, account: B256, market: u16) -> Record {
        self.record(Region::Position as u8, &account, &market.to_be_bytes())
    }

    pub(crate) fn rung_record(&self, at: LadderSide, tick: i32) -> Record {
        self.numbered(Region::Rung as u8, at.rung(tick))
    }

    pub(crate) fn epoch_record(&self, at: LadderSide, tick: i32, epoch: u32) -> Record {
        self.numbered(Region::Epoch as u8, at.epoch(tick, epoch))
    }

    pub(crate) fn occupied_record(&self, at: LadderSide, word: u32) -> Record {
        self.numbered(Region::Occupied as u8, at.key(word))
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
