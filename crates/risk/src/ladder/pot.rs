//! A pot: the young profit of one window and generation.

use plimsoll_fixed::{Overflow, mul_div_ceil, mul_div_floor};

use super::ONE;

/// Profit that accounts realised in one window. Like a rung without size: what is taken from it, everyone pays by the same
/// share. A pot that was taken from takes no newcomers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pot {
    /// Sum of the members' amounts, quote, WAD.
    pub sum: u128,
    /// What is left of each unit that joined, scale [`ONE`].
    pub kept: u128,
}

impl Default for Pot {
    fn default() -> Self {
        Self { sum: 0, kept: ONE }
    }
}

impl Pot {
    /// Whether it was taken from: then it takes no newcomers.
    #[must_use]
    pub const fn retired(&self) -> bool {
        self.kept != ONE
    }

    /// What is left of an amount that joined, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] never, because `kept` is at most one.
    pub fn left_floor(&self, amount: u128) -> Result<u128, Overflow> {
        if self.retired() { mul_div_floor(amount, self.kept, ONE) } else { Ok(amount) }
    }

    /// An amount joins.
    ///
    /// # Errors
    /// [`Overflow`] when the pot is retired or the sum does not fit signed money.
    pub fn join(&mut self, amount: u128) -> Result<(), Overflow> {
        if self.retired() {
            return Err(Overflow);
        }
        self.sum = self.sum.checked_add(amount).filter(|&sum| i128::try_from(sum).is_ok()).ok_or(Overflow)?;
        Ok(())
    }

    /// A member leaves with what is left of its amount.
    ///
    /// # Errors
    /// [`Overflow`] when that is more than the sum: these functions did not write this pot.
    pub fn leave(&mut self, left: u128) -> Result<(), Overflow> {
        self.sum = self.sum.checked_sub(left).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes `amount` from the members, from each the same share.
    ///
    /// # Rounding
    /// The share up, what is left down.
    ///
    /// # Errors
    /// [`Overflow`] when more is taken than there is.
    pub fn take(&mut self, amount: u128) -> Result<(), Overflow> {
        if amount == 0 {
            return Ok(());
        }
        let keep = ONE.checked_sub(mul_div_ceil(amount, ONE, self.sum)?).ok_or(Overflow)?;
        self.kept = mul_div_floor(self.kept, keep, ONE)?;
        self.sum -= amount;
        Ok(())
    }
}
