//! One rung: its members' sums, what has happened to all of them, and the four changes that it knows.

use plimsoll_fixed::{
    Overflow, WAD, mul_div_ceil, mul_div_floor, price_of_tick, signed_mul_div_ceil, signed_mul_div_floor,
    signed_mul_div_toward_zero, signed_weighted_sum_floor, tick_of_price,
};

use super::Side;
use crate::position;

/// One, in the scale of indices: 2^95. An index per unit reaches 2^32 quote.
pub const ONE: u128 = 1 << 95;

/// One quote per unit, in the scale of cumulative funding: 2^64, enough for a century at the bounds of price and rate.
pub const FUNDING_ONE: u128 = 1 << 64;

/// Where a rung stands in its market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RungKey {
    /// The side.
    pub side: Side,
    /// Tick of the members' entry prices when they joined.
    pub tick: i32,
    /// The market's generation when they joined.
    pub generation: u32,
}

/// What has happened to each member of a rung since the rung was new. A member that joined with `(q0, b0)` has
/// `size = A q0`, `basis = C b0 - K q0`, and received funding `(G - A F) q0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indices {
    /// A, what is left of each unit of size, scale [`ONE`].
    pub size: u128,
    /// C, what is left of each unit of basis, scale [`ONE`].
    pub basis: u128,
    /// K, quote that each unit of size has moved out of the basis, scale [`ONE`].
    pub moved: i128,
    /// G, funding that the closed part of each unit received, scale [`FUNDING_ONE`].
    pub funding: i128,
}

impl Default for Indices {
    fn default() -> Self {
        Self { size: ONE, basis: ONE, moved: 0, funding: 0 }
    }
}

/// A position as it joined its rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Signed size, WAD.
    pub size: i128,
    /// Basis, `-size * entry`, quote, WAD.
    pub basis: i128,
    /// The market's cumulative funding then, scale [`FUNDING_ONE`].
    pub funding: i128,
    /// Generation of its rung.
    pub generation: u32,
}

/// What a member has now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// Signed size, WAD.
    pub size: i128,
    /// Basis, quote, WAD.
    pub basis: i128,
    /// Funding since it joined, quote, WAD.
    pub funding: i128,
}

/// A rung: the sums of its members, and its indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rung {
    /// Sum of the members' |size|, WAD.
    pub size: u128,
    /// Sum of the members' basis, quote, WAD.
    pub basis: i128,
    /// How many positions sit here.
    pub members: u32,
    /// What has happened to them.
    pub indices: Indices,
}

/// A price (WAD) in the scale of indices, rounded down.
///
/// # Errors
/// [`Overflow`] from 2^32 quote on.
pub fn price_index_floor(price: u128) -> Result<i128, Overflow> {
    i128::try_from(mul_div_floor(price, ONE, WAD)?).map_err(|_| Overflow)
}

/// The tick of a position's entry price; `None` when it has none on the ladder, because there is none or it is too large or too
/// small.
///
/// # Errors
/// None: what cannot be on the ladder is `None`, so that no position can get stuck.
pub fn tick_of(size: i128, basis: i128) -> Result<Option<i32>, Overflow> {
    Ok(position::entry_floor(size, basis).and_then(|entry| tick_of_price(entry).ok()))
}

/// The entry price that profits least among those that a tick admits: its upper edge for longs, its lower for shorts. WAD.
///
/// # Errors
/// [`Overflow`] for a tick outside the ladder.
pub fn edge_price(side: Side, tick: i32) -> Result<u128, Overflow> {
    match side {
        Side::Long => price_of_tick(tick.checked_add(1).ok_or(Overflow)?),
        Side::Short => price_of_tick(tick),
    }
}

/// `a * b / c` of unsigned numbers as a signed one.
#[inline(never)]
fn product(a: u128, b: u128, c: u128, up: bool) -> Result<i128, Overflow> {
    let magnitude = if up { mul_div_ceil(a, b, c)? } else { mul_div_floor(a, b, c)? };
    i128::try_from(magnitude).map_err(|_| Overflow)
}

