//! Revaluations for the expected shortfall: hundreds of moves, each with its own change of spot and of volatility.

use alloc::vec::Vec;

use plimsoll_fixed::{
    binary::{Scale, mul_high, normal_cdf},
    exp_wad,
};

use super::{
    Error,
    compiled::log_of,
    expiry::Expiry,
    kernel::{BITS, FAR, Sums, WIDEST, to_log},
};
use crate::WAD;

/// Most moves.
pub const MAX_SHOCKS: usize = 500;
/// Bytes of a move as it is kept.
pub(super) const SHOCK_BYTES: usize = 8;
/// A unit of a move, WAD: 1e-8.
pub(super) const UNIT: i128 = 10_000_000_000;
/// Largest move of either logarithm, in units: spot and volatility move at most by a factor of 16 each way.
pub(super) const MOST: u32 = 277_000_000;

/// A move of spot and volatility, both as logarithms in 1e-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// ln(spot after / spot before).
    pub spot: i32,
    /// ln(volatility after / volatility before), the same at all strikes and expiries.
    pub vol: i32,
}

impl Move {
    /// The move as bytes: two big-endian `int32`.
    #[must_use]
    pub(super) fn to_bytes(self) -> [u8; SHOCK_BYTES] {
        (u64::from(self.spot as u32) << 32 | u64::from(self.vol as u32)).to_be_bytes()
    }

    /// The move that [`Move::to_bytes`] wrote; `None` when it is larger than a factor of 16.
    #[must_use]
    pub(super) fn from_bytes(bytes: [u8; SHOCK_BYTES]) -> Option<Self> {
        let both = u64::from_be_bytes(bytes);
        let (spot, vol) = ((both >> 32) as i32, both as i32);
        Some(Self { spot, vol }).filter(Self::is_small)
    }

    /// Whether neither part is beyond a factor of 16.
    fn is_small(&self) -> bool {
        self.spot.unsigned_abs() <= MOST && self.vol.unsigned_abs() <= MOST
    }
}

/// A move, made ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shocked {
    /// Logarithm of the forward's multiplier.
    log: i64,
    /// Half the mantissa of volatility's multiplier, and its exponent.
    vol: i64,
    vol_exponent: i32,
    /// The same of its inverse.
    per_vol: i64,
    per_vol_exponent: i32,
    /// The forward's multiplier.
    pub(super) multiplier: Scale,
}

/// Moves, made ready.
#[derive(Clone, Debug, Default)]
pub(super) struct Shocks {
    pub(super) all: Vec<Shocked>,
}

impl Move {
    /// What spot and forwards are multiplied by.
    pub(super) fn multiplier(self) -> Scale {
        exp(self.spot)
    }
}

/// e to so many units of a move.
#[inline(never)]
fn exp(unit: i32) -> Scale {
    Scale::from_wad(exp_wad(i128::from(unit) * UNIT).unwrap_or(0))
}

impl Shocks {
    /// Makes moves ready.
    ///
    /// # Errors
    /// [`Error::BadMoves`] for more than [`MAX_SHOCKS`], or one beyond a factor of 16.
    pub(super) fn new(moves: &[Move]) -> Result<Self, Error> {
        if moves.len() > MAX_SHOCKS || !moves.iter().all(Move::is_small) {
            return Err(Error::BadMoves);
        }
        let all = moves.iter().map(|shock| {
            let ((vol, vol_exponent), (per_vol, per_vol_exponent)) =
                (exp(shock.vol).parts(), exp(shock.vol.saturating_neg()).parts());
            Shocked {
                log: to_log(i128::from(shock.spot) * UNIT),
                vol: (vol >> 1) as i64,
                vol_exponent,
                per_vol: (per_vol >> 1) as i64,
                per_vol_exponent,
                multiplier: shock.multiplier(),
            }
        });
        Ok(Self { all: all.collect() })
    }
}

impl Shocks {
    /// The same moves on a forward of which a part is fixed.
    pub(super) fn settling(&self, expiry: &Expiry) -> Self {
        let all = self.all.iter().map(|shock| {
            let spot = shock.multiplier.of_floor(WAD as i128).unwrap_or(0).unsigned_abs();
            let multiplier = expiry.multiplier(spot);
            Shocked { log: log_of(multiplier), multiplier: Scale::from_wad(multiplier), ..*shock }
        });
        Self { all: all.collect() }
    }
}

/// A spread that every move multiplies.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseSpread {
    spread: i64,
    exponent: i32,
    inverse: i64,
    inverse_exponent: i32,
}

