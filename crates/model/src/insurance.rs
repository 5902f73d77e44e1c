//! What the insurance fund pays: from a bucket a market, which refills; the markets' shares together are at most the common cap.

use plimsoll_risk::{
    PPM,
    waterfall::{Bucket, base_ceil},
};

use crate::{book::Book, error::Error, market::MarketId};

impl Book {
    /// The share of the fund (ppm) and the bucket of a market; without one, what the markets' shares leave of the common cap.
    fn bucket(&self, market: Option<MarketId>) -> Result<(u32, Bucket), Error> {
        Ok(match market {
            Some(market) => {
                let state = self.market(market)?;
                (state.params.insurance_share, state.bucket)
            }
            None => {
                (self.config.insurance_cap.saturating_sub(self.insurance_shares()), self.unassigned_bucket)
            }
        })
    }

    /// The sum of the markets' shares of the fund, ppm.
    pub(crate) fn insurance_shares(&self) -> u32 {
        self.markets.values().map(|m| m.params.insurance_share).fold(0, u32::saturating_add)
    }

    /// What insurance may pay for a market now, quote, WAD; without one, for what no market is to bear.
    ///
    /// # Errors
    /// [`Error::UnknownMarket`], [`Error::Overflow`].
    pub fn insurance_available(&self, market: Option<MarketId>) -> Result<u128, Error> {
        let (share, bucket) = self.bucket(market)?;
        let base = base_ceil(&self.common_bucket, self.insurance, self.now)?;
        Ok(bucket.available_floor(base, share, self.now)?.min(self.insurance))
    }

    /// Draws from the fund: what it pays of `wanted`.
    pub(crate) fn draw_insurance(&mut self, market: Option<MarketId>, wanted: u128) -> Result<u128, Error> {
        let paid = wanted.min(self.insurance_available(market)?);
        if paid > 0 {
            let (share, bucket) = self.bucket(market)?;
            let base = base_ceil(&self.common_bucket, self.insurance, self.now)?;
            let after = bucket.after_ceil(base, share, self.now, paid)?;
            self.common_bucket = self.common_bucket.after_ceil(self.insurance, PPM as u32, self.now, paid)?;
            match market {
                Some(market) => self.market_mut(market)?.bucket = after,
                None => self.unassigned_bucket = after,
            }
            self.insurance = self.insurance.checked_sub(paid).ok_or(Error::Overflow)?;
        }
        Ok(paid)
    }
}
