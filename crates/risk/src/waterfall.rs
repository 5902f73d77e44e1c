//! The waterfall's amounts: how a burial splits a deficit, and what insurance may pay.

use alloc::vec::Vec;

use plimsoll_fixed::{Overflow, PPM, U256, WAD, mul_div_ceil, mul_div_floor};

/// Seconds over which a drawn bucket refills: a day.
pub const REFILL: u64 = 24 * 3600;

/// What a market has drawn of the insurance fund. It refills continuously over [`REFILL`], so that two draws in a row take no
/// more than one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Drawn and not refilled at `time`, quote, WAD.
    pub drawn: u128,
    /// Unix seconds.
    pub time: u64,
}

impl Bucket {
    /// What is drawn and not refilled at `now`, for a fund and the market's share of it (ppm). Rounded up.
    fn drawn_ceil(&self, fund: u128, share: u32, now: u64) -> Result<u128, Overflow> {
        let capacity = mul_div_floor(fund, share.into(), PPM)?;
        let refilled = mul_div_floor(capacity, now.saturating_sub(self.time).into(), REFILL.into())?;
        Ok(self.drawn.saturating_sub(refilled))
    }

    /// What insurance may pay for the market at `now`: its share of the fund less what it has drawn. Rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when a product does not fit.
    pub fn available_floor(&self, fund: u128, share: u32, now: u64) -> Result<u128, Overflow> {
        let capacity = mul_div_floor(fund, share.into(), PPM)?.min(fund);
        Ok(capacity.saturating_sub(self.drawn_ceil(fund, share, now)?))
    }

    /// The bucket after `amount` was drawn at `now`. `fund` is what it was before. Rounded up.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit.
    pub fn after_ceil(&self, fund: u128, share: u32, now: u64, amount: u128) -> Result<Self, Overflow> {
        let drawn = self.drawn_ceil(fund, share, now)?.checked_add(amount).ok_or(Overflow)?;
        Ok(Self { drawn, time: now })
    }
}

/// What the markets' shares are shares of: the fund with what all of them have drawn and not refilled, which `common` keeps. So a
/// market may draw the same whether others drew before it or not: the order of passes favours nobody. As long as the shares
/// add up to one at most, so do the draws; a draw is at most the fund all the same.
///
/// # Rounding
/// Up, as what is drawn.
///
/// # Errors
/// [`Overflow`] when the sum does not fit.
pub fn base_ceil(common: &Bucket, fund: u128, now: u64) -> Result<u128, Overflow> {
    fund.checked_add(common.drawn_ceil(fund, PPM as u32, now)?).ok_or(Overflow)
}

/// The share of all profits that was taken, WAD, rounded up; zero when there were none.
///
/// # Errors
/// [`Overflow`] when more was taken than there is and the quotient does not fit.
pub fn haircut_ceil(taken: u128, capacity: u128) -> Result<u128, Overflow> {
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

/// How the deficit of an account that is buried is borne.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Burial {
    /// What the account lacks, quote, WAD.
    pub deficit: u128,
    /// What each market's estate is to be short of, in the order of the losses: at most the open loss there.
    pub parts: Vec<u128>,
    /// The rest, which no open loss explains: insurance's, then bad debt of no market.
    pub unexplained: u128,
}

/// Splits a deficit over an account's open losses (zero where a position is in profit), in proportion to them. So nobody chooses
/// which market pays, and a market pays no more than what was lost in it.
///
/// # Errors
/// [`Overflow`] when the losses' sum does not fit.
pub fn burial(deficit: u128, losses: &[u128]) -> Result<Burial, Overflow> {
    let lost = losses.iter().try_fold(0u128, |sum, &loss| sum.checked_add(loss)).ok_or(Overflow)?;
    let explained = deficit.min(lost);
    Ok(Burial { deficit, parts: shares(explained, losses)?, unexplained: deficit - explained })
}

