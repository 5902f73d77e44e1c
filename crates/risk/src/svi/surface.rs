//! The slices of one underlying together: which expiries are listed, and which slices are checked against each other.

use alloc::vec::Vec;

use super::{Slice, check_calendar, is_over, slice_status};
use crate::oracle::Ages;

/// Largest number of expiries of an underlying that are not over.
pub const MAX_EXPIRIES: usize = 30;

/// A slice and its expiry, Unix seconds.
pub type Dated = (u32, Slice);

/// Two expiries whose slices could not be proved free of calendar arbitrage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The reported slice's.
    pub expiry: u32,
    /// Its neighbour's, before or after it.
    pub other: u32,
}

/// Leaves those of the listed expiries that are not over at `now`, Unix seconds.
pub fn drop_over(listed: &mut Vec<u32>, now: u64) {
    listed.retain(|expiry| !is_over(*expiry, now));
}

/// Adds the expiries of reported slices to a list in ascending order, each once; gives the list, none when it would be
/// longer than [`MAX_EXPIRIES`].
#[must_use]
pub fn list_reported(mut listed: Vec<u32>, reported: &[Dated]) -> Option<Vec<u32>> {
    for (expiry, _) in reported {
        if let Err(place) = listed.binary_search(expiry) {
            listed.insert(place, *expiry);
        }
    }
    (listed.len() <= MAX_EXPIRIES).then_some(listed)
}

/// Checks every reported slice against its neighbours: the nearest slice in use at time `now` before it, and the
/// nearest one after it.
///
/// `reported` and `listed` are in ascending order of expiry, the list with the reported ones in it. `stored` gives the
/// last slice of an expiry, all zero for none; it is called only as often as the search needs. A reported slice replaces
/// the stored one of its expiry. Stale slices are skipped: nobody may use them, and they are old enough to be wrong. So
/// the slices in use, fresh or late, never cross: each is checked against its neighbour.
///
/// # Errors
/// The first [`Crossing`] by expiry; of an expiry, the one with the slice before it.
pub fn check_calendars(
    reported: &[Dated],
    listed: &[u32],
    ages: &Ages,
    now: u64,
    stored: impl Fn(u32) -> Slice,
) -> Result<(), Crossing> {
    let reported_of = |expiry| reported.iter().find(|(of, _)| *of == expiry).map(|(_, slice)| *slice);
    let in_use = |(expiry, slice): &Dated| slice_status(slice, *expiry, ages, now).allows_liquidation();
    for &(expiry, ref slice) in reported {
        let ours = slice.parameters();
        let place = listed.partition_point(|other| *other < expiry);
        let before = listed.iter().take(place).rev();
        let before =
            before.map(|other| (*other, reported_of(*other).unwrap_or_else(|| stored(*other)))).find(&in_use);
        if let Some((other, theirs)) = before
            && !check_calendar(&theirs.parameters(), &ours)
        {
            return Err(Crossing { expiry, other });
        }
        // A reported one after it is compared from there, as the one before that.
        let after = listed.iter().skip(place + 1).take_while(|other| reported_of(**other).is_none());
        if let Some((other, theirs)) = after.map(|other| (*other, stored(*other))).find(&in_use)
            && !check_calendar(&ours, &theirs.parameters())
        {
            return Err(Crossing { expiry, other });
        }
    }
    Ok(())
}
