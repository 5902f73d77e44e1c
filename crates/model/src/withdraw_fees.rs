//! `withdrawFees`: pays out collected fees.

use crate::{book::Book, error::Error};

impl Book {
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
}
