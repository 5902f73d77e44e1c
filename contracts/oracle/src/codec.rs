//! The ABI, as far as this contract needs it.
//!
//! The SDK's own decoder costs more than half of a contract this small, in code and, through the type names that its
//! error messages keep in the data segment, in gas of every call. The tests hold this one against it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::sol::{Expiry, Feed, PricePoint, SlicePoint, Surface};

/// Encoded arguments or elements: words one after another, and what their offsets point to.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a>(pub(crate) &'a [u8]);

impl<'a> Args<'a> {
    fn word(&self, index: usize) -> Option<&'a [u8; 32]> {
        self.0.get(index.checked_mul(32)?..)?.first_chunk()
    }

    /// The number in a word, none when it is outside its type.
    pub(crate) fn uint<T: TryFrom<u128>>(&self, index: usize) -> Option<T> {
        let (high, low) = self.halves(index)?;
        if high == 0 { low.try_into().ok() } else { None }
    }

    /// The signed number in a word, none when it is outside its type.
    fn int<T: TryFrom<i128>>(&self, index: usize) -> Option<T> {
        let (high, low) = self.halves(index)?;
        let low = low.cast_signed();
        if high.cast_signed() == low >> 127 { low.try_into().ok() } else { None }
    }

    /// The two halves of a word. Out of line: there are three dozen places that decode a number.
    #[inline(never)]
    fn halves(&self, index: usize) -> Option<(u128, u128)> {
        let (high, low) = self.word(index)?.split_first_chunk::<16>()?;
        Some((u128::from_be_bytes(*high), u128::from_be_bytes(low.try_into().ok()?)))
    }

    /// The address in a word, none when the twelve bytes before it are not zero.
    pub(crate) fn address(&self, index: usize) -> Option<Address> {
        let (high, low) = self.word(index)?.split_first_chunk::<12>()?;
        if *high != [0; 12] { None } else { Address::try_from(low).ok() }
    }

    /// What the offset in a word points to: a length, and the bytes from there on.
    fn tail(&self, index: usize) -> Option<(usize, &'a [u8])> {
        let tail = self.0.get(self.uint::<usize>(index)?..)?;
        Some((Self(tail).uint(0)?, tail.get(32..)?))
    }

    fn bytes(&self, index: usize) -> Option<&'a [u8]> {
        let (length, bytes) = self.tail(index)?;
        bytes.get(..length)
    }

    /// An array whose elements take `words` each. More elements than there are bytes for are refused before memory is
    /// set aside for them.
    fn array<T>(
        &self,
        index: usize,
        words: usize,
        element: impl Fn(Self, usize) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (length, elements) = self.tail(index)?;
        if length > elements.len() / (32 * words) {
            return None;
        }
        let mut all = Vec::with_capacity(length);
        for number in 0..length {
            all.push(element(Self(elements), number * words)?);
        }
        Some(all)
    }

    pub(crate) fn points(&self, index: usize) -> Option<Vec<PricePoint>> {
        self.array(index, 3, |elements, at| {
            Some(PricePoint {
                underlying: elements.uint(at)?,
                price: elements.uint(at + 1)?,
                time: elements.uint(at + 2)?,
            })
        })
    }

    pub(crate) fn slices(&self, index: usize) -> Option<Vec<SlicePoint>> {
        self.array(index, 13, |elements, at| {
            Some(SlicePoint {
                underlying: elements.uint(at)?,
                expiry: elements.uint(at + 1)?,
                time: elements.uint(at + 2)?,
                forward: elements.uint(at + 3)?,
                rate: elements.int(at + 4)?,
                a: elements.int(at + 5)?,
                b: elements.int(at + 6)?,
                rho: elements.int(at + 7)?,
                m: elements.int(at + 8)?,
                sigma: elements.int(at + 9)?,
                forwardConfidence: elements.uint(at + 10)?,
                rateConfidence: elements.uint(at + 11)?,
                volConfidence: elements.uint(at + 12)?,
            })
        })
    }

    pub(crate) fn signatures(&self, index: usize) -> Option<Vec<&'a [u8]>> {
        self.array(index, 1, |elements, at| elements.bytes(at))
    }

    pub(crate) fn addresses(&self, index: usize) -> Option<Vec<Address>> {
        self.array(index, 1, |elements, at| elements.address(at))
    }

    pub(crate) fn underlyings(&self, index: usize) -> Option<Vec<u16>> {
        self.array(index, 1, |elements, at| elements.uint(at))
    }

    pub(crate) fn expiries(&self, index: usize) -> Option<Vec<u32>> {
        self.array(index, 1, |elements, at| elements.uint(at))
    }

    pub(crate) fn surface(&self, index: usize) -> Option<Surface> {
        Some(Surface {
            maxAge: self.uint(index)?,
            maxAgeLate: self.uint(index + 1)?,
            maxVolJump: self.uint(index + 2)?,
            maxForwardJump: self.uint(index + 3)?,
        })
    }

    pub(crate) fn feed(&self, index: usize) -> Option<Feed> {
        Some(Feed {
            maxAge: self.uint(index)?,
            maxAgeLate: self.uint(index + 1)?,
            minPrice: self.uint(index + 2)?,
            maxPrice: self.uint(index + 3)?,
            maxMove: self.uint(index + 4)?,
        })
    }
}

