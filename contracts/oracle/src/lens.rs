//! Views of prices and feeds. A price costs one cold slot.

use plimsoll_risk::oracle::status;

use crate::{
    Oracle,
    sol::{Feed, PriceView},
};

impl Oracle {
    /// The last price of an underlying and what it may be used for at time `now`.
    pub(crate) fn view(&self, underlying: u16, now: u64) -> PriceView {
        let (last, ages) = self.feed_state(underlying);
        PriceView {
            status: status(&last, &ages, now).code(),
            price: last.price,
            time: last.time,
            usable: last.usable_at(&ages, now),
        }
    }

    /// The rules of an underlying's price, all zero for one without a feed.
    pub(crate) fn feed_of(&self, underlying: u16) -> Feed {
        let ((_, ages), band) = (self.feed_state(underlying), self.band(underlying));
        Feed {
            maxAge: ages.max_age,
            maxAgeLate: ages.max_age_late,
            minPrice: band.min_price,
            maxPrice: band.max_price,
            maxMove: band.max_move,
        }
    }
}
