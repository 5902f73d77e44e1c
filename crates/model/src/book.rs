//! The book: its state, clock and prices, and its views.

use std::collections::BTreeMap;

use plimsoll_risk::{
    funding::Funding,
    ids,
    ladder::{self, CaughtUp, Position, Rung, Side},
    limits::{DEFAULT_INSURANCE_CAP, MAX_INSURANCE_CAP, MAX_POSITIONS},
    margin::{self, Exposure, Margin},
    market::Params,
    oracle::{self, Ages, Price, Status},
    pause,
};

use crate::{
    account::{Account, AccountId, AccountView, PositionView},
    dust::Dust,
    error::Error,
    market::{Ladder, Market, MarketId},
};

/// What is fixed when a book is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Decimals of the quote token, at most 18.
    pub decimals: u8,
    /// Share of the insurance fund that one event may draw, ppm.
    pub insurance_cap: u32,
    /// Most positions of one account.
    pub max_positions: u8,
}

impl Default for Config {
    /// A token of 6 decimals; insurance cap and positions as a new engine has them.
    fn default() -> Self {
        Self { decimals: 6, insurance_cap: DEFAULT_INSURANCE_CAP, max_positions: MAX_POSITIONS }
    }
}

/// What a price is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Trading and withdrawing: fresh prices only.
    Trading,
    /// Liquidating, deleveraging and accruing funding: late prices too.
    Liquidation,
}

impl Use {
    const fn allows(self, status: Status) -> bool {
        match self {
            Self::Trading => status.allows_trading(),
            Self::Liquidation => status.allows_liquidation(),
        }
    }
}

/// The engine's whole state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// What was fixed at the start.
    pub config: Config,
    /// Now, Unix seconds.
    pub now: u64,
    /// Until when the guardian has paused the engine.
    pub paused_until: u64,
    /// Every account that was ever written.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Every market.
    pub markets: BTreeMap<MarketId, Market>,
    /// The insurance fund, quote, WAD.
    pub insurance: u128,
    /// Fees collected, quote, WAD.
    pub fees: u128,
    /// Bad debt of accounts that had no position to assign it by, quote, WAD. The engine keeps it under instrument 0.
    pub unassigned_bad_debt: u128,
    /// Quote tokens held, WAD.
    pub tokens: u128,
    /// Roundings counted so far. Not part of the engine's state.
    pub dust: Dust,
}

impl Book {
    /// An empty book at a time.
    #[must_use]
    pub fn new(config: Config, now: u64) -> Self {
        Self {
            config,
            now,
            paused_until: 0,
            accounts: BTreeMap::new(),
            markets: BTreeMap::new(),
            insurance: 0,
            fees: 0,
            unassigned_bad_debt: 0,
            tokens: 0,
            dust: Dust::default(),
        }
    }

    /// Runs an operation; on an error everything is as before. Takes a copy of the book, so its cost grows with it.
    pub(crate) fn atomically<T>(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let before = self.clone();
        let result = operation(self);
        if result.is_err() {
            *self = before;
        }
        result
    }

    /// Moves the clock; never back.
    pub fn set_time(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    /// Pauses the engine: until then it admits risk reduction, liquidations and deposits only.
    pub fn pause(&mut self, until: u64) {
        self.paused_until = until;
    }

    /// Whether the engine is paused now.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        pause::in_force(self.paused_until, self.now) != 0
    }

    /// Lists a market, without a price.
    ///
    /// # Errors
    /// [`Error::MarketExists`], [`Error::ParameterOutOfBounds`].
    pub fn list_market(&mut self, market: MarketId, params: Params, ages: Ages) -> Result<(), Error> {
        if self.markets.contains_key(&market) {
            return Err(Error::MarketExists { instrument: ids::perp(market) });
        }
        params.validate().map_err(|index| Error::ParameterOutOfBounds { index })?;
        let listed = Market {
            params,
            ages,
            price: Price::default(),
            funding: Funding { time: self.now, ..Funding::default() },
            open_interest: 0,
            dust: 0,
            bad_debt: 0,
            long: Ladder::default(),
            short: Ladder::default(),
        };
        self.markets.insert(market, listed);
        Ok(())
    }

    /// The share of the insurance fund that one event may draw, ppm.
    ///
    /// # Errors
    /// [`Error::ParameterOutOfBounds`] above one.
    pub fn set_insurance_cap(&mut self, cap: u32) -> Result<(), Error> {
        if cap > MAX_INSURANCE_CAP {
            return Err(Error::ParameterOutOfBounds { index: 0 });
        }
        self.config.insurance_cap = cap;
        Ok(())
    }

    /// What the oracle does when a report of this price, observed now, is accepted.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`]; [`Error::NotNewer`] when there is a price of now or later; [`Error::Overflow`] for a
    /// price of zero or beyond the engine's range.
    pub fn set_price(&mut self, market: MarketId, price: u128) -> Result<(), Error> {
        let now = self.now;
        let state = self.market_mut(market)?;
        if price == 0 || price > oracle::MAX_PRICE {
            return Err(Error::Overflow);
        }
        if state.price.price != 0 && state.price.time >= now {
            return Err(Error::NotNewer { last: state.price.time });
        }
        state.price = Price { price, time: now };
        Ok(())
    }

    /// A market's state.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`].
    pub fn market(&self, market: MarketId) -> Result<&Market, Error> {
        self.markets.get(&market).ok_or(Error::UnknownMarket { instrument: ids::perp(market) })
    }

    pub(crate) fn market_mut(&mut self, market: MarketId) -> Result<&mut Market, Error> {
        self.markets.get_mut(&market).ok_or(Error::UnknownMarket { instrument: ids::perp(market) })
    }

