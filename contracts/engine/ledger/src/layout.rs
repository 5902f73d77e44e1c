//! Where the engine keeps what: the one page of its storage.
//!
//! Single fields stand at the first slots, in the order of [`Ledger`]; records by region and key, as
//! [`plimsoll_kit::words`] says. Within a word the first field is in the low bits. Money is WAD of quote, sizes are WAD of
//! the underlying, factors ppm, times Unix seconds. The tests pin every word by its raw slot.
//!
//! | slots | field |
//! |---|---|
//! | 0 to 7 | the modules, in the order of [`MODULES`] |
//! | 8, 9 | owner; who may follow |
//! | 10 | guardian `u160`, paused until `u64` |
//! | 11 | oracle |
//! | 12 | quote token `u160`, decimals `u8` |
//! | 13 | insurance fund `u128`, collected fees `u128` |
//! | 14 | tokens accounted for `u128`, insurance cap `u32`, sum of the markets' shares of insurance `u32` |
//! | 15 | how many markets are listed `u128` |

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256};
use plimsoll_fixed::TICK_MIN;
use plimsoll_kit::{
    ownership::Ownership,
    row::Row,
    slot::Slot,
    words::{Record, Records},
};
use plimsoll_risk::ladder::{RungKey, Side};
use stylus_sdk::prelude::*;

/// How many modules the router has: trading, liquidation, upkeep, resolution, collateral, lens, preview, governance.
pub const MODULES: usize = 8;

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
    /// Market, side, tick, generation: [`rung`].
    Rung,
    /// Market, number of a word: the keys of its live rungs, `u64` each, four a word ([`live`]).
    Live,
    /// Market, window, generation: sum `u128`, what is left of each unit `u96`, whether it is queued `u32`.
    Pot,
    /// Market, number of a word: window `u32` and generation `u32` of its pots in the order of their first use, four a word.
    Queue,
    /// Account, underlying: its young profit, [`young`].
    Young,
}

/// Words of a market.
pub mod market {
    /// Funding index `i128`, usable seconds `u32`, rate `i32`, clock `u31` with [`STANDS`], last fill `u32`.
    pub const FUNDING: u8 = 0;
    /// Open interest `u128`, sum of premiums `i64`, their notional `u32`, generation `u32`: zero says that it is not listed.
    pub const STATE: u8 = 1;
    /// Bad debt `u128`, dust `i128`.
    pub const DEBT: u8 = 2;
    /// Initial factor, maintenance factor, profit weight, price band, taker fee, maker fee, funding cap, `u32` each, then largest
    /// age of a price for trading `u16`, window of young profit `u16`.
    pub const FACTORS: u8 = 3;
    /// Open interest from and to which the initial factor grows, depth, liquidation cost, `u64` each, 1e-6 quote.
    pub const AMOUNTS: u8 = 4;
    /// Largest open interest `u128`, largest position `u128`.
    pub const CAPS: u8 = 5;
    /// Least notional `u128`, liquidation fee, least and largest discount, target buffer, `u32` each.
    pub const LIQUIDATION: u8 = 6;
    /// Step of a liquidation's size `u128`, interest `i32`, share of insurance `u32`, least notional of funding `u64`, 1e-6 quote.
    pub const LOT: u8 = 7;
    /// The estate: cash `i128`, size `i128`.
    pub const ESTATE: u8 = 8;
    /// The estate: basis `i128`, funding index up to which it has paid `i128`.
    pub const ESTATE_BASIS: u8 = 9;
    /// Number of live rungs `u32`, first and last but one of the queue of pots `u32` each, last pass `u64`.
    pub const LISTS: u8 = 10;
    /// Drawn from insurance `u128`, time `u64`.
    pub const BUCKET: u8 = 11;
    /// Of market zero alone: what was drawn for anything `u128`, time `u64`.
    pub const COMMON_BUCKET: u8 = 12;

    /// The bit of the clock that says that it stands.
    pub const STANDS: u32 = 1 << 31;
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

/// Words of a holding, as of its last touch.
pub mod position {
    /// Size `i128`, basis `i128`.
    pub const AMOUNTS: u8 = 0;
    /// Funding index `i128`, generation `u32`, which places of [`super::young`] count, a bit each, `u32`.
    pub const JOINED: u8 = 1;
}

/// Words of young profit: one a place, which is the window modulo the number of places. Amount `u128`, window `u32`, generation
/// `u32`. A word that does not count any more is not cleared: the next one in its place costs less.
pub mod young {
    /// How many there are.
    pub const PLACES: u8 = 4;
}

/// Words of a rung. Trading writes the first two.
pub mod rung {
    /// Size `u128`, basis `i128`.
    pub const SUMS: u8 = 0;
    /// Size index `u96`, members `u32`, basis index `u96`, its place in the list `u32`.
    pub const STATE: u8 = 1;
    /// Moved index `i128`, its sign bit [`TURNED`], funding index `i128`.
    pub const INDICES: u8 = 2;

    /// Turns an index into its stored form and back. The word is nonzero once a rung was used. So a first taking costs what
    /// every other does: who opens a rung pays for the fresh slot, not a keeper in a crash.
    pub const TURNED: u128 = 1 << 127;
    /// Bits of a size or basis index.
    pub const INDEX_BITS: u32 = 96;
}

/// The key of a live rung in the list: generation `u32`, tick from the lowest `u16`, side `u8` (short 1), retired `u8`.
pub mod live {
    /// How many keys a word has.
    pub const KEYS: u32 = 4;
    /// Bit of the side.
    pub const SHORT: u64 = 1 << 48;
    /// Bit that says that the rung is retired.
    pub const RETIRED: u64 = 1 << 56;
}

/// The key of a rung in the list, as one that is not retired.
pub(crate) const fn live_key(at: RungKey) -> u64 {
    let side = match at.side {
        Side::Long => 0,
        Side::Short => live::SHORT,
    };
    (at.generation as u64) | ((at.tick - TICK_MIN) as u64) << 32 | side
}

/// The rung of a key in the list.
pub(crate) const fn of_live_key(key: u64) -> RungKey {
    RungKey {
        side: if key & live::SHORT == 0 { Side::Long } else { Side::Short },
        tick: (key >> 32) as u16 as i32 + TICK_MIN,
        generation: key as u32,
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

    pub(crate) fn young_record(&self, account: B256, market: u16) -> Record {
        self.record(Region::Young as u8, &account, &market.to_be_bytes())
    }

    /// Key: `market u16 | key u64` of the list.
    pub(crate) fn rung_record(&self, market: u16, at: RungKey) -> Record {
        self.numbered(Region::Rung as u8, (market as u128) << 64 | live_key(at) as u128)
    }

    pub(crate) fn live_record(&self, market: u16, word: u32) -> Record {
        self.numbered(Region::Live as u8, (market as u128) << 32 | word as u128)
    }

    /// Key: `market u16 | window u32 | generation u32`.
    pub(crate) fn pot_record(&self, market: u16, window: u32, generation: u32) -> Record {
        self.numbered(Region::Pot as u8, (market as u128) << 64 | (window as u128) << 32 | generation as u128)
    }

    pub(crate) fn queue_record(&self, market: u16, word: u32) -> Record {
        self.numbered(Region::Queue as u8, (market as u128) << 32 | word as u128)
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
