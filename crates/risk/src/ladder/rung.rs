//! One rung, and the four changes that it knows: a position joins, a position leaves, profits are taken, a part is
//! closed.

use plimsoll_fixed::{Overflow, WAD, mul_div_ceil, mul_div_floor, signed_mul_div_ceil, signed_mul_div_floor};

use super::{MIN_SHRINK, ONE, Side, price_index_floor};

/// What deleveraging needs of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Shrink index A, scale [`ONE`].
    pub shrink: u128,
    /// Index G, quote per original unit, scale [`ONE`].
    pub index: i128,
    /// What was taken from each unit since the rung was last empty, quote, WAD, rounded up.
    pub taken: u128,
    /// Sum of the members' |size|.
    pub size: u128,
    /// How many epochs have ended.
    pub epoch: u32,
}

impl Default for Rung {
    fn default() -> Self {
        Self { shrink: ONE, index: 0, taken: 0, size: 0, epoch: 0 }
    }
}

/// What a rung's members add up to beside their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sum of the members' basis.
    pub basis: i128,
    /// How many positions sit here.
    pub members: u32,
}

/// How an epoch of a rung ended: what its older positions settle against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch {
    /// Final shrink index; zero when the rung was closed out.
    pub shrink: u128,
    /// Final running index P.
    pub index: i128,
}

/// What closing a part of a rung ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// How the epoch ended, when it did: to be kept under the epoch that the rung had before.
    pub ended: Option<Epoch>,
    /// Size too small for the shrink index, dropped with a closed-out rung.
    pub dropped: u128,
}

impl Rung {
    /// The running index `P = G - A*F` as a member of `side` reads it: rounded against the member.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn running(&self, side: Side, funding: i128) -> Result<i128, Overflow> {
        self.running_rounded(side == Side::Long, funding)
    }

    /// The running index as it is noted for a position of `side` that is placed now: rounded against the position.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn snapshot(&self, side: Side, funding: i128) -> Result<i128, Overflow> {
        self.running_rounded(side == Side::Short, funding)
    }

    fn running_rounded(&self, down: bool, funding: i128) -> Result<i128, Overflow> {
        let shrink = i128::try_from(self.shrink).map_err(|_| Overflow)?;
        let part = if down {
            signed_mul_div_ceil(shrink, funding, ONE)?
        } else {
            signed_mul_div_floor(shrink, funding, ONE)?
        };
        self.index.checked_sub(part).ok_or(Overflow)
    }

    /// A position joins.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn join(&mut self, tally: &mut Tally, size: i128, basis: i128) -> Result<(), Overflow> {
        self.size = self.size.checked_add(size.unsigned_abs()).ok_or(Overflow)?;
        tally.basis = tally.basis.checked_add(basis).ok_or(Overflow)?;
        tally.members = tally.members.checked_add(1).ok_or(Overflow)?;
        Ok(())
    }

    /// A position leaves with what is left of it. With the last one the rung starts afresh.
    ///
    /// Returns the size that rounding left behind without a holder, zero unless the rung became empty.
    ///
    /// # Errors
    /// [`Overflow`] when a member holds more than the sums: these functions did not write this rung.
    pub fn leave(&mut self, tally: &mut Tally, size: i128, basis: i128) -> Result<u128, Overflow> {
        self.size = self.size.checked_sub(size.unsigned_abs()).ok_or(Overflow)?;
        tally.basis = tally.basis.checked_sub(basis).ok_or(Overflow)?;
        tally.members = tally.members.checked_sub(1).ok_or(Overflow)?;
        if tally.members > 0 {
            return Ok(0);
        }
        let left_behind = self.size;
        *self = Self { epoch: self.epoch, ..Self::default() };
        tally.basis = 0;
        Ok(left_behind)
    }

    /// What the rung can pay: its size times `least_profit` (WAD per unit) less what was taken from it already.
    /// Rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn capacity_floor(&self, least_profit: u128) -> Result<u128, Overflow> {
        mul_div_floor(self.size, least_profit.saturating_sub(self.taken), WAD)
    }

    /// Takes `amount` from the members' profits, the same per unit from each. Rounded up.
    ///
    /// # Errors
    /// [`Overflow`] when the rung is empty or a result does not fit.
    pub fn take_ceil(&mut self, side: Side, amount: u128) -> Result<(), Overflow> {
        let per_unit = mul_div_ceil(amount, WAD, self.size)?;
        let step = i128::try_from(mul_div_ceil(amount, self.shrink, self.size)?).map_err(|_| Overflow)?;
        self.taken = self.taken.checked_add(per_unit).ok_or(Overflow)?;
        self.index = match side {
            Side::Long => self.index.checked_sub(step),
            Side::Short => self.index.checked_add(step),
        }
        .ok_or(Overflow)?;
        Ok(())
    }

    /// Closes `closed` units of the rung at `price`, the same fraction of each member's position.
    ///
    /// An epoch ends when nothing is left, and when the shrink index falls below [`MIN_SHRINK`]; positions that survive
    /// carry over into the next one.
    ///
    /// # Rounding
    /// The index moves against the members; the shrink index goes down.
    ///
    /// # Errors
    /// [`Overflow`] when more is closed than there is, or a result does not fit.
    pub fn close(
        &mut self,
        tally: &mut Tally,
        side: Side,
        closed: u128,
        price: u128,
        funding: i128,
    ) -> Result<Closed, Overflow> {
        let left = self.size.checked_sub(closed).ok_or(Overflow)?;
        let spread = price_index_floor(price)?.checked_sub(funding).ok_or(Overflow)?;
        // A long gains A*f*(p - F) and is paid down; a short owes it and pays up.
        let down = side == Side::Long;
        let part = if down == (spread >= 0) {
            mul_div_floor(self.shrink, closed, self.size)?
        } else {
            mul_div_ceil(self.shrink, closed, self.size)?
        };
        let part = i128::try_from(part).map_err(|_| Overflow)?;
        let step = if down {
            signed_mul_div_floor(part, spread, ONE)?
        } else {
            signed_mul_div_ceil(part, spread, ONE)?
        };
        self.index = self.index.checked_add(step).ok_or(Overflow)?;
        self.shrink = mul_div_floor(self.shrink, left, self.size)?;
        tally.basis =
            signed_mul_div_floor(tally.basis, i128::try_from(left).map_err(|_| Overflow)?, self.size)?;
        self.size = left;
        if self.shrink >= MIN_SHRINK {
            return Ok(Closed::default());
        }
        let ended = Epoch { shrink: self.shrink, index: self.running(side, funding)? };
        let epoch = self.epoch.checked_add(1).ok_or(Overflow)?;
        if ended.shrink == 0 {
            *self = Self { epoch, ..Self::default() };
            *tally = Tally::default();
        } else {
            // G = F makes the running index start at zero.
            *self = Self { shrink: ONE, index: funding, epoch, ..*self };
        }
        Ok(Closed { ended: Some(ended), dropped: if ended.shrink == 0 { left } else { 0 } })
    }
}
