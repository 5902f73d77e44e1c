//! What accounts do to their holdings: trades, catching up, paying debts. Every rule is in [`plimsoll_risk::ladder`].

use plimsoll_risk::{
    Overflow, fill, ids,
    ladder::{Holding, Moment, Outcome},
    limits::admits_another_position,
};

use crate::{
    account::AccountId,
    book::Book,
    dust,
    error::Error,
    market::{Ladder, MarketId},
};

impl Book {
    pub(crate) fn add_cash(&mut self, account: AccountId, cash: i128) -> Result<(), Error> {
        let account = self.accounts.entry(account).or_default();
        account.cash = account.cash.checked_add(cash).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Accrues a market's funding and its clock up to now and stores them.
    pub(crate) fn accrue(&mut self, market: MarketId) -> Result<(), Error> {
        let (funding, clock) = self.accrued(market)?;
        let state = self.market_mut(market)?;
        (state.funding, state.clock) = (funding, clock);
        Ok(())
    }

    /// Does something to an account's holding in a market, which is accrued, and stores what became of it. The market is in
    /// the account's list from now on as long as it has anything there.
    ///
    /// The holding sees the account's cash with what its other markets will bring: whoever has ripe profit waiting there is not
    /// below zero, and his open profit here must not pay as if he were. It would leave the market as ripe cash.
    pub(crate) fn with_holding(
        &mut self,
        account: AccountId,
        market: MarketId,
        act: impl FnOnce(&mut Holding, &mut Ladder, &Moment, &mut i128) -> Result<Outcome, Overflow>,
    ) -> Result<Outcome, Error> {
        let now = self.moment(market)?;
        let elsewhere = self.pending_elsewhere(account, market)?;
        let most = self.config.max_positions;
        let state = self.markets.get_mut(&market).ok_or(Error::Overflow)?;
        let owner = self.accounts.entry(account).or_default();
        let mut holding = owner.holdings.get(&market).copied().unwrap_or_default();
        let mut cash = owner.cash.checked_add(elsewhere).ok_or(Error::Overflow)?;
        let outcome = act(&mut holding, &mut state.ladder, &now, &mut cash)?;
        owner.cash = cash.checked_sub(elsewhere).ok_or(Error::Overflow)?;
        state.open_interest = dust::shifted(state.open_interest, outcome.open_interest)?;
        self.dust.caught_up(&now, state.open_interest);
        state.dust = state.dust.checked_add(outcome.dust).ok_or(Error::Overflow)?;
        if holding.is_empty() {
            owner.unlist(market);
        } else {
            if !owner.markets.contains(&market) && !admits_another_position(owner.markets.len(), most) {
                return Err(Error::TooManyPositions { account, most });
            }
            owner.list(market);
            owner.holdings.insert(market, holding);
        }
        Ok(outcome)
    }

    /// Applies `change` at `price` to an account's position; `flow` is the quote that the trade moves to it. No check of
    /// margin, limits or prices: the caller's are. The market is accrued.
    pub(crate) fn trade(
        &mut self,
        account: AccountId,
        market: MarketId,
        change: i128,
        flow: i128,
        price: u128,
    ) -> Result<(), Error> {
        let outcome = self.with_holding(account, market, |holding, ladder, now, cash| {
            holding.trade(ladder, now, cash, change, flow, price)
        })?;
        if outcome.dropped { Err(Error::EntryOutOfRange { instrument: ids::perp(market) }) } else { Ok(()) }
    }

    /// An account's cash does not stay below zero beside its own profit: that pays first, market by market.
    pub(crate) fn pay_debt(&mut self, account: AccountId) -> Result<(), Error> {
        for market in self.account(account).markets {
            let cash = self.account_of(account)?.cash;
            if cash >= 0 {
                break;
            }
            self.accrue(market)?;
            self.with_holding(account, market, |holding, ladder, now, own| {
                holding.pay_debt(ladder, now, own, cash.unsigned_abs())
            })?;
        }
        Ok(())
    }

    /// Cash that catching up an account's other markets brings: ripe profit and funding.
    fn pending_elsewhere(&self, account: AccountId, market: MarketId) -> Result<i128, Error> {
        let Some(stored) = self.accounts.get(&account) else { return Ok(0) };
        stored.markets.iter().filter(|&&other| other != market).try_fold(0i128, |sum, &other| {
            sum.checked_add(self.held(account, other)?.cash).ok_or(Error::Overflow)
        })
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
            book.trade(buyer, market, size, fill::flow_floor(size, price)?, price)?;
            book.trade(seller, market, sold, fill::flow_floor(sold, price)?, price)
        })
    }

    /// Sets a market's cumulative funding and clock directly: for replaying traces of other models, which give them.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`].
    pub fn set_progress(&mut self, market: MarketId, funding: i128, clock: u32) -> Result<(), Error> {
        let now = self.now;
        let state = self.market_mut(market)?;
        let usable = state.price.usable_at(&state.ages, now);
        (state.funding.index, state.funding.usable, state.clock) = (funding, usable, clock);
        Ok(())
    }
}
