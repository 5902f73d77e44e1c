//! The waterfall: insurance bears a deficit first, up to a set share of the fund; then profits; the rest is recorded as
//! bad debt.

use alloc::vec::Vec;

use plimsoll_fixed::{Overflow, PPM, U256, WAD, mul_div_ceil, mul_div_floor};

use crate::{fill, position};

/// What insurance pays of a deficit: at most `cap` ppm of the fund in one event. Rounded down.
///
/// # Errors
/// [`Overflow`] when the cap is above one and the product does not fit.
pub fn insurance_draw_floor(deficit: u128, fund: u128, cap: u32) -> Result<u128, Overflow> {
    Ok(deficit.min(mul_div_floor(fund, u128::from(cap), PPM)?.min(fund)))
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

/// One market's part in an account's deficit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketLoss {
    /// Unrealised loss of the position, zero when it is in profit.
    pub loss: u128,
    /// Notional of the position.
    pub notional: u128,
}

impl MarketLoss {
    /// The part of a position at a mark: loss rounded up, notional rounded up.
    ///
    /// # Errors
    /// [`Overflow`] when a product does not fit.
    pub fn of_ceil(size: i128, basis: i128, mark: u128) -> Result<Self, Overflow> {
        Ok(Self {
            loss: position::profit_floor(size, basis, mark)?.min(0).unsigned_abs(),
            notional: fill::notional_ceil(size, mark)?,
        })
    }
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

/// One market's part of a deficit, quote in WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What insurance pays of it.
    pub insurance: u128,
    /// What the profits of the other side are asked to pay. What they cannot pay becomes bad debt.
    pub budget: u128,
}

impl Part {
    /// The whole part.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn deficit(&self) -> Result<u128, Overflow> {
        self.insurance.checked_add(self.budget).ok_or(Overflow)
    }
}

/// Who bears an insolvent account's deficit. Insurance pays first, up to its cap. The profits on the other side of the
/// account's positions pay the rest. What they cannot pay, and what belongs to no market, is recorded as bad debt.
///
/// Once [`Self::bear`] was called for every part, `deficit = insurance + taken + socialised` holds exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What the account lacks.
    pub deficit: u128,
    /// What insurance pays.
    pub insurance: u128,
    /// Each market's part, in the order of the losses.
    pub parts: Vec<Part>,
    /// The part of the rest that no market is to bear: the account has no position, or all were closed by other
    /// deleveragings.
    pub unassigned: u128,
    /// What profits have paid so far.
    pub taken: u128,
    /// What is bad debt so far; from the start what is `unassigned`.
    pub socialised: u128,
}

impl Plan {
    /// The plan for a deficit, given the insurance fund, the share of it that one event may draw (ppm), and what the
    /// account's positions lose.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn new(deficit: u128, fund: u128, cap: u32, losses: &[MarketLoss]) -> Result<Self, Overflow> {
        let insurance = insurance_draw_floor(deficit, fund, cap)?;
        let budget = deficit.checked_sub(insurance).ok_or(Overflow)?;
        let (paid, due) = (split_deficit(insurance, losses)?, split_deficit(budget, losses)?);
        let parts: Vec<Part> =
            paid.into_iter().zip(due).map(|(insurance, budget)| Part { insurance, budget }).collect();
        let assigned = parts.iter().try_fold(0u128, |sum, part| sum.checked_add(part.budget));
        let unassigned = budget.checked_sub(assigned.ok_or(Overflow)?).ok_or(Overflow)?;
        Ok(Self { deficit, insurance, parts, unassigned, taken: 0, socialised: unassigned })
    }

    /// Notes how much of a part's budget profits have paid. Returns the rest, which is bad debt of its market.
    ///
    /// # Errors
    /// [`Overflow`] when more was taken than the part's budget.
    pub fn bear(&mut self, part: &Part, taken: u128) -> Result<u128, Overflow> {
        let socialised = part.budget.checked_sub(taken).ok_or(Overflow)?;
        self.taken = self.taken.checked_add(taken).ok_or(Overflow)?;
        self.socialised = self.socialised.checked_add(socialised).ok_or(Overflow)?;
        Ok(socialised)
    }
}

