//! Margin of an account of perpetuals: the requirements of its positions are added up.

use core::cmp::Ordering;

use plimsoll_fixed::{Overflow, PPM, WAD, compare_products, mul_div_ceil, mul_div_floor};

use crate::{fill, market::MarginParams, position};

/// A position at a mark price, in a market of a given open interest.
#[derive(Clone, Copy, Debug)]
pub struct Exposure<'a> {
    /// Signed size, caught up.
    pub size: i128,
    /// Basis, caught up.
    pub basis: i128,
    /// Young profit of the market, quote.
    pub young: u128,
    /// Mark price: the last good one, where it is not usable. Zero where there is none.
    pub mark: u128,
    /// Whether the mark may be used. One that may not stands against the account with a stress move.
    pub usable: bool,
    /// Open interest of the market, units of the underlying.
    pub open_interest: u128,
    /// The market's parameters of margin.
    pub params: &'a MarginParams,
}

/// An account's equity and its three lines, quote in WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// Cash, young profit, and the profit and loss of every position at its last good price.
    pub equity: i128,
    /// What positions without a usable price would lose by a stress move. Counts for margin, never for deficits.
    pub stress: u128,
    /// What must cover `initial`: equity less stress, with each market's profit, open and young, weighted and at most its own
    /// requirement.
    pub initial_equity: i128,
    /// What withdrawals count: equity less stress and less all profit, open and young.
    pub ripe: i128,
    /// Requirement to open.
    pub initial: u128,
    /// Requirement to stay: below it, liquidation.
    pub maintenance: u128,
}

impl Margin {
    /// An account with cash and no position.
    #[must_use]
    pub const fn of_cash(cash: i128) -> Self {
        Self { equity: cash, stress: 0, initial_equity: cash, ripe: cash, initial: 0, maintenance: 0 }
    }

