//! The book: its state, clock and prices, and its views.

use std::collections::BTreeMap;

use plimsoll_risk::{
    funding::Funding,
    ids,
    ladder::{Estate, Held, Moment},
    limits::{DEFAULT_INSURANCE_CAP, MAX_INSURANCE_CAP, MAX_POSITIONS},
    margin::{self, Exposure, Margin},
    market::Params,
    oracle::{self, Ages, Band, Judged, Price, ReportError, Status},
    pause,
    waterfall::Bucket,
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
    /// Share of the insurance fund that all markets together may draw, ppm; what was drawn refills over a day.
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
    /// What was drawn of insurance for what no market was to bear.
    pub unassigned_bucket: Bucket,
    /// What was drawn of insurance for anything.
    pub common_bucket: Bucket,
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
            unassigned_bucket: Bucket::default(),
            common_bucket: Bucket::default(),
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
        if self.insurance_shares().saturating_add(params.insurance_share) > self.config.insurance_cap {
            return Err(Error::ParameterOutOfBounds { index: 23 });
        }
        let listed = Market {
            params,
            ages,
            price: Price::default(),
            max_move: 0,
            doubting: Price::default(),
            funding: Funding { rate: params.funding.rate_floor(0, 0), ..Funding::default() },
            clock: 0,
            stands: false,
            generation: 1,
            last_fill: 0,
            last_pass: 0,
            open_interest: 0,
            dust: 0,
            bad_debt: 0,
            bucket: Bucket::default(),
            estate: Estate::default(),
            ladder: Ladder::default(),
        };
        self.markets.insert(market, listed);
        Ok(())
    }

    /// The share of the insurance fund that all markets together may draw, ppm.
    ///
    /// # Errors
    /// [`Error::ParameterOutOfBounds`] above one, and below the sum of the markets' shares.
    pub fn set_insurance_cap(&mut self, cap: u32) -> Result<(), Error> {
        if cap > MAX_INSURANCE_CAP || cap < self.insurance_shares() {
            return Err(Error::ParameterOutOfBounds { index: 0 });
        }
        self.config.insurance_cap = cap;
        Ok(())
    }

    /// What the oracle does when a report of this price, observed now, comes in: one that moves too far makes the price late
    /// until a second one agrees.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`]; [`Error::NotNewer`] when there is a price of now or later; [`Error::Overflow`] for a
    /// price of zero or beyond the engine's range.
    pub fn set_price(&mut self, market: MarketId, price: u128) -> Result<(), Error> {
        let now = self.now;
        let state = self.market_mut(market)?;
        let report = Price { price, time: now, ..Price::default() };
        let band = Band { min_price: 1, max_price: oracle::MAX_PRICE, max_move: state.max_move };
        match oracle::judge_report(&report, &state.price, &state.doubting, &state.ages, &band, now) {
            Ok(Judged::Accepted) => state.price = state.price.followed_by(price, now, &state.ages),
            Ok(Judged::Doubted) => {
                state.price = state.price.doubted(now);
                state.doubting = report;
            }
            Err(ReportError::NotNewer { last }) => return Err(Error::NotNewer { last }),
            Err(_) => return Err(Error::Overflow),
        }
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

    /// A market's funding and the seconds of its clock, as they would be accrued now.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn accrued(&self, market: MarketId) -> Result<(Funding, u32), Error> {
        let state = self.market(market)?;
        let usable = state.price.usable_at(&state.ages, self.now);
        let funding = state.funding.accrue_floor(usable, state.price.price, &state.params.funding)?;
        let ran = if state.stands { 0 } else { funding.usable - state.funding.usable };
        Ok((funding, state.clock.checked_add(ran).ok_or(Error::Overflow)?))
    }

    /// A market at this moment, accrued.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn moment(&self, market: MarketId) -> Result<Moment, Error> {
        let (funding, clock) = self.accrued(market)?;
        let state = self.market(market)?;
        Ok(Moment {
            window: state.params.time.window(clock),
            generation: state.generation,
            funding: funding.index,
            mark: state.price.price,
        })
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

    /// What an account has in a market, caught up; nothing where there is nothing.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn held(&self, account: AccountId, market: MarketId) -> Result<Held, Error> {
        let Some(holding) = self.accounts.get(&account).and_then(|a| a.holdings.get(&market)) else {
            return self.market(market).map(|_| Held::default());
        };
        Ok(holding.held(&self.market(market)?.ladder, &self.moment(market)?)?)
    }

    /// An account caught up: what a write would find now.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn account_of(&self, account: AccountId) -> Result<AccountView, Error> {
        let Some(stored) = self.accounts.get(&account) else { return Ok(AccountView::default()) };
        let mut view = AccountView { cash: stored.cash, positions: Vec::new() };
        for &market in &stored.markets {
            let held = self.held(account, market)?;
            view.cash = view.cash.checked_add(held.cash).ok_or(Error::Overflow)?;
            view.positions.push(PositionView { market, held });
        }
        Ok(view)
    }

    /// An account's margin. A market whose price's status does not allow this use counts at its last good price, with stress.
    ///
    /// # Errors
    /// [`Error::Overflow`].
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
            let state = self.market(position.market)?;
            let PositionView { held, .. } = position;
            let (size, basis) =
                if Some(position.market) == left_out { (0, 0) } else { (held.size, held.basis) };
            margin.add(&Exposure {
                size,
                basis,
                young: held.young,
                mark: state.price.price,
                usable: self.price(position.market, wanted).is_ok(),
                open_interest: state.open_interest,
                params: &state.params.margin,
            })?;
        }
        Ok(margin)
    }

    /// What an account may withdraw, quote, WAD, rounded down.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn free_collateral(&self, account: AccountId) -> Result<u128, Error> {
        Ok(self.margin_of(account, Use::Trading)?.withdrawable(self.tokens))
    }

    /// The mark at which an account's position is liquidated, everything else as it is; `None` where no price does it.
    ///
    /// # Errors
    /// As [`Self::margin_of`].
    pub fn liquidation_price(&self, account: AccountId, market: MarketId) -> Result<Option<u128>, Error> {
        let Held { size, basis, .. } = self.held(account, market)?;
        let rest = self.margin_without(account, Some(market), Use::Liquidation)?;
        let params = &self.market(market)?.params.margin;
        Ok(margin::liquidation_price(&rest, size, basis, params)?)
    }

    /// All bad debt: of every market, and that which belongs to none. Quote, WAD.
    #[must_use]
    pub fn bad_debt(&self) -> u128 {
        self.markets.values().fold(self.unassigned_bad_debt, |sum, m| sum.saturating_add(m.bad_debt))
    }
}
