//! The lens module: views of accounts, markets and the ladder. A view shows what a write in its place would find.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]
// `contains` of numbers is a vectorised search: 700 bytes of code in a program that has no room for them.
#![allow(clippy::manual_contains)]

extern crate alloc;

mod accounts;
mod markets;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{
    Ledger, Revert,
    sol::{Margin, MarketState, PositionView, PotView, RungView, Totals},
};
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Lens {
    ledger: Ledger,
}

plimsoll_kit::module!(Lens);
plimsoll_kit::functions!(Lens:
    "marginOf" margin_of(B256);
    "marginsOf" margins_of(Vec<B256>);
    "accountOf" account_of(B256);
    "positionOf" position_of(B256, u128);
    "freeCollateral" free_collateral(B256);
    "liquidationPrice" liquidation_price(B256, u128);
    "market" market(u128);
    "rungs" rungs(u128, bool);
    "pots" pots(u128);
    "totals" totals();
);

/// The module's functions.
#[public]
impl Lens {
    /// Equity and margin lines of an account, at the oracle's prices whatever their status.
    ///
    /// @param account any account
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    pub fn margin_of(&self, account: B256) -> Result<Margin, Revert> {
        accounts::margin_of(&self.ledger, account)
    }

    /// Equity and margin lines of many accounts, with one call of the oracle.
    ///
    /// @param accounts any accounts
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    pub fn margins_of(&self, accounts: Vec<B256>) -> Result<Vec<Margin>, Revert> {
        accounts::margins_of(&self.ledger, &accounts)
    }

    /// An account, caught up.
    ///
    /// @param account any account
    /// @return `cash` WAD of quote
    /// @return `nonce` how often the account was written
    /// @return `positions` in the order in which they are kept
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    pub fn account_of(&self, account: B256) -> Result<(i128, u64, Vec<PositionView>), Revert> {
        accounts::account_of(&self.ledger, account)
    }

    /// A position, caught up; zero when there is none.
    ///
    /// @param account any account
    /// @param instrument a listed perpetual
    /// @return `size` signed units of the underlying
    /// @return `basis` minus size times entry price
    /// @return `young` young profit of the market
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`, `Overflow`.
    pub fn position_of(&self, account: B256, instrument: u128) -> Result<(i128, i128, u128), Revert> {
        accounts::position_of(&self.ledger, account, instrument)
    }

    /// What an account could withdraw at these prices, WAD of quote: no profit that is open or young, and no more than the engine
    /// holds.
    ///
    /// @param account any account
    ///
    /// # Errors
    /// `OracleFailed`, `Overflow`.
    pub fn free_collateral(&self, account: B256) -> Result<u128, Revert> {
        accounts::free_collateral(&self.ledger, account)
    }

    /// The mark at which the account meets its maintenance line, everything else as it is; zero when no price does it.
    ///
    /// @param account any account
    /// @param instrument a listed perpetual
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`, `Overflow`.
    pub fn liquidation_price(&self, account: B256, instrument: u128) -> Result<u128, Revert> {
        accounts::liquidation_price(&self.ledger, account, instrument)
    }

    /// A market, its funding accrued to now.
    ///
    /// @param instrument a listed perpetual
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`, `Overflow`.
    pub fn market(&self, instrument: u128) -> Result<MarketState, Revert> {
        markets::state(&self.ledger, instrument)
    }

    /// One side of a market's ladder: its live rungs, in the order in which a pass goes through them.
    ///
    /// @param instrument a listed perpetual
    /// @param long which side
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn rungs(&self, instrument: u128, long: bool) -> Result<Vec<RungView>, Revert> {
        markets::rungs(&self.ledger, instrument, long)
    }

    /// The pots of a market's young profit, first used first. The first of them may be ripe.
    ///
    /// @param instrument a listed perpetual
    ///
    /// # Errors
    /// `UnknownMarket`.
    pub fn pots(&self, instrument: u128) -> Result<Vec<PotView>, Revert> {
        markets::pots(&self.ledger, instrument)
    }

    /// Totals of the ledger.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn totals(&self) -> Result<Totals, Revert> {
        markets::totals(&self.ledger)
    }
}
