//! Liquidation by takeover: the liquidator takes over part of a position at the mark less a discount that grows with
//! the shortfall.
//!
//! With equity E and maintenance M of the account, maintenance factor m of the market, penalty p per unit of notional
//! (discount plus insurance fee) and slippage s, closing a notional x leaves `E - (p+s)x` and `M - m*x`. The target is
//! `E' = (1+t)*M'`, so `x = ((1+t)*M - E)/((1+t)*m - p - s)`. For an account with one position this is the usual
//! `x = (m* N - E)/(m* - p - s)`.
//!
//! A close improves the ratio E/M only while `p + s < m*E/M`; the penalty is at most half of that, so that every
//! liquidation makes the account safer. A takeover at the mark has no slippage s.

use plimsoll_fixed::{Overflow, PPM, WAD, WAD_PER_PPM, mul_div_ceil, mul_div_floor};

use crate::{fill, ladder::Side, margin::Margin, market::LiquidationRules};

/// What may be charged at a liquidation, per unit of notional, WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Penalty {
    /// The liquidator's discount.
    pub discount: u128,
    /// The insurance fund's fee.
    pub fee: u128,
}

/// A liquidation of one position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takeover {
    /// Size to take over, units, at most the position's.
    pub size: u128,
    /// Price at which it changes hands.
    pub price: u128,
    /// What was charged.
    pub penalty: Penalty,
}

/// Why an account may not be liquidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Equity is negative: for deleveraging alone.
    Insolvent,
    /// Equity covers maintenance margin.
    Healthy,
}

/// Whether an account may be liquidated: solvent, and below its maintenance line.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn admit(margin: &Margin) -> Result<(), Refusal> {
    if margin.equity < 0 {
        Err(Refusal::Insolvent)
    } else if margin.is_liquidatable() {
        Ok(())
    } else {
        Err(Refusal::Healthy)
    }
}

/// What a takeover moves between the account, the liquidator and insurance; quote, WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// Size that is taken over, units.
    pub size: u128,
    /// Quote that the close moves to the account; what the liquidator pays.
    pub flow: i128,
    /// The account's fee to insurance.
    pub fee: u128,
    /// What the liquidator gains at the mark.
    pub discount: u128,
}

impl Takeover {
    /// The takeover of at most `most` units of a position on `side` at `mark`.
    ///
    /// # Rounding
    /// All in the account's favour: the flow up, fee and discount down.
    ///
    /// # Errors
    /// [`Overflow`] when an amount does not fit.
    pub fn close(&self, side: Side, mark: u128, most: u128) -> Result<Close, Overflow> {
        let size = self.size.min(most);
        Ok(Close {
            size,
            flow: flow_to_account_ceil(side, size, self.price)?,
            fee: fee_floor(&self.penalty, size, mark)?,
            discount: discount_floor(size, mark, self.price)?,
        })
    }
}

/// The penalty at an account's health: the discount goes linearly from `min_discount` at the maintenance line to
/// `max_discount` at no equity, a Dutch auction in health. At most half of what would leave the ratio E/M unchanged, so that
/// every close improves it; the insurance fee gives way first. Nothing while the price is late: who takes over then may know
/// better. `factor` is the market's maintenance factor, WAD. Equity counts with stress, and as zero below it. Rounded down.
///
/// # Errors
/// [`Overflow`] when the account is not liquidatable or a product does not fit.
pub fn penalty_floor(
    margin: &Margin,
    factor: u128,
    rules: &LiquidationRules,
    late: bool,
) -> Result<Penalty, Overflow> {
    if margin.equity < 0 {
        return Err(Overflow);
    }
    let equity = u128::try_from(margin.stressed()).unwrap_or(0);
    let shortfall = margin.maintenance.checked_sub(equity).ok_or(Overflow)?;
    let span = u128::from(rules.max_discount.saturating_sub(rules.min_discount)) * WAD_PER_PPM;
    let discount =
        u128::from(rules.min_discount) * WAD_PER_PPM + mul_div_floor(span, shortfall, margin.maintenance)?;
    let most = if late { 0 } else { mul_div_floor(factor, equity, margin.maintenance)? / 2 };
    let discount = discount.min(most);
    Ok(Penalty { discount, fee: (u128::from(rules.fee) * WAD_PER_PPM).min(most - discount) })
}