/// What insurance covers of a bad debt when somebody asks for `amount`: no more than the debt and the fund.
#[must_use]
pub fn coverable(amount: u128, debt: u128, fund: u128) -> u128 {
    amount.min(debt).min(fund)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn insurance_draw_known_values() {
        assert_eq!(insurance_draw_floor(100, 1_000, 300_000), Ok(100));
        assert_eq!(insurance_draw_floor(400, 1_000, 300_000), Ok(300));
        assert_eq!(insurance_draw_floor(4_000, 1_000, 1_000_000), Ok(1_000));
        assert_eq!(insurance_draw_floor(4_000, 0, 1_000_000), Ok(0));
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
    fn split_deficit_by_loss_then_by_notional() {
        let m = |loss, notional| MarketLoss { loss, notional };
        assert_eq!(split_deficit(90, &[m(10, 1), m(0, 50), m(20, 1)]).unwrap(), [30, 0, 60]);
        assert_eq!(split_deficit(90, &[m(0, 1), m(0, 2)]).unwrap(), [30, 60]);
    }

    #[test]
    fn market_loss_of_a_position() {
        const U: i128 = WAD as i128;
        // long 2 @ 100 at 90: loses 20 on a notional of 180
        let m = MarketLoss::of_ceil(2 * U, -200 * U, 90 * WAD).unwrap();
        assert_eq!(m, MarketLoss { loss: 20 * WAD, notional: 180 * WAD });
        // short 2 @ 100 at 90: a profit is no loss
        let m = MarketLoss::of_ceil(-2 * U, 200 * U, 90 * WAD).unwrap();
        assert_eq!(m, MarketLoss { loss: 0, notional: 180 * WAD });
        assert_eq!(MarketLoss::of_ceil(0, 0, 90 * WAD), Ok(MarketLoss::default()));
        assert_eq!(MarketLoss::of_ceil(i128::MAX, 0, u128::MAX), Err(Overflow));
    }

    #[test]
    fn plan_known_values() {
        // deficit 100, fund 100 to 30 %: 30 of insurance, 70 left; losses 1 to 3
        let losses = [MarketLoss { loss: 10, notional: 1 }, MarketLoss { loss: 30, notional: 1 }];
        let mut plan = Plan::new(100, 100, 300_000, &losses).unwrap();
        // 30 as 7.5 and 22.5, 70 as 17.5 and 52.5: equal remainders go to the first
        let parts = [Part { insurance: 8, budget: 18 }, Part { insurance: 22, budget: 52 }];
        assert_eq!((plan.insurance, plan.unassigned, plan.parts.as_slice()), (30, 0, &parts[..]));
        assert_eq!(plan.bear(&parts[0], 18), Ok(0));
        assert_eq!(plan.bear(&parts[1], 40), Ok(12));
        assert_eq!((plan.taken, plan.socialised), (58, 12));
        assert_eq!(plan.bear(&parts[1], 53), Err(Overflow));
        assert_eq!(parts[1].deficit(), Ok(74));
    }

    #[test]
    fn plan_without_a_market_is_bad_debt_at_once() {
        let plan = Plan::new(100, 1_000, 50_000, &[]).unwrap();
        assert_eq!((plan.insurance, plan.unassigned, plan.socialised, plan.parts.len()), (50, 50, 50, 0));
        let closed = Plan::new(100, 0, 50_000, &[MarketLoss::default()]).unwrap();
        assert_eq!((closed.unassigned, closed.parts[0]), (100, Part::default()));
    }

    #[test]
    fn coverable_is_the_least_of_three() {
        assert_eq!((coverable(1, 2, 3), coverable(3, 2, 4), coverable(9, 7, 5)), (1, 2, 5));
    }

    proptest! {
        #[test]
        fn plan_conserves_the_deficit(deficit in 0u128..1 << 120, fund in 0u128..1 << 120, cap in 0u32..=1_000_000,
                                      losses in prop::collection::vec((0u128..1 << 110, 0u128..1 << 110), 0..33),
                                      taken in prop::collection::vec(0u128..=1 << 64, 33)) {
            let losses: Vec<_> = losses.into_iter().map(|(loss, notional)| MarketLoss { loss, notional }).collect();
            let mut plan = Plan::new(deficit, fund, cap, &losses).unwrap();
            prop_assert!(plan.insurance <= fund && plan.insurance <= deficit);
            let mut socialised = plan.unassigned;
            for (part, share) in plan.parts.clone().iter().zip(taken) {
                let taken = plimsoll_fixed::mul_div_floor(part.budget, share, 1 << 64).unwrap();
                socialised += plan.bear(part, taken).unwrap();
            }
            prop_assert_eq!(plan.socialised, socialised);
            prop_assert_eq!(plan.deficit, plan.insurance + plan.taken + plan.socialised);
            let budgets: u128 = plan.parts.iter().map(|part| part.budget).sum();
            prop_assert_eq!(budgets + plan.unassigned, deficit - plan.insurance);
            // Insurance's payment is told by market wherever there is one to tell it by.
            let insured: u128 = plan.parts.iter().map(|part| part.insurance).sum();
            let told = losses.iter().any(|m| m.loss > 0 || m.notional > 0);
            prop_assert_eq!(insured, if told { plan.insurance } else { 0 });
            // A market that loses nothing bears nothing while another loses.
            if losses.iter().any(|m| m.loss > 0) {
                for (part, of) in plan.parts.iter().zip(&losses) {
                    prop_assert!(of.loss > 0 || *part == Part::default());
                }
            }
        }

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
