//! The owner's acts: handing over. Parameters are in [`crate::parameters`].

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use plimsoll_core::{Revert, codec::Word, encode::emit, revert::require};
use stylus_sdk::prelude::*;

use crate::{
    Model,
    sol::{NotOwner, NotPendingOwner, OwnershipTransferStarted, OwnershipTransferred, ZeroAddress},
};

impl Model {
    /// Refuses whoever is not the owner.
    ///
    /// # Errors
    /// `NotOwner`.
    pub fn only_owner(&self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        require(caller == self.owner(), || NotOwner { caller })
    }

    /// Gives the contract its first owner.
    ///
    /// # Errors
    /// `ZeroAddress`.
    pub fn construct(&mut self, owner: Address) -> Result<(), Revert> {
        require(owner != Address::ZERO, || ZeroAddress {})?;
        self.set_owner(owner);
        self.log::<OwnershipTransferred>(Address::ZERO, owner);
        Ok(())
    }

    /// Names the next owner, who becomes it by accepting; zero calls the transfer off.
    pub fn start_transfer(&mut self, pending: Address) {
        self.set_pending_owner(pending);
        self.log::<OwnershipTransferStarted>(self.owner(), pending);
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    pub fn accept_transfer(&mut self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        require(caller == self.pending_owner(), || NotPendingOwner { caller })?;
        let previous = self.owner();
        self.set_owner(caller);
        self.set_pending_owner(Address::ZERO);
        self.log::<OwnershipTransferred>(previous, caller);
        Ok(())
    }

    /// Logs an event of two addresses, both indexed.
    fn log<E: SolEvent>(&self, first: Address, second: Address) {
        let topics: [B256; 3] = [E::SIGNATURE_HASH, first.word(), second.word()];
        emit(self.vm(), &topics, &[]);
    }
}