/// A number as a word.
pub(crate) fn uint(value: impl Into<u128>) -> B256 {
    word(value.into(), 0)
}

/// A signed number as a word.
pub(crate) fn int(value: impl Into<i128>) -> B256 {
    let value = value.into();
    word(value.cast_unsigned(), (value >> 127) as u64)
}

/// A word of this lower half, its upper one filled with `sign`. Out of line: there are a hundred places that encode.
#[inline(never)]
fn word(low: u128, sign: u64) -> B256 {
    let mut word = [sign as u8; 32];
    word[16..].copy_from_slice(&low.to_be_bytes());
    B256::new(word)
}

/// A count as a word.
pub(crate) fn count(value: usize) -> B256 {
    uint(value as u64)
}

/// Words one after another, behind the four bytes of an error where `selector` has them.
#[inline(never)]
pub(crate) fn concat(selector: &[u8], words: &[B256]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(selector.len() + 32 * words.len());
    encoded.extend_from_slice(selector);
    for word in words {
        encoded.extend_from_slice(word.as_slice());
    }
    encoded
}

/// An array of elements of one or more words each, as the only thing a function returns.
#[inline(never)]
pub(crate) fn array(length: usize, words: &[B256]) -> Vec<u8> {
    let mut encoded = concat(uint(32_u8).as_slice(), &[count(length)]);
    encoded.extend_from_slice(&concat(&[], words));
    encoded
}

/// The words of a feed.
pub(crate) fn feed(feed: &Feed) -> [B256; 5] {
    [uint(feed.maxAge), uint(feed.maxAgeLate), uint(feed.minPrice), uint(feed.maxPrice), uint(feed.maxMove)]
}

/// The words of a surface.
pub(crate) fn surface(surface: &Surface) -> [B256; 4] {
    [surface.maxAge, surface.maxAgeLate, surface.maxVolJump, surface.maxForwardJump].map(uint)
}

/// The words of a slice as it is signed.
pub(crate) fn slice(slice: &SlicePoint) -> Vec<B256> {
    let mut words = ints(&[
        slice.underlying.into(),
        slice.expiry.into(),
        slice.time.into(),
        0,
        slice.rate.into(),
        slice.a.into(),
        slice.b.into(),
        slice.rho.into(),
        slice.m.into(),
        slice.sigma.into(),
        slice.forwardConfidence.into(),
        slice.rateConfidence.into(),
        slice.volConfidence.into(),
    ]);
    // The one that a signed number of 128 bits may not hold.
    if let Some(forward) = words.get_mut(3) {
        *forward = uint(slice.forward);
    }
    words
}

/// The words of an expiry as a risk model takes it. It was stored, so its forward is below 2^96.
pub(crate) fn expiry(expiry: &Expiry) -> Vec<B256> {
    ints(&[
        expiry.expiry.into(),
        expiry.forward.cast_signed(),
        expiry.rate,
        expiry.a,
        expiry.b,
        expiry.rho,
        expiry.m,
        expiry.sigma,
        expiry.sviForward.cast_signed(),
        expiry.sviYears.cast_signed(),
        expiry.forwardConfidence.into(),
        expiry.rateConfidence.into(),
        expiry.volConfidence.into(),
    ])
}

#[inline(never)]
fn ints(values: &[i128]) -> Vec<B256> {
    let mut words = Vec::with_capacity(values.len());
    for value in values {
        words.push(int(*value));
    }
    words
}
