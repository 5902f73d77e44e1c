//! The guardian and the pause.

use alloy_primitives::Address;
use plimsoll_ledger::{Ledger, Revert, revert::require, sol};
use plimsoll_risk::pause;
use stylus_sdk::prelude::*;

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
    let until = pause::extended(ledger.paused_until(), until, ledger.vm().block_timestamp())
        .map_err(|most| Revert::new(sol::PauseTooLong { until, most }))?;
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
