//! Who owns a contract, handed over in two steps: the owner names the next one, who accepts.

use alloc::{vec, vec::Vec};

use alloy_primitives::Address;
use stylus_sdk::prelude::*;

use crate::{Revert, events::log, revert::require, slot::Slot, sol};

/// The owner and who may follow, two slots.
#[storage]
pub struct Ownership {
    /// `address`: the owner.
    pub owner: Slot,
    /// `address`: who may become the owner; zero for nobody.
    pub pending: Slot,
}

impl Ownership {
    /// Requires that the caller is the owner.
    ///
    /// # Errors
    /// `NotOwner`.
    pub fn only_owner(&self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        require(caller == self.owner.address(), || sol::NotOwner { caller })
    }

    /// Gives the contract its first owner.
    ///
    /// # Errors
    /// `ZeroAddress`.
    ///
    /// # Events
    /// `OwnershipTransferred`, from zero.
    pub fn begin(&mut self, owner: Address) -> Result<(), Revert> {
        require(owner != Address::ZERO, || sol::ZeroAddress {})?;
        self.pass_to(owner);
        Ok(())
    }

    /// Names the next owner, who becomes it by accepting; zero calls the transfer off.
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `OwnershipTransferStarted`.
    pub fn transfer(&mut self, pending: Address) -> Result<(), Revert> {
        self.only_owner()?;
        self.pending.set_address(pending);
        log(self.vm(), &sol::OwnershipTransferStarted { owner: self.owner.address(), pending });
        Ok(())
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    ///
    /// # Events
    /// `OwnershipTransferred`.
    pub fn accept(&mut self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        require(caller == self.pending.address(), || sol::NotPendingOwner { caller })?;
        self.pass_to(caller);
        self.pending.set_address(Address::ZERO);
        Ok(())
    }

    fn pass_to(&mut self, owner: Address) {
        let previous = self.owner.address();
        self.owner.set_address(owner);
        log(self.vm(), &sol::OwnershipTransferred { previous, owner });
    }
}
