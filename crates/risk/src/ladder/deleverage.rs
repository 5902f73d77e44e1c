//! Deleverages an account's position in one market, in two steps. The first takes the market's budget from the profits
//! of the other side. The second closes the position against that side at the mark, most profitable rungs first. Taking
//! comes first because positions that were closed already would no longer pay.

use alloc::vec::Vec;

use plimsoll_fixed::Overflow;

use super::{Epoch, Rung, Side, Tally, least_profit};
use crate::{market::open_interest_after, waterfall::shares};

/// The side of a market's ladder that a deleveraging works on.
pub trait Facing {
    /// The side.
    fn side(&self) -> Side;
    /// The next occupied tick after `tick`, most profitable first; the first one after `None`.
    fn next(&mut self, tick: Option<i32>) -> Option<i32>;
    /// Reads a rung.
    fn rung(&mut self, tick: i32) -> Rung;
    /// Reads a rung's tally.
    fn tally(&mut self, tick: i32) -> Tally;
    /// Writes a rung after profits were taken.
    fn taken(&mut self, tick: i32, rung: &Rung);
    /// Writes a rung and its tally after a closing; `ended` is how epoch `epoch` ended, when it did. An empty rung
    /// is no longer occupied.
    fn closed(&mut self, tick: i32, rung: &Rung, tally: &Tally, ended: Option<(u32, Epoch)>);
}

/// What a deleveraging did, quote in WAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// What all profits together could pay, U.
    pub capacity: u128,
    /// What was taken: the budget, or all capacity when that is less.
    pub taken: u128,
    /// Rungs that paid.
    pub payers: u32,
    /// Rungs that were closed against, wholly or in part.
    pub closed: u32,
    /// Size that could not be closed, because rounding has dropped as much on the other side.
    pub unmatched: u128,
    /// Size that the closing itself dropped on the other side.
    pub dropped: u128,
}

/// What a closing leaves of its market, longs positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Open interest afterwards.
    pub open_interest: u128,
    /// Size that is without a holder from now on.
    pub dust: i128,
}

impl Spread {
    /// Open interest and ownerless size after a position of `size` was closed in this way, in a market of this open
    /// interest. The position leaves open interest; so do the size it was closed against and what that dropped. Exact.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    pub fn left(&self, size: i128, open_interest: u128) -> Result<Left, Overflow> {
        let side = Side::of(size);
        let matched = size.unsigned_abs().checked_sub(self.unmatched).ok_or(Overflow)?;
        let facing = side.opposite().signed(matched.checked_add(self.dropped).ok_or(Overflow)?)?;
        let without = open_interest_after(open_interest, size, 0)?;
        let (unmatched, dropped) = (side.signed(self.unmatched)?, side.opposite().signed(self.dropped)?);
        Ok(Left {
            open_interest: open_interest_after(without, facing, 0)?,
            dust: unmatched.checked_add(dropped).ok_or(Overflow)?,
        })
    }
}

/// The rungs that can pay, with what each can.
#[derive(Default)]
struct Payers {
    total: u128,
    rungs: Vec<(i32, Rung)>,
    capacities: Vec<u128>,
}

fn payers(facing: &mut impl Facing, mark: u128) -> Result<Payers, Overflow> {
    let side = facing.side();
    let mut payers = Payers::default();
    let mut at = facing.next(None);
    while let Some(tick) = at {
        let profit = least_profit(side, tick, mark);
        if profit == 0 {
            break; // the rungs after it profit less
        }
        let rung = facing.rung(tick);
        let capacity = rung.capacity_floor(profit)?;
        if capacity > 0 {
            payers.total = payers.total.checked_add(capacity).ok_or(Overflow)?;
            payers.rungs.push((tick, rung));
            payers.capacities.push(capacity);
        }
        at = facing.next(Some(tick));
    }
    Ok(payers)
}

/// What the facing side could pay at `mark`, rounded down rung by rung.
///
/// # Errors
/// [`Overflow`] when a sum does not fit.
pub fn capacity_floor(facing: &mut impl Facing, mark: u128) -> Result<u128, Overflow> {
    Ok(payers(facing, mark)?.total)
}

/// Takes `budget` from the facing profits in proportion to what each rung can pay, then closes `size` against the
/// facing rungs at `mark`, most profitable first.
///
/// # Rounding
/// The rungs' shares are rounded by largest remainder and add up to what is taken exactly.
///
/// # Errors
/// [`Overflow`] when a result does not fit.
pub fn deleverage(
    facing: &mut impl Facing,
    size: u128,
    mark: u128,
    funding: i128,
    budget: u128,
) -> Result<Spread, Overflow> {
    let side = facing.side();
    let mut spread = Spread::default();
    if budget > 0 {
        let payers = payers(facing, mark)?;
        spread.capacity = payers.total;
        spread.taken = budget.min(payers.total);
        let amounts = shares(spread.taken, &payers.capacities)?;
        for ((tick, mut rung), amount) in payers.rungs.into_iter().zip(amounts) {
            if amount > 0 {
                rung.take_ceil(side, amount)?;
                facing.taken(tick, &rung);
                spread.payers += 1;
            }
        }
    }
    let mut left = size;
    let mut at = facing.next(None);
    while let Some(tick) = at {
        if left == 0 {
            break;
        }
        let following = facing.next(Some(tick));
        let (mut rung, mut tally) = (facing.rung(tick), facing.tally(tick));
        let closed = left.min(rung.size);
        if closed > 0 {
            let epoch = rung.epoch;
            let closing = rung.close(&mut tally, side, closed, mark, funding)?;
            facing.closed(tick, &rung, &tally, closing.ended.map(|end| (epoch, end)));
            spread.dropped = spread.dropped.checked_add(closing.dropped).ok_or(Overflow)?;
            left -= closed;
            spread.closed += 1;
        }
        at = following;
    }
    spread.unmatched = left;
    Ok(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_known_values() {
        let spread = |unmatched, dropped| Spread { unmatched, dropped, ..Spread::default() };
        // a long of 10 closed in full: 10 longs fewer
        assert_eq!(spread(0, 0).left(10, 50), Ok(Left { open_interest: 40, dust: 0 }));
        // 3 of it found nobody and have no holder now; the shorts dropped 2
        assert_eq!(spread(3, 2).left(10, 50), Ok(Left { open_interest: 40, dust: 1 }));
        // a short of 10: of the longs, 7 were closed against and 2 dropped
        assert_eq!(spread(3, 2).left(-10, 50), Ok(Left { open_interest: 41, dust: -1 }));
        assert_eq!(spread(11, 0).left(10, 50), Err(Overflow));
        assert_eq!(spread(0, 0).left(10, 9), Err(Overflow));
    }
}
