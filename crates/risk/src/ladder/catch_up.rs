//! Catches a position up: applies to it what funding and deleveraging did to its rung since it was last touched.

use plimsoll_fixed::{Overflow, signed_mul_div_floor, signed_mul_div_toward_zero, signed_weighted_sum_floor};

use super::{Epoch, ONE, Rung, Side};

/// A position as it was last touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Signed size then.
    pub size: i128,
    /// Basis then, `-size * entry`.
    pub basis: i128,
    /// Shrink index A0 of its rung then, scale [`ONE`].
    pub shrink: u128,
    /// Running index P0 of its rung then, scale [`ONE`].
    pub index: i128,
    /// Epoch of its rung then.
    pub epoch: u32,
}

impl Position {
    /// A position placed on a rung now.
    ///
    /// # Errors
    /// [`Overflow`] when the running index does not fit.
    pub fn place(size: i128, basis: i128, rung: &Rung, funding: i128) -> Result<Self, Overflow> {
        let index = rung.snapshot(Side::of(size), funding)?;
        Ok(Self { size, basis, shrink: rung.shrink, index, epoch: rung.epoch })
    }
}

/// A position caught up with its rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Quote that went to the account's cash: funding, closings at their marks, less what was taken.
    pub cash: i128,
    /// Size now.
    pub size: i128,
    /// Basis now.
    pub basis: i128,
    /// Whether the rung still counts it among its members: not once it was closed out.
    pub member: bool,
}

/// Catches a position up with its rung. `ended` tells how an earlier epoch of the rung ended.
///
/// # Rounding
/// Cash and basis down, the size toward zero. What rounding leaves behind stays with the system; a size below one unit
/// is dropped and its basis goes to cash.
///
/// # Errors
/// [`Overflow`] when a result does not fit.
pub fn catch_up(
    position: &Position,
    rung: &Rung,
    funding: i128,
    mut ended: impl FnMut(u32) -> Epoch,
) -> Result<CaughtUp, Overflow> {
    let side = Side::of(position.size);
    let mut now = *position;
    let mut cash = 0i128;
    while now.epoch < rung.epoch {
        let end = ended(now.epoch);
        cash = cash.checked_add(step(&mut now, end.shrink, end.index)?).ok_or(Overflow)?;
        if end.shrink == 0 {
            return Ok(CaughtUp { cash, size: 0, basis: 0, member: false });
        }
        now = Position { shrink: ONE, index: 0, epoch: now.epoch + 1, ..now };
    }
    cash = cash.checked_add(step(&mut now, rung.shrink, rung.running(side, funding)?)?).ok_or(Overflow)?;
    if now.size == 0 {
        cash = cash.checked_add(now.basis).ok_or(Overflow)?;
        now.basis = 0;
    }
    Ok(CaughtUp { cash, size: now.size, basis: now.basis, member: true })
}

/// `cash = (q*(P - P0) + b*(A0 - A))/A0`, then q and b scale by A/A0.
fn step(position: &mut Position, shrink: u128, index: i128) -> Result<i128, Overflow> {
    let before = i128::try_from(position.shrink).map_err(|_| Overflow)?;
    let after = i128::try_from(shrink).map_err(|_| Overflow)?;
    let cash = signed_weighted_sum_floor(
        position.size,
        index.checked_sub(position.index).ok_or(Overflow)?,
        position.basis,
        before - after,
        position.shrink,
    )?;
    if after != before {
        position.size = signed_mul_div_toward_zero(position.size, shrink, position.shrink)?;
        position.basis = signed_mul_div_floor(position.basis, after, position.shrink)?;
    }
    Ok(cash)
}
