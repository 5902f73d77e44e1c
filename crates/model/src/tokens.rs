//! Moves tokens in and out, and converts their units.

use plimsoll_risk::collateral;

use crate::{book::Book, error::Error};

impl Book {
    /// Token units as WAD.
    pub(crate) fn to_wad(&self, amount: u128) -> Result<u128, Error> {
        let scale = collateral::scale_of(self.config.decimals).ok_or(Error::Overflow)?;
        Ok(collateral::to_wad(amount, scale)?)
    }

    /// Takes token units in: what they are, WAD.
    pub(crate) fn receive(&mut self, amount: u128) -> Result<u128, Error> {
        if amount == 0 {
            return Err(Error::ZeroAmount);
        }
        let wad = self.to_wad(amount)?;
        self.tokens = collateral::held_after(self.tokens, wad)?;
        Ok(wad)
    }

    /// Pays tokens out, WAD.
    pub(crate) fn send(&mut self, wad: u128) -> Result<(), Error> {
        self.tokens = self.tokens.checked_sub(wad).ok_or(Error::Overflow)?;
        Ok(())
    }
}
