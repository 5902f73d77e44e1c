//! Margin of an account as the ledger and the oracle have it.

use alloy_primitives::B256;
use plimsoll_risk::margin::{Exposure, Margin};

use crate::{Account, Ledger, Market, Markets, Revert, prices::Quote, revert::require, sol};

impl Ledger {
    /// Adds an account's position in a market to its margin; returns its size and basis now.
    fn add_position(
        &self,
        account: B256,
        market: &Market,
        margin: &mut Margin,
    ) -> Result<(i128, i128), Revert> {
        let Some(found) = self.find_position(account, market)? else { return Ok((0, 0)) };
        let (size, basis) = (found.now.size, found.now.basis);
        margin.credit(found.now.cash)?;
        margin.add(&Exposure {
            size,
            basis,
            mark: market.quote.price,
            open_interest: market.open_interest,
            params: &market.params,
        })?;
        Ok((size, basis))
    }

    /// Margin of an account whose markets are loaded, at their prices whatever their status.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin(&self, account: &Account, markets: &Markets) -> Result<Margin, Revert> {
        Ok(self.margin_without(account, markets, None)?.0)
    }

    /// Margin of an account without its position in one market, and that position's size and basis.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin_without(
        &self,
        account: &Account,
        markets: &Markets,
        without: Option<u16>,
    ) -> Result<(Margin, (i128, i128)), Revert> {
        let mut margin = Margin::of_cash(account.cash);
        let mut left_out = (0, 0);
        for id in &account.markets {
            let market = markets.get(*id)?;
            if without == Some(*id) {
                if let Some(found) = self.find_position(account.id, market)? {
                    margin.credit(found.now.cash)?;
                    left_out = (found.now.size, found.now.basis);
                }
            } else {
                self.add_position(account.id, market, &mut margin)?;
            }
        }
        Ok((margin, left_out))
    }

    /// The worst price status among an account's markets; fresh when it has none.
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn worst_status(&self, account: &Account, markets: &Markets) -> Result<u8, Revert> {
        let mut worst = 1;
        for id in &account.markets {
            let status = markets.get(*id)?.quote.status;
            if Quote::severity(status) > Quote::severity(worst) {
                worst = status;
            }
        }
        Ok(worst)
    }
}

/// Requires fresh prices in all of an account's markets: for taking risk.
///
/// # Errors
/// `PriceUnusable`, `UnknownMarket`.
pub fn require_fresh(account: &Account, markets: &Markets) -> Result<(), Revert> {
    require_prices(account, markets, Quote::is_fresh)
}

/// Requires usable prices in all of an account's markets: for liquidation, the most tolerant rule.
///
/// # Errors
/// `PriceUnusable`, `UnknownMarket`.
pub fn require_usable(account: &Account, markets: &Markets) -> Result<(), Revert> {
    require_prices(account, markets, Quote::is_usable)
}

fn require_prices(account: &Account, markets: &Markets, rule: impl Fn(&Quote) -> bool) -> Result<(), Revert> {
    for id in &account.markets {
        let market = markets.get(*id)?;
        require(rule(&market.quote), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.status,
        })?;
    }
    Ok(())
}
