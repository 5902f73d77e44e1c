//! Instrument ids: everything about an instrument in 128 bits, so that none needs to be registered.
//!
//! `underlying u16 | kind u8 | expiry u32 | strike u64 | right u8`, from the top bit down. The expiry is in Unix seconds,
//! the strike in 1e-8 quote.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perp_packs_as_documented() {
        assert_eq!(perp(0x0102), 0x0102_0100_0000_0000_0000_0000_0000_0000);
        assert_eq!(perp_underlying(perp(7)), Some(7));
    }

    #[test]
    fn perp_underlying_refuses_other_kinds_and_dirty_bits() {
        assert_eq!(perp_underlying(0), None);
        assert_eq!(perp_underlying(perp(7) | 1), None);
        assert_eq!(perp_underlying((7 << 112) | (2 << 104)), None);
    }
}
