//! The margin of a loaded account.

use alloy_primitives::B256;
use plimsoll_risk::{
    ladder::Held,
    liquidation::{self, Refusal},
    margin::Margin,
    oracle::{self, Status},
};

use crate::{Account, Markets, Revert, book::Portfolio, market::Use, sol};

impl Portfolio {
    /// Margin. What has no price that may be used for this stands at the last good one, with stress.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin(&self, markets: &Markets, wanted: Use) -> Result<Margin, Revert> {
        self.margin_without(markets, wanted, None)
    }

    /// Margin without the position in one market. Its young profit, and the cash that catching it up brings, count all the same.
    ///
    /// # Errors
    /// `Overflow`, `UnknownMarket`.
    pub fn margin_without(
        &self,
        markets: &Markets,
        wanted: Use,
        without: Option<u16>,
    ) -> Result<Margin, Revert> {
        let mut margin = Margin::of_cash(self.account.cash);
        for (id, held) in self.iter() {
            let market = markets.get(id)?;
            margin.credit(held.cash)?;
            let held = if without == Some(id) { Held { size: 0, basis: 0, ..*held } } else { *held };
            margin.add(&market.exposure(&held, wanted))?;
        }
        Ok(margin)
    }
}

/// Margin in the ABI's form.
#[must_use]
pub const fn to_abi(margin: &Margin, status: u8) -> sol::Margin {
    sol::Margin {
        equity: margin.equity,
        stress: margin.stress,
        initialEquity: margin.initial_equity,
        ripe: margin.ripe,
        initial: margin.initial,
        maintenance: margin.maintenance,
        backstop: margin.backstop_ceil(),
        priceStatus: status,
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
