//! `coverBadDebt`: the insurance fund pays recorded bad debt.

use plimsoll_ledger::{
    Ledger, Revert,
    market::{NO_MARKET, underlying},
    revert::require,
    sol,
};
use plimsoll_risk::waterfall;

pub(crate) fn cover_bad_debt(ledger: &mut Ledger, instrument: u128, amount: u128) -> Result<u128, Revert> {
    require(amount > 0, || sol::ZeroAmount {})?;
    let market = if instrument == 0 { NO_MARKET } else { underlying(instrument)? };
    require(market == NO_MARKET || ledger.is_listed(market), || sol::UnknownMarket { instrument })?;
    let (debt, dust) = ledger.debt(market);
    let covered = waterfall::coverable(amount, debt, ledger.insurance_available(market)?);
    require(covered > 0, || sol::NoBadDebt { instrument })?;
    ledger.set_debt(market, debt - covered, dust);
    ledger.draw_insurance(market, instrument, covered)?;
    ledger.emit(&sol::BadDebtCovered { instrument, amount: covered, total: debt - covered });
    Ok(covered)
}