    /// The price of a market, if its status allows this use.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::PriceUnusable`].
    pub fn price(&self, market: MarketId, wanted: Use) -> Result<u128, Error> {
        let state = self.market(market)?;
        let status = oracle::status(&state.price, &state.ages, self.now);
        if wanted.allows(status) {
            Ok(state.price.price)
        } else {
            Err(Error::PriceUnusable { instrument: ids::perp(market), status: status.code() })
        }
    }

    /// A market's funding as it would be accrued now; as it is stored while the price is unusable.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn funding(&self, market: MarketId) -> Result<Funding, Error> {
        let state = self.market(market)?;
        match self.price(market, Use::Liquidation) {
            Ok(price) => Ok(state.funding.accrue_floor(self.now, price, state.params.funding_cap)?.0),
            Err(_) => Ok(state.funding),
        }
    }

    /// Sum of all long sizes of a market.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`].
    pub fn open_interest(&self, market: MarketId) -> Result<u128, Error> {
        Ok(self.market(market)?.open_interest)
    }

    /// The stored state of an account; an empty one where there is none.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Account {
        self.accounts.get(&account).cloned().unwrap_or_default()
    }

    /// The rung that a stored position sits on, and the side and tick of it.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`]; [`Error::EntryOutOfRange`] for a position that this book did not store.
    pub fn rung_of(&self, market: MarketId, position: &Position) -> Result<(Side, i32, Rung), Error> {
        let side = Side::of(position.size);
        let tick = ladder::tick_of(position.size, position.basis)?
            .ok_or(Error::EntryOutOfRange { instrument: ids::perp(market) })?;
        Ok((side, tick, self.market(market)?.ladder(side).rung(tick).0))
    }

    /// A stored position caught up with its rung at a funding index.
    pub(crate) fn catch_up(
        &self,
        market: MarketId,
        position: &Position,
        funding: i128,
    ) -> Result<CaughtUp, Error> {
        let (side, tick, rung) = self.rung_of(market, position)?;
        let ended = &self.market(market)?.ladder(side).ended;
        let mut lost = false;
        let end = |epoch| {
            let end = ended.get(&(tick, epoch)).copied();
            lost |= end.is_none();
            end.unwrap_or_default()
        };
        let now = ladder::catch_up(position, &rung, funding, end)?;
        // Ended epochs are kept for ever, so one that is missing was never written by these functions.
        if lost { Err(Error::Overflow) } else { Ok(now) }
    }

    /// An account's position in a market, caught up; of size zero where there is none.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn position_of(&self, account: AccountId, market: MarketId) -> Result<PositionView, Error> {
        let none = PositionView { market, size: 0, basis: 0, cash: 0, member: false };
        let Some(position) = self.accounts.get(&account).and_then(|a| a.positions.get(&market)) else {
            return self.market(market).map(|_| none);
        };
        let now = self.catch_up(market, position, self.funding(market)?.index)?;
        Ok(PositionView { market, size: now.size, basis: now.basis, cash: now.cash, member: now.member })
    }

    /// An account caught up: what a write would find now.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn account_of(&self, account: AccountId) -> Result<AccountView, Error> {
        let Some(stored) = self.accounts.get(&account) else { return Ok(AccountView::default()) };
        let mut view = AccountView { cash: stored.cash, positions: Vec::new() };
        for &market in &stored.markets {
            let position = self.position_of(account, market)?;
            view.cash = view.cash.checked_add(position.cash).ok_or(Error::Overflow)?;
            view.positions.push(position);
        }
        Ok(view)
    }

    /// An account's margin, if the status of every price allows this use.
    ///
    /// # Errors
    /// [`Error::PriceUnusable`] for any market in its list, [`Error::Overflow`].
    pub fn margin_of(&self, account: AccountId, wanted: Use) -> Result<Margin, Error> {
        self.margin_without(account, None, wanted)
    }

    /// The same without one of its positions.
    fn margin_without(
        &self,
        account: AccountId,
        left_out: Option<MarketId>,
        wanted: Use,
    ) -> Result<Margin, Error> {
        let view = self.account_of(account)?;
        let mut margin = Margin::of_cash(view.cash);
        for position in &view.positions {
            let mark = self.price(position.market, wanted)?;
            if Some(position.market) == left_out {
                continue;
            }
            let state = self.market(position.market)?;
            margin.add(&Exposure {
                size: position.size,
                basis: position.basis,
                mark,
                open_interest: state.open_interest,
                params: &state.params.margin,
            })?;
        }
        Ok(margin)
    }

    /// What an account may withdraw, quote, WAD, rounded down.
    ///
    /// # Errors
    /// As [`Self::margin_of`].
    pub fn free_collateral(&self, account: AccountId) -> Result<u128, Error> {
        Ok(self.margin_of(account, Use::Trading)?.withdrawable(self.tokens))
    }

    /// The mark at which an account's position is liquidated, everything else as it is; `None` where no price does it.
    ///
    /// # Errors
    /// As [`Self::margin_of`].
    pub fn liquidation_price(&self, account: AccountId, market: MarketId) -> Result<Option<u128>, Error> {
        let position = self.position_of(account, market)?;
        let rest = self.margin_without(account, Some(market), Use::Liquidation)?;
        let params = &self.market(market)?.params.margin;
        Ok(margin::liquidation_price(&rest, position.size, position.basis, params)?)
    }

    /// All bad debt: of every market, and that which belongs to none. Quote, WAD.
    #[must_use]
    pub fn bad_debt(&self) -> u128 {
        self.markets.values().fold(self.unassigned_bad_debt, |sum, m| sum.saturating_add(m.bad_debt))
    }
}
