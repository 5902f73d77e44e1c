//! Bounds that no parameter can change, each with its reason.

use plimsoll_fixed::PPM;

/// Most markets in which one account may have a position. Every act on an account reads each of its
/// positions: two slots, two of its rung, four of its market and the price. The bound keeps the dearest of them, the
/// deleveraging that closes all, far within a block.
pub const MAX_POSITIONS: u8 = 32;

/// Whether an account with so many positions may open one in another market. `most` is [`MAX_POSITIONS`] in the engine.
#[must_use]
pub fn admits_another_position(open: usize, most: u8) -> bool {
    open < usize::from(most)
}

/// A pause ends by itself at the latest this long after it was called, seconds: a week. A guardian's lost or stolen key
/// must not lock collateral in.
pub const LONGEST_PAUSE: u64 = 7 * 24 * 3600;

/// Largest share of the insurance fund that one event may draw, ppm: all of it.
pub const MAX_INSURANCE_CAP: u32 = PPM as u32;

/// Share of the insurance fund that one event may draw until governance sets another, ppm. At 30 % the first account of a
/// crash leaves more than two thirds of the fund to those after it.
pub const DEFAULT_INSURANCE_CAP: u32 = 300_000;