/// What insurance covers of a bad debt when somebody asks for `amount`: no more than the debt and what it may pay.
#[must_use]
pub fn coverable(amount: u128, debt: u128, available: u128) -> u128 {
    amount.min(debt).min(available)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bucket_known_values() {
        // a fund of 1,000,000, a share of 30 %
        let fund = 1_000_000;
        let bucket = Bucket::default();
        assert_eq!(bucket.available_floor(fund, 300_000, 1_000), Ok(300_000));
        let drawn = bucket.after_ceil(fund, 300_000, 1_000, 300_000).unwrap();
        assert_eq!(drawn, Bucket { drawn: 300_000, time: 1_000 });
        // 700,000 are left, of which 30 % are 210,000: nothing at once, nor after half a day less what refilled
        assert_eq!(drawn.available_floor(700_000, 300_000, 1_000), Ok(0));
        assert_eq!(drawn.available_floor(700_000, 300_000, 1_000 + REFILL / 2), Ok(15_000));
        assert_eq!(drawn.available_floor(700_000, 300_000, 1_000 + REFILL), Ok(120_000));
        assert_eq!(drawn.available_floor(0, 300_000, 1_000), Ok(0));
    }

    #[test]
    fn base_is_the_fund_with_what_was_drawn_lately() {
        // two markets of 30 % each of 1,000,000: the second may draw as much as the first
        let (common, fund, now) = (Bucket::default(), 1_000_000, 1_000);
        assert_eq!(base_ceil(&common, fund, now), Ok(1_000_000));
        let common = common.after_ceil(fund, 1_000_000, now, 300_000).unwrap();
        let base = base_ceil(&common, 700_000, now).unwrap();
        assert_eq!((base, Bucket::default().available_floor(base, 300_000, now)), (1_000_000, Ok(300_000)));
        // what was drawn is forgotten as it refills, 700,000 a day
        assert_eq!(base_ceil(&common, 700_000, now + REFILL / 8), Ok(912_500));
        assert_eq!(base_ceil(&common, 700_000, now + REFILL), Ok(700_000));
    }

    #[test]
    fn haircut_known_values() {
        assert_eq!(haircut_ceil(25, 100), Ok(WAD / 4));
        assert_eq!(haircut_ceil(1, 3), Ok(333_333_333_333_333_334)); // true value: 0.3333...
        assert_eq!(haircut_ceil(0, 0), Ok(0));
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
    fn burial_known_values() {
        // by open loss, the one in profit bears nothing
        let b = burial(90, &[100, 0, 200]).unwrap();
        assert_eq!((b.parts, b.unexplained), (vec![30, 0, 60], 0));
        // a market's part is at most its open loss: the rest is unexplained
        let b = burial(90, &[10, 0, 20]).unwrap();
        assert_eq!((b.parts, b.unexplained), (vec![10, 0, 20], 60));
        let b = burial(90, &[]).unwrap();
        assert_eq!((b.parts.len(), b.unexplained), (0, 90));
    }

    #[test]
    fn coverable_is_the_least_of_three() {
        assert_eq!((coverable(1, 2, 3), coverable(3, 2, 4), coverable(9, 7, 5)), (1, 2, 5));
    }

    proptest! {
        #[test]
        fn bucket_draws_no_more_than_its_share_and_what_refills(fund in 0u128..1 << 100, share in 0u32..=1_000_000,
                                                                draws in prop::collection::vec((0u64..50_000, 0u128..=1 << 32), 1..20)) {
            let (mut bucket, mut left, mut now, mut sum) = (Bucket::default(), fund, 0u64, 0u128);
            for (wait, part) in draws {
                now += wait;
                let amount = plimsoll_fixed::mul_div_floor(bucket.available_floor(left, share, now).unwrap(), part, 1 << 32).unwrap();
                bucket = bucket.after_ceil(left, share, now, amount).unwrap();
                left -= amount;
                sum += amount;
            }
            // share of the fund at the start, and what can have refilled since
            let capacity = plimsoll_fixed::mul_div_floor(fund, share.into(), PPM).unwrap();
            let refill = plimsoll_fixed::mul_div_ceil(capacity, now.into(), REFILL.into()).unwrap();
            prop_assert!(sum <= capacity + refill);
        }

        #[test]
        fn burial_conserves_the_deficit(deficit in 0u128..1 << 120, losses in prop::collection::vec(0u128..1 << 110, 0..33)) {
            let b = burial(deficit, &losses).unwrap();
            prop_assert_eq!(b.parts.iter().sum::<u128>() + b.unexplained, deficit);
            for (part, loss) in b.parts.iter().zip(&losses) {
                prop_assert!(part <= loss);
            }
        }

        #[test]
        fn shares_conserve_and_never_exceed(total in 0u128..1 << 120, weights in prop::collection::vec(0u128..1 << 110, 1..20)) {
            let sum: u128 = weights.iter().sum();
            let total = total.min(sum);
            let parts = shares(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().sum::<u128>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part <= weight);
            }
        }
    }
}