impl BaseSpread {
    /// From a spread and its inverse. A spread of zero counts as 2^-60; the difference shows in no price.
    pub(super) fn new(spread: Scale, inverse: Option<Scale>) -> Self {
        let (spread, inverse) = match inverse {
            Some(inverse) => (spread, inverse),
            None => (Scale::new(1, -60), Scale::new(1, 60)),
        };
        let ((spread, exponent), (inverse, inverse_exponent)) = (spread.parts(), inverse.parts());
        Self { spread: (spread >> 1) as i64, exponent, inverse: (inverse >> 1) as i64, inverse_exponent }
    }
}

/// Adds a strike to the sums of moves, as [`super::kernel::accumulate`] does for the grid.
#[inline(never)]
pub(super) fn accumulate_shocks(
    moneyness: i64,
    base: &BaseSpread,
    size: i64,
    notional: i64,
    shocks: &[Shocked],
    sums: &mut [Sums],
) {
    for (shock, sums) in shocks.iter().zip(sums) {
        // Halves of mantissas: two bits more, and 64 of the high word.
        let down = -(base.exponent + shock.vol_exponent + 66 + BITS);
        let spread = mul_high(base.spread, shock.vol);
        let spread = if down < 0 { WIDEST as i64 } else { (spread >> down.min(63)).min(WIDEST as i64) };
        let half = spread / 2;
        let up = base.inverse_exponent + shock.per_vol_exponent + 130;
        let product = mul_high(mul_high(base.inverse, shock.per_vol), moneyness + shock.log);
        let (product, limit) = if up < 0 { (product >> -up, FAR) } else { (product, FAR >> up.min(61)) };
        let middle = product.max(-limit).min(limit) << up.clamp(0, 61);
        sums.sizes += mul_high(size, normal_cdf(middle + half));
        sums.strikes += mul_high(notional, normal_cdf(middle - (spread - half)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::portfolio::kernel::{Spread, Unit, accumulate};

    proptest! {
        /// A move that multiplies volatility does what the grid does at that volatility.
        #[test]
        fn shocks_agree_with_the_grid(
            spread in 1u128 << 30..8 * WAD, vol in -270_000_000i32..270_000_000, spot in -270_000_000i32..270_000_000,
            moneyness in -2_000_000_000_000_000_000i128..2_000_000_000_000_000_000,
        ) {
            let moneyness = to_log(moneyness);
            let shocks = Shocks::new(&[Move { spot, vol }]).unwrap();
            let base = Scale::from_wad(spread);
            let unit = Unit::of_total(WAD);
            let (size, notional) = (unit.share(WAD as i128), unit.share(-(WAD as i128)));
            let mut sums = [Sums::default(); 2];
            let (a, b) = sums.split_at_mut(1);
            accumulate_shocks(moneyness, &BaseSpread::new(base, base.inverse()), size, notional, &shocks.all, a);
            let moved = base.times(Scale::from_wad(exp_wad(i128::from(vol) * UNIT).unwrap()));
            let log = [to_log(i128::from(spot) * UNIT)];
            accumulate(moneyness, &Spread::new(moved, moved.inverse()), size, notional, &log, b);
            // In units of 1e-18: the price is what counts, and it does not change with d1 to first order.
            let forward = Scale::from_wad(exp_wad(to_wad(moneyness + log[0])).unwrap());
            let price = |sums: &Sums| {
                forward.of_floor(unit.number(sums.sizes)).unwrap() + unit.number(sums.strikes)
            };
            let (a, b) = (price(&sums[0]), price(&sums[1]));
            let most = forward.max(Scale::ONE).of_floor(100).unwrap();
            prop_assert!((a - b).abs() <= most, "{a} {b}");
        }

        #[test]
        fn moves_round_trip(spot in -277_000_000i32..=277_000_000, vol in -277_000_000i32..=277_000_000) {
            let shock = Move { spot, vol };
            prop_assert_eq!(Move::from_bytes(shock.to_bytes()), Some(shock));
        }
    }

    fn to_wad(log: i64) -> i128 {
        (i128::from(log) * WAD as i128) >> BITS
    }

    #[test]
    fn moves_beyond_a_factor_of_sixteen_are_refused() {
        for shock in [Move { spot: 277_000_001, vol: 0 }, Move { spot: 0, vol: i32::MIN }] {
            assert_eq!(Move::from_bytes(shock.to_bytes()), None);
        }
    }
}
