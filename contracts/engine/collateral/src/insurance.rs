//! The insurance fund and the fees: money in, bad debt paid off, fees out.

use alloy_primitives::{Address, U256};
use plimsoll_ledger::{
    Ledger, Revert,
    market::{NO_MARKET, underlying},
    revert::require,
    sol,
};
use plimsoll_risk::{Overflow, collateral::to_wad};
use stylus_sdk::prelude::*;

pub(crate) fn fund(ledger: &mut Ledger, amount: U256) -> Result<u128, Revert> {
    let (token, _) = ledger.quote();
    let credited = ledger.pull(token, amount)?;
    let (insurance, fees) = ledger.funds();
    ledger.set_funds(insurance.checked_add(credited).ok_or(Overflow)?, fees);
    let by = ledger.vm().msg_sender();
    ledger.emit(&sol::InsuranceFunded { by, amount, credited });
    Ok(credited)
}

pub(crate) fn cover(ledger: &mut Ledger, instrument: u128, amount: u128) -> Result<u128, Revert> {
    require(amount > 0, || sol::ZeroAmount {})?;
    let market = if instrument == 0 { NO_MARKET } else { underlying(instrument)? };
    require(market == NO_MARKET || ledger.is_listed(market), || sol::UnknownMarket { instrument })?;
    let ((debt, dust), (insurance, fees)) = (ledger.debt(market), ledger.funds());
    let covered = amount.min(debt).min(insurance);
    require(covered > 0, || sol::NoBadDebt { instrument })?;
    ledger.set_debt(market, debt - covered, dust);
    ledger.set_funds(insurance - covered, fees);
    ledger.emit(&sol::BadDebtCovered { instrument, amount: covered, total: debt - covered });
    Ok(covered)
}

pub(crate) fn withdraw_fees(ledger: &mut Ledger, to: Address, amount: U256) -> Result<(), Revert> {
    require(to != Address::ZERO, || sol::ZeroAddress {})?;
    require(!amount.is_zero(), || sol::ZeroAmount {})?;
    let (token, _) = ledger.quote();
    let wad = to_wad(u128::try_from(amount).map_err(|_| Overflow)?, ledger.scale_of(token)?)?;
    let (insurance, fees) = ledger.funds();
    require(wad <= fees, || sol::FeesTooSmall { amount: wad, fees })?;
    ledger.set_funds(insurance, fees - wad);
    ledger.push(token, to, amount, wad)?;
    ledger.emit(&sol::FeesWithdrawn { to, amount });
    Ok(())
}
