//! The values of an expiry's options, as pricing hands them to the margin.
//!
//! An assessment has two halves, which do not fit one program. The first values the options ([`price`]), which it receives
//! as bytes too ([`super::Options`]). The second receives the values as bytes and adds them up ([`super::margin`]).

use alloc::vec::Vec;

use plimsoll_fixed::binary::Scale;

use super::{Compiled, Error, Leg, Move, Portfolio, Slice, bytes::Reader, grid::revalue, shocks::Shocks};
use crate::ids;

/// An expiry, priced in every revaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// Which of the portfolio's slices.
    pub(super) slice: usize,
    /// Years left, WAD.
    pub(super) years: u128,
    /// Static discounts of positive and of negative values.
    pub(super) discounts: [Scale; 2],
    /// Naked shorts: what is short at each strike and not covered by a long at the same strike, added up, WAD.
    pub(super) naked: u128,
    /// Absolute sizes, added up, WAD.
    pub(super) gross: u128,
    /// Units of the underlying that the options stand for, WAD: today, and after the basis' moves up and down.
    pub(super) deltas: [i128; 3],
    /// Value in each revaluation, WAD of quote, rounded down.
    pub(super) values: Vec<i128>,
    /// Value in each move of the shortfall.
    pub(super) tail: Vec<i128>,
}

/// Checks a portfolio, sorts its legs, and prices those expiries that have some, in the scenarios and in moves.
///
/// # Errors
/// What [`Portfolio::check`] says, [`Error::BadSlice`] for a variance below zero, [`Error::BadMoves`],
/// [`Error::Overflow`].
pub fn price(portfolio: &mut Portfolio, compiled: &Compiled, moves: &[Move]) -> Result<Vec<Priced>, Error> {
    portfolio.check()?;
    price_checked(&portfolio.slices, &portfolio.legs, portfolio.time, compiled, &Shocks::new(moves)?)
}

/// Prices the options of a checked portfolio.
pub(super) fn price_checked(
    slices: &[Slice],
    legs: &[Leg],
    time: u64,
    compiled: &Compiled,
    shocks: &Shocks,
) -> Result<Vec<Priced>, Error> {
    let mut all = Vec::new();
    let mut rest = legs;
    for (index, slice) in slices.iter().enumerate() {
        let of = |leg: &Leg| ids::option_of(leg.instrument).map(|option| option.expiry);
        let count = rest.iter().take_while(|leg| of(leg) == Some(slice.expiry)).count();
        let Some((own, others)) = rest.split_at_checked(count).filter(|_| count > 0) else {
            continue;
        };
        rest = others;
        let of = revalue(slice, own, time, compiled, shocks)?;
        all.push(Priced {
            slice: index,
            years: of.expiry.years,
            discounts: of.expiry.static_discounts(compiled)?,
            naked: of.strikes.naked,
            gross: of.strikes.gross,
            deltas: of.deltas,
            values: of.values,
            tail: of.tail,
        });
    }
    Ok(all)
}

impl Priced {
    /// Expiries as bytes, little-endian. A reader must trust their writer.
    #[must_use]
    pub fn to_bytes(all: &[Self]) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(all.iter().map(|one| 140 + 16 * (one.values.len() + one.tail.len())).sum());
        for one in all {
            out.push(one.slice as u8);
            out.push(one.values.len() as u8);
            out.extend((one.tail.len() as u16).to_le_bytes());
            for scale in one.discounts {
                let (mantissa, exponent) = scale.parts();
                out.extend(mantissa.to_le_bytes());
                out.extend(exponent.to_le_bytes());
            }
            for number in [one.years, one.naked, one.gross] {
                out.extend(number.to_le_bytes());
            }
            for number in one.deltas.iter().chain(&one.values).chain(&one.tail) {
                out.extend(number.to_le_bytes());
            }
        }
        out
    }

    /// The expiries that [`Priced::to_bytes`] wrote; `None` for bytes that it cannot have written.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Self>> {
        let mut bytes = Reader(bytes);
        let mut all = Vec::new();
        while !bytes.0.is_empty() {
            let [slice, values, low, high] = bytes.take()?;
            let tail = usize::from(u16::from_le_bytes([low, high]));
            let discounts = [bytes.scale()?, bytes.scale()?];
            let mut number = || bytes.number();
            let [years, naked, gross] = [number()? as u128, number()? as u128, number()? as u128];
            let deltas = [number()?, number()?, number()?];
            let mut list = |length: usize| {
                let mut list = Vec::with_capacity(length);
                for _ in 0..length {
                    list.push(number()?);
                }
                Some(list)
            };
            let (values, tail) = (list(values.into())?, list(tail)?);
            all.push(Self { slice: slice.into(), years, discounts, naked, gross, deltas, values, tail });
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn priced() -> impl Strategy<Value = Priced> {
        let lists =
            (prop::collection::vec(any::<i128>(), 0..43), prop::collection::vec(any::<i128>(), 0..300));
        (0usize..30, any::<[u128; 5]>(), any::<[i128; 3]>(), lists).prop_map(
            |(slice, [years, naked, gross, long, short], deltas, (values, tail))| Priced {
                slice,
                years,
                discounts: [Scale::from_wad(long), Scale::from_wad(short)],
                naked,
                gross,
                deltas,
                values,
                tail,
            },
        )
    }

    proptest! {
        #[test]
        fn priced_round_trips(all in prop::collection::vec(priced(), 0..4), cut in 1usize..20) {
            let bytes = Priced::to_bytes(&all);
            prop_assert_eq!(Priced::from_bytes(&bytes), Some(all.clone()));
            if bytes.len() > cut {
                prop_assert_ne!(Priced::from_bytes(&bytes[..bytes.len() - cut]), Some(all));
            }
        }

        #[test]
        fn from_bytes_takes_anything(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Priced::from_bytes(&noise);
        }
    }
}
