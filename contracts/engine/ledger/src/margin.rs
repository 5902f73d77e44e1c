//! The margin of a loaded account, and the price statuses that an act requires.

use alloy_primitives::B256;
use plimsoll_risk::{
    liquidation::{self, Refusal},
    margin::Margin,
    oracle::{self, Quote, Status},
};

use crate::{Account, Markets, Revert, book::Portfolio, revert::require, sol};

impl Portfolio {
    /// Margin at the prices of the markets, whatever their status.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin(&self, markets: &Markets) -> Result<Margin, Revert> {
        self.margin_without(markets, None)
    }

    /// Margin without the position in one market. The cash that catching that position up brings counts all the same.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin_without(&self, markets: &Markets, without: Option<u16>) -> Result<Margin, Revert> {
        let mut margin = Margin::of_cash(self.account.cash);
        for (id, found) in self.iter() {
            let market = markets.get(id)?;
            margin.credit(found.now.cash)?;
            if without != Some(id) {
                margin.add(&market.exposure(found.now.size, found.now.basis))?;
            }
        }
        Ok(margin)
    }
}

/// The worst price status among an account's markets; fresh when it has none.
///
/// # Errors
/// `UnknownMarket`.
pub fn worst_status(account: &Account, markets: &Markets) -> Result<u8, Revert> {
    account
        .markets
        .iter()
        .try_fold(Status::Fresh.code(), |worst, id| Ok(oracle::worse(worst, markets.get(*id)?.quote.code)))
}

/// Requires that an account may be liquidated.
///
/// # Errors
/// `Insolvent`, `NotLiquidatable`.
pub fn require_liquidatable(account: B256, margin: &Margin) -> Result<(), Revert> {
    let Margin { equity, maintenance, .. } = *margin;
    liquidation::admit(margin).map_err(|refusal| match refusal {
        Refusal::Insolvent => Revert::new(sol::Insolvent { account, equity }),
        Refusal::Healthy => Revert::new(sol::NotLiquidatable { account, equity, maintenance }),
    })
}

/// Requires fresh prices in all of an account's markets: for taking risk.
///
/// # Errors
/// `PriceUnusable`, `UnknownMarket`.
pub fn require_fresh(account: &Account, markets: &Markets) -> Result<(), Revert> {
    require_prices(account, markets, Quote::allows_trading)
}

/// Requires usable prices in all of an account's markets: for liquidation, the most tolerant rule.
///
/// # Errors
/// `PriceUnusable`, `UnknownMarket`.
pub fn require_usable(account: &Account, markets: &Markets) -> Result<(), Revert> {
    require_prices(account, markets, Quote::allows_liquidation)
}

fn require_prices(account: &Account, markets: &Markets, rule: impl Fn(&Quote) -> bool) -> Result<(), Revert> {
    for id in &account.markets {
        let market = markets.get(*id)?;
        require(rule(&market.quote), || sol::PriceUnusable {
            instrument: market.instrument(),
            status: market.quote.code,
        })?;
    }
    Ok(())
}
