//! What one account has in one market: a position and young profit. Everything that an account's act does to them, in one
//! place for contracts and model.
//!
//! Each act gets the account's cash *with what its other markets will bring when they are caught up* ([`Held::cash`]). Cash below
//! zero is paid from this market's own profit; an account that only looks poor, because ripe profit waits elsewhere, would move
//! open profit out of the reach of its market's estate.

use plimsoll_fixed::Overflow;

use super::{Ground, GroundMut, Member, Pouch, RungKey, Side, tick_of};
use crate::{fill, position};

/// A market at the moment of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The window of its clock.
    pub window: u32,
    /// The generation that takes newcomers.
    pub generation: u32,
    /// Cumulative funding per unit, scale [`super::FUNDING_ONE`].
    pub funding: i128,
    /// The mark, quote per unit, WAD.
    pub mark: u128,
}

/// One account's position and young profit in one market, as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// The position; a size of zero says that there is none.
    pub member: Member,
    /// The young profit.
    pub young: Pouch,
}

/// The same caught up: what a write would find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Signed size, WAD.
    pub size: i128,
    /// Basis, quote, WAD. Not zero for a position that was closed out: what it had gained and has not realised.
    pub basis: i128,
    /// What catching up brings into cash: funding, and profit that has ripened. Quote, WAD.
    pub cash: i128,
    /// Young profit, quote, WAD.
    pub young: u128,
}

impl Held {
    /// Open profit at a mark, quote, WAD, rounded down; negative for a loss; zero where there is no mark.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn profit_floor(&self, mark: u128) -> Result<i128, Overflow> {
        position::profit_at_floor(self.size, self.basis, mark)
    }
}

/// What an act did to a holding beside its storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Signed size before it.
    pub before: i128,
    /// Signed size after it.
    pub after: i128,
    /// Change of the sum of the long rungs' sizes, which is the market's open interest.
    pub open_interest: i128,
    /// Signed size that rounding left without a holder, longs positive.
    pub dust: i128,
    /// Whether the position was too small to have an entry price, and was dropped.
    pub dropped: bool,
}

impl Outcome {
    fn moved(&mut self, side: Side, size: u128, joined: bool) -> Result<(), Overflow> {
        if side == Side::Long {
            let sum = if joined {
                self.open_interest.checked_add_unsigned(size)
            } else {
                self.open_interest.checked_sub_unsigned(size)
            };
            self.open_interest = sum.ok_or(Overflow)?;
        }
        Ok(())
    }
}

