//! Signed reports of volatility slices: checked, then stored. A report is admitted whole or refused whole.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use plimsoll_kit::{Revert, revert::require};
use plimsoll_risk::svi::{
    Crossing, ReportedSliceError, ShapeError, Slice, check_calendars, check_reported_slice, list_reported,
};
use stylus_sdk::prelude::*;

use crate::{
    MAX_EXPIRIES, Oracle, eip712,
    sol::{
        ButterflyArbitrage, CalendarArbitrage, ConfidenceOutOfBounds, ExpiryTooFar, ForwardJumpTooLarge,
        ForwardOutOfBounds, RateOutOfBounds, SliceExpired, SliceFromFuture, SliceNotNewer, SlicePoint,
        SliceTooOld, SliceUpdated, SlicesNotSorted, SviOutOfDomain, TooManyExpiries, UnknownSurface,
        VarianceOutOfBounds, VolJumpTooLarge, WingsTooSteep,
    },
};

impl SlicePoint {
    fn slice(&self) -> Slice {
        Slice {
            time: self.time,
            forward: self.forward,
            rate: self.rate,
            svi: [self.a, self.b, self.rho, self.m, self.sigma],
            confidences: [self.forwardConfidence, self.rateConfidence, self.volConfidence],
        }
    }
}

impl Oracle {
    /// Admits a report: rules first, then signatures, then storage, as [`Self::admit`] does.
    pub(crate) fn admit_slices(
        &mut self,
        points: &[SlicePoint],
        deadline: u64,
        signatures: &[impl AsRef<[u8]>],
    ) -> Result<(), Revert> {
        let now = self.opened(points.len(), deadline)?;
        for (before, after) in points.iter().zip(points.iter().skip(1)) {
            let &SlicePoint { underlying, expiry, .. } = after;
            let ascends = (before.underlying, before.expiry) < (underlying, expiry);
            require(ascends, || SlicesNotSorted { underlying, expiry })?;
        }
        let (mut lists, mut rest) = (Vec::new(), points);
        // Not by `chunk_by`, which brings the place of a panic into the program: every call would pay for it.
        while let Some(&SlicePoint { underlying, .. }) = rest.first() {
            let count = rest.partition_point(|point| point.underlying == underlying);
            let Some((of_one, others)) = rest.split_at_checked(count) else { break };
            lists.push((underlying, self.check_slices(underlying, of_one, now)?));
            rest = others;
        }
        self.check_signatures(self.slice_digest_of(points, deadline), signatures)?;
        for point in points {
            self.store_slice(point.underlying, point.expiry, &point.slice());
            let &SlicePoint { underlying, expiry, .. } = point;
            self.emit(&SliceUpdated { underlying, expiry, slice: point.clone() });
        }
        for (underlying, expiries) in lists {
            if self.listed(underlying) != expiries {
                self.set_listed(underlying, &expiries);
            }
        }
        Ok(())
    }

    /// What the signers of a report of slices to this contract on this chain sign.
    pub(crate) fn slice_digest_of(&self, points: &[SlicePoint], deadline: u64) -> B256 {
        eip712::slice_digest(points, deadline, self.vm().chain_id(), self.vm().contract_address())
    }

    /// Checks the slices of one underlying, in ascending order of expiry. Returns the new list of its expiries: with those
    /// of the slices, without those that are over.
    fn check_slices(&self, underlying: u16, points: &[SlicePoint], now: u64) -> Result<Vec<u32>, Revert> {
        let (ages, jumps, _) = self.surface_state(underlying);
        let mut reported = Vec::with_capacity(points.len());
        for point in points {
            let (slice, last) = (point.slice(), self.stored_slice(underlying, point.expiry));
            check_reported_slice(&slice, point.expiry, &last, &ages, &jumps, now)
                .map_err(|error| refusal(error, point))?;
            reported.push((point.expiry, slice));
        }
        let expiries = list_reported(self.expiries_of(underlying), &reported)
            .ok_or_else(|| Revert::new(TooManyExpiries { underlying, most: U256::from(MAX_EXPIRIES) }))?;
        let stored = |expiry| self.stored_slice(underlying, expiry);
        check_calendars(&reported, &expiries, &ages, now, stored).map_err(|Crossing { expiry, other }| {
            Revert::new(CalendarArbitrage { underlying, expiry, other })
        })?;
        Ok(expiries)
    }
}

/// The Solidity error of a refused slice.
fn refusal(error: ReportedSliceError, point: &SlicePoint) -> Revert {
    let &SlicePoint { underlying, expiry, time, forward, rate, .. } = point;
    match error {
        ReportedSliceError::UnknownSurface => Revert::new(UnknownSurface { underlying }),
        ReportedSliceError::Expired => Revert::new(SliceExpired { underlying, expiry }),
        ReportedSliceError::TooFar => Revert::new(ExpiryTooFar { underlying, expiry }),
        ReportedSliceError::FromFuture => Revert::new(SliceFromFuture { underlying, expiry, time }),
        ReportedSliceError::NotNewer { last } => {
            Revert::new(SliceNotNewer { underlying, expiry, time, last })
        }
        ReportedSliceError::TooOld { oldest } => {
            Revert::new(SliceTooOld { underlying, expiry, time, oldest })
        }
        ReportedSliceError::Forward => Revert::new(ForwardOutOfBounds { underlying, expiry, forward }),
        ReportedSliceError::Rate => Revert::new(RateOutOfBounds { underlying, expiry, rate }),
        ReportedSliceError::Confidence => Revert::new(ConfidenceOutOfBounds { underlying, expiry }),
        ReportedSliceError::Shape(ShapeError::Domain(index)) => {
            Revert::new(SviOutOfDomain { underlying, expiry, index })
        }
        ReportedSliceError::Shape(ShapeError::Variance) => {
            Revert::new(VarianceOutOfBounds { underlying, expiry })
        }
        ReportedSliceError::Shape(ShapeError::Wings) => Revert::new(WingsTooSteep { underlying, expiry }),
        ReportedSliceError::Shape(ShapeError::Butterfly) => {
            Revert::new(ButterflyArbitrage { underlying, expiry })
        }
        ReportedSliceError::ForwardJump => Revert::new(ForwardJumpTooLarge { underlying, expiry, forward }),
        ReportedSliceError::VolJump => Revert::new(VolJumpTooLarge { underlying, expiry }),
    }
}
