//! Instrument ids: 128 bits hold all terms of an instrument, so that none needs to be registered.
//!
//! `underlying u16 | kind u8 | expiry u32 | strike u64 | right u8`, from the top bit down. The expiry is in Unix seconds,
//! the strike in 1e-8 quote.

/// The underlying that no market has. Bad debt of accounts without a position is recorded under it.
pub const NO_MARKET: u16 = 0;

/// A perpetual future: expiry, strike and right are zero.
pub const KIND_PERP: u8 = 1;
/// A European option.
pub const KIND_OPTION: u8 = 2;

/// The id of the perpetual on an underlying.
#[must_use]
pub const fn perp(underlying: u16) -> u128 {
    ((underlying as u128) << 112) | ((KIND_PERP as u128) << 104)
}

/// The underlying of a perpetual's id; `None` when the id is not one.
#[must_use]
pub const fn perp_underlying(instrument: u128) -> Option<u16> {
    let underlying = (instrument >> 112) as u16;
    if instrument == perp(underlying) { Some(underlying) } else { None }
}

/// The underlying of a perpetual that may be listed; `None` for another id, and for [`NO_MARKET`].
#[must_use]
pub const fn listable(instrument: u128) -> Option<u16> {
    match perp_underlying(instrument) {
        Some(NO_MARKET) | None => None,
        listable => listable,
    }
}

/// An option's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionTerms {
    /// Number of the underlying.
    pub underlying: u16,
    /// Unix seconds.
    pub expiry: u32,
    /// Quote per unit of the underlying, WAD.
    pub strike: u128,
    /// Whether it is a call; a put otherwise.
    pub call: bool,
}

/// The id of an option; `strike` in 1e-8 quote.
#[must_use]
pub const fn option(underlying: u16, expiry: u32, strike: u64, call: bool) -> u128 {
    ((underlying as u128) << 112)
        | ((KIND_OPTION as u128) << 104)
        | ((expiry as u128) << 72)
        | ((strike as u128) << 8)
        | call as u128
}

/// The terms of an option's id; `None` when the id is not one.
#[must_use]
pub const fn option_of(instrument: u128) -> Option<OptionTerms> {
    let right = instrument as u8;
    if (instrument >> 104) as u8 != KIND_OPTION || right > 1 {
        return None;
    }
    Some(OptionTerms {
        underlying: (instrument >> 112) as u16,
        expiry: (instrument >> 72) as u32,
        strike: (instrument >> 8) as u64 as u128 * STRIKE_UNIT,
        call: right == 1,
    })
}

/// A unit of an id's strike, WAD.
const STRIKE_UNIT: u128 = 10_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perp_packs_as_documented() {
        assert_eq!(perp(0x0102), 0x0102_0100_0000_0000_0000_0000_0000_0000);
        assert_eq!(perp_underlying(perp(7)), Some(7));
    }

    #[test]
    fn listable_is_every_perpetual_but_that_of_no_market() {
        assert_eq!(listable(perp(1)), Some(1));
        assert_eq!(listable(perp(u16::MAX)), Some(u16::MAX));
        assert_eq!(listable(perp(NO_MARKET)), None);
        assert_eq!(listable(option(1, 1, 1, true)), None);
        assert_eq!(listable(0), None);
    }

    #[test]
    fn option_packs_as_documented() {
        let id = option(0x0102, 0x0304_0506, 0x0708_090a_0b0c_0d0e, true);
        assert_eq!(id, 0x0102_0203_0405_0607_0809_0a0b_0c0d_0e01);
        let terms = option_of(option(7, 1_800_000_000, 10_000_000_000_000, false));
        let strike = 100_000_000_000_000_000_000_000; // 1e5 WAD
        assert_eq!(terms, Some(OptionTerms { underlying: 7, expiry: 1_800_000_000, strike, call: false }));
    }

    #[test]
    fn option_of_refuses_other_kinds_and_rights() {
        assert_eq!(option_of(perp(7)), None);
        assert_eq!(option_of(option(7, 1, 1, false) | 2), None);
    }

    #[test]
    fn perp_underlying_refuses_other_kinds_and_dirty_bits() {
        assert_eq!(perp_underlying(0), None);
        assert_eq!(perp_underlying(perp(7) | 1), None);
        assert_eq!(perp_underlying((7 << 112) | (2 << 104)), None);
    }
}