impl Holding {
    /// Whether the account has nothing in the market.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.member.size == 0 && self.young.is_empty()
    }

    /// The rung that the position sits on; `None` when there is none.
    ///
    /// # Errors
    /// [`Overflow`] when the entry price does not fit.
    pub fn rung(&self) -> Result<Option<RungKey>, Overflow> {
        let Member { size, basis, generation, .. } = self.member;
        Ok(tick_of(size, basis)?.map(|tick| RungKey { side: Side::of(size), tick, generation }))
    }

    /// The holding caught up. Writes nothing.
    ///
    /// # Rounding
    /// Down.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn held(&self, ground: &impl Ground, now: &Moment) -> Result<Held, Overflow> {
        let (ripe, young) = self.young.worth_floor(ground, now.window)?;
        let mut held = Held { young, cash: i128::try_from(ripe).map_err(|_| Overflow)?, ..Held::default() };
        if let Some(at) = self.rung()? {
            // A rung of the current generation has had nothing happen to it.
            let indices =
                if at.generation == now.generation { Default::default() } else { ground.rung(at).indices };
            let worth = indices.worth(&self.member, now.funding)?;
            held.cash = held.cash.checked_add(worth.funding).ok_or(Overflow)?;
            (held.size, held.basis) = (worth.size, worth.basis);
        }
        Ok(held)
    }

    /// Catches up and takes the position off the ladder: its size and basis. Ripe profit and funding go to cash. Cash that
    /// is below zero is paid by the position's own open profit, which moves its entry.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn take_out(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        outcome: &mut Outcome,
    ) -> Result<(i128, i128), Overflow> {
        let held = self.held(ground, now)?;
        let (size, mut basis) = (held.size, held.basis);
        if let Some(at) = self.rung()? {
            let mut rung = ground.rung(at);
            let left_behind = rung.leave(size, basis)?;
            ground.store_rung(at, &rung);
            outcome.dust = outcome.dust.checked_add(at.side.signed(left_behind)?).ok_or(Overflow)?;
            outcome.moved(at.side, size.unsigned_abs().checked_add(left_behind).ok_or(Overflow)?, false)?;
        }
        self.member = Member::default();
        self.young.ripen(ground, now.window)?;
        *cash = cash.checked_add(held.cash).ok_or(Overflow)?;
        let profit = position::profit_at_floor(size, basis, now.mark)?;
        if *cash < 0 && profit > 0 {
            let paid = cash.checked_neg().ok_or(Overflow)?.min(profit);
            *cash = cash.checked_add(paid).ok_or(Overflow)?;
            basis = basis.checked_sub(paid).ok_or(Overflow)?;
        }
        outcome.before = size;
        Ok((size, basis))
    }

    /// Puts a position on the rung of its entry price. One of size zero is realised. One without an entry price on the ladder
    /// is realised at the mark and entered anew there.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit, and when the mark itself is no entry price.
    #[inline(never)]
    pub fn put_back(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        outcome: &mut Outcome,
        size: i128,
        basis: i128,
    ) -> Result<(), Overflow> {
        outcome.after = size;
        if size == 0 {
            return self.realise(ground, now, cash, basis);
        }
        let (tick, basis) = match tick_of(size, basis)? {
            Some(tick) => (tick, basis),
            None if now.mark == 0 => return Err(Overflow),
            None => {
                let anew = fill::flow_floor(size, now.mark)?;
                match tick_of(size, anew)? {
                    Some(tick) => {
                        self.realise(ground, now, cash, basis.checked_sub(anew).ok_or(Overflow)?)?;
                        (tick, anew)
                    }
                    // Too small to have an entry price: dropped, its size counted.
                    None => {
                        (outcome.after, outcome.dropped) = (0, true);
                        outcome.dust = outcome.dust.checked_add(size).ok_or(Overflow)?;
                        return self.realise(ground, now, cash, basis);
                    }
                }
            }
        };
        let at = RungKey { side: Side::of(size), tick, generation: now.generation };
        let mut rung = ground.rung(at);
        rung.join(size, basis)?;
        ground.store_rung(at, &rung);
        outcome.moved(at.side, size.unsigned_abs(), true)?;
        self.member = Member { size, basis, funding: now.funding, generation: now.generation };
        Ok(())
    }

    /// Realises an amount: a gain becomes young profit, a loss eats young profit of this market, newest first, then cash.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    #[inline(never)]
    pub fn realise(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        amount: i128,
    ) -> Result<(), Overflow> {
        if amount >= 0 {
            return self.young.gain(ground, now, amount.unsigned_abs());
        }
        let rest = self.young.eat(ground, now, amount.unsigned_abs())?;
        *cash = cash.checked_sub_unsigned(rest).ok_or(Overflow)?;
        Ok(())
    }

    /// Changes the position by `change` at `price`; `flow` is the quote that the change moves to the account.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn trade(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<Outcome, Overflow> {
        let mut outcome = Outcome::default();
        let (size, basis) = self.take_out(ground, now, cash, &mut outcome)?;
        let traded = position::trade(size, basis, change, flow, price)?;
        self.realise(ground, now, cash, traded.cash)?;
        self.put_back(ground, now, cash, &mut outcome, traded.size, traded.basis)?;
        Ok(outcome)
    }

    /// Catches the position up and leaves it where its entry price belongs.
    ///
    /// While an estate waits (`estate`), anyone may do this to an account: young profit is netted against the account's own
    /// open loss, and a profit that the rung's edge cannot judge is realised. So nobody shelters on the rung of the mark, and
    /// nobody pays on a gross gain.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn touch(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        estate: bool,
    ) -> Result<Outcome, Overflow> {
        let mut outcome = Outcome::default();
        let judged = match self.rung()? {
            Some(at) => ground.rung(at).profit_floor(at.side, at.tick, now.mark)? > 0,
            None => false,
        };
        let (size, mut basis) = self.take_out(ground, now, cash, &mut outcome)?;
        if estate {
            let profit = position::profit_at_floor(size, basis, now.mark)?;
            if profit < 0 {
                let (_, young) = self.young.worth_floor(ground, now.window)?;
                let netted = young.min(profit.unsigned_abs());
                self.young.eat(ground, now, netted)?;
                basis = basis.checked_add_unsigned(netted).ok_or(Overflow)?;
            } else if profit > 0 && !judged {
                self.young.gain(ground, now, profit.unsigned_abs())?;
                basis = basis.checked_sub(profit).ok_or(Overflow)?;
            }
        }
        self.put_back(ground, now, cash, &mut outcome, size, basis)?;
        Ok(outcome)
    }

    /// Pays what an account's cash lacks, `owed`, from this market: young profit first, newest first, then open profit, which moves
    /// the entry. An account's cash does not stay below zero beside its own profit.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn pay_debt(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        owed: u128,
    ) -> Result<Outcome, Overflow> {
        let mut outcome = Outcome::default();
        let rest = self.young.eat(ground, now, owed)?;
        *cash = cash.checked_add_unsigned(owed - rest).ok_or(Overflow)?;
        // What is still missing, open profit pays as the position is taken out.
        let (size, basis) = self.take_out(ground, now, cash, &mut outcome)?;
        self.put_back(ground, now, cash, &mut outcome, size, basis)?;
        Ok(outcome)
    }

    /// Takes everything out of the market: for an account that is buried. Returns the position's size and basis; ripe and
    /// young profit and funding go to cash.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn empty(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        cash: &mut i128,
        outcome: &mut Outcome,
    ) -> Result<(i128, i128), Overflow> {
        let taken = self.take_out(ground, now, cash, outcome)?;
        let young = self.young.empty(ground)?;
        *cash = cash.checked_add_unsigned(young).ok_or(Overflow)?;
        outcome.after = 0;
        Ok(taken)
    }
}
