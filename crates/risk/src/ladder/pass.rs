//! A pass: resolves a market's estate. Insurance pays a part of its deficit, everyone in profit the same share of its own
//! profit, and then the estate's position is closed at the mark against those who face it.

use plimsoll_fixed::{Overflow, U256, signed_mul_div_ceil};

use super::{FUNDING_ONE, Pot, Rung, RungKey, Side};
use crate::position;

/// What the bankrupts of a market left: one position, in which both sides have netted, and quote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estate {
    /// Quote, WAD.
    pub cash: i128,
    /// Signed size, WAD.
    pub size: i128,
    /// Basis, quote, WAD.
    pub basis: i128,
    /// The market's cumulative funding up to which it has paid, scale [`FUNDING_ONE`].
    pub funding: i128,
}

impl Estate {
    /// Whether it waits for a pass.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.size != 0 || self.cash != 0 || self.basis != 0
    }

    /// Pays its funding up to now, rounded up.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    pub fn catch_up(&mut self, funding: i128) -> Result<(), Overflow> {
        let since = funding.checked_sub(self.funding).ok_or(Overflow)?;
        let due = signed_mul_div_ceil(self.size, since, FUNDING_ONE)?;
        self.cash = self.cash.checked_sub(due).ok_or(Overflow)?;
        self.funding = funding;
        Ok(())
    }

    /// Takes in a position and cash. It was caught up before.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn take_in(&mut self, cash: i128, size: i128, basis: i128) -> Result<(), Overflow> {
        self.cash = self.cash.checked_add(cash).ok_or(Overflow)?;
        self.size = self.size.checked_add(size).ok_or(Overflow)?;
        self.basis = self.basis.checked_add(basis).ok_or(Overflow)?;
        Ok(())
    }

    /// What it is worth at a mark, rounded down; negative for a deficit. It was caught up before.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn worth_floor(&self, mark: u128) -> Result<i128, Overflow> {
        position::profit_floor(self.size, self.basis, mark)?.checked_add(self.cash).ok_or(Overflow)
    }
}

/// A rung in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub at: RungKey,
    /// The rung.
    pub rung: Rung,
}

/// What a pass did, quote in WAD: `deficit = insurance + taken + socialised`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// What the estate had beyond zero: insurance gets it.
    pub surplus: u128,
    /// What it was missing, D.
    pub deficit: u128,
    /// What insurance pays, I.
    pub insurance: u128,
    /// The sum of all profits, open on rungs that pay and young, U.
    pub capacity: u128,
    /// What they pay.
    pub taken: u128,
    /// What nobody could pay.
    pub socialised: u128,
    /// Rungs that paid.
    pub payers: u32,
    /// Pots that paid.
    pub pots: u32,
    /// Rungs that were closed against, wholly or in part.
    pub closed: u32,
    /// The estate's signed size that nobody faced, because rounding had dropped as much on the other side.
    pub unmatched: i128,
    /// Change of the sum of the long rungs' sizes.
    pub open_interest: i128,
}

impl Passed {
    /// Whether a rung or pot was retired: the market's next generation begins.
    #[must_use]
    pub const fn retired_any(&self) -> bool {
        self.payers > 0 || self.pots > 0 || self.closed > 0
    }
}

/// Deals an amount out in proportion to parts, one after the other, by the running sum: the shares add up to the amount
/// exactly, and a share differs from its exact value by less than one unit. Each is at most its part.
struct Dealer {
    amount: u128,
    all: u128,
    sum: u128,
    dealt: u128,
}

impl Dealer {
    /// `amount` is at most `all`, the sum of the parts.
    const fn new(amount: u128, all: u128) -> Self {
        Self { amount, all, sum: 0, dealt: 0 }
    }

    /// The share of the next part, which is not zero.
    fn next(&mut self, part: u128) -> Result<u128, Overflow> {
        self.sum = self.sum.checked_add(part).ok_or(Overflow)?;
        let until = U256::product(self.amount, self.sum).div_rem(self.all)?.0;
        let share = until.checked_sub(self.dealt).ok_or(Overflow)?;
        self.dealt = until;
        Ok(share)
    }
}

/// Resolves an estate, which is caught up, at `mark`. `insurance` is the most that the fund may pay. `rungs` are all rungs of
/// the market, or at least those that pay and those that face the estate; `pots` the young ones.
///
/// # Rounding
/// Amounts by the running sum: what is taken adds up exactly.
///
/// # Errors
/// [`Overflow`] when a result does not fit.
pub fn pass(
    estate: &Estate,
    insurance: u128,
    mark: u128,
    funding: i128,
    rungs: &mut [Standing],
    pots: &mut [Pot],
) -> Result<Passed, Overflow> {
    let worth = estate.worth_floor(mark)?;
    let deficit = if worth < 0 { worth.unsigned_abs() } else { 0 };
    let mut done = Passed {
        surplus: u128::try_from(worth).unwrap_or(0),
        deficit,
        insurance: insurance.min(deficit),
        ..Passed::default()
    };
    let budget = deficit - done.insurance;

    // Who is in profit, before anything is taken.
    let mut profits = alloc::vec::Vec::with_capacity(rungs.len());
    for Standing { at, rung } in rungs.iter() {
        let profit = rung.profit_floor(at.side, at.tick, mark)?;
        done.capacity = done.capacity.checked_add(profit).ok_or(Overflow)?;
        profits.push(profit);
    }
    for pot in pots.iter() {
        done.capacity = done.capacity.checked_add(pot.sum).ok_or(Overflow)?;
    }

    done.taken = budget.min(done.capacity);
    done.socialised = budget - done.taken;
    if done.taken > 0 {
        let mut dealer = Dealer::new(done.taken, done.capacity);
        for (Standing { at, rung }, profit) in rungs.iter_mut().zip(&profits) {
            let share = if *profit > 0 { dealer.next(*profit)? } else { 0 };
            if share > 0 {
                rung.take(at.side, share, *profit, mark)?;
                done.payers += 1;
            }
        }
        for pot in pots.iter_mut() {
            let share = if pot.sum > 0 { dealer.next(pot.sum)? } else { 0 };
            if share > 0 {
                pot.take(share)?;
                done.pots += 1;
            }
        }
    }

    let facing = Side::of(estate.size).opposite();
    let mut left = estate.size.unsigned_abs();
    for in_profit in [true, false] {
        let chosen = |at: &RungKey, profit: u128| at.side == facing && (profit > 0) == in_profit;
        let mut held = 0u128;
        for (Standing { at, rung }, profit) in rungs.iter().zip(&profits) {
            if chosen(at, *profit) {
                held = held.checked_add(rung.size).ok_or(Overflow)?;
            }
        }
        let closing = left.min(held);
        if closing == 0 {
            continue;
        }
        let mut dealer = Dealer::new(closing, held);
        for (Standing { at, rung }, profit) in rungs.iter_mut().zip(&profits) {
            if chosen(at, *profit) && rung.size > 0 {
                let closed = dealer.next(rung.size)?;
                if closed > 0 {
                    rung.close(at.side, closed, mark, funding)?;
                    done.closed += 1;
                }
            }
        }
        left -= closing;
        if facing == Side::Long {
            done.open_interest = done.open_interest.checked_sub_unsigned(closing).ok_or(Overflow)?;
        }
    }
    done.unmatched = Side::of(estate.size).signed(left)?;
    Ok(done)
}
