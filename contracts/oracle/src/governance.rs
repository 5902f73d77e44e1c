//! The owner's acts: feeds, signers, and handing over.

use alloy_primitives::{Address, B256, U256};
use plimsoll_risk::oracle::{Ages, Band, check_feed};
use stylus_sdk::prelude::*;

use crate::{
    MAX_SIGNERS, Oracle,
    errors::Error,
    sol::{
        BadThreshold, DuplicateSigner, Feed, NotOwner, NotPendingOwner, ParameterOutOfBounds, TooManySigners,
        ZeroAddress,
    },
};

impl Oracle {
    /// Refuses whoever is not the owner.
    pub(crate) fn only_owner(&self) -> Result<(), Error> {
        let caller = self.vm().msg_sender();
        if caller != self.owner.address() {
            return Err(NotOwner { caller }.into());
        }
        Ok(())
    }

    /// Gives the contract its first owner and signers.
    pub(crate) fn construct(
        &mut self,
        owner: Address,
        signers: &[Address],
        threshold: u8,
    ) -> Result<(), Error> {
        if owner.is_zero() {
            return Err(ZeroAddress {}.into());
        }
        self.replace_signers(signers, threshold)?;
        self.owner.set_address(owner);
        self.log_transfer(Address::ZERO, owner);
        Ok(())
    }

    /// Sets a feed's rules. A last price that the new band does not keep is withdrawn.
    pub(crate) fn replace_feed(&mut self, underlying: u16, feed: Feed) -> Result<(), Error> {
        let ages = Ages { max_age: feed.maxAge, max_age_late: feed.maxAgeLate };
        let band = Band { min_price: feed.minPrice, max_price: feed.maxPrice, max_move: feed.maxMove };
        check_feed(&ages, &band).map_err(|error| ParameterOutOfBounds { index: error.index() })?;

        let mut words = self.feed_words_mut(underlying);
        let (last, _) = words.state();
        let kept = band.kept(&last);
        words.set_state(&kept, &ages);
        words.set_band(&band);

        if kept != last {
            self.log_withdrawal(underlying, last.price, last.time);
        }
        self.log_feed(underlying, &feed);
        Ok(())
    }

    /// Replaces the signers, in any order, and how many of them a submission needs.
    pub(crate) fn replace_signers(&mut self, signers: &[Address], threshold: u8) -> Result<(), Error> {
        if signers.len() > MAX_SIGNERS {
            let (signers, most) = (U256::from(signers.len()), U256::from(MAX_SIGNERS));
            return Err(TooManySigners { signers, most }.into());
        }
        if threshold == 0 || usize::from(threshold) > signers.len() {
            return Err(BadThreshold { threshold, signers: U256::from(signers.len()) }.into());
        }
        for (index, signer) in signers.iter().enumerate() {
            if signer.is_zero() {
                return Err(ZeroAddress {}.into());
            }
            if signers.iter().take(index).any(|earlier| earlier == signer) {
                return Err(DuplicateSigner { signer: *signer }.into());
            }
        }

        let (_, count) = self.quorum();
        for index in 0..count.max(signers.len()) {
            let Some(mut place) = self.signers.setter(index) else { break };
            let previous = place.address();
            place.set_address(signers.get(index).copied().unwrap_or_default());
            self.admitted.setter(previous.into_word()).set(B256::ZERO);
        }
        for signer in signers {
            self.admitted.setter(signer.into_word()).set(B256::with_last_byte(1));
        }
        self.quorum.set_limbs([threshold.into(), signers.len() as u64, 0, 0]);
        self.log_signers(signers, threshold);
        Ok(())
    }

    /// Names the next owner, who becomes it by accepting; zero calls the transfer off.
    pub(crate) fn start_transfer(&mut self, pending: Address) {
        self.pending_owner.set_address(pending);
        self.log_transfer_start(self.owner.address(), pending);
    }

    /// Makes the caller the owner, if it was named.
    pub(crate) fn accept_transfer(&mut self) -> Result<(), Error> {
        let caller = self.vm().msg_sender();
        if caller != self.pending_owner.address() {
            return Err(NotPendingOwner { caller }.into());
        }
        let previous = self.owner.address();
        self.owner.set_address(caller);
        self.pending_owner.set_address(Address::ZERO);
        self.log_transfer(previous, caller);
        Ok(())
    }
}
