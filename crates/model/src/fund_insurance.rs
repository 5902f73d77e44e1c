//! `fundInsurance`: pays quote tokens into the insurance fund.

use crate::{book::Book, error::Error};

impl Book {
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
}
