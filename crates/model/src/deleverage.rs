//! Deleveraging an insolvent account: insurance, then profits, then the loss is recorded.

use plimsoll_risk::{
    fill,
    ladder::{self, Epoch, Facing, Rung, Side, Spread, Tally},
    position,
    waterfall::{self, MarketLoss},
};

use crate::{
    account::AccountId,
    book::{Book, Use},
    dust::Dust,
    error::Error,
    market::{Ladder, MarketId},
};

/// One market's share of a deleveraging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketSpread {
    /// The market.
    pub market: MarketId,
    /// Signed size that the account had.
    pub size: i128,
    /// Mark at which it was closed.
    pub mark: u128,
    /// This market's share of what insurance paid.
    pub insurance: u128,
    /// This market's share of the rest.
    pub budget: u128,
    /// What the facing ladder did.
    pub spread: Spread,
}

/// What a deleveraging did, quote in WAD: `deficit = insurance + taken + socialised`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleveraging {
    /// The account's deficit, D.
    pub deficit: u128,
    /// What insurance paid, I.
    pub insurance: u128,
    /// What profits paid.
    pub taken: u128,
    /// What was recorded as bad debt.
    pub socialised: u128,
    /// The part of it that no market was to bear, because the account had no position.
    pub unassigned: u128,
    /// By market, in the order of the account's list.
    pub markets: Vec<MarketSpread>,
}

/// One side of a market as the ladder's algorithm sees it; counts roundings on the way.
struct Face<'a> {
    side: Side,
    ladder: &'a mut Ladder,
    dust: &'a mut Dust,
    market: MarketId,
    price_index: i128,
    funding: i128,
}

impl Facing for Face<'_> {
    fn side(&self) -> Side {
        self.side
    }

    fn next(&mut self, tick: Option<i32>) -> Option<i32> {
        self.ladder.next(self.side, tick)
    }

    fn rung(&mut self, tick: i32) -> Rung {
        self.ladder.rung(tick).0
    }

    fn tally(&mut self, tick: i32) -> Tally {
        self.ladder.rung(tick).1
    }

    fn taken(&mut self, tick: i32, rung: &Rung) {
        let (old, tally) = self.ladder.rung(tick);
        // What each unit paid, times the rung's size, is the amount to within a unit.
        let per_unit = rung.taken.saturating_sub(old.taken);
        let amount =
            plimsoll_fixed::mul_div_ceil(per_unit, old.size, plimsoll_fixed::WAD).unwrap_or(u128::MAX);
        self.dust.took(self.market, &old, amount);
        self.ladder.rungs.insert(tick, (*rung, tally));
    }

    fn closed(&mut self, tick: i32, rung: &Rung, tally: &Tally, ended: Option<(u32, Epoch)>) {
        let (old, old_tally) = self.ladder.rung(tick);
        self.dust.closed(self.market, &old, old_tally.basis, self.price_index, self.funding);
        if let Some((epoch, end)) = ended {
            self.ladder.ended.insert((tick, epoch), end);
        }
        self.ladder.rungs.insert(tick, (*rung, *tally));
        if tally.members == 0 {
            self.ladder.occupied.remove(&tick);
        }
    }
}