    /// Adds to cash.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn credit(&mut self, cash: i128) -> Result<(), Overflow> {
        self.equity = self.equity.checked_add(cash).ok_or(Overflow)?;
        self.initial_equity = self.initial_equity.checked_add(cash).ok_or(Overflow)?;
        self.ripe = self.ripe.checked_add(cash).ok_or(Overflow)?;
        Ok(())
    }

    /// Adds a position and the young profit of its market.
    ///
    /// The market's profit, open and young, counts toward initial margin with its weight, and carries at most the
    /// market's own requirement: it cannot hop to another market. Losses count in full. A position whose mark is not usable
    /// counts at its last good price (its entry, where there is none), and for margin with a stress move of the initial
    /// factor against it.
    ///
    /// Maintenance is `notional * factor + liquidation cost`; initial the larger of that and
    /// `notional * factor(OI) + notional^2 / (200 * depth)`, the second term being the cost of unwinding a book that is
    /// linear up to 1 % (half the notional at `notional/depth` per cent).
    ///
    /// # Rounding
    /// Equity down, requirements up.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn add(&mut self, at: &Exposure<'_>) -> Result<(), Overflow> {
        let young = i128::try_from(at.young).map_err(|_| Overflow)?;
        // A position that was closed out keeps in its basis what it gained or lost, until somebody touches it.
        let (mut profit, mut initial, mut maintenance, mut stress) = (at.basis, 0, 0, 0);
        if at.size != 0 {
            let mark = match at.mark {
                0 => position::entry_floor(at.size, at.basis).unwrap_or(0),
                mark => mark,
            };
            profit = position::profit_at_floor(at.size, at.basis, at.mark)?;
            let notional = fill::notional_ceil(at.size, mark)?;
            maintenance = mul_div_ceil(notional, at.params.maintenance_factor_wad(), WAD)?
                .checked_add(at.params.liquidation_cost)
                .ok_or(Overflow)?;
            let open_interest = mul_div_ceil(at.open_interest, mark, WAD)?;
            initial = mul_div_ceil(notional, at.params.initial_factor_ceil(open_interest)?, WAD)?;
            if at.params.depth > 0 {
                let unwinding =
                    mul_div_ceil(notional, notional, at.params.depth.checked_mul(200).ok_or(Overflow)?)?;
                initial = initial.checked_add(unwinding).ok_or(Overflow)?;
            }
            initial = initial.max(maintenance);
            if !at.usable {
                stress = mul_div_ceil(notional, at.params.initial_factor.into(), PPM)?;
            }
        }
        let sum = profit.checked_add(young).ok_or(Overflow)?;
        let carries = match u128::try_from(sum) {
            Ok(gain) => {
                let weighted = mul_div_floor(gain, u128::from(at.params.profit_weight), PPM)?.min(initial);
                i128::try_from(weighted).map_err(|_| Overflow)?
            }
            Err(_) => sum,
        };
        let add = |to: i128, change: i128| to.checked_add(change).ok_or(Overflow);
        self.equity = add(self.equity, sum)?;
        self.stress = self.stress.checked_add(stress).ok_or(Overflow)?;
        self.initial_equity =
            add(self.initial_equity, carries.checked_sub_unsigned(stress).ok_or(Overflow)?)?;
        self.ripe = add(self.ripe, profit.min(0).checked_sub_unsigned(stress).ok_or(Overflow)?)?;
        self.initial = self.initial.checked_add(initial).ok_or(Overflow)?;
        self.maintenance = self.maintenance.checked_add(maintenance).ok_or(Overflow)?;
        Ok(())
    }

    /// The backstop line, 2/3 of maintenance, rounded up: below it the whole account may be taken over.
    #[must_use]
    pub const fn backstop_ceil(&self) -> u128 {
        let third = self.maintenance / 3;
        self.maintenance - third
    }

    /// Whether equity covers initial margin.
    #[must_use]
    pub fn meets_initial(&self) -> bool {
        u128::try_from(self.initial_equity).is_ok_and(|equity| equity >= self.initial)
    }

    /// Equity as it counts for margin: less stress. Saturates.
    #[must_use]
    pub const fn stressed(&self) -> i128 {
        self.equity.saturating_sub_unsigned(self.stress)
    }

    /// Whether the account is solvent and below maintenance.
    #[must_use]
    pub const fn is_liquidatable(&self) -> bool {
        let stressed = self.stressed();
        self.equity >= 0 && (stressed < 0 || stressed.unsigned_abs() < self.maintenance)
    }

    /// What may be withdrawn: what is beyond initial margin without any profit, open or young, and no more than the tokens that
    /// are held.
    #[must_use]
    pub fn withdrawable(&self, tokens: u128) -> u128 {
        u128::try_from(self.ripe).unwrap_or(0).saturating_sub(self.initial).min(tokens)
    }

    /// What an insolvent account owes: the amount by which its equity is below zero. `None` for one that is solvent.
    #[must_use]
    pub const fn deficit(&self) -> Option<u128> {
        if self.equity < 0 { Some(self.equity.unsigned_abs()) } else { None }
    }

    /// Whether this state is strictly safer than `before`: solvent, the requirement does not grow and the ratio of
    /// equity to requirement does not worsen, and one of the two improves.
    ///
    /// Ratios are compared by cross-multiplication, without a division.
    #[must_use]
    pub fn is_safer_than(&self, before: &Self) -> bool {
        let Ok(equity) = u128::try_from(self.stressed()) else { return false };
        if self.initial > before.initial || self.maintenance > before.maintenance {
            return false;
        }
        let ratio = match u128::try_from(before.stressed()) {
            // equity / initial >= before.equity / before.initial
            Ok(had) => compare_products(equity, before.initial, had, self.initial),
            Err(_) => Ordering::Greater,
        };
        ratio == Ordering::Greater || (ratio == Ordering::Equal && self.initial < before.initial)
    }
}

