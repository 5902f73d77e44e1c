//! Where the oracle keeps what: the one page of its storage.
//!
//! Single fields stand at the first slots, in the order of [`Oracle`](crate::Oracle); records by region and key, as
//! [`plimsoll_kit::words`] says. Within a word the first field is in the low bits. Prices are WAD, times Unix seconds. The
//! tests pin every word by its raw slot.
//!
//! | slots | field |
//! |---|---|
//! | 0, 1 | owner; who may follow |
//! | 2 | how many signatures a report needs `u128`, how many signers there are `u128` |
//! | 3 to 18 | the signers in the order they were set; only as many as slot 2 counts |

use alloy_primitives::Address;
use plimsoll_kit::words::{Record, Records};

use crate::Oracle;

/// The kinds of records, by the first byte of what their place is the hash of; then the key.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Region {
    /// Underlying: [`feed`].
    Feed = 1,
    /// Address: whether it is one of the signers. A report costs one slot a signature, not the whole list.
    Signer,
    /// Underlying: [`surface`].
    Surface,
    /// Underlying and expiry, `underlying << 32 | expiry`: [`slice`].
    Slice,
}

/// Words of a feed: one for whoever reads prices, a second one for whoever reports them.
pub(crate) mod feed {
    /// Price `u96`, usable seconds `u32`, time `u40`, when it was doubted `u24`, oldest age at which it is fresh `u32`, at which
    /// it is late `u32`.
    pub(crate) const STATE: u8 = 0;
    /// Smallest price `u96`, largest price `u96`, largest move `u32`: no price exceeds 96 bits.
    pub(crate) const BAND: u8 = 1;
    /// The report that doubts the price: price `u128`, time `u64`.
    pub(crate) const DOUBT: u8 = 2;
}

/// Words of a surface.
pub(crate) mod surface {
    /// Oldest age at which a slice is fresh, at which it is late, largest jump of volatility, of the forward, `u32` each;
    /// the number of expiries in the list `u64`.
    pub(crate) const RULES: u8 = 0;
    /// The first of the words with the expiries, `u32` each, eight a word, ascending.
    pub(crate) const LIST: u8 = 1;
    /// Expiries in a word.
    pub(crate) const IN_WORD: usize = 8;
}

/// Words of a slice, as [`plimsoll_risk::svi::Slice::pack`] lays them out.
pub(crate) mod slice {
    /// Forward `u96`, rate `i32`, time `u64`, three confidences `u20`.
    pub(crate) const HEAD: u8 = 0;
    /// `a`, `b`, `rho`, `m`, `sigma`, `i51` each.
    pub(crate) const SHAPE: u8 = 1;
}

impl Oracle {
    pub(crate) fn feed_record(&self, underlying: u16) -> Record {
        self.numbered(Region::Feed as u8, underlying.into())
    }

    pub(crate) fn signer_record(&self, signer: Address) -> Record {
        self.record(Region::Signer as u8, &signer.into_word(), &[])
    }

    pub(crate) fn surface_record(&self, underlying: u16) -> Record {
        self.numbered(Region::Surface as u8, underlying.into())
    }

    pub(crate) fn slice_record(&self, underlying: u16, expiry: u32) -> Record {
        self.numbered(Region::Slice as u8, u128::from(underlying) << 32 | u128::from(expiry))
    }
}
