//! `fundInsurance`: anyone pays quote tokens into the insurance fund.

use alloy_primitives::U256;
use plimsoll_ledger::{Ledger, Revert, sol};
use plimsoll_risk::Overflow;
use stylus_sdk::prelude::*;

pub(crate) fn fund_insurance(ledger: &mut Ledger, amount: U256) -> Result<u128, Revert> {
    let (token, _) = ledger.quote();
    let credited = ledger.pull(token, amount)?;
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance.checked_add(credited).ok_or(Overflow)?, fees);
    let by = ledger.vm().msg_sender();
    ledger.emit(&sol::InsuranceFunded { by, amount, credited });
    Ok(credited)
}
