//! Price of the room that activated programs take: it rises with demand and decays with time
//! (`stylus.md` section 2.2).

use alloy_primitives::U256;

use super::programs;
use super::storage::{Fault, Slots, Space};

/// The epoch of Arbitrum, Unix seconds.
pub const ARBITRUM_START: u64 = 1_421_388_000;

const MIN_PRICE: u64 = 82_928_201;
const INERTIA: u64 = 21_360_419;
/// A tebibyte a year.
const BYTES_PER_SECOND: u64 = ((1u64 << 40) / (365 * 24)) / 3600;
const ONE: u64 = 10_000;

const DEMAND: u64 = 0;
const RATE: u64 = 1;
const LAST_UPDATE: u64 = 2;
const PRICE: u64 = 3;
const SLOWNESS: u64 = 4;

fn space() -> Space {
    programs::data_pricer_space()
}

/// Writes the values that a chain starts with.
///
/// # Errors
/// None in an unmetered store.
pub fn genesis<S: Slots + ?Sized>(s: &mut S) -> Result<(), Fault> {
    space().set(s, DEMAND, U256::ZERO)?;
    space().set(s, RATE, U256::from(BYTES_PER_SECOND))?;
    space().set(s, LAST_UPDATE, U256::from(ARBITRUM_START))?;
    space().set(s, PRICE, U256::from(MIN_PRICE))?;
    space().set(s, SLOWNESS, U256::from(INERTIA))
}

/// Adds `bytes` to the demand at `time` (Unix seconds) and returns what they cost, wei.
///
/// # Errors
/// [`Fault::OutOfGas`].
pub fn charge<S: Slots + ?Sized>(s: &mut S, bytes: u32, time: u64) -> Result<U256, Fault> {
    let mut read = |index| -> Result<u64, Fault> { Ok(space().get(s, index)?.saturating_to()) };
    let (demand, rate, last) = (read(DEMAND)?, read(RATE)?, read(LAST_UPDATE)?);
    let (price, slowness) = (read(PRICE)?, read(SLOWNESS)?);
    let credit = rate.saturating_mul(time.saturating_sub(last));
    // Demand is kept in 32 bits on the real chain.
    let demand = demand.saturating_sub(credit).saturating_add(u64::from(bytes)).min(u64::from(u32::MAX));
    space().set(s, DEMAND, U256::from(demand))?;
    space().set(s, LAST_UPDATE, U256::from(time))?;
    let multiplier = exp_bips(ONE * demand / slowness.max(1));
    let per_byte = price.saturating_mul(multiplier) / ONE;
    Ok(U256::from(per_byte.saturating_mul(u64::from(bytes))))
}

/// `10000 * e^(x/10000)` by twelve terms of the Taylor series, rounded down at each step of Horner's scheme.
fn exp_bips(x: u64) -> u64 {
    const TERMS: u64 = 12;
    let mut result = ONE + x / TERMS;
    for i in (1..TERMS).rev() {
        result = ONE.saturating_add(result.saturating_mul(x) / (i * ONE));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::exp_bips;

    #[test]
    fn exp_bips_known_values() {
        // true values: e^0 = 1, e^1 = 2.71828..., e^0.5 = 1.64872..., e^3 = 20.0855...
        assert_eq!(exp_bips(0), 10_000);
        assert!((27_170..=27_183).contains(&exp_bips(10_000)));
        assert!((16_480..=16_488).contains(&exp_bips(5_000)));
        assert!((200_500..=200_856).contains(&exp_bips(30_000)));
    }
}
