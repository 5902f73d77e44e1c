//! The ladder: ranks every position of a market by profit, at a cost that does not depend on the number of positions.
//!
//! Each position sits on a rung, given by its market, its side and the tick of its entry price. All positions of a rung
//! have the same profit per unit to within one tick (1.1 %). Deleveraging therefore works on rungs alone. A position
//! learns what happened to its rung when it is next read ([`catch_up`]).
//!
//! With `F` the cumulative funding per unit, the running index of a rung is `P = G - A*F`. Closing a fraction `f` at
//! price `p` does `G += A*f*(p - F)` and `A *= 1 - f`; taking `x` does `G -= side*A*x/Q`. A position keeps `A0` and
//! `P0` of the moment it was last touched, and `cash += (q*(P - P0) + b*(A0 - A))/A0`.
//!
//! `A`, `G`, `P` and `F` all have the scale [`ONE`] = 2^95, in which the division by `A0` needs no rescaling.

mod catch_up;
mod deleverage;
mod rung;

pub use catch_up::{CaughtUp, Position, catch_up};
pub use deleverage::{Facing, Left, Spread, capacity_floor, deleverage};
pub use rung::{Closed, Epoch, Rung, Tally};

use plimsoll_fixed::{Overflow, WAD, mul_div_floor, price_of_tick, tick_of_price};

use crate::position;

/// One, in the scale of shrink indices and of indices per unit: 2^95. Indices reach 2^32 quote per unit.
pub const ONE: u128 = 1 << 95;

/// Bits that a shrink index takes, so that an epoch's number shares its half of a slot.
pub const SHRINK_BITS: u32 = 96;

const _: () = assert!(ONE < 1 << SHRINK_BITS, "a shrink index is at most one");

/// A rung that has shrunk below this starts a new epoch, so that a shrink index keeps at least 79 bits.
pub const MIN_SHRINK: u128 = 1 << 79;

/// The side of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Profits when the price rises.
    Long,
    /// Profits when the price falls.
    Short,
}

impl Side {
    /// The side of a size; zero counts as long.
    #[must_use]
    pub const fn of(size: i128) -> Self {
        if size < 0 { Self::Short } else { Self::Long }
    }

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// A magnitude as a signed size of this side.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn signed(self, magnitude: u128) -> Result<i128, Overflow> {
        match self {
            Self::Long => i128::try_from(magnitude).map_err(|_| Overflow),
            Self::Short => 0i128.checked_sub_unsigned(magnitude).ok_or(Overflow),
        }
    }
}

/// A price (WAD) in the scale of indices, rounded down.
///
/// # Errors
/// [`Overflow`] from 2^32 quote on.
pub fn price_index_floor(price: u128) -> Result<i128, Overflow> {
    i128::try_from(mul_div_floor(price, ONE, WAD)?).map_err(|_| Overflow)
}

/// The tick of a position's entry price; `None` when it has none on the ladder.
///
/// # Errors
/// [`Overflow`] when the entry price does not fit.
pub fn tick_of(size: i128, basis: i128) -> Result<Option<i32>, Overflow> {
    Ok(position::entry_floor(size, basis)?.and_then(|entry| tick_of_price(entry).ok()))
}

/// Profit per unit, at `mark`, of the worst entry price that a rung admits; zero when that is a loss. WAD, exact.
#[must_use]
pub fn least_profit(side: Side, tick: i32, mark: u128) -> u128 {
    let edge = match side {
        Side::Long => price_of_tick(tick.saturating_add(1)),
        Side::Short => price_of_tick(tick),
    };
    match (edge, side) {
        (Ok(edge), Side::Long) => mark.saturating_sub(edge),
        (Ok(edge), Side::Short) => edge.saturating_sub(mark),
        (Err(_), _) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn least_profit_never_exceeds_a_members_own(price in 1_000_000_000_000u128..100_000_000*WAD, size in 1_000_000u128..1 << 70,
                                                    long: bool, mark in 1_000_000_000_000u128..100_000_000*WAD) {
            let side = if long { Side::Long } else { Side::Short };
            let size = side.signed(size).unwrap();
            let basis = crate::fill::flow_floor(size, price).unwrap();
            let Some(tick) = tick_of(size, basis).unwrap() else { return Ok(()) };
            let least = least_profit(side, tick, mark);
            prop_assume!(least > 0);
            let own = position::profit_floor(size, basis, mark).unwrap();
            let claimed = plimsoll_fixed::mul_div_floor(size.unsigned_abs(), least, WAD).unwrap();
            prop_assert!(i128::try_from(claimed).unwrap() <= own + 1);
        }
    }

    #[test]
    fn price_index_known_values() {
        assert_eq!(price_index_floor(WAD), Ok(ONE as i128));
        assert_eq!(price_index_floor(3 * WAD / 2), Ok((ONE + ONE / 2) as i128));
        assert_eq!(price_index_floor(u128::MAX), Err(Overflow));
    }
}
