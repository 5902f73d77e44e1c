//! Who may do what.

use alloy_primitives::{Address, B256};
use stylus_sdk::prelude::*;

use crate::{
    Ledger, Revert,
    account::{key, owner_of},
    revert::require,
    sol,
};

impl Ledger {
    /// Requires that the caller is the engine's owner.
    ///
    /// # Errors
    /// `NotOwner`.
    pub fn only_owner(&self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        require(caller == self.owner.get(), || sol::NotOwner { caller })
    }

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
        self.operators.getter(owner).get(operator)
    }

    /// Whether an account lets a venue trade for it.
    pub fn is_venue_approved(&self, account: B256, venue: Address) -> bool {
        self.venue_approvals.getter(key(account)).get(venue)
    }

    /// Stores whether an account lets a venue trade for it.
    pub fn set_venue_approval(&mut self, account: B256, venue: Address, approved: bool) {
        self.venue_approvals.setter(key(account)).insert(venue, approved);
    }

    /// Until when the engine is paused; zero when it is not.
    pub fn paused_until(&self) -> u64 {
        let (_, until) = self.guard();
        if until > self.vm().block_timestamp() { until } else { 0 }
    }
}
