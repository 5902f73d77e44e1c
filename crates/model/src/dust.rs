//! A bound on how much rounding may have moved, counted operation by operation.
//!
//! The identity of the ledger, `sum(cash) + sum(basis) + insurance + fees - bad debt = tokens`, holds exactly in
//! rational numbers, whatever prices do. What can break it in integers, in units of the last place (1e-18):
//!
//! - **A fill** rounds the flow of each side down: together at most 1.
//! - **Catching up** rounds cash and basis down once a step (a step for each epoch crossed and one for the current one),
//!   at most 2 a step. The indices it compares are rounded to 2^-95, when the position is placed and when it is read, and
//!   are multiplied by `q/A0`: at most `2*ceil(|q|/A0)` a step.
//! - **Taking** x from a rung moves its index by `x*A/Q` rounded up; times `sum(q)/A` that is at most `ceil(Q/A)`
//!   too much, and, because the members may hold less than Q by the size dust S, at most `x*S/Q` too little.
//! - **Closing** moves the index by `part*(p - F)`, `part = A*c/Q`. Roundings of part, of the product, of p and of the new
//!   A are together at most `(|p - F| + |F|)/2^95 + 3` units of the index, times `sum(q)/A <= ceil(Q/A)`.
//! - **Deleveraging** rounds the realised profit down, at most 1, and settles the whole size at the mark: `p*(S +
//!   unmatched)` for size that the members do not hold.
//! - **Funding** moves what longs pay and what shorts get by the same index; they differ by `S*|dF|`, rounded up.
//!
//! Size dust S of a market, in units, bounds the sum over its rungs of `Q - sum|q|` plus |dust|:
//!
//! - catching up rounds a size toward zero: at most 1 a step;
//! - closing rounds A down, by which the members lose at most `Q/A` beyond what Q loses; this covers what is dropped
//!   with a rung that is closed out by it;
//! - a position whose rounded entry is on no rung is dropped whole.
//!
//! What moves from a rung to `dust` is counted already. Basis dust, the same for `|B - sum(b)|` of the rungs: 1 a step,
//! `|B|/A + 1` a closing, and the basis of up to one unit, `ceil(|b|/|q|) + 1`, for a member whose size is rounded to
//! zero: its basis goes to cash.
//!
//! Q/A is below one unit as long as a rung holds less than 6e5 units of the underlying at the smallest A (2^79).

use std::collections::BTreeMap;

use plimsoll_risk::{
    WAD,
    ladder::{CaughtUp, ONE, Position, Rung},
};

use crate::market::MarketId;

/// What has been counted so far, units in the last place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dust {
    /// Bound of quote that the identity may be off by, beside what views round.
    pub quote: u128,
    /// Bound of size that the rungs hold beyond their members, by market.
    pub size: BTreeMap<MarketId, u128>,
    /// Bound of the difference between a market's rungs' basis and their members', by market.
    pub basis: BTreeMap<MarketId, u128>,
}

/// Steps that catching up takes.
fn steps(position: &Position, rung: &Rung) -> u128 {
    u128::from(rung.epoch.saturating_sub(position.epoch)) + 1
}

/// Quote, size and basis that catching up a position may round away; `dropped` when it is a member of size zero now.
pub(crate) fn of_catch_up(position: &Position, rung: &Rung, dropped: bool) -> (u128, u128, u128) {
    let steps = steps(position, rung);
    let index = position.size.unsigned_abs().div_ceil(position.shrink.max(1));
    let unit = position.basis.unsigned_abs().div_ceil(position.size.unsigned_abs().max(1)) + 1;
    (steps.saturating_mul(2 + 2 * index), steps, if dropped { steps + unit } else { steps })
}

/// `a*b/c` rounded up, saturating: bounds never overflow.
fn product(a: u128, b: u128, c: u128) -> u128 {
    plimsoll_fixed::mul_div_ceil(a, b, c).unwrap_or(u128::MAX)
}

impl Dust {
    fn add_quote(&mut self, quote: u128) {
        self.quote = self.quote.saturating_add(quote);
    }

    /// Size dust of a market.
    #[must_use]
    pub fn size_of(&self, market: MarketId) -> u128 {
        self.size.get(&market).copied().unwrap_or(0)
    }

    /// Basis dust of a market.
    #[must_use]
    pub fn basis_of(&self, market: MarketId) -> u128 {
        self.basis.get(&market).copied().unwrap_or(0)
    }

    pub(crate) fn add_size(&mut self, market: MarketId, size: u128) {
        let counted = self.size.entry(market).or_default();
        *counted = counted.saturating_add(size);
    }

    fn add_basis(&mut self, market: MarketId, basis: u128) {
        let counted = self.basis.entry(market).or_default();
        *counted = counted.saturating_add(basis);
    }

    pub(crate) fn caught_up(&mut self, market: MarketId, position: &Position, rung: &Rung, now: &CaughtUp) {
        let (quote, size, basis) = of_catch_up(position, rung, now.member && now.size == 0);
        self.add_quote(quote);
        self.add_size(market, size);
        self.add_basis(market, basis);
    }

    pub(crate) fn filled(&mut self) {
        self.add_quote(1);
    }

    pub(crate) fn accrued(&mut self, market: MarketId, before: i128, after: i128) {
        self.add_quote(self.of_funding(market, before, after));
    }

    /// What an advance of the funding index may move, quote.
    pub(crate) fn of_funding(&self, market: MarketId, before: i128, after: i128) -> u128 {
        if before == after { 0 } else { product(self.size_of(market), after.abs_diff(before), ONE) }
    }

    pub(crate) fn took(&mut self, market: MarketId, rung: &Rung, amount: u128) {
        let missing = product(amount, self.size_of(market), rung.size.max(1)).min(amount);
        self.add_quote(missing.saturating_add(rung.size.div_ceil(rung.shrink.max(1))));
    }

    pub(crate) fn closed(
        &mut self,
        market: MarketId,
        rung: &Rung,
        basis: i128,
        price_index: i128,
        funding: i128,
    ) {
        let shrink = rung.shrink.max(1);
        let off = (price_index.abs_diff(funding) / ONE).saturating_add(funding.unsigned_abs() / ONE) + 3;
        self.add_quote(rung.size.div_ceil(shrink).saturating_mul(off));
        self.add_size(market, rung.size.div_ceil(shrink).saturating_add(1));
        self.add_basis(market, basis.unsigned_abs().div_ceil(shrink).saturating_add(1));
    }

    pub(crate) fn deleveraged(&mut self, market: MarketId, mark: u128, unmatched: u128) {
        let size = self.size_of(market).saturating_add(unmatched);
        self.add_quote(product(size, mark, WAD).saturating_add(1));
    }
}
