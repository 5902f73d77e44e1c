//! `liquidate`: another account takes over part of a position.

use plimsoll_risk::{
    ids,
    ladder::Side,
    liquidation::{self, Close, Refusal, Takeover},
    margin::Margin,
    market::Params,
    oracle::{self, Status},
    trade,
};

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
    market::MarketId,
};

/// What a liquidation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
    /// Size taken over, units of the underlying, WAD.
    pub size: u128,
    /// Side of the account's position.
    pub side: Side,
    /// Price at which it changed hands.
    pub price: u128,
    /// What went to insurance, quote, WAD.
    pub fee: u128,
    /// What insurance paid the one who took over, quote, WAD.
    pub reward: u128,
}

impl Book {
    /// What a liquidation of an account's position would do now.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::Insolvent`], [`Error::NotLiquidatable`],
    /// [`Error::NoPosition`], [`Error::Overflow`].
    pub fn quote_liquidation(&self, account: AccountId, market: MarketId) -> Result<(Takeover, Side), Error> {
        let mark = self.price(market, Use::Liquidation)?;
        let margin = self.liquidatable(account)?;
        let size = self.held(account, market)?.size;
        if size == 0 {
            return Err(Error::NoPosition { account, instrument: ids::perp(market) });
        }
        let params = &self.market(market)?.params;
        let late = self.is_late(market)?;
        let (side, factor) = (Side::of(size), params.margin.maintenance_factor_wad());
        let rules = &params.liquidation;
        Ok((liquidation::takeover(&margin, side, size.unsigned_abs(), mark, factor, rules, late)?, side))
    }

    fn is_late(&self, market: MarketId) -> Result<bool, Error> {
        let state = self.market(market)?;
        Ok(oracle::status(&state.price, &state.ages, self.now) != Status::Fresh)
    }

    fn liquidatable(&self, account: AccountId) -> Result<Margin, Error> {
        let margin = self.margin_of(account, Use::Liquidation)?;
        let Margin { equity, maintenance, .. } = margin;
        liquidation::admit(&margin).map_err(|refusal| match refusal {
            Refusal::Insolvent => Error::Insolvent { account, equity },
            Refusal::Healthy => Error::NotLiquidatable { account, equity, maintenance },
        })?;
        Ok(margin)
    }

    /// Takes over at most `max_size` of an account's position into another account; `limit` bounds the price, zero does
    /// not.
    ///
    /// # Errors
    /// [`Error::SelfLiquidation`], [`Error::ZeroSize`], those of [`Self::quote_liquidation`], [`Error::LimitPrice`],
    /// [`Error::PositionTooLarge`], [`Error::OpenInterestTooLarge`], [`Error::InsufficientMargin`] of the one who takes over,
    /// [`Error::TooManyPositions`], [`Error::EntryOutOfRange`].
    pub fn liquidate(
        &mut self,
        account: AccountId,
        into: AccountId,
        market: MarketId,
        max_size: u128,
        limit: u128,
    ) -> Result<Liquidation, Error> {
        self.atomically(|book| {
            if account == into {
                return Err(Error::SelfLiquidation { account });
            }
            if max_size == 0 {
                return Err(Error::ZeroSize);
            }
            let before = book.margin_of(into, Use::Liquidation)?;
            let (takeover, side) = book.quote_liquidation(account, market)?;
            let equity = book.margin_of(account, Use::Liquidation)?.stressed();
            book.accrue(market)?;
            let mark = book.price(market, Use::Liquidation)?;
            let price = takeover.price;
            if !liquidation::within_limit(side, price, limit) {
                return Err(Error::LimitPrice { price, limit });
            }
            let close = takeover.close(side, mark, max_size)?;
            let Close { size, flow, fee, .. } = close;
            let (held, open_interest) = (book.held(into, market)?.size, book.open_interest(market)?);
            book.trade(account, market, side.opposite().signed(size)?, flow, price)?;
            book.add_cash(account, -i128::try_from(fee).map_err(|_| Error::Overflow)?)?;
            let paid = flow.checked_neg().ok_or(Error::Overflow)?;
            book.trade(into, market, side.signed(size)?, paid, price)?;
            book.insurance = book.insurance.checked_add(fee).ok_or(Error::Overflow)?;
            let Params { margin, liquidation: rules, .. } = book.market(market)?.params;
            let late = book.is_late(market)?;
            let owed = liquidation::reward_floor(
                &takeover,
                &close,
                mark,
                &rules,
                late,
                equity,
                margin.liquidation_cost,
            )?;
            let reward = book.draw_insurance(Some(market), owed)?;
            book.add_cash(into, i128::try_from(reward).map_err(|_| Error::Overflow)?)?;
            let now = book.now;
            book.market_mut(market)?.last_fill = now;
            book.check_position_caps(into, market, held, open_interest)?;
            book.pay_debt(account)?;
            book.pay_debt(into)?;
            let after = book.margin_of(into, Use::Liquidation)?;
            let grew = trade::grows(held, book.held(into, market)?.size);
            trade::verdict(&before, &after, grew, false).map_err(|_| Error::InsufficientMargin {
                account: into,
                equity: after.initial_equity,
                initial: after.initial,
            })?;
            Ok(Liquidation { size, side, price, fee, reward })
        })
    }
}
