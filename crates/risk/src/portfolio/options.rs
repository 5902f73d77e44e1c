//! The part of a portfolio that pricing needs, as the margin hands it to pricing.
//!
//! The two are two programs (see [`super::price`]). Bytes cost less than the words of a call: the first program has decoded
//! them already.

use alloc::vec::Vec;

use super::{
    Compiled, Error, Leg, Move, Portfolio, Slice, Svi,
    bytes::Reader,
    priced::{Priced, price_checked},
    shocks::Shocks,
};

/// A portfolio's options and surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Number of the underlying.
    pub underlying: u16,
    time: u64,
    slices: Vec<Slice>,
    legs: Vec<Leg>,
}

impl Options {
    /// The options of a portfolio that passed [`Portfolio::check`], as bytes, little-endian. A reader must trust their
    /// writer.
    #[must_use]
    pub fn to_bytes(portfolio: &Portfolio) -> Vec<u8> {
        let Portfolio { underlying, time, slices, legs, .. } = portfolio;
        let mut out = Vec::with_capacity(11 + 196 * slices.len() + 32 * legs.len());
        out.extend(underlying.to_le_bytes());
        out.extend(time.to_le_bytes());
        out.push(slices.len() as u8);
        for slice in slices {
            let Svi { a, b, rho, m, sigma } = slice.svi;
            out.extend(slice.expiry.to_le_bytes());
            for number in [slice.rate, a, b, rho, m, sigma] {
                out.extend(number.to_le_bytes());
            }
            let confidences = [slice.forward_confidence, slice.rate_confidence, slice.vol_confidence];
            for number in [slice.forward, slice.svi_forward, slice.svi_years].into_iter().chain(confidences) {
                out.extend(number.to_le_bytes());
            }
        }
        for leg in legs {
            out.extend(leg.instrument.to_le_bytes());
            out.extend(leg.size.to_le_bytes());
        }
        out
    }

    /// The options that [`Options::to_bytes`] wrote; `None` for bytes that it cannot have written.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        let underlying = u16::from_le_bytes(bytes.take()?);
        let time = u64::from_le_bytes(bytes.take()?);
        let [count] = bytes.take()?;
        let mut slices = Vec::with_capacity(count.into());
        for _ in 0..count {
            let expiry = u32::from_le_bytes(bytes.take()?);
            let mut number = || bytes.number();
            slices.push(Slice {
                expiry,
                rate: number()?,
                svi: Svi { a: number()?, b: number()?, rho: number()?, m: number()?, sigma: number()? },
                forward: number()? as u128,
                svi_forward: number()? as u128,
                svi_years: number()? as u128,
                forward_confidence: number()? as u128,
                rate_confidence: number()? as u128,
                vol_confidence: number()? as u128,
            });
        }
        let mut legs = Vec::with_capacity(bytes.0.len() / 32);
        while !bytes.0.is_empty() {
            legs.push(Leg { instrument: bytes.number()? as u128, size: bytes.number()? });
        }
        Some(Self { underlying, time, slices, legs })
    }

    /// As [`super::price`], but without checking: the options must be those of a portfolio that passed
    /// [`Portfolio::check`], or the result means nothing.
    ///
    /// # Errors
    /// [`Error::BadSlice`] for a variance below zero, [`Error::BadMoves`], [`Error::Overflow`].
    pub fn price(&self, compiled: &Compiled, moves: &[Move]) -> Result<Vec<Priced>, Error> {
        price_checked(&self.slices, &self.legs, self.time, compiled, &Shocks::new(moves)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slice() -> impl Strategy<Value = Slice> {
        (any::<(u32, i128)>(), any::<[i128; 5]>(), any::<[u128; 6]>()).prop_map(
            |((expiry, rate), [a, b, rho, m, sigma], [forward, svi_forward, svi_years, x, y, z])| Slice {
                expiry,
                forward,
                rate,
                svi: Svi { a, b, rho, m, sigma },
                svi_forward,
                svi_years,
                forward_confidence: x,
                rate_confidence: y,
                vol_confidence: z,
            },
        )
    }

    fn leg() -> impl Strategy<Value = Leg> {
        any::<(u128, i128)>().prop_map(|(instrument, size)| Leg { instrument, size })
    }

    proptest! {
        #[test]
        fn bytes_round_trip(
            underlying: u16,
            time: u64,
            slices in prop::collection::vec(slice(), 0..31),
            legs in prop::collection::vec(leg(), 0..129),
        ) {
            let portfolio = Portfolio {
                underlying,
                time,
                cash: 1,
                spot: 2,
                spot_confidence: 3,
                perps: 4,
                perp_price: 5,
                perp_confidence: 6,
                perp_pnl: 7,
                perp_funding: 8,
                stable_price: 9,
                depth: 10,
                collaterals: Vec::new(),
                slices: slices.clone(),
                legs: legs.clone(),
            };
            let bytes = Options::to_bytes(&portfolio);
            prop_assert_eq!(Options::from_bytes(&bytes), Some(Options { underlying, time, slices, legs }));
            prop_assert_eq!(Options::from_bytes(&bytes[..bytes.len() - 1]), None);
        }

        #[test]
        fn from_bytes_takes_anything(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Options::from_bytes(&noise);
        }
    }
}
