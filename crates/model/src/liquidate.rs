//! `liquidate`: another account takes over part of a position.

use plimsoll_risk::{
    ids,
    ladder::Side,
    liquidation::{self, Close, Refusal, Takeover},
    margin::Margin,
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
}

impl Book {
    /// What a liquidation of an account's position would do now.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::Insolvent`], [`Error::NotLiquidatable`],
    /// [`Error::NoPosition`], [`Error::Overflow`].
    pub fn quote_liquidation(&self, account: AccountId, market: MarketId) -> Result<(Takeover, Side), Error> {
        self.market(market)?;
        let margin = self.liquidatable(account)?;
        let size = self.position_of(account, market)?.size;
        if size == 0 {
            return Err(Error::NoPosition { account, instrument: ids::perp(market) });
        }
        let mark = self.price(market, Use::Liquidation)?;
        let params = &self.market(market)?.params;
        let (side, factor) = (Side::of(size), params.margin.maintenance_factor_wad());
        let rules = &params.liquidation;
        Ok((liquidation::takeover(&margin, side, size.unsigned_abs(), mark, factor, rules)?, side))
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
    /// [`Error::InsufficientMargin`] of the one who takes over, [`Error::TooManyPositions`], [`Error::EntryOutOfRange`].
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
            book.market(market)?;
            book.margin_of(account, Use::Liquidation)?;
            let before = book.margin_of(into, Use::Liquidation)?;
            let (takeover, side) = book.quote_liquidation(account, market)?;
            book.accrue(market)?;
            let mark = book.price(market, Use::Liquidation)?;
            let price = takeover.price;
            if !liquidation::within_limit(side, price, limit) {
                return Err(Error::LimitPrice { price, limit });
            }
            let Close { size, flow, fee, .. } = takeover.close(side, mark, max_size)?;
            book.trade(account, market, side.opposite().signed(size)?, flow, price)?;
            book.add_cash(account, -i128::try_from(fee).map_err(|_| Error::Overflow)?)?;
            let paid = flow.checked_neg().ok_or(Error::Overflow)?;
            book.trade(into, market, side.signed(size)?, paid, price)?;
            book.insurance = book.insurance.checked_add(fee).ok_or(Error::Overflow)?;
            let after = book.margin_of(into, Use::Liquidation)?;
            trade::verdict(&before, &after, false).map_err(|_| Error::InsufficientMargin {
                account: into,
                equity: after.initial_equity,
                initial: after.initial,
            })?;
            Ok(Liquidation { size, side, price, fee })
        })
    }
}
