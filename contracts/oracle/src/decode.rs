//! From arguments to the oracle's structs.

use alloc::vec::Vec;

use alloy_primitives::Address;
use plimsoll_ledger::codec::Args;

use crate::sol::{Feed, PricePoint, SlicePoint, Surface};

/// The array of `PricePoint` at the offset in a word.
pub(crate) fn points(args: Args<'_>, index: usize) -> Option<Vec<PricePoint>> {
    args.array(index, 3, |words, at| {
        Some(PricePoint {
            underlying: words.uint(at)?,
            price: words.uint(at + 1)?,
            time: words.uint(at + 2)?,
        })
    })
}

/// The array of `SlicePoint` at the offset in a word.
pub(crate) fn slices(args: Args<'_>, index: usize) -> Option<Vec<SlicePoint>> {
    args.array(index, 13, |words, at| {
        Some(SlicePoint {
            underlying: words.uint(at)?,
            expiry: words.uint(at + 1)?,
            time: words.uint(at + 2)?,
            forward: words.uint(at + 3)?,
            rate: words.int(at + 4)?,
            a: words.int(at + 5)?,
            b: words.int(at + 6)?,
            rho: words.int(at + 7)?,
            m: words.int(at + 8)?,
            sigma: words.int(at + 9)?,
            forwardConfidence: words.uint(at + 10)?,
            rateConfidence: words.uint(at + 11)?,
            volConfidence: words.uint(at + 12)?,
        })
    })
}

/// The `bytes[]` at the offset in a word.
pub(crate) fn signatures<'a>(args: Args<'a>, index: usize) -> Option<Vec<&'a [u8]>> {
    args.array(index, 1, |words, at| words.bytes(at))
}

/// The `address[]` at the offset in a word.
pub(crate) fn addresses(args: Args<'_>, index: usize) -> Option<Vec<Address>> {
    args.array(index, 1, |words, at| words.address(at))
}

/// The array of numbers at the offset in a word.
pub(crate) fn numbers<T: TryFrom<u128>>(args: Args<'_>, index: usize) -> Option<Vec<T>> {
    args.array(index, 1, |words, at| words.uint(at))
}

/// The `Surface` from a word on.
pub(crate) fn surface(args: Args<'_>, index: usize) -> Option<Surface> {
    Some(Surface {
        maxAge: args.uint(index)?,
        maxAgeLate: args.uint(index + 1)?,
        maxVolJump: args.uint(index + 2)?,
        maxForwardJump: args.uint(index + 3)?,
    })
}

/// The `Feed` from a word on.
pub(crate) fn feed(args: Args<'_>, index: usize) -> Option<Feed> {
    Some(Feed {
        maxAge: args.uint(index)?,
        maxAgeLate: args.uint(index + 1)?,
        minPrice: args.uint(index + 2)?,
        maxPrice: args.uint(index + 3)?,
        maxMove: args.uint(index + 4)?,
    })
}
