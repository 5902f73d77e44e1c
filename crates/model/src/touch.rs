//! `touch`: catches an account up; while an estate waits, nets and realises what a pass could not judge.

use crate::{account::AccountId, book::Book, error::Error};

impl Book {
    /// Catches up what an account has in all its markets. In a market whose estate waits, young profit is netted against the
    /// account's own open loss, and a profit that the rung's edge cannot judge is realised.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn touch(&mut self, account: AccountId) -> Result<(), Error> {
        self.atomically(|book| {
            for market in book.account(account).markets {
                book.accrue(market)?;
                let state = book.market(market)?;
                if state.price.price == 0 {
                    continue;
                }
                let waits = state.estate.waits();
                book.with_holding(account, market, |holding, ladder, now, cash| {
                    holding.touch(ladder, now, cash, waits)
                })?;
            }
            Ok(())
        })
    }
}
