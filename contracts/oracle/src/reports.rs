//! Signed reports of prices: checked, then stored. A report is admitted whole or refused whole.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_kit::{Revert, places::places, revert::require};
use plimsoll_risk::oracle::{Judged, Price, ReportError, judge_report};
use stylus_sdk::prelude::*;

use crate::{
    Oracle, eip712,
    sol::{
        DuplicateUnderlying, Expired, FromFuture, NoPoints, NotNewer, PriceDoubted, PriceOutOfBounds,
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
        let mut judged = Vec::with_capacity(points.len());
        for (index, point) in places(points) {
            let underlying = point.underlying;
            let is_new = !points.iter().take(index).any(|earlier| earlier.underlying == underlying);
            require(is_new, || DuplicateUnderlying { underlying })?;
            judged.push(self.check_point(point, now)?);
        }
        self.check_signatures(self.digest_of(points, deadline), signatures)?;
        for (point, judged) in points.iter().zip(judged) {
            self.store(point, judged, now);
        }
        Ok(())
    }

    /// What the signers of a report to this contract on this chain sign.
    pub(crate) fn digest_of(&self, points: &[PricePoint], deadline: u64) -> B256 {
        eip712::digest(points, deadline, self.vm().chain_id(), self.vm().contract_address())
    }

    fn check_point(&self, point: &PricePoint, now: u64) -> Result<Judged, Revert> {
        let &PricePoint { underlying, price, time } = point;
        let (last, ages) = self.feed_state(underlying);
        // Only a doubted price makes the report that doubts it count.
        let doubting = if last.doubted_after == 0 { Price::default() } else { self.doubting(underlying) };
        let report = Price { price, time, ..Price::default() };
        judge_report(&report, &last, &doubting, &ages, &self.band(underlying), now).map_err(|error| {
            match error {
                ReportError::UnknownFeed => Revert::new(UnknownFeed { underlying }),
                ReportError::FromFuture => Revert::new(FromFuture { underlying, time }),
                ReportError::NotNewer { last } => Revert::new(NotNewer { underlying, time, last }),
                ReportError::TooOld { oldest } => Revert::new(TooOld { underlying, time, oldest }),
                ReportError::OutOfBounds => Revert::new(PriceOutOfBounds { underlying, price }),
            }
        })
    }

    fn store(&mut self, point: &PricePoint, judged: Judged, now: u64) {
        let &PricePoint { underlying, price, time } = point;
        let (last, ages) = self.feed_state(underlying);
        match judged {
            Judged::Accepted => {
                self.set_feed_state(underlying, &last.followed_by(price, time, &ages), &ages);
                self.emit(&PriceUpdated { underlying, price, time });
            }
            Judged::Doubted => {
                self.set_doubting(underlying, &Price { price, time, ..Price::default() });
                self.set_feed_state(underlying, &last.doubted(now), &ages);
                self.emit(&PriceDoubted { underlying, price, time, last: last.price });
            }
        }
    }
}
