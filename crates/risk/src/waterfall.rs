//! Who bears a deficit: insurance first, to a set share of the fund; then profits; then, recorded, everybody.

use alloc::vec::Vec;

use plimsoll_fixed::{Overflow, PPM, U256, WAD, mul_div_ceil, mul_div_floor};

/// What insurance pays of a deficit: at most `cap` ppm of the fund in one event. Rounded down.
///
/// # Errors
/// [`Overflow`] when the cap is above one and the product does not fit.
pub fn insurance_draw(deficit: u128, fund: u128, cap: u32) -> Result<u128, Overflow> {
    Ok(deficit.min(mul_div_floor(fund, u128::from(cap), PPM)?.min(fund)))
}

/// The share of all profits that was taken, WAD, rounded up; zero when there were none.
///
/// # Errors
/// [`Overflow`] when more was taken than there is and the quotient does not fit.
pub fn haircut(taken: u128, capacity: u128) -> Result<u128, Overflow> {
    if capacity == 0 { Ok(0) } else { mul_div_ceil(taken, WAD, capacity) }
}

/// Splits `total` in proportion to `weights` by largest remainder: the parts add up to `total` exactly, and a part
/// never exceeds its weight when `total` is at most their sum. Among equal remainders the earlier weight gains.
///
/// All parts are zero when the weights are.
///
/// # Errors
/// [`Overflow`] when the weights' sum does not fit.
pub fn shares(total: u128, weights: &[u128]) -> Result<Vec<u128>, Overflow> {
    let sum = weights.iter().try_fold(0u128, |sum, &w| sum.checked_add(w)).ok_or(Overflow)?;
    let mut parts = Vec::with_capacity(weights.len());
    if sum == 0 {
        parts.resize(weights.len(), 0);
        return Ok(parts);
    }
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = total;
    for &weight in weights {
        let (part, rest) = U256::product(total, weight).div_rem(sum)?;
        parts.push(part);
        remainders.push(rest);
        left -= part;
    }
    // Fewer units are left than there are nonzero remainders.
    while left > 0 {
        let mut largest = 0;
        for i in 1..remainders.len() {
            if remainders[i] > remainders[largest] {
                largest = i;
            }
        }
        parts[largest] += 1;
        remainders[largest] = 0;
        left -= 1;
    }
    Ok(parts)
}

/// One market's part in an account's deficit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketLoss {
    /// Unrealised loss of the position, zero when it is in profit.
    pub loss: u128,
    /// Notional of the position.
    pub notional: u128,
}

/// Splits a deficit over the account's markets: by their losses, or by notional when none shows a loss.
///
/// # Errors
/// [`Overflow`] when a sum does not fit.
pub fn split_deficit(deficit: u128, markets: &[MarketLoss]) -> Result<Vec<u128>, Overflow> {
    let by_loss = markets.iter().any(|m| m.loss > 0);
    let weights: Vec<u128> = markets.iter().map(|m| if by_loss { m.loss } else { m.notional }).collect();
    shares(deficit, &weights)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn insurance_draw_known_values() {
        assert_eq!(insurance_draw(100, 1_000, 300_000), Ok(100));
        assert_eq!(insurance_draw(400, 1_000, 300_000), Ok(300));
        assert_eq!(insurance_draw(4_000, 1_000, 1_000_000), Ok(1_000));
        assert_eq!(insurance_draw(4_000, 0, 1_000_000), Ok(0));
    }

    #[test]
    fn haircut_known_values() {
        assert_eq!(haircut(25, 100), Ok(WAD / 4));
        assert_eq!(haircut(1, 3), Ok(333_333_333_333_333_334)); // true value: 0.3333...
        assert_eq!(haircut(0, 0), Ok(0));
    }

    #[test]
    fn shares_by_largest_remainder() {
        // 100 seats over 47:16:15.8:12:6.1:3.1 (Hamilton's method): 47, 16, 16, 12, 6, 3
        assert_eq!(
            shares(100, &[47_000, 16_000, 15_800, 12_000, 6_100, 3_100]).unwrap(),
            [47, 16, 16, 12, 6, 3]
        );
        assert_eq!(shares(5, &[1, 1, 1]).unwrap(), [2, 2, 1]);
        assert_eq!(shares(7, &[0, 0]).unwrap(), [0, 0]);
        assert!(shares(7, &[]).unwrap().is_empty());
        assert_eq!(shares(1, &[u128::MAX, 1]), Err(Overflow));
    }

    #[test]
    fn split_deficit_by_loss_then_by_notional() {
        let m = |loss, notional| MarketLoss { loss, notional };
        assert_eq!(split_deficit(90, &[m(10, 1), m(0, 50), m(20, 1)]).unwrap(), [30, 0, 60]);
        assert_eq!(split_deficit(90, &[m(0, 1), m(0, 2)]).unwrap(), [30, 60]);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_within_weights(weights in prop::collection::vec(0u128..1 << 100, 1..40), part in 0u128..=1 << 64) {
            let sum: u128 = weights.iter().sum();
            let total = plimsoll_fixed::mul_div_floor(sum, part, 1 << 64).unwrap();
            let parts = shares(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().sum::<u128>(), if sum == 0 { 0 } else { total });
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part <= weight);
                let exact = if sum == 0 { 0 } else { plimsoll_fixed::mul_div_floor(total, *weight, sum).unwrap() };
                prop_assert!(*part == exact || *part == exact + 1);
            }
        }
    }
}