/// Notional to close so that equity reaches `1 + buffer` times maintenance, rounded up; `None` when no close of this
/// market can reach it (the denominator is not positive), so that all of it is closed.
///
/// # Errors
/// [`Overflow`] when a product does not fit.
pub fn notional_to_close_ceil(
    margin: &Margin,
    factor: u128,
    buffer: u32,
    penalty: u128,
) -> Result<Option<u128>, Overflow> {
    let scale = PPM + u128::from(buffer);
    let target = i128::try_from(mul_div_ceil(margin.maintenance, scale, PPM)?).map_err(|_| Overflow)?;
    let missing = target.checked_sub(margin.stressed()).ok_or(Overflow)?;
    let per_unit = mul_div_floor(factor, scale, PPM)?;
    match per_unit.checked_sub(penalty) {
        None | Some(0) => Ok(None),
        Some(per_unit) => Ok(Some(mul_div_ceil(u128::try_from(missing).unwrap_or(0), WAD, per_unit)?)),
    }
}

/// The liquidation of a position of `size` units on `side` at `mark`, for an account that is liquidatable, in a market of
/// this maintenance factor (WAD) and these rules, at a price that is late or not.
///
/// # Rounding
/// The size up to the lot; the price in the account's favour, so that rounding cannot lower its health.
///
/// # Errors
/// [`Overflow`] when the account is not liquidatable, the lot is zero or a product does not fit.
pub fn takeover(
    margin: &Margin,
    side: Side,
    size: u128,
    mark: u128,
    factor: u128,
    rules: &LiquidationRules,
    late: bool,
) -> Result<Takeover, Overflow> {
    let penalty = penalty_floor(margin, factor, rules, late)?;
    let both = penalty.discount.checked_add(penalty.fee).ok_or(Overflow)?;
    let notional = notional_to_close_ceil(margin, factor, rules.target_buffer, both)?;
    let wanted = match notional {
        None => size,
        Some(notional) => {
            let units = mul_div_ceil(notional, WAD, mark)?;
            units.checked_next_multiple_of(rules.lot).ok_or(Overflow)?.min(size)
        }
    };
    let left = size.saturating_sub(wanted);
    let size = if mul_div_floor(left, mark, WAD)? < rules.min_notional { size } else { wanted };
    let price = match side {
        Side::Long => mul_div_ceil(mark, WAD - penalty.discount.min(WAD), WAD)?,
        Side::Short => mul_div_floor(mark, WAD + penalty.discount, WAD)?,
    };
    Ok(Takeover { size, price, penalty })
}

/// The insurance fee in quote of closing `size` units at `mark`, rounded down.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn fee_floor(penalty: &Penalty, size: u128, mark: u128) -> Result<u128, Overflow> {
    mul_div_floor(mul_div_floor(size, mark, WAD)?, penalty.fee, WAD)
}

/// What the liquidator gains at the mark by a takeover of `size` units at `price`, quote, rounded down.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn discount_floor(size: u128, mark: u128, price: u128) -> Result<u128, Overflow> {
    mul_div_floor(size, mark.abs_diff(price), WAD)
}

