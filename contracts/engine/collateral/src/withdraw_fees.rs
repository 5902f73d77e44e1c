//! `withdrawFees`: pays out collected fees.

use alloy_primitives::{Address, U256};
use plimsoll_ledger::{Ledger, Revert, revert::require, sol};
use plimsoll_risk::{Overflow, collateral::to_wad};

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
