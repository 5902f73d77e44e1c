//! Moves positions off the ladder, onto it and by trades, and accrues funding.

use plimsoll_risk::{
    fill, ids,
    ladder::{self, Position, Side},
    limits::admits_another_position,
    market::open_interest_after,
    position::{self, Traded},
};

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
    market::MarketId,
};

impl Book {
    pub(crate) fn add_cash(&mut self, account: AccountId, cash: i128) -> Result<(), Error> {
        let account = self.accounts.entry(account).or_default();
        account.cash = account.cash.checked_add(cash).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Accrues a market's funding up to now and stores it.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::Overflow`].
    pub(crate) fn accrue(&mut self, market: MarketId) -> Result<(), Error> {
        self.price(market, Use::Liquidation)?;
        let accrued = self.funding(market)?;
        let stored = self.market(market)?.funding.index;
        self.dust.accrued(market, stored, accrued.index);
        self.market_mut(market)?.funding = accrued;
        Ok(())
    }

    /// Notes size that is without a holder from now on, and open interest that goes with it.
    pub(crate) fn drop_size(&mut self, market: MarketId, side: Side, size: u128) -> Result<(), Error> {
        let state = self.market_mut(market)?;
        state.dust = state.dust.checked_add(side.signed(size)?).ok_or(Error::Overflow)?;
        state.open_interest = open_interest_after(state.open_interest, side.signed(size)?, 0)?;
        Ok(())
    }

    /// A member leaves its rung with what is left of it.
    pub(crate) fn leave(
        &mut self,
        market: MarketId,
        side: Side,
        tick: i32,
        size: i128,
        basis: i128,
    ) -> Result<(), Error> {
        let ladder = self.market_mut(market)?.ladder_mut(side);
        let (mut rung, mut tally) = ladder.rung(tick);
        let left_behind = rung.leave(&mut tally, size, basis)?;
        ladder.rungs.insert(tick, (rung, tally));
        if tally.members == 0 {
            ladder.occupied.remove(&tick);
        }
        if left_behind > 0 {
            self.drop_size(market, side, left_behind)?;
        }
        Ok(())
    }

    /// A position joins the rung of its entry price.
    pub(crate) fn join(
        &mut self,
        account: AccountId,
        market: MarketId,
        tick: i32,
        size: i128,
        basis: i128,
    ) -> Result<(), Error> {
        let state = self.market_mut(market)?;
        let funding = state.funding.index;
        let ladder = state.ladder_mut(Side::of(size));
        let (mut rung, mut tally) = ladder.rung(tick);
        rung.join(&mut tally, size, basis)?;
        ladder.rungs.insert(tick, (rung, tally));
        ladder.occupied.insert(tick);
        let placed = Position::place(size, basis, &rung, funding)?;
        self.accounts.entry(account).or_default().positions.insert(market, placed);
        Ok(())
    }

    /// Settles an account's position into cash and takes it from its rung: its size and basis. The market stays in the
    /// account's list.
    pub(crate) fn take_out(&mut self, account: AccountId, market: MarketId) -> Result<(i128, i128), Error> {
        let Some(position) = self.accounts.get_mut(&account).and_then(|a| a.positions.remove(&market)) else {
            return Ok((0, 0));
        };
        let funding = self.market(market)?.funding.index;
        let now = self.catch_up(market, &position, funding)?;
        let (side, tick, rung) = self.rung_of(market, &position)?;
        self.dust.caught_up(market, &position, &rung, &now);
        self.add_cash(account, now.cash)?;
        if now.member {
            self.leave(market, side, tick, now.size, now.basis)?;
        }
        Ok((now.size, now.basis))
    }

    /// Puts a position on its rung.
    pub(crate) fn put_back(
        &mut self,
        account: AccountId,
        market: MarketId,
        size: i128,
        basis: i128,
    ) -> Result<(), Error> {
        let most = self.config.max_positions;
        let list = self.accounts.entry(account).or_default();
        if size == 0 {
            list.unlist(market);
            return Ok(());
        }
        let tick =
            ladder::tick_of(size, basis)?.ok_or(Error::EntryOutOfRange { instrument: ids::perp(market) })?;
        if !list.markets.contains(&market) && !admits_another_position(list.markets.len(), most) {
            return Err(Error::TooManyPositions { account, most });
        }
        list.list(market);
        self.join(account, market, tick, size, basis)
    }

    /// Applies `change` at `price` to an account's position; `flow` is the quote that the trade moves to it. No check of
    /// margin, limits or prices: the caller's are. Funding is taken as stored.
    ///
    /// # Errors
    /// [`Error::EntryOutOfRange`], [`Error::TooManyPositions`], [`Error::UnknownMarket`], [`Error::Overflow`]. The book
    /// may be half changed then.
    pub(crate) fn trade(
        &mut self,
        account: AccountId,
        market: MarketId,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<(), Error> {
        let (size, basis) = self.take_out(account, market)?;
        let Traded { size: after, basis, cash } = position::trade(size, basis, change, flow, price)?;
        self.add_cash(account, cash)?;
        self.put_back(account, market, after, basis)?;
        let state = self.market_mut(market)?;
        state.open_interest = open_interest_after(state.open_interest, size, after)?;
        Ok(())
    }

    /// A fill between two accounts without fees and without any check: for replaying traces of other models, which know
    /// no margin. Funding is taken as stored and the fill is not observed by it.
    ///
    /// # Errors
    /// As the trades themselves: [`Error::EntryOutOfRange`], [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn fill_unchecked(
        &mut self,
        buyer: AccountId,
        seller: AccountId,
        market: MarketId,
        size: i128,
        price: u128,
    ) -> Result<(), Error> {
        self.atomically(|book| {
            let sold = size.checked_neg().ok_or(Error::Overflow)?;
            book.dust.filled();
            book.trade(buyer, market, size, fill::flow_floor(size, price)?, price)?;
            book.trade(seller, market, sold, fill::flow_floor(sold, price)?, price)
        })
    }

    /// Sets a market's cumulative funding directly, in the scale of [`ladder::ONE`]: for replaying traces of other models,
    /// which give it instead of deriving it from fills.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`].
    pub fn set_funding_index(&mut self, market: MarketId, index: i128) -> Result<(), Error> {
        let stored = self.market(market)?.funding.index;
        self.dust.accrued(market, stored, index);
        self.market_mut(market)?.funding.index = index;
        Ok(())
    }
}
