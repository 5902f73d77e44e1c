//! Owner and guardian.

use alloy_primitives::Address;
use plimsoll_ledger::{Ledger, Revert, revert::require, sol};
use stylus_sdk::prelude::*;

/// A pause ends by itself at the latest this long after it began, seconds.
pub(crate) const LONGEST_PAUSE: u64 = 7 * 24 * 3600;

pub(crate) fn set_guardian(ledger: &mut Ledger, guardian: Address) {
    let (_, until) = ledger.guard();
    ledger.set_guard(guardian, until);
    ledger.emit(&sol::GuardianSet { guardian });
}

pub(crate) fn pause(ledger: &mut Ledger, until: u64) -> Result<(), Revert> {
    let caller = ledger.vm().msg_sender();
    let (guardian, _) = ledger.guard();
    require(caller == guardian || caller == ledger.ownership.owner.address(), || sol::NotGuardian {
        caller,
    })?;
    let most = ledger.vm().block_timestamp().saturating_add(LONGEST_PAUSE);
    require(until <= most, || sol::PauseTooLong { until, most })?;
    // A guardian may only tighten: a later pause does not end an earlier one.
    let until = until.max(ledger.paused_until());
    ledger.set_guard(guardian, until);
    ledger.emit(&sol::Paused { by: caller, until });
    Ok(())
}

pub(crate) fn unpause(ledger: &mut Ledger) {
    let (guardian, _) = ledger.guard();
    ledger.set_guard(guardian, 0);
    let by = ledger.vm().msg_sender();
    ledger.emit(&sol::Unpaused { by });
}
