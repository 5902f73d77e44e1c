//! `withdraw`: pays out free collateral.

use crate::{
    account::AccountId,
    book::{Book, Use},
    error::Error,
};

impl Book {
    /// Pays out free collateral: no profit that is open or young. Positions are not touched.
    ///
    /// # Errors
    /// [`Error::EnginePaused`] for an account with positions or young profit, [`Error::ZeroAmount`],
    /// [`Error::InsufficientCollateral`], [`Error::Overflow`].
    pub fn withdraw(&mut self, account: AccountId, amount: u128) -> Result<(), Error> {
        self.atomically(|book| {
            if amount == 0 {
                return Err(Error::ZeroAmount);
            }
            // Who has nothing at risk leaves in every state.
            if book.is_paused() && !book.account(account).markets.is_empty() {
                return Err(Error::EnginePaused { until: book.paused_until });
            }
            let wad = book.to_wad(amount)?;
            let free = book.margin_of(account, Use::Trading)?.withdrawable(book.tokens);
            if wad > free {
                return Err(Error::InsufficientCollateral { account, amount: wad, free });
            }
            book.add_cash(account, -i128::try_from(wad).map_err(|_| Error::Overflow)?)?;
            book.send(wad)
        })
    }
}
