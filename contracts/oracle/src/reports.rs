//! Signed reports of prices: checked, then stored. A report is admitted whole or refused whole.

use alloy_primitives::B256;
use plimsoll_kit::{Revert, places::places, revert::require};
use plimsoll_risk::oracle::{Price, ReportError, check_report};
use stylus_sdk::prelude::*;

use crate::{
    Oracle, eip712,
    sol::{
        DuplicateUnderlying, Expired, FromFuture, MoveTooLarge, NoPoints, NotNewer, PriceOutOfBounds,
        PricePoint, PriceUpdated, TooOld, UnknownFeed,
    },
};

impl Oracle {
    /// Checks that a report has points and that its deadline has not passed. Returns the time now.
    pub(crate) fn opened(&self, points: usize, deadline: u64) -> Result<u64, Revert> {
        let now = self.vm().block_timestamp();
        require(points != 0, || NoPoints {})?;
        require(now <= deadline, || Expired { deadline })?;
        Ok(now)
    }

    /// Admits a report: rules first, then signatures, then storage.
    ///
    /// The cheapest checks come first. The most frequent failure is a report that somebody else has brought already; the
    /// rules find that out before any key is recovered. Nothing is written before everything is checked.
    pub(crate) fn admit(
        &mut self,
        points: &[PricePoint],
        deadline: u64,
        signatures: &[impl AsRef<[u8]>],
    ) -> Result<(), Revert> {
        let now = self.opened(points.len(), deadline)?;
        for (index, point) in places(points) {
            let underlying = point.underlying;
            let is_new = !points.iter().take(index).any(|earlier| earlier.underlying == underlying);
            require(is_new, || DuplicateUnderlying { underlying })?;
            self.check_point(point, now)?;
        }
        self.check_signatures(self.digest_of(points, deadline), signatures)?;
        for point in points {
            self.store(point);
        }
        Ok(())
    }

    /// What the signers of a report to this contract on this chain sign.
    pub(crate) fn digest_of(&self, points: &[PricePoint], deadline: u64) -> B256 {
        eip712::digest(points, deadline, self.vm().chain_id(), self.vm().contract_address())
    }

    fn check_point(&self, point: &PricePoint, now: u64) -> Result<(), Revert> {
        let &PricePoint { underlying, price, time } = point;
        let (last, ages) = self.feed_state(underlying);
        check_report(&Price { price, time }, &last, &ages, &self.band(underlying), now).map_err(|error| {
            match error {
                ReportError::UnknownFeed => Revert::new(UnknownFeed { underlying }),
                ReportError::FromFuture => Revert::new(FromFuture { underlying, time }),
                ReportError::NotNewer { last } => Revert::new(NotNewer { underlying, time, last }),
                ReportError::TooOld { oldest } => Revert::new(TooOld { underlying, time, oldest }),
                ReportError::OutOfBounds => Revert::new(PriceOutOfBounds { underlying, price }),
                ReportError::MoveTooLarge { last } => Revert::new(MoveTooLarge { underlying, price, last }),
            }
        })
    }

    fn store(&mut self, point: &PricePoint) {
        let &PricePoint { underlying, price, time } = point;
        let (_, ages) = self.feed_state(underlying);
        self.set_feed_state(underlying, &Price { price, time }, &ages);
        self.emit(&PriceUpdated { underlying, price, time });
    }
}