#[inline(never)]
fn signed_product(a: i128, b: i128, c: u128, up: bool) -> Result<i128, Overflow> {
    if up { signed_mul_div_ceil(a, b, c) } else { signed_mul_div_floor(a, b, c) }
}

impl Indices {
    /// Whether something has happened to the members: the rung takes no newcomers.
    #[must_use]
    pub const fn retired(&self) -> bool {
        self.size != ONE || self.basis != ONE
    }

    /// What a member has now, at the market's cumulative funding.
    ///
    /// # Rounding
    /// Basis and funding down, the size toward zero. Exact but for the funding while the rung is not retired.
    ///
    /// # Errors
    /// [`Overflow`] when a result does not fit.
    #[inline(never)]
    pub fn worth(&self, member: &Member, funding: i128) -> Result<Worth, Overflow> {
        let Member { size, basis, funding: joined, .. } = *member;
        if !self.retired() {
            let since = joined.checked_sub(funding).ok_or(Overflow)?;
            let funding = signed_mul_div_floor(size, since, FUNDING_ONE)?;
            return Ok(Worth { size, basis, funding });
        }
        let kept = i128::try_from(self.size).map_err(|_| Overflow)?;
        // Against the member: a long pays the index's growth up, a short receives it down.
        let open = signed_product(kept, funding, ONE, size > 0)?;
        let since = joined.checked_add(self.funding).and_then(|sum| sum.checked_sub(open)).ok_or(Overflow)?;
        Ok(Worth {
            size: signed_mul_div_toward_zero(size, self.size, ONE)?,
            basis: signed_weighted_sum_floor(
                basis,
                i128::try_from(self.basis).map_err(|_| Overflow)?,
                size,
                self.moved.checked_neg().ok_or(Overflow)?,
                ONE,
            )?,
            funding: signed_mul_div_floor(size, since, FUNDING_ONE)?,
        })
    }
}

impl Rung {
    /// Whether anything has happened to the members: then it takes no newcomers.
    #[must_use]
    pub const fn retired(&self) -> bool {
        self.indices.retired()
    }

    /// A position joins. The rung is not retired.
    ///
    /// # Errors
    /// [`Overflow`] when the rung is retired or a sum does not fit.
    #[inline(never)]
    pub fn join(&mut self, size: i128, basis: i128) -> Result<(), Overflow> {
        if self.retired() {
            return Err(Overflow);
        }
        self.size = self.size.checked_add(size.unsigned_abs()).ok_or(Overflow)?;
        self.basis = self.basis.checked_add(basis).ok_or(Overflow)?;
        self.members = self.members.checked_add(1).ok_or(Overflow)?;
        Ok(())
    }

    /// A position leaves with what it has. Returns the size that rounding left without a holder: zero unless the rung is
    /// retired and this was its last member. With the last member the rung is as if it had never been.
    ///
    /// # Errors
    /// [`Overflow`] when a member has more than the sums: these functions did not write this rung.
    #[inline(never)]
    pub fn leave(&mut self, size: i128, basis: i128) -> Result<u128, Overflow> {
        self.size = self.size.checked_sub(size.unsigned_abs()).ok_or(Overflow)?;
        self.basis = self.basis.checked_sub(basis).ok_or(Overflow)?;
        self.members = self.members.checked_sub(1).ok_or(Overflow)?;
        if self.members > 0 {
            return Ok(0);
        }
        let left_behind = self.size;
        *self = Self::default();
        Ok(left_behind)
    }

