//! `touch`: catches an account's positions up; what funding and deleveraging did to them becomes cash.

use plimsoll_risk::ladder::{self, Position};

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
    market::MarketId,
};

impl Book {
    /// Realises what an account's positions went through since they were last touched. Funding of its markets is accrued
    /// and stored where the price is usable.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn touch(&mut self, account: AccountId) -> Result<(), Error> {
        self.atomically(|book| {
            for market in book.account(account).markets {
                if book.price(market, Use::Liquidation).is_ok() {
                    book.accrue(market)?;
                }
                if let Some(position) = book.account(account).positions.get(&market) {
                    book.touch_at(account, market, position)?;
                }
            }
            Ok(())
        })
    }

    fn touch_at(&mut self, account: AccountId, market: MarketId, position: &Position) -> Result<(), Error> {
        let funding = self.market(market)?.funding.index;
        let now = self.catch_up(market, position, funding)?;
        let (side, tick, rung) = self.rung_of(market, position)?;
        self.dust.caught_up(market, position, &rung, &now);
        self.add_cash(account, now.cash)?;
        if now.size == 0 {
            if now.member {
                self.leave(market, side, tick, 0, 0)?;
            }
            return self.remove(account, market);
        }
        match ladder::tick_of(now.size, now.basis)? {
            Some(same) if same == tick => {
                let placed = Position::place(now.size, now.basis, &rung, funding)?;
                self.accounts.entry(account).or_default().positions.insert(market, placed);
                Ok(())
            }
            Some(other) => {
                self.leave(market, side, tick, now.size, now.basis)?;
                self.join(account, market, other, now.size, now.basis)
            }
            None => {
                self.leave(market, side, tick, now.size, now.basis)?;
                self.add_cash(account, now.basis)?;
                self.dust.add_size(market, now.size.unsigned_abs());
                self.drop_size(market, side, now.size.unsigned_abs())?;
                self.remove(account, market)
            }
        }
    }

    fn remove(&mut self, account: AccountId, market: MarketId) -> Result<(), Error> {
        let account = self.accounts.entry(account).or_default();
        account.positions.remove(&market);
        account.unlist(market);
        Ok(())
    }
}