impl Book {
    /// Closes an insolvent account: insurance pays what its cap allows, facing profits the rest, and what they cannot is
    /// recorded as bad debt. Its positions are closed at the mark against the most profitable facing rungs.
    ///
    /// # Errors
    /// [`Error::PriceUnusable`], [`Error::Solvent`], [`Error::Overflow`].
    pub fn deleverage(&mut self, account: AccountId) -> Result<Deleveraging, Error> {
        self.atomically(|book| {
            let markets = book.account(account).markets;
            for &market in &markets {
                book.accrue(market)?;
            }
            let margin = book.margin_of(account, Use::Liquidation)?;
            if margin.equity >= 0 {
                return Err(Error::Solvent { account, equity: margin.equity });
            }
            let deficit = margin.equity.unsigned_abs();
            let insurance = waterfall::insurance_draw(deficit, book.insurance, book.config.insurance_cap)?;
            book.insurance -= insurance;
            let budget = deficit - insurance;
            let losses = book.losses(account, &markets)?;
            let insured = waterfall::split_deficit(insurance, &losses)?;
            let budgets = waterfall::split_deficit(budget, &losses)?;
            let mut done = Deleveraging {
                deficit,
                insurance,
                taken: 0,
                socialised: 0,
                unassigned: budget - budgets.iter().sum::<u128>(),
                markets: Vec::new(),
            };
            for ((market, insurance), budget) in markets.into_iter().zip(insured).zip(budgets) {
                let closed = book.deleverage_market(account, market, insurance, budget)?;
                done.taken += closed.spread.taken;
                done.markets.push(closed);
            }
            done.socialised = budget - done.taken;
            book.unassigned_bad_debt =
                book.unassigned_bad_debt.checked_add(done.unassigned).ok_or(Error::Overflow)?;
            book.add_cash(account, i128::try_from(deficit).map_err(|_| Error::Overflow)?)?;
            Ok(done)
        })
    }

    /// What an account's deleveraging would find: the deficit, what insurance would pay, the rest.
    ///
    /// # Errors
    /// As [`Self::deleverage`].
    pub fn quote_deleverage(&self, account: AccountId) -> Result<(u128, u128, u128), Error> {
        let margin = self.margin_of(account, Use::Liquidation)?;
        if margin.equity >= 0 {
            return Err(Error::Solvent { account, equity: margin.equity });
        }
        let deficit = margin.equity.unsigned_abs();
        let insurance = waterfall::insurance_draw(deficit, self.insurance, self.config.insurance_cap)?;
        Ok((deficit, insurance, deficit - insurance))
    }

    fn losses(&self, account: AccountId, markets: &[MarketId]) -> Result<Vec<MarketLoss>, Error> {
        markets
            .iter()
            .map(|&market| {
                let mark = self.price(market, Use::Liquidation)?;
                let now = self.position_of(account, market)?;
                let profit = position::profit(now.size, now.basis, mark)?;
                Ok(MarketLoss {
                    loss: profit.min(0).unsigned_abs(),
                    notional: fill::notional_ceil(now.size, mark)?,
                })
            })
            .collect()
    }

    fn deleverage_market(
        &mut self,
        account: AccountId,
        market: MarketId,
        insurance: u128,
        budget: u128,
    ) -> Result<MarketSpread, Error> {
        let mark = self.price(market, Use::Liquidation)?;
        let (size, basis) = self.take_out(account, market)?;
        self.accounts.entry(account).or_default().unlist(market);
        let mut closed = MarketSpread { market, size, mark, insurance, budget, spread: Spread::default() };
        if size == 0 {
            return Ok(closed); // closed out already: no budget is its share
        }
        self.add_cash(account, position::profit(size, basis, mark)?)?;
        let side = Side::of(size);
        let facing = side.opposite();
        let state = self.markets.get_mut(&market).ok_or(Error::Overflow)?;
        let mut face = Face {
            side: facing,
            funding: state.funding.index,
            price_index: ladder::price_index(mark)?,
            ladder: state.ladder_mut(facing),
            dust: &mut self.dust,
            market,
        };
        let funding = face.funding;
        let spread = ladder::deleverage(&mut face, size.unsigned_abs(), mark, funding, budget)?;
        self.dust.deleveraged(market, mark, spread.unmatched);
        let left_by_closing = size.unsigned_abs() - spread.unmatched + spread.dropped;
        let left_long = if side == Side::Long { size.unsigned_abs() } else { left_by_closing };
        state.open_interest = state.open_interest.checked_sub(left_long).ok_or(Error::Overflow)?;
        state.dust = state
            .dust
            .checked_add(side.signed(spread.unmatched)?)
            .and_then(|dust| dust.checked_add(facing.signed(spread.dropped).ok()?))
            .ok_or(Error::Overflow)?;
        state.bad_debt = state.bad_debt.checked_add(budget - spread.taken).ok_or(Error::Overflow)?;
        closed.spread = spread;
        Ok(closed)
    }
}
