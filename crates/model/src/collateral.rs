//! Deposits and withdrawals, insurance, bad debt and fees, and the poke. Amounts are units of the quote token unless they
//! are said to be WAD.

use plimsoll_risk::ids;

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
    market::MarketId,
};

impl Book {
    fn receive(&mut self, amount: u128) -> Result<u128, Error> {
        if amount == 0 {
            return Err(Error::ZeroAmount);
        }
        let wad = self.to_wad(amount)?;
        let tokens = self.tokens.checked_add(wad).filter(|&sum| i128::try_from(sum).is_ok());
        self.tokens = tokens.ok_or(Error::Overflow)?;
        Ok(wad)
    }

    fn send(&mut self, wad: u128) -> Result<(), Error> {
        self.tokens = self.tokens.checked_sub(wad).ok_or(Error::Overflow)?;
        Ok(())
    }

    /// Credits a deposit: what was credited, WAD.
    ///
    /// # Errors
    /// [`Error::ZeroAmount`], [`Error::Overflow`].
    pub fn deposit(&mut self, account: AccountId, amount: u128) -> Result<u128, Error> {
        self.atomically(|book| {
            let wad = book.receive(amount)?;
            book.add_cash(account, i128::try_from(wad).map_err(|_| Error::Overflow)?)?;
            Ok(wad)
        })
    }

    /// Pays out free collateral. Positions are not touched.
    ///
    /// # Errors
    /// [`Error::EnginePaused`], [`Error::ZeroAmount`], [`Error::PriceUnusable`] for an account with positions,
    /// [`Error::InsufficientCollateral`], [`Error::Overflow`].
    pub fn withdraw(&mut self, account: AccountId, amount: u128) -> Result<(), Error> {
        self.atomically(|book| {
            if amount == 0 {
                return Err(Error::ZeroAmount);
            }
            if book.is_paused() {
                return Err(Error::EnginePaused { until: book.paused_until });
            }
            let wad = book.to_wad(amount)?;
            let free = book.margin_of(account, Use::Trading)?.free().min(book.tokens);
            if wad > free {
                return Err(Error::InsufficientCollateral { account, amount: wad, free });
            }
            book.add_cash(account, -i128::try_from(wad).map_err(|_| Error::Overflow)?)?;
            book.send(wad)
        })
    }

    /// Adds to the insurance fund: what was credited, WAD.
    ///
    /// # Errors
    /// [`Error::ZeroAmount`], [`Error::Overflow`].
    pub fn fund_insurance(&mut self, amount: u128) -> Result<u128, Error> {
        self.atomically(|book| {
            let wad = book.receive(amount)?;
            book.insurance = book.insurance.checked_add(wad).ok_or(Error::Overflow)?;
            Ok(wad)
        })
    }

    /// Covers bad debt of a market (of none: what no market was to bear) from the insurance fund: what was covered, at most
    /// `amount`, the debt and the fund. All WAD.
    ///
    /// # Errors
    /// [`Error::ZeroAmount`], [`Error::UnknownMarket`]; [`Error::NoBadDebt`] when there is no debt or no fund.
    pub fn cover_bad_debt(&mut self, market: Option<MarketId>, amount: u128) -> Result<u128, Error> {
        self.atomically(|book| {
            if amount == 0 {
                return Err(Error::ZeroAmount);
            }
            let insurance = book.insurance;
            let instrument = market.map_or(0, ids::perp);
            let debt = match market {
                Some(market) => &mut book.market_mut(market)?.bad_debt,
                None => &mut book.unassigned_bad_debt,
            };
            let covered = amount.min(*debt).min(insurance);
            if covered == 0 {
                return Err(Error::NoBadDebt { instrument });
            }
            *debt -= covered;
            book.insurance -= covered;
            Ok(covered)
        })
    }

    /// Pays out fees.
    ///
    /// # Errors
    /// [`Error::ZeroAmount`], [`Error::FeesTooSmall`], [`Error::Overflow`].
    pub fn withdraw_fees(&mut self, amount: u128) -> Result<(), Error> {
        self.atomically(|book| {
            if amount == 0 {
                return Err(Error::ZeroAmount);
            }
            let wad = book.to_wad(amount)?;
            let fees = book.fees;
            book.fees = fees.checked_sub(wad).ok_or(Error::FeesTooSmall { amount: wad, fees })?;
            book.send(wad)
        })
    }

    /// Accrues the funding of markets.
    ///
    /// # Errors
    /// [`Error::DuplicateInstrument`], [`Error::UnknownMarket`], [`Error::PriceUnusable`], [`Error::Overflow`].
    pub fn poke(&mut self, markets: &[MarketId]) -> Result<(), Error> {
        self.atomically(|book| {
            for (at, market) in markets.iter().enumerate() {
                if markets[..at].contains(market) {
                    return Err(Error::DuplicateInstrument { instrument: ids::perp(*market) });
                }
            }
            markets.iter().try_for_each(|&market| book.market(market).map(|_| ()))?;
            markets.iter().try_for_each(|&market| book.accrue(market))
        })
    }
}
