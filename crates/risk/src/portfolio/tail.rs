//! The settings of an underlying's expected shortfall, and how they are stored as bytes.

use alloc::vec::Vec;

use super::{Error, MAX_SHOCKS, Move, shocks::SHOCK_BYTES};
use crate::WAD;

/// Bytes before the moves: share and whether it binds.
const HEAD: usize = 9;

/// The expected shortfall that a market asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Moves of spot and volatility.
    pub moves: Vec<Move>,
    /// The worst of them that count, WAD of one.
    pub share: u128,
    /// Whether the shortfall binds: margin is then the larger of the grid's and this. Otherwise it is only reported.
    pub binding: bool,
}

impl Tail {
    /// The shortfall as bytes: share (big-endian `uint64`), whether it binds, moves of eight bytes each.
    ///
    /// # Errors
    /// [`Error::EmptyTail`] for a share of zero or above one; [`Error::BadMoves`] for no moves, more than [`MAX_SHOCKS`],
    /// or one beyond a factor of 16.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        if self.share == 0 || self.share > WAD {
            return Err(Error::EmptyTail);
        }
        let mut data = Vec::with_capacity(HEAD + SHOCK_BYTES * self.moves.len());
        data.extend_from_slice(&(self.share as u64).to_be_bytes());
        data.push(self.binding.into());
        for shock in &self.moves {
            data.extend_from_slice(&shock.to_bytes());
        }
        // The reader checks the bounds.
        Self::from_bytes(&data).map(|_| data).ok_or(Error::BadMoves)
    }

    /// The shortfall that [`Tail::to_bytes`] wrote; `None` for moves that it refuses.
    #[must_use]
    pub fn from_bytes(data: &[u8]) -> Option<Self> {
        let (share, rest) = data.split_first_chunk()?;
        let (binding, rest) = rest.split_first()?;
        let (words, odd) = rest.as_chunks::<SHOCK_BYTES>();
        if !odd.is_empty() || words.is_empty() || words.len() > MAX_SHOCKS {
            return None;
        }
        let mut moves = Vec::with_capacity(words.len());
        for word in words {
            moves.push(Move::from_bytes(*word)?);
        }
        Some(Self { moves, share: u64::from_be_bytes(*share).into(), binding: *binding == 1 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tail(count: usize) -> Tail {
        Tail { moves: alloc::vec![Move { spot: -5, vol: 7 }; count], share: WAD / 40, binding: true }
    }

    proptest! {
        #[test]
        fn tail_round_trips(
            moves in prop::collection::vec((-277_000_000i32..=277_000_000, -277_000_000i32..=277_000_000), 1..=500),
            share in 1..=WAD, binding: bool,
        ) {
            let moves = moves.into_iter().map(|(spot, vol)| Move { spot, vol }).collect();
            let tail = Tail { moves, share, binding };
            let bytes = tail.to_bytes().unwrap();
            prop_assert_eq!(Tail::from_bytes(&bytes), Some(tail));
            prop_assert_eq!(Tail::from_bytes(&bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn tail_without_a_share_or_with_bad_moves_is_refused() {
        for share in [0, WAD + 1] {
            assert_eq!(Tail { share, ..tail(1) }.to_bytes(), Err(Error::EmptyTail));
        }
        for count in [0, MAX_SHOCKS + 1] {
            assert_eq!(tail(count).to_bytes(), Err(Error::BadMoves));
        }
        let far = Tail { moves: alloc::vec![Move { spot: 0, vol: -277_000_001 }], ..tail(1) };
        assert_eq!(far.to_bytes(), Err(Error::BadMoves));
    }

    #[test]
    fn tail_bytes_are_big_endian() {
        let bytes = tail(1).to_bytes().unwrap();
        let expected = [0, 88, 209, 94, 23, 98, 128, 0, 1, 255, 255, 255, 251, 0, 0, 0, 7];
        assert_eq!(bytes, expected);
    }
}
