//! What the owner sets: feeds and signers.

use alloy_primitives::{Address, U256};
use plimsoll_kit::{
    Revert,
    places::places,
    revert::require,
    words::{Records, pack},
};
use plimsoll_risk::oracle::{Ages, Band, check_feed};
use stylus_sdk::prelude::*;

use crate::{
    MAX_SIGNERS, Oracle,
    sol::{
        BadThreshold, DuplicateSigner, Feed, FeedSet, ParameterOutOfBounds, PriceWithdrawn, SignersSet,
        TooManySigners, ZeroAddress,
    },
};

impl Oracle {
    /// Gives the contract its first owner and signers.
    pub(crate) fn construct(
        &mut self,
        owner: Address,
        signers: &[Address],
        threshold: u8,
    ) -> Result<(), Revert> {
        self.replace_signers(signers, threshold)?;
        self.ownership.begin(owner)
    }

    /// Sets a feed's rules. A last price that the new band does not keep is withdrawn.
    pub(crate) fn replace_feed(&mut self, underlying: u16, feed: Feed) -> Result<(), Revert> {
        let ages = Ages { max_age: feed.maxAge, max_age_late: feed.maxAgeLate };
        let band = Band { min_price: feed.minPrice, max_price: feed.maxPrice, max_move: feed.maxMove };
        check_feed(&ages, &band)
            .map_err(|error| Revert::new(ParameterOutOfBounds { index: error.index() }))?;

        let (last, before) = self.feed_state(underlying);
        let (kept, now) = (band.kept(&last), self.vm().block_timestamp());
        let counted = kept.counting(last.usable_at(&before, now), &ages, now);
        self.set_feed_state(underlying, &counted, &ages);
        self.set_band(underlying, &band);

        if kept != last {
            self.emit(&PriceWithdrawn { underlying, price: last.price, time: last.time });
        }
        self.emit(&FeedSet { underlying, feed });
        Ok(())
    }

    /// Replaces the signers, in any order, and how many of them a submission needs.
    pub(crate) fn replace_signers(&mut self, signers: &[Address], threshold: u8) -> Result<(), Revert> {
        let count = U256::from(signers.len());
        require(signers.len() <= MAX_SIGNERS, || TooManySigners {
            signers: count,
            most: U256::from(MAX_SIGNERS),
        })?;
        require(threshold != 0 && usize::from(threshold) <= signers.len(), || BadThreshold {
            threshold,
            signers: count,
        })?;
        for (index, signer) in places(signers) {
            require(!signer.is_zero(), || ZeroAddress {})?;
            let is_new = !signers.iter().take(index).any(|earlier| earlier == signer);
            require(is_new, || DuplicateSigner { signer: *signer })?;
        }

        let (_, count) = self.quorum();
        for index in 0..count.max(signers.len()) {
            let Some(mut place) = self.signers.setter(index) else { break };
            let previous = place.address();
            place.set_address(signers.get(index).copied().unwrap_or_default());
            let record = self.signer_record(previous);
            self.set_flag(&record, false);
        }
        for signer in signers {
            let record = self.signer_record(*signer);
            self.set_flag(&record, true);
        }
        self.quorum.set(pack(threshold.into(), signers.len() as u128));
        self.emit(&SignersSet { signers: signers.to_vec(), threshold });
        Ok(())
    }
}
