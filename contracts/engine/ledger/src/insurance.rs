//! What the insurance fund pays: from a bucket a market, which refills; the markets' shares together are at most the common cap.

use plimsoll_kit::words::Records;
use plimsoll_risk::{
    Overflow, PPM,
    waterfall::{Bucket, base_ceil},
};
use stylus_sdk::prelude::*;

use crate::{
    Ledger, Revert,
    layout::market::{BUCKET, COMMON_BUCKET},
    market::NO_MARKET,
    sol,
};

impl Ledger {
    /// The share of the fund (ppm) and the bucket of a market; of [`NO_MARKET`], what the markets' shares leave of the cap.
    fn bucket(&self, market: u16) -> (u32, Bucket) {
        let share = if market == NO_MARKET {
            let shares = self.totals().1;
            shares.cap.saturating_sub(shares.markets)
        } else {
            self.load_insurance_share(market)
        };
        let (drawn, time) = self.read(&self.market_record(market), BUCKET);
        (share, Bucket { drawn, time: time as u64 })
    }

    /// What insurance may pay for a market now, WAD.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn insurance_available(&self, market: u16) -> Result<u128, Revert> {
        let ((share, bucket), fund, now) = (self.bucket(market), self.funds().0, self.vm().block_timestamp());
        let base = base_ceil(&self.common_bucket(), fund, now)?;
        Ok(bucket.available_floor(base, share, now)?.min(fund))
    }

    /// What was drawn for anything.
    fn common_bucket(&self) -> Bucket {
        let (drawn, time) = self.read(&self.market_record(NO_MARKET), COMMON_BUCKET);
        Bucket { drawn, time: time as u64 }
    }

    /// Draws from the fund for a market: what it pays of `wanted`.
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `InsurancePaid`.
    pub fn draw_insurance(&mut self, market: u16, instrument: u128, wanted: u128) -> Result<u128, Revert> {
        if wanted == 0 {
            return Ok(0);
        }
        let now = self.vm().block_timestamp();
        let ((fund, fees), (share, bucket), common) =
            (self.funds(), self.bucket(market), self.common_bucket());
        let base = base_ceil(&common, fund, now)?;
        let amount = wanted.min(bucket.available_floor(base, share, now)?).min(fund);
        if amount > 0 {
            let after = bucket.after_ceil(base, share, now, amount)?;
            let record = self.market_record(market);
            self.write(&record, BUCKET, after.drawn, after.time.into());
            let common = common.after_ceil(fund, PPM as u32, now, amount)?;
            let record = self.market_record(NO_MARKET);
            self.write(&record, COMMON_BUCKET, common.drawn, common.time.into());
            let left = fund.checked_sub(amount).ok_or(Overflow)?;
            self.set_funds(left, fees);
            self.emit(&sol::InsurancePaid { instrument, amount, left });
        }
        Ok(amount)
    }

    /// Records a loss that neither insurance nor profits bore.
    ///
    /// # Errors
    /// `Overflow`.
    ///
    /// # Events
    /// `BadDebtRecorded`.
    pub fn record_bad_debt(&mut self, market: u16, instrument: u128, amount: u128) -> Result<(), Revert> {
        if amount > 0 {
            let (debt, dust) = self.debt(market);
            let total = debt.checked_add(amount).ok_or(Overflow)?;
            self.set_debt(market, total, dust);
            self.emit(&sol::BadDebtRecorded { instrument, amount, total });
        }
        Ok(())
    }
}
