//! The scale of ticks: 64 to a doubling, so that neighbouring prices differ by 1.089 %.
//!
//! A tick's price is *defined* by [`price_of_tick`], an integer function; [`tick_of_price`] is its exact inverse. What
//! holds between a tick and a price therefore holds without a rounding gap, on every machine.

use crate::{Overflow, WAD};

/// Ticks in a doubling of the price.
pub const TICKS_PER_DOUBLING: i32 = 64;
/// The lowest tick: a price of 2^-32 (2.3e-10).
pub const TICK_MIN: i32 = -32 * TICKS_PER_DOUBLING;
/// The highest tick; the price above it is 2^32 (4.3e9).
pub const TICK_MAX: i32 = 32 * TICKS_PER_DOUBLING - 1;

/// 2^(1/2), 2^(1/4), ... 2^(1/64), times 2^63, rounded down.
const ROOTS: [u64; 6] = [
    0xb504_f333_f9de_6484,
    0x9837_f051_8db8_a96f,
    0x8b95_c1e3_ea8b_d6e6,
    0x85aa_c367_cc48_7b14,
    0x82cd_8698_ac2b_a1d7,
    0x8164_d1f3_bc03_0773,
];

/// `2^(tick/64)` as a WAD, rounded down; relative error below 1e-18 plus one unit in the last place.
///
/// Takes `TICK_MIN ..= TICK_MAX + 1`, so that every rung has an upper edge.
///
/// # Errors
/// [`Overflow`] outside that range.
pub const fn price_of_tick(tick: i32) -> Result<u128, Overflow> {
    if tick < TICK_MIN || tick > TICK_MAX + 1 {
        return Err(Overflow);
    }
    let doublings = tick.div_euclid(TICKS_PER_DOUBLING);
    let part = tick.rem_euclid(TICKS_PER_DOUBLING);
    let mut mantissa = 1u64 << 63;
    let mut i = 0;
    while i < 6 {
        if part & (32 >> i) != 0 {
            mantissa = ((mantissa as u128 * ROOTS[i] as u128) >> 63) as u64;
        }
        i += 1;
    }
    Ok((mantissa as u128 * WAD) >> (63 - doublings))
}

/// The largest tick whose price is at most `price` (WAD).
///
/// # Errors
/// [`Overflow`] when the price is below the lowest tick's or at least 2^32.
pub const fn tick_of_price(price: u128) -> Result<i32, Overflow> {
    let (mut low, mut high) = (TICK_MIN, TICK_MAX + 1);
    if let (Ok(bottom), Ok(top)) = (price_of_tick(low), price_of_tick(high))
        && (price < bottom || price >= top)
    {
        return Err(Overflow);
    }
    // The position of the top bit gives the doubling to within one.
    let doubling = price.ilog2() as i32 - WAD.ilog2() as i32;
    let guess = doubling * TICKS_PER_DOUBLING;
    if guess - TICKS_PER_DOUBLING > low {
        low = guess - TICKS_PER_DOUBLING;
    }
    if guess + TICKS_PER_DOUBLING < high {
        high = guess + TICKS_PER_DOUBLING;
    }
    // price_of_tick(low) <= price < price_of_tick(high)
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match price_of_tick(middle) {
            Ok(edge) if edge <= price => low = middle,
            _ => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn price_of_tick_known_values() {
        // true values by 60-digit arithmetic
        let known: [(i32, u128); 8] = [
            (0, WAD),
            (64, 2 * WAD),
            (32, 1_414_213_562_373_095_048),      // 1.414213562373095048801...
            (1, 1_010_889_286_051_700_460),       // 1.010889286051700460020...
            (-1, 989_228_013_193_975_484),        // 0.989228013193975484129...
            (63, 1_978_456_026_387_950_968),      // 1.978456026387950968258...
            (850, 9_955_306_372_960_001_049_530), // 9955.306372960001049530533...
            (-850, 100_448_942_758_420),          // 0.000100448942758420705...
        ];
        for (tick, price) in known {
            let got = price_of_tick(tick).unwrap();
            let tolerance = price / 1_000_000_000_000_000_000 + 1;
            assert!(got.abs_diff(price) <= tolerance, "tick {tick}: {got} against {price}");
        }
    }

    #[test]
    fn tick_of_price_inverts_at_every_edge() {
        for tick in TICK_MIN..=TICK_MAX {
            let edge = price_of_tick(tick).unwrap();
            let next = price_of_tick(tick + 1).unwrap();
            assert!(edge < next, "not monotone at {tick}");
            assert_eq!(tick_of_price(edge), Ok(tick));
            assert_eq!(tick_of_price(next - 1), Ok(tick));
        }
    }

    #[test]
    fn tick_of_price_outside_the_range_is_overflow() {
        assert_eq!(tick_of_price(0), Err(Overflow));
        assert_eq!(tick_of_price(price_of_tick(TICK_MIN).unwrap() - 1), Err(Overflow));
        assert_eq!(tick_of_price(price_of_tick(TICK_MAX + 1).unwrap()), Err(Overflow));
        assert_eq!(tick_of_price(u128::MAX), Err(Overflow));
        assert_eq!(price_of_tick(TICK_MAX + 2), Err(Overflow));
        assert_eq!(price_of_tick(i32::MIN), Err(Overflow));
    }

    proptest! {
        #[test]
        fn tick_of_price_brackets(price in 232_830_643_653u128..4_294_967_296_000_000_000_000_000_000) {
            let tick = tick_of_price(price).unwrap();
            prop_assert!(price_of_tick(tick).unwrap() <= price);
            prop_assert!(price < price_of_tick(tick + 1).unwrap());
        }
    }
}
