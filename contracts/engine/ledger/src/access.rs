//! Permissions: owners and operators of accounts, venues, and the pause.

use alloy_primitives::{Address, B256};
use plimsoll_kit::words::Records;
use plimsoll_risk::pause;
use stylus_sdk::prelude::*;

use crate::{Ledger, Revert, account::owner_of, revert::require, sol};

impl Ledger {
    /// Requires that the caller owns an account or is one of its owner's operators; says which: true for the owner.
    ///
    /// # Errors
    /// `NotAuthorized`.
    pub fn authorize(&self, account: B256) -> Result<bool, Revert> {
        let (owner, caller) = (owner_of(account), self.vm().msg_sender());
        let is_owner = caller == owner;
        require(is_owner || self.is_operator(owner, caller), || sol::NotAuthorized { account, caller })?;
        Ok(is_owner)
    }

    /// Whether an address may act for an owner.
    pub fn is_operator(&self, owner: Address, operator: Address) -> bool {
        self.flag(&self.operator_record(owner, operator))
    }

    /// Stores whether an address may act for an owner.
    pub fn set_operator(&mut self, owner: Address, operator: Address, approved: bool) {
        self.set_flag(&self.operator_record(owner, operator), approved);
    }

    /// Whether governance admits a venue.
    pub fn is_venue_admitted(&self, venue: Address) -> bool {
        self.flag(&self.venue_record(venue))
    }

    /// Stores whether governance admits a venue.
    pub fn set_venue_admitted(&mut self, venue: Address, admitted: bool) {
        self.set_flag(&self.venue_record(venue), admitted);
    }

    /// Whether an account lets a venue trade for it.
    pub fn is_venue_approved(&self, account: B256, venue: Address) -> bool {
        self.flag(&self.approval_record(account, venue))
    }

    /// Stores whether an account lets a venue trade for it.
    pub fn set_venue_approval(&mut self, account: B256, venue: Address, approved: bool) {
        self.set_flag(&self.approval_record(account, venue), approved);
    }

    /// Until when the engine is paused; zero when it is not.
    pub fn paused_until(&self) -> u64 {
        let (_, until) = self.guard();
        pause::in_force(until, self.vm().block_timestamp())
    }
}
