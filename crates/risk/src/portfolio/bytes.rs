//! Compiled parameters as bytes, as a contract stores them in its code.
//!
//! Little-endian, in this order: nine numbers of one byte, the parameters as `i128`, the revaluations, the scenarios.
//! The reader accepts any bytes without panicking: it returns parameters or `None`. It does not check parameters
//! against their bounds again, because only checked ones are written.

use alloc::vec::Vec;

use plimsoll_fixed::binary::Scale;

use super::{
    Compiled, MAX_SCENARIOS,
    compiled::{Outcome, Slot},
    params::{NUMBERS, Rules},
};

impl Compiled {
    /// The parameters as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4_096);
        out.extend(self.bounds.iter().map(|bound| *bound as u8));
        out.extend(self.basis_slots.iter().map(|slot| *slot as u8));
        out.push(self.outcomes.len() as u8);
        let rules = Rules {
            vol_shock: self.vol_shock,
            skew: self.skew,
            margin: self.margin,
            basis: self.basis,
            contingency: self.contingency,
        };
        for number in rules.numbers() {
            out.extend(number.to_le_bytes());
        }
        for (slot, log) in self.slots.iter().zip(&self.logs) {
            out.extend(slot.spot.to_le_bytes());
            out.extend(log.to_le_bytes());
            put(&mut out, slot.multiplier);
        }
        for outcome in &self.outcomes {
            out.extend([outcome.slot as u8, outcome.skew.into(), outcome.falls.into()]);
            put(&mut out, outcome.damp);
            put(&mut out, outcome.distance);
        }
        out
    }

    /// The parameters that [`Compiled::to_bytes`] wrote; `None` for bytes of another shape. Bounds are not checked: for bytes
    /// that nobody else can have written.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        let mut bounds = [0; 6];
        let mut last = 0;
        for bound in &mut bounds {
            *bound = bytes.index(MAX_SCENARIOS + 4)?;
            if *bound < last {
                return None;
            }
            last = *bound;
        }
        let count = bounds[5];
        let basis_slots = [bytes.index(count)?, bytes.index(count)?];
        let outcomes = bytes.index(MAX_SCENARIOS + 1)?;
        let mut numbers = [0i128; NUMBERS];
        for number in &mut numbers {
            *number = bytes.number()?;
        }
        let Rules { vol_shock, skew, margin, basis, contingency } = Rules::from_numbers(&numbers);
        let mut compiled = Self {
            slots: Vec::with_capacity(count),
            logs: Vec::with_capacity(count),
            bounds,
            basis_slots,
            outcomes: Vec::with_capacity(outcomes),
            vol_shock,
            skew,
            margin,
            basis,
            contingency,
        };
        for _ in 0..count {
            let spot = bytes.number()? as u128;
            compiled.logs.push(i64::from_le_bytes(bytes.take()?));
            compiled.slots.push(Slot { spot, multiplier: bytes.scale()? });
        }
        for _ in 0..outcomes {
            compiled.outcomes.push(Outcome {
                slot: bytes.index(count)?,
                skew: bytes.index(2)? == 1,
                falls: bytes.index(2)? == 1,
                damp: bytes.scale()?,
                distance: bytes.scale()?,
            });
        }
        // Today's value is the first revaluation's.
        (bytes.0.is_empty() && count > 0).then_some(compiled)
    }
}

fn put(out: &mut Vec<u8>, scale: Scale) {
    let (mantissa, exponent) = scale.parts();
    out.extend(mantissa.to_le_bytes());
    out.extend(exponent.to_le_bytes());
}

/// Bytes that are left to read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    #[inline]
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// A byte below `end`.
    fn index(&mut self, end: usize) -> Option<usize> {
        let [byte] = self.take()?;
        Some(usize::from(byte)).filter(|index| *index < end)
    }

    pub(super) fn number(&mut self) -> Option<i128> {
        self.take().map(i128::from_le_bytes)
    }

    pub(super) fn scale(&mut self) -> Option<Scale> {
        let mantissa = u64::from_le_bytes(self.take()?);
        Scale::from_parts(mantissa, i32::from_le_bytes(self.take()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::portfolio::Params;

    #[test]
    fn bytes_round_trip() {
        let compiled = Compiled::new(&Params::standard()).unwrap();
        let bytes = compiled.to_bytes();
        assert_eq!(Compiled::from_bytes(&bytes), Some(compiled));
        assert_eq!(Compiled::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Compiled::from_bytes(&[bytes, vec![0]].concat()), None);
    }

    proptest! {
        #[test]
        fn from_bytes_takes_anything(at in 0usize..3_000, byte: u8, noise in proptest::collection::vec(any::<u8>(), 0..4_000)) {
            let _ = Compiled::from_bytes(&noise);
            let mut bytes = Compiled::new(&Params::standard()).unwrap().to_bytes();
            let length = bytes.len();
            bytes[at % length] = byte;
            let _ = Compiled::from_bytes(&bytes);
        }
    }
}
