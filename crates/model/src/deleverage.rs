//! `deleverage`: closes an insolvent account. Insurance pays first, then profits; the rest is recorded as bad debt.

use plimsoll_risk::{
    ladder::{self, Epoch, Facing, Rung, Side, Spread, Tally},
    position,
    waterfall::{MarketLoss, Part, Plan},
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
            let mut plan = book.plan(account)?;
            book.insurance = book.insurance.checked_sub(plan.insurance).ok_or(Error::Overflow)?;
            let mut spreads = Vec::with_capacity(markets.len());
            for (market, part) in markets.into_iter().zip(plan.parts.clone()) {
                spreads.push(book.deleverage_market(account, market, &part, &mut plan)?);
            }
            book.unassigned_bad_debt =
                book.unassigned_bad_debt.checked_add(plan.unassigned).ok_or(Error::Overflow)?;
            let Plan { deficit, insurance, unassigned, taken, socialised, .. } = plan;
            let done = Deleveraging { deficit, insurance, taken, socialised, unassigned, markets: spreads };
            book.add_cash(account, i128::try_from(deficit).map_err(|_| Error::Overflow)?)?;
            Ok(done)
        })
    }

    /// Who would bear an account's deficit, by its markets in their order.
    ///
    /// # Errors
    /// As [`Self::deleverage`].
    pub fn plan(&self, account: AccountId) -> Result<Plan, Error> {
        let margin = self.margin_of(account, Use::Liquidation)?;
        let deficit = margin.deficit().ok_or(Error::Solvent { account, equity: margin.equity })?;
        let mut losses = Vec::new();
        for market in self.account(account).markets {
            let mark = self.price(market, Use::Liquidation)?;
            let now = self.position_of(account, market)?;
            losses.push(MarketLoss::of_ceil(now.size, now.basis, mark)?);
        }
        Ok(Plan::new(deficit, self.insurance, self.config.insurance_cap, &losses)?)
    }

    fn deleverage_market(
        &mut self,
        account: AccountId,
        market: MarketId,
        part: &Part,
        plan: &mut Plan,
    ) -> Result<MarketSpread, Error> {
        let Part { insurance, budget } = *part;
        let mark = self.price(market, Use::Liquidation)?;
        let (size, basis) = self.take_out(account, market)?;
        self.accounts.entry(account).or_default().unlist(market);
        let mut closed = MarketSpread { market, size, mark, insurance, budget, spread: Spread::default() };
        if size == 0 {
            return Ok(closed); // closed out already: no budget is its share
        }
        self.add_cash(account, position::profit_floor(size, basis, mark)?)?;
        let side = Side::of(size);
        let facing = side.opposite();
        let state = self.markets.get_mut(&market).ok_or(Error::Overflow)?;
        let mut face = Face {
            side: facing,
            funding: state.funding.index,
            price_index: ladder::price_index_floor(mark)?,
            ladder: state.ladder_mut(facing),
            dust: &mut self.dust,
            market,
        };
        let funding = face.funding;
        let spread = ladder::deleverage(&mut face, size.unsigned_abs(), mark, funding, budget)?;
        self.dust.deleveraged(market, mark, spread.unmatched);
        let left = spread.left(size, state.open_interest)?;
        state.open_interest = left.open_interest;
        state.dust = state.dust.checked_add(left.dust).ok_or(Error::Overflow)?;
        let socialised = plan.bear(part, spread.taken)?;
        state.bad_debt = state.bad_debt.checked_add(socialised).ok_or(Error::Overflow)?;
        closed.spread = spread;
        Ok(closed)
    }
}
