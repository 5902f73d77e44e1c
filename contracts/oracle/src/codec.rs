//! The ABI, as far as this contract needs it.
//!
//! The SDK's own decoder costs more than half of a contract this small, in code and, through the type names that its
//! error messages keep in the data segment, in gas of every call. The tests hold this one against it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};

use crate::sol::{Feed, PricePoint};

/// Encoded arguments or elements: words one after another, and what their offsets point to.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a>(pub(crate) &'a [u8]);

impl<'a> Args<'a> {
    fn word(&self, index: usize) -> Option<&'a [u8; 32]> {
        self.0.get(index.checked_mul(32)?..)?.first_chunk()
    }

    /// The number in a word, none when it is outside its type.
    pub(crate) fn uint<T: TryFrom<u128>>(&self, index: usize) -> Option<T> {
        let (high, low) = self.word(index)?.split_first_chunk::<16>()?;
        if *high != [0; 16] {
            return None;
        }
        u128::from_be_bytes(low.try_into().ok()?).try_into().ok()
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

    pub(crate) fn signatures(&self, index: usize) -> Option<Vec<&'a [u8]>> {
        self.array(index, 1, |elements, at| elements.bytes(at))
    }

    pub(crate) fn addresses(&self, index: usize) -> Option<Vec<Address>> {
        self.array(index, 1, |elements, at| elements.address(at))
    }

    pub(crate) fn underlyings(&self, index: usize) -> Option<Vec<u16>> {
        self.array(index, 1, |elements, at| elements.uint(at))
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
    let value = value.into();
    B256::new(U256::from_limbs([value as u64, (value >> 64) as u64, 0, 0]).to_be_bytes())
}

/// A count as a word.
pub(crate) fn count(value: usize) -> B256 {
    uint(value as u64)
}

/// Words one after another, behind the four bytes of an error where `selector` has them.
pub(crate) fn concat(selector: &[u8], words: &[B256]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(selector.len() + 32 * words.len());
    encoded.extend_from_slice(selector);
    for word in words {
        encoded.extend_from_slice(word.as_slice());
    }
    encoded
}

/// The words of a feed.
pub(crate) fn feed(feed: &Feed) -> [B256; 5] {
    [uint(feed.maxAge), uint(feed.maxAgeLate), uint(feed.minPrice), uint(feed.maxPrice), uint(feed.maxMove)]
}