/// What insurance owes the one who took over beside the discount, quote: what of `cost`, the work, neither the discount nor the
/// account's equity before it could pay. `cost` is part of the maintenance margin, so an account that just fell below its line
/// has it: insurance pays near zero only, or whoever liquidates accounts of his own would empty it.
///
/// Only for a takeover that is as large as it may be, so that splitting it earns nothing; on a price that is not late; and of at
/// least half of the least notional, which is rounded down: what an owner left of a position by reducing it is nobody's work.
///
/// # Errors
/// [`Overflow`] when the notional does not fit.
pub fn reward_floor(
    takeover: &Takeover,
    close: &Close,
    mark: u128,
    rules: &LiquidationRules,
    late: bool,
    equity: i128,
    cost: u128,
) -> Result<u128, Overflow> {
    let notional = mul_div_floor(close.size, mark, WAD)?;
    if late || close.size != takeover.size || notional < rules.min_notional / 2 {
        return Ok(0);
    }
    let paid = close.discount.max(u128::try_from(equity).unwrap_or(0));
    Ok(cost.saturating_sub(paid))
}

/// Whether a price is within the liquidator's limit. Taking over a long buys at the limit or below; taking over a short
/// sells at the limit or above. A limit of zero means no limit.
#[must_use]
pub const fn within_limit(side: Side, price: u128, limit: u128) -> bool {
    limit == 0
        || match side {
            Side::Long => price <= limit,
            Side::Short => price >= limit,
        }
}

