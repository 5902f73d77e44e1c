//! Expected shortfall: the mean profit in the worst of many moves.

use alloc::vec::Vec;

use plimsoll_fixed::signed_mul_div_floor;

use super::Error;
use crate::WAD;

/// The mean of the worst `share` (WAD) of profits, in their unit, rounded down. When that is not a whole number of them, the
/// next counts in part.
///
/// # Errors
/// [`Error::EmptyTail`] without profits or for a share of zero or above one; [`Error::Overflow`].
pub fn shortfall_floor(profits: &[i128], share: u128) -> Result<i128, Error> {
    if profits.is_empty() || share == 0 || share > WAD {
        return Err(Error::EmptyTail);
    }
    let tail = share * profits.len() as u128; // in WAD of a profit
    let count = tail.div_ceil(WAD) as usize;
    // The worst so far, best first: most profits are better than its first and need one comparison.
    let mut worst: Vec<i128> = Vec::with_capacity(count);
    for profit in profits {
        if worst.len() < count {
            worst.push(*profit);
            let _ = (1..worst.len()).rev().all(|at| swapped(&mut worst, at));
        } else if let Some(best) = worst.first_mut().filter(|best| profit < *best) {
            *best = *profit;
            let _ = (1..worst.len()).all(|at| swapped(&mut worst, at));
        }
    }
    // All but the first, which is the value at risk, count whole.
    let edge = worst.first().ok_or(Error::EmptyTail)?;
    let mut sum = 0i128;
    for profit in worst.iter().skip(1) {
        sum = sum.checked_add(*profit).ok_or(Error::Overflow)?;
    }
    let rest = tail - (count as u128 - 1) * WAD;
    let sum = sum.checked_add(signed_mul_div_floor(*edge, rest as i128, WAD)?).ok_or(Error::Overflow)?;
    Ok(signed_mul_div_floor(sum, WAD as i128, tail)?)
}

/// Puts a profit and the one before it in order, best first. Returns whether it had to swap them.
fn swapped(profits: &mut [i128], at: usize) -> bool {
    match profits.get_mut(at - 1..=at) {
        Some([before, profit]) if *before < *profit => {
            core::mem::swap(before, profit);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use num::{BigInt, BigRational};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shortfall_of_ten() {
        let profits: Vec<i128> = (1..=10).rev().map(|n| n * -100).collect();
        // the worst quarter: -1000, -900 and half of -800
        assert_eq!(shortfall_floor(&profits, WAD / 4), Ok(-920));
        assert_eq!(shortfall_floor(&profits, WAD), Ok(-550));
        assert_eq!(shortfall_floor(&profits, WAD / 20), Ok(-1000));
    }

    #[test]
    fn shortfall_without_a_tail_is_refused() {
        assert_eq!(shortfall_floor(&[], WAD / 4), Err(Error::EmptyTail));
        assert_eq!(shortfall_floor(&[1], 0), Err(Error::EmptyTail));
        assert_eq!(shortfall_floor(&[1], WAD + 1), Err(Error::EmptyTail));
    }

    proptest! {
        #[test]
        fn shortfall_is_the_mean_of_a_sorted_list(
            profits in proptest::collection::vec(-1_000_000i128..1_000_000, 1..500), share in 1u128..=WAD,
        ) {
            let mut sorted = profits.clone();
            sorted.sort_unstable();
            let ratio = |n: i128, d: u128| BigRational::new(BigInt::from(n), BigInt::from(d));
            let tail = ratio((share * profits.len() as u128) as i128, WAD);
            let (mut left, mut sum) = (tail.clone(), ratio(0, 1));
            for profit in &sorted {
                let weight = left.clone().min(ratio(1, 1));
                sum += &weight * ratio(*profit, 1);
                left -= weight;
            }
            let got = shortfall_floor(&profits, share).unwrap();
            let mean = sum / tail;
            let short = &mean - ratio(got, 1);
            // one for the mean, and one for the part of a profit over a tail that may be small
            prop_assert!(short >= ratio(0, 1) && short <= ratio(1, 1) + ratio(1, 1).max(ratio(WAD as i128, share)), "{}", short);
        }
    }
}
