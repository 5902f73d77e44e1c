//! `deposit`: credits an account with collateral.

use crate::{account::AccountId, book::Book, error::Error};

impl Book {
    /// Credits a deposit: what was credited, WAD.
    ///
    /// # Errors
    /// [`Error::ZeroAddress`] for an account that nobody owns, [`Error::ZeroAmount`], [`Error::Overflow`].
    pub fn deposit(&mut self, account: AccountId, amount: u128) -> Result<u128, Error> {
        self.atomically(|book| {
            if account.is_ownerless() {
                return Err(Error::ZeroAddress);
            }
            let wad = book.receive(amount)?;
            book.add_cash(account, i128::try_from(wad).map_err(|_| Error::Overflow)?)?;
            Ok(wad)
        })
    }
}