/// Quote that closing `size` of a position moves to the account at a takeover price, rounded up in its favour.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn flow_to_account_ceil(side: Side, size: u128, price: u128) -> Result<i128, Overflow> {
    let change = side.opposite().signed(size)?;
    fill::flow_ceil(change, price)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{fill::flow_floor, margin::Exposure, market::tests::DEEP, position};

    const U: i128 = WAD as i128;

    /// Margin for which only equity, maintenance matter.
    fn at(equity: i128, maintenance: u128) -> Margin {
        Margin { equity, initial_equity: equity, initial: maintenance, maintenance, ..Margin::default() }
    }

    /// The deep market's maintenance factor.
    const FACTOR: u128 = WAD * 3 / 100;

    /// The penalty at an equity, where 30,000 is required.
    fn pen(equity: i128) -> Result<Penalty, Overflow> {
        penalty_floor(&at(equity, 30_000 * WAD), FACTOR, &DEEP.liquidation, false)
    }

    #[test]
    fn admit_between_insolvent_and_healthy() {
        assert_eq!(admit(&at(-1, 10)), Err(Refusal::Insolvent));
        assert_eq!(admit(&at(0, 10)), Ok(()));
        assert_eq!(admit(&at(9, 10)), Ok(()));
        assert_eq!(admit(&at(10, 10)), Err(Refusal::Healthy));
        assert_eq!(admit(&at(0, 0)), Err(Refusal::Healthy));
    }

    #[test]
    fn close_known_values() {
        // 3 units at 100 with a discount of 1 % and a fee of 0.5 %; a long is sold at 99, a short bought back at 101
        let penalty = Penalty { discount: WAD / 100, fee: WAD / 200 };
        let long = Takeover { size: 3 * WAD, price: 99 * WAD, penalty };
        let close = long.close(Side::Long, 100 * WAD, 2 * WAD).unwrap();
        assert_eq!(close, Close { size: 2 * WAD, flow: 198 * U, fee: WAD, discount: 2 * WAD });
        let short = Takeover { price: 101 * WAD, ..long };
        let close = short.close(Side::Short, 100 * WAD, u128::MAX).unwrap();
        assert_eq!(close, Close { size: 3 * WAD, flow: -303 * U, fee: WAD * 3 / 2, discount: 3 * WAD });
        assert_eq!(short.close(Side::Short, u128::MAX, u128::MAX), Err(Overflow));
    }

    #[test]
    fn notional_to_close_known_values() {
        // Drift's published cases: shortage 10, ratio 10 %, price 100: 1.0 units at no fee, 1.111 at 1 %, 1.25 at 2 %
        let close =
            |penalty| notional_to_close_ceil(&at(0, 10 * WAD), WAD / 10, 0, penalty).unwrap().unwrap() / 100;
        assert_eq!(close(0), WAD);
        assert_eq!(close(WAD / 100) / 10u128.pow(9), 1_111_111_111); // true value: 1.1111...
        assert_eq!(close(WAD / 50), WAD * 5 / 4);
    }

    #[test]
    fn notional_to_close_is_all_when_the_penalty_eats_the_release() {
        assert_eq!(notional_to_close_ceil(&at(0, 10 * WAD), WAD / 10, 0, WAD / 10), Ok(None));
    }

    #[test]
    fn penalty_follows_health() {
        // at the line: the least discount and the whole fee
        let p = pen(30_000 * U).unwrap();
        assert_eq!(p, Penalty { discount: WAD / 1_000, fee: WAD / 200 });
        // at half: halfway up to 0.8 %, capped at half of m*E/M = 1.5 %, nothing for insurance
        let p = pen(15_000 * U).unwrap();
        assert_eq!(p, Penalty { discount: WAD * 75 / 10_000, fee: 0 });
        // at a tenth: discount 1.36 % is capped at half of 0.3 %
        let p = pen(3_000 * U).unwrap();
        assert_eq!(p, Penalty { discount: WAD * 15 / 10_000, fee: 0 });
        // with nothing left: at the mark
        assert_eq!(pen(0).unwrap(), Penalty::default());
    }

    #[test]
    fn penalty_none_on_a_late_price() {
        let p = penalty_floor(&at(15_000 * U, 30_000 * WAD), FACTOR, &DEEP.liquidation, true).unwrap();
        assert_eq!(p, Penalty::default());
    }

    #[test]
    fn penalty_counts_stress() {
        // 30,000 of equity less 15,000 of stress: as at half
        let margin = Margin { stress: 15_000 * WAD, ..at(30_000 * U, 30_000 * WAD) };
        assert_eq!(penalty_floor(&margin, FACTOR, &DEEP.liquidation, false), pen(15_000 * U));
        let margin = Margin { stress: 31_000 * WAD, ..margin };
        assert_eq!(penalty_floor(&margin, FACTOR, &DEEP.liquidation, false), Ok(Penalty::default()));
    }

    #[test]
    fn penalty_refuses_accounts_that_are_not_liquidatable() {
        assert_eq!(pen(-1), Err(Overflow));
        assert_eq!(pen(30_001 * U), Err(Overflow));
    }

    #[test]
    fn reward_is_what_discount_and_equity_leave_of_the_cost() {
        // 1 unit at 100, which is well above half of the least notional of 10
        let whole = Takeover { size: WAD, price: 100 * WAD, penalty: Penalty::default() };
        let reward = |size, mark, late, discount, equity| {
            let close = Close { size, discount, ..Close::default() };
            reward_floor(&whole, &close, mark, &DEEP.liquidation, late, equity, 5)
        };
        assert_eq!(
            [(2, 0), (7, 0), (2, 3), (2, 1), (0, 5), (0, -9)].map(|(d, e)| reward(
                WAD,
                100 * WAD,
                false,
                d,
                e
            )),
            [Ok(3), Ok(0), Ok(2), Ok(3), Ok(0), Ok(5)]
        );
        // a part of it, on a late price, or of dust
        assert_eq!(reward(WAD - 1, 100 * WAD, false, 0, 0), Ok(0));
        assert_eq!(reward(WAD, 100 * WAD, true, 0, 0), Ok(0));
        assert_eq!(
            (reward(WAD, 5 * WAD, false, 0, 0), reward(WAD, 5 * WAD - 1, false, 0, 0)),
            (Ok(5), Ok(0))
        );
    }

    #[test]
    fn within_limit_by_side() {
        assert!(within_limit(Side::Long, 99, 99) && !within_limit(Side::Long, 100, 99));
        assert!(within_limit(Side::Short, 99, 99) && !within_limit(Side::Short, 98, 99));
        assert!(within_limit(Side::Long, 1, 0));
    }

    #[test]
    fn takeover_never_exceeds_the_position() {
        // Another position is the reason: all of this one is not enough, and there is no smallest notional.
        let rules = LiquidationRules { min_notional: 0, ..DEEP.liquidation };
        let margin = at(100 * U, 1_000 * WAD);
        let t = takeover(&margin, Side::Long, WAD / 10, 10_000 * WAD, FACTOR, &rules, false).unwrap();
        assert_eq!(t.size, WAD / 10);
        let none = LiquidationRules { lot: 0, ..rules };
        assert_eq!(
            takeover(&margin, Side::Long, WAD / 10, 10_000 * WAD, FACTOR, &none, false),
            Err(Overflow)
        );
    }

    /// Account after a takeover of `size`.
    fn after(cash: i128, size: i128, basis: i128, mark: u128, t: &Takeover, closed: u128) -> Margin {
        let side = Side::of(size);
        let got = flow_to_account_ceil(side, closed, t.price).unwrap();
        let traded =
            position::trade(size, basis, side.opposite().signed(closed).unwrap(), got, t.price).unwrap();
        let fee = i128::try_from(fee_floor(&t.penalty, closed, mark).unwrap()).unwrap();
        let mut m = Margin::of_cash(cash + traded.cash - fee);
        m.add(&Exposure {
            size: traded.size,
            basis: traded.basis,
            young: 0,
            mark,
            usable: true,
            open_interest: 0,
            params: &DEEP.margin,
        })
        .unwrap();
        m
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn takeover_never_lowers_health_and_lands_within_a_lot(size in -100_000i128*U..100_000*U, mark in WAD..50_000*WAD,
                                                             entry in WAD..50_000*WAD, health in 0u128..WAD, part in 1u128..=WAD) {
            prop_assume!(size.abs() > U);
            let basis = flow_floor(size, entry).unwrap();
            let exposure = Exposure { size, basis, young: 0, mark, usable: true, open_interest: 0, params: &DEEP.margin };
            let mut zero = Margin::of_cash(0);
            zero.add(&exposure).unwrap();
            let equity = i128::try_from(mul_div_floor(zero.maintenance, health, WAD).unwrap()).unwrap();
            let cash = equity - zero.equity;
            let mut before = Margin::of_cash(cash);
            before.add(&exposure).unwrap();
            prop_assume!(before.is_liquidatable());
            let t = takeover(&before, Side::of(size), size.unsigned_abs(), mark, FACTOR, &DEEP.liquidation, false).unwrap();
            prop_assert!(t.size > 0 && t.size <= size.unsigned_abs());
            let closed = mul_div_ceil(t.size, part, WAD).unwrap();
            let m = after(cash, size, basis, mark, &t, closed);
            // never takes more than the account has
            prop_assert!(m.equity >= -2, "{m:?}");
            // health E/M does not fall, to within two units of rounding
            let e = u128::try_from((m.equity + 3).max(0)).unwrap();
            prop_assert!(plimsoll_fixed::compare_products(e, before.maintenance, u128::try_from(before.equity).unwrap(), m.maintenance).is_ge());
            // the whole takeover reaches the target, and one lot less would not
            if closed == t.size && t.size < size.unsigned_abs() {
                let target = |m: &Margin| i128::try_from(mul_div_ceil(m.maintenance, 1_200_000, PPM).unwrap()).unwrap();
                let slack = i128::try_from(mul_div_ceil(mark, 2, WAD).unwrap()).unwrap() + 10;
                prop_assert!(m.equity + slack >= target(&m), "{m:?}");
                if t.size > DEEP.liquidation.lot {
                    let less = after(cash, size, basis, mark, &t, t.size - DEEP.liquidation.lot);
                    prop_assert!(less.equity - slack < target(&less));
                }
            }
        }
    }
}
