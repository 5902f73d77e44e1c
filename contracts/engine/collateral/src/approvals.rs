//! `setOperator` and `approveVenue`: who may act for an owner.

use alloy_primitives::{Address, B256};
use plimsoll_ledger::{Ledger, Revert, revert::require, sol};
use stylus_sdk::prelude::*;

pub(crate) fn set_operator(ledger: &mut Ledger, operator: Address, approved: bool) -> Result<(), Revert> {
    require(operator != Address::ZERO, || sol::ZeroAddress {})?;
    let owner = ledger.vm().msg_sender();
    ledger.set_operator(owner, operator, approved);
    ledger.emit(&sol::OperatorSet { owner, operator, approved });
    Ok(())
}

pub(crate) fn approve_venue(
    ledger: &mut Ledger,
    account: B256,
    venue: Address,
    approved: bool,
) -> Result<(), Revert> {
    // A venue can lose all that an account has: an operator may shut it out, and only the owner lets it in.
    let is_owner = ledger.authorize(account)?;
    require(is_owner || !approved, || sol::NotAuthorized { account, caller: ledger.vm().msg_sender() })?;
    require(venue != Address::ZERO, || sol::ZeroAddress {})?;
    ledger.set_venue_approval(account, venue, approved);
    ledger.emit(&sol::VenueApproved { account, venue, approved });
    Ok(())
}