    /// Whether every member is in profit at `mark`: the worst entry that the tick admits is.
    ///
    /// In rational numbers `side (A p - C edge - K) >= 0`, rounded so that doubt says no.
    ///
    /// # Errors
    /// [`Overflow`] when a product does not fit.
    #[inline(never)]
    pub fn pays(&self, side: Side, tick: i32, mark: u128) -> Result<bool, Overflow> {
        let edge = edge_price(side, tick)?;
        if !self.retired() {
            return Ok(match side {
                Side::Long => mark >= edge,
                Side::Short => mark <= edge,
            });
        }
        let long = side == Side::Long;
        let now = product(self.indices.size, mark, WAD, !long)?;
        let entry = product(self.indices.basis, edge, WAD, long)?;
        let gain =
            now.checked_sub(entry).and_then(|gain| gain.checked_sub(self.indices.moved)).ok_or(Overflow)?;
        Ok(if long { gain >= 0 } else { gain <= 0 })
    }

    /// Sum of the members' profits at `mark`, rounded down; zero unless all of them are in profit.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    #[inline(never)]
    pub fn profit_floor(&self, side: Side, tick: i32, mark: u128) -> Result<u128, Overflow> {
        if self.members == 0 || !self.pays(side, tick, mark)? {
            return Ok(0);
        }
        let sum = position::profit_floor(side.signed(self.size)?, self.basis, mark)?;
        Ok(u128::try_from(sum).unwrap_or(0))
    }

    /// Takes `amount` of the rung's `profit` at `mark`: from each member the same share of its own profit. Moves every
    /// member's entry toward the mark and nothing else.
    ///
    /// # Rounding
    /// The share up, the indices against the members.
    ///
    /// # Errors
    /// [`Overflow`] when more is taken than there is, or a result does not fit.
    #[inline(never)]
    pub fn take(&mut self, side: Side, amount: u128, profit: u128, mark: u128) -> Result<(), Overflow> {
        if amount == 0 {
            return Ok(());
        }
        let long = side == Side::Long;
        let share = mul_div_ceil(amount, ONE, profit)?;
        let keep = ONE.checked_sub(share).ok_or(Overflow)?;
        let Indices { size, basis, moved, .. } = self.indices;
        // C b0 - K q0 shall not be above the exact basis. b0 is negative for a long and positive for a short.
        let now = product(size, mark, WAD, long)?;
        let kept = signed_product(moved, i128::try_from(keep).map_err(|_| Overflow)?, ONE, long)?;
        let taken = signed_product(now, i128::try_from(share).map_err(|_| Overflow)?, ONE, long)?;
        self.indices.basis =
            if long { mul_div_ceil(basis, keep, ONE)? } else { mul_div_floor(basis, keep, ONE)? };
        self.indices.moved = kept.checked_add(taken).ok_or(Overflow)?;
        self.basis = self.basis.checked_sub_unsigned(amount).ok_or(Overflow)?;
        Ok(())
    }

    /// Closes `closed` units of the rung at `mark`, the same fraction of each member's position. What a member gains by it
    /// stays in its basis. Returns the quote that moved into the rung's basis, negative for shorts.
    ///
    /// # Rounding
    /// Against the members.
    ///
    /// # Errors
    /// [`Overflow`] when more is closed than there is, or a result does not fit.
    #[inline(never)]
    pub fn close(&mut self, side: Side, closed: u128, mark: u128, funding: i128) -> Result<i128, Overflow> {
        if closed == 0 {
            return Ok(0);
        }
        let long = side == Side::Long;
        let left = self.size.checked_sub(closed).ok_or(Overflow)?;
        let Indices { size, moved, funding: received, .. } = self.indices;
        let after = mul_div_floor(size, left, self.size)?;
        let part = size - after;
        let paid = product(part, mark, WAD, !long)?;
        let due = signed_product(i128::try_from(part).map_err(|_| Overflow)?, funding, ONE, long)?;
        self.indices.moved = moved.checked_sub(paid).ok_or(Overflow)?;
        self.indices.funding = received.checked_sub(due).ok_or(Overflow)?;
        self.indices.size = after;
        let proceeds = plimsoll_fixed::signed_mul_wad_floor(side.signed(closed)?, mark)?;
        self.basis = self.basis.checked_add(proceeds).ok_or(Overflow)?;
        self.size = left;
        Ok(proceeds)
    }
}
