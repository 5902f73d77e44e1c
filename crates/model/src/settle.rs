//! `settle`: applies a venue's fills, then checks every account at the point of trade.

use plimsoll_risk::{
    fill::{self, notional_ceil},
    ids,
    margin::Margin,
    trade::{self, Refusal},
};

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
    market::MarketId,
};

/// One fill: `taker` buys `size` (sells, when negative) from `maker` at `price`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The one whose order met another's.
    pub taker: AccountId,
    /// The one it met.
    pub maker: AccountId,
    /// Market.
    pub market: MarketId,
    /// Signed units of the underlying, WAD.
    pub size: i128,
    /// Quote per unit, WAD.
    pub price: u128,
}

/// A position that a call changes: its size and its market's open interest before the first fill.
struct Held {
    account: AccountId,
    market: MarketId,
    size: i128,
    open_interest: u128,
}

/// What the accounts and markets of a call were before its first fill.
#[derive(Default)]
struct Before {
    accounts: Vec<(AccountId, Margin)>,
    positions: Vec<Held>,
}

impl Before {
    fn margin(&self, account: AccountId) -> Result<&Margin, Error> {
        self.accounts.iter().find(|(noted, _)| *noted == account).map(|(_, m)| m).ok_or(Error::Overflow)
    }

    fn note(&mut self, book: &Book, fill: &Fill) -> Result<(), Error> {
        for account in [fill.taker, fill.maker] {
            if !self.accounts.iter().any(|&(noted, _)| noted == account) {
                self.accounts.push((account, book.margin_of(account, Use::Trading)?));
            }
            let market = fill.market;
            if !self.positions.iter().any(|held| (held.account, held.market) == (account, market)) {
                let size = book.held(account, market)?.size;
                let open_interest = book.open_interest(market)?;
                self.positions.push(Held { account, market, size, open_interest });
            }
        }
        Ok(())
    }
}

impl Book {
    /// Settles the fills of an admitted and approved venue, all or none.
    ///
    /// # Errors
    /// [`Error::NoFills`]; for a fill [`Error::ZeroSize`], [`Error::SelfTrade`], [`Error::UnknownMarket`],
    /// [`Error::PriceUnusable`], [`Error::PriceOutOfBand`], [`Error::TooManyPositions`], [`Error::EntryOutOfRange`]; after
    /// all of them [`Error::PositionTooLarge`], [`Error::PriceTooOld`], [`Error::PositionTooSmall`], [`Error::OpenInterestTooLarge`], [`Error::Insolvent`],
    /// [`Error::EnginePaused`], [`Error::InsufficientMargin`]; [`Error::Overflow`].
    pub fn settle(&mut self, fills: &[Fill]) -> Result<(), Error> {
        self.atomically(|book| {
            if fills.is_empty() {
                return Err(Error::NoFills);
            }
            for fill in fills {
                if fill.size == 0 {
                    return Err(Error::ZeroSize);
                }
                if fill.taker == fill.maker {
                    return Err(Error::SelfTrade { account: fill.taker });
                }
            }
            fills.iter().try_for_each(|fill| book.market(fill.market).map(|_| ()))?;
            fills.iter().try_for_each(|fill| book.price(fill.market, Use::Trading).map(|_| ()))?;
            let mut before = Before::default();
            fills.iter().try_for_each(|fill| before.note(book, fill))?;
            let mut changed: Vec<AccountId> = Vec::new();
            for fill in fills {
                for account in [fill.taker, fill.maker] {
                    // No state between two fills that the account's margin would not carry.
                    match changed.contains(&account) {
                        true => book.judge(account, &before)?,
                        false => changed.push(account),
                    }
                }
                book.fill(fill)?;
            }
            book.check_caps(&before)?;
            for (account, _) in &before.accounts {
                book.pay_debt(*account)?;
                book.judge(*account, &before)?;
            }
            Ok(())
        })
    }

    fn fill(&mut self, of: &Fill) -> Result<(), Error> {
        let Fill { taker, maker, market, size, price } = *of;
        let index = self.price(market, Use::Trading)?;
        let params = self.market(market)?.params;
        let band = params.fills.price_band(index)?;
        if !band.admits(price) {
            let fill::Band { low, high } = band;
            return Err(Error::PriceOutOfBand { instrument: ids::perp(market), price, low, high });
        }
        self.accrue(market)?; // changes nothing after the first fill of the call
        let fees = params.fills.fees_ceil(size, price)?;
        let sold = size.checked_neg().ok_or(Error::Overflow)?;
        for (account, change, fee) in [(taker, size, fees.taker), (maker, sold, fees.maker)] {
            self.trade(account, market, change, fill::flow_floor(change, price)?, price)?;
            self.add_cash(account, -i128::try_from(fee).map_err(|_| Error::Overflow)?)?;
            self.fees = self.fees.checked_add(fee).ok_or(Error::Overflow)?;
        }
        let now = self.now;
        let state = self.market_mut(market)?;
        state.last_fill = now;
        Ok(state.funding.observe_floor(price, index, notional_ceil(size, price)?)?)
    }

    fn check_caps(&self, before: &Before) -> Result<(), Error> {
        for held in &before.positions {
            let (account, instrument) = (held.account, ids::perp(held.market));
            self.check_position_caps(account, held.market, held.size, held.open_interest)?;
            let size = self.held(account, held.market)?.size;
            let state = self.market(held.market)?;
            if trade::grows(held.size, size) {
                if !trade::is_recent(&state.params.time, state.price.time, self.now) {
                    let (age, most) = (self.now - state.price.time, state.params.time.max_trade_age);
                    return Err(Error::PriceTooOld { instrument, age, most });
                }
                let notional = notional_ceil(size, state.price.price)?;
                let least = state.params.liquidation.min_notional;
                if notional < least {
                    return Err(Error::PositionTooSmall { account, instrument, notional, least });
                }
            }
        }
        Ok(())
    }

    /// Checks the caps on a position and on open interest after a change.
    pub(crate) fn check_position_caps(
        &self,
        account: AccountId,
        market: MarketId,
        before: i128,
        open_interest_before: u128,
    ) -> Result<(), Error> {
        let (instrument, caps) = (ids::perp(market), self.market(market)?.params.caps);
        let size = self.held(account, market)?.size;
        if !caps.admit_position(before, size) {
            let (size, most) = (size.unsigned_abs(), caps.position);
            return Err(Error::PositionTooLarge { account, instrument, size, most });
        }
        let open_interest = self.open_interest(market)?;
        if !caps.admit_open_interest(open_interest_before, open_interest) {
            let most = caps.open_interest;
            return Err(Error::OpenInterestTooLarge { instrument, open_interest, most });
        }
        Ok(())
    }

    fn judge(&self, account: AccountId, before: &Before) -> Result<(), Error> {
        let after = self.margin_of(account, Use::Trading)?;
        let mut grew = false;
        for held in before.positions.iter().filter(|held| held.account == account) {
            grew |= trade::grows(held.size, self.held(account, held.market)?.size);
        }
        trade::verdict(before.margin(account)?, &after, grew, self.is_paused()).map_err(|refusal| {
            match refusal {
                Refusal::Insolvent => Error::Insolvent { account, equity: after.equity },
                Refusal::Paused => Error::EnginePaused { until: self.paused_until },
                Refusal::InsufficientMargin => Error::InsufficientMargin {
                    account,
                    equity: after.initial_equity,
                    initial: after.initial,
                },
            }
        })
    }
}