/// The price at which an account meets its maintenance line, everything else as it is: the mark below which a long, or
/// above which a short, is liquidated. `None` when no positive price does it.
///
/// `rest` is the margin of the account without the position (its cash and every other position). From
/// `E + q*p + b = M + m*|q|*p + cost`: `p = (M + cost - E - b)/(q - m*|q|)`.
///
/// Source: dYdX v4, liquidation price; cross-margined.
///
/// # Rounding
/// Up for a long, down for a short: the account is liquidated no later than the price says.
///
/// # Errors
/// [`Overflow`] when a result does not fit.
pub fn liquidation_price(
    rest: &Margin,
    size: i128,
    basis: i128,
    params: &MarginParams,
) -> Result<Option<u128>, Overflow> {
    if size == 0 {
        return Ok(None);
    }
    let requirement = i128::try_from(rest.maintenance.checked_add(params.liquidation_cost).ok_or(Overflow)?)
        .map_err(|_| Overflow)?;
    let missing =
        requirement.checked_sub(rest.stressed()).and_then(|x| x.checked_sub(basis)).ok_or(Overflow)?;
    let factor = params.maintenance_factor_wad();
    let price = if size > 0 {
        let Ok(missing) = u128::try_from(missing) else { return Ok(None) };
        let net = mul_div_floor(size.unsigned_abs(), WAD.checked_sub(factor).ok_or(Overflow)?, WAD)?;
        if net == 0 {
            return Ok(None);
        }
        mul_div_ceil(missing, WAD, net)?
    } else {
        let Ok(spare) = u128::try_from(missing.checked_neg().ok_or(Overflow)?) else { return Ok(None) };
        mul_div_floor(spare, WAD, mul_div_ceil(size.unsigned_abs(), WAD + factor, WAD)?)?
    };
    Ok((price > 0).then_some(price))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::market::tests::DEEP;

    const U: i128 = WAD as i128;

    fn exposure(size: i128, basis: i128, mark: u128, params: &MarginParams) -> Exposure<'_> {
        Exposure { size, basis, young: 0, mark, usable: true, open_interest: 0, params }
    }

    #[test]
    fn margin_of_one_long() {
        // 2 @ 10,000 at 9,900, cash 1,500: equity 1,300, initial 5 % of 19,800 = 990, maintenance 3 % = 594
        let mut m = Margin::of_cash(1_500 * U);
        m.add(&exposure(2 * U, -20_000 * U, 9_900 * WAD, &DEEP.margin)).unwrap();
        assert_eq!(
            m,
            Margin {
                equity: 1_300 * U,
                stress: 0,
                initial_equity: 1_300 * U,
                ripe: 1_300 * U,
                initial: 990 * WAD,
                maintenance: 594 * WAD
            }
        );
        assert_eq!(m.backstop_ceil(), 396 * WAD);
        assert_eq!(m.withdrawable(1_000 * WAD), 310 * WAD);
        assert!(m.meets_initial() && !m.is_liquidatable());
    }

    #[test]
    fn margin_weighs_profit_toward_initial_only() {
        let thin = MarginParams { profit_weight: 250_000, ..DEEP.margin };
        let mut m = Margin::of_cash(0);
        m.add(&exposure(U, -10_000 * U, 12_000 * WAD, &thin)).unwrap();
        assert_eq!((m.equity, m.initial_equity), (2_000 * U, 500 * U));
    }

    #[test]
    fn margin_profit_carries_at_most_its_markets_requirement_and_is_not_withdrawn() {
        // profit 2,000 and young 500 against a requirement of 5 % of 12,000 = 600
        let mut m = Margin::of_cash(100 * U);
        let at = exposure(U, -10_000 * U, 12_000 * WAD, &DEEP.margin);
        m.add(&Exposure { young: 500 * WAD, ..at }).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (2_600 * U, 700 * U, 100 * U));
        // young alone carries nothing
        let mut m = Margin::of_cash(100 * U);
        m.add(&Exposure { young: 500 * WAD, ..exposure(0, 0, 12_000 * WAD, &DEEP.margin) }).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (600 * U, 100 * U, 100 * U));
        // young nets an open loss toward initial margin, not toward a withdrawal
        let mut m = Margin::of_cash(1_000 * U);
        m.add(&Exposure { young: 500 * WAD, ..exposure(U, -12_600 * U, 12_000 * WAD, &DEEP.margin) })
            .unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (900 * U, 900 * U, 400 * U));
    }

    #[test]
    fn margin_counts_what_a_closed_out_position_gained_or_lost() {
        // closed out with a loss of 300 in its basis: it is lost, whatever the mark, and young profit of 100 nets it
        let lost = Exposure { young: 100 * WAD, ..exposure(0, -300 * U, 12_000 * WAD, &DEEP.margin) };
        let mut m = Margin::of_cash(1_000 * U);
        m.add(&lost).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (800 * U, 800 * U, 700 * U));
        assert_eq!((m.initial, m.maintenance), (0, 0));
        // a gain of 300 is equity, and carries nothing
        let mut m = Margin::of_cash(1_000 * U);
        m.add(&exposure(0, 300 * U, 0, &DEEP.margin)).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (1_300 * U, 1_000 * U, 1_000 * U));
    }

    #[test]
    fn margin_unusable_position_is_stressed_for_margin_alone() {
        // long 1 from 10,000, last good price 10,000, factor 5 %: 500 of stress
        let at = Exposure { usable: false, ..exposure(U, -10_000 * U, 10_000 * WAD, &DEEP.margin) };
        let mut m = Margin::of_cash(700 * U);
        m.add(&at).unwrap();
        assert_eq!((m.equity, m.stress, m.initial_equity, m.ripe), (700 * U, 500 * WAD, 200 * U, 200 * U));
        assert!(m.is_liquidatable() && m.deficit().is_none());
        // without any price it counts at its entry
        let mut without = Margin::of_cash(700 * U);
        without.add(&Exposure { mark: 0, ..at }).unwrap();
        assert_eq!(without, m);
        // stress makes no deficit
        let mut m = Margin::of_cash(100 * U);
        m.add(&at).unwrap();
        assert_eq!((m.stressed(), m.deficit()), (-400 * U, None));
    }

    #[test]
    fn margin_counts_what_a_position_gained_or_lost_before_it_was_closed_out() {
        // A pass closed it: no size, a basis. It costs nothing to liquidate.
        let costly = MarginParams { liquidation_cost: WAD, ..DEEP.margin };
        let mut m = Margin::of_cash(100 * U);
        m.add(&exposure(0, 60 * U, 10_000 * WAD, &costly)).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (160 * U, 100 * U, 100 * U));
        m.add(&exposure(0, -130 * U, 10_000 * WAD, &costly)).unwrap();
        assert_eq!((m.equity, m.initial_equity, m.ripe), (30 * U, -30 * U, -30 * U));
        assert_eq!((m.initial, m.maintenance, m.withdrawable(WAD)), (0, 0, 0));
        // A price that may not be used changes nothing: there is nothing left to move.
        let mut m = Margin::of_cash(100 * U);
        m.add(&Exposure { usable: false, ..exposure(0, 60 * U, 10_000 * WAD, &costly) }).unwrap();
        assert_eq!((m.equity, m.stress), (160 * U, 0));
    }

    #[test]
    fn margin_concentration_term() {
        // notional 1,000,000 against a depth of 500,000: 1e12 / (200 * 5e5) = 10,000 on top of 5 %
        let deep = MarginParams { depth: 500_000 * WAD, ..DEEP.margin };
        let mut m = Margin::of_cash(0);
        m.add(&exposure(-100 * U, 1_000_000 * U, 10_000 * WAD, &deep)).unwrap();
        assert_eq!(m.initial, 60_000 * WAD);
    }

    #[test]
    fn withdrawable_is_free_and_held() {
        let m = Margin { ripe: 900 * U, initial: 400 * WAD, ..Margin::default() };
        assert_eq!((m.withdrawable(1_000 * WAD), m.withdrawable(300 * WAD)), (500 * WAD, 300 * WAD));
        assert_eq!(Margin { ripe: 399 * U, ..m }.withdrawable(1_000 * WAD), 0);
        assert_eq!(Margin { ripe: -U, ..m }.withdrawable(1_000 * WAD), 0);
    }

    #[test]
    fn deficit_is_what_equity_lacks() {
        assert_eq!(Margin::of_cash(-3).deficit(), Some(3));
        assert_eq!(Margin::of_cash(0).deficit(), None);
        assert_eq!(Margin::of_cash(i128::MIN).deficit(), Some(1 << 127));
    }

    #[test]
    fn liquidation_price_known_values() {
        // dYdX's worked example: equity 1,000, short 3 @ 3,000, factor 5 %: 3,174.60
        let five = MarginParams { maintenance_factor: 50_000, ..DEEP.margin };
        let price =
            liquidation_price(&Margin::of_cash(1_000 * U), -3 * U, 9_000 * U, &five).unwrap().unwrap();
        assert_eq!(price / 10u128.pow(16), 317_460); // true value: 3174.603174603174603...
        // and cross-margined: short 1.5, the other positions require 175: 3,380.95
        let rest = Margin { equity: 1_000 * U, maintenance: 175 * WAD, ..Margin::default() };
        let price = liquidation_price(&rest, -3 * U / 2, 4_500 * U, &five).unwrap().unwrap();
        assert_eq!(price / 10u128.pow(16), 338_095); // true value: 3380.952380952380952...
    }

    #[test]
    fn liquidation_price_none_when_unlevered() {
        assert_eq!(liquidation_price(&Margin::of_cash(20_000 * U), U, -10_000 * U, &DEEP.margin), Ok(None));
        assert_eq!(liquidation_price(&Margin::of_cash(1), 0, 0, &DEEP.margin), Ok(None));
    }

    #[test]
    fn extremes_are_overflow_not_panic() {
        let mut m = Margin::of_cash(i128::MAX);
        assert_eq!(m.add(&exposure(i128::MAX, i128::MAX, u128::MAX, &DEEP.margin)), Err(Overflow));
        assert_eq!(m.add(&exposure(U, 0, WAD, &DEEP.margin)), Err(Overflow));
        assert_eq!(liquidation_price(&Margin::of_cash(i128::MIN), U, 0, &DEEP.margin), Err(Overflow));
        assert!(!Margin::of_cash(i128::MIN).meets_initial());
    }

    proptest! {
        #[test]
        fn liquidation_price_is_where_the_account_turns(cash in 0i128..1_000_000*U, size in -1_000i128*U..1_000*U,
                                                        entry in WAD..100_000*WAD) {
            prop_assume!(size.abs() > U / 1_000);
            let basis = fill::flow_floor(size, entry).unwrap();
            let Some(price) = liquidation_price(&Margin::of_cash(cash), size, basis, &DEEP.margin).unwrap() else { return Ok(()) };
            prop_assume!(price < crate::oracle::MAX_PRICE);
            let below_line = |mark: u128| {
                let mut m = Margin::of_cash(cash);
                m.add(&exposure(size, basis, mark, &DEEP.margin)).unwrap();
                m.equity < i128::try_from(m.maintenance).unwrap()
            };
            // a millionth of a percent to either side of the price
            let step = price / 100_000_000 + 10;
            let (worse, better) = if size > 0 { (price.saturating_sub(step), price + step) } else { (price + step, price.saturating_sub(step)) };
            prop_assert!(worse == 0 || below_line(worse));
            prop_assert!(!below_line(better));
        }

        #[test]
        fn reducing_at_the_mark_is_always_safer(cash in 1i128..1_000_000*U, size in -1_000i128*U..1_000*U, entry in WAD..100_000*WAD,
                                                mark in WAD..100_000*WAD, share in 1u128..WAD) {
            prop_assume!(size.abs() > U / 100);
            let basis = fill::flow_floor(size, entry).unwrap();
            let margin = |cash, size, basis| {
                let mut m = Margin::of_cash(cash);
                m.add(&exposure(size, basis, mark, &DEEP.margin)).unwrap();
                m
            };
            let before = margin(cash, size, basis);
            prop_assume!(before.equity > U / 1000);
            let change = fill::flow_floor(size, share).unwrap();
            prop_assume!(change.abs() > U / 1_000_000 && size + change != 0);
            let t = position::trade(size, basis, change, fill::flow_ceil(change, mark).unwrap(), mark).unwrap();
            let mut after = margin(cash + t.cash, t.size, t.basis);
            after.equity += 2; // two roundings of profit
            prop_assert!(after.is_safer_than(&before), "{before:?} {after:?}");
        }
    }
}
