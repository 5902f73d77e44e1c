//! The governance module: sets and reads markets, parameters, venues, roles and the pause.
//!
//! Runs in the router's storage, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod markets;
mod roles;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, B256};
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::public;
use plimsoll_ledger::{Ledger, Revert, revert::require, sol, sol::MarketParams};
use plimsoll_risk::limits::MAX_INSURANCE_CAP;
use stylus_sdk::prelude::*;

/// The module over the engine's storage.
#[storage]
pub struct Governance {
    ledger: Ledger,
}

plimsoll_kit::module!(Governance);
plimsoll_kit::functions!(Governance:
    "listMarket" list_market(u128, MarketParams);
    "setMarketParams" set_market_params(u128, MarketParams);
    "admitVenue" admit_venue(Address, bool);
    "setOracle" set_oracle(Address);
    "setInsuranceCap" set_insurance_cap(u32);
    "setGuardian" set_guardian(Address);
    "transferOwnership" transfer_ownership(Address);
    "acceptOwnership" accept_ownership();
    "pause" pause(u64);
    "unpause" unpause();
    "marketParams" market_params(u128);
    "instruments" instruments();
    "isOperator" is_operator(Address, Address);
    "isVenueAdmitted" is_venue_admitted(Address);
    "isVenueApproved" is_venue_approved(B256, Address);
    "quoteToken" quote_token();
    "oracle" oracle();
    "insuranceCap" insurance_cap();
    "owner" owner();
    "pendingOwner" pending_owner();
    "guardian" guardian();
    "pausedUntil" paused_until();
);

/// The module's functions.
#[public]
impl Governance {
    /// Lists the perpetual of an underlying. Owner only.
    ///
    /// @param instrument its id; the underlying is not zero
    /// @param params its parameters
    ///
    /// # Errors
    /// `NotOwner`, `BadInstrument`, `MarketExists`, `ParameterOutOfBounds`.
    ///
    /// # Events
    /// `MarketListed`, `MarketParamsSet`.
    pub fn list_market(&mut self, instrument: u128, params: MarketParams) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        markets::list(&mut self.ledger, instrument, params)
    }

    /// Replaces a market's parameters. Owner only.
    ///
    /// @param instrument a listed perpetual
    /// @param params its parameters
    ///
    /// # Errors
    /// `NotOwner`, `UnknownMarket`, `ParameterOutOfBounds`, `OracleFailed`, `Overflow`.
    ///
    /// # Events
    /// `MarketParamsSet`, `FundingAccrued`.
    pub fn set_market_params(&mut self, instrument: u128, params: MarketParams) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        markets::replace(&mut self.ledger, instrument, params)
    }

    /// Admits a venue, or no longer. Owner only.
    ///
    /// @param venue the address that calls `settle`
    /// @param admitted whether it may
    ///
    /// # Errors
    /// `NotOwner`, `ZeroAddress`.
    ///
    /// # Events
    /// `VenueAdmitted`.
    pub fn admit_venue(&mut self, venue: Address, admitted: bool) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        require(venue != Address::ZERO, || sol::ZeroAddress {})?;
        self.ledger.set_venue_admitted(venue, admitted);
        self.ledger.emit(&sol::VenueAdmitted { venue, admitted });
        Ok(())
    }

    /// Names another oracle. Owner only.
    ///
    /// @param oracle a contract that answers `prices(uint16[])`
    ///
    /// # Errors
    /// `NotOwner`, `ZeroAddress`, `OracleFailed` when it does not answer.
    ///
    /// # Events
    /// `OracleSet`.
    pub fn set_oracle(&mut self, oracle: Address) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        require(oracle != Address::ZERO, || sol::ZeroAddress {})?;
        self.ledger.change_oracle(oracle)?;
        self.ledger.emit(&sol::OracleSet { oracle });
        Ok(())
    }

    /// Sets the share of the insurance fund that all markets together may draw; what was drawn refills over a day. Owner only.
    ///
    /// @param cap ppm of the fund; at least the sum of the markets' shares
    ///
    /// # Errors
    /// `NotOwner`, `ParameterOutOfBounds`.
    ///
    /// # Events
    /// `InsuranceCapSet`.
    pub fn set_insurance_cap(&mut self, cap: u32) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        let (tokens, mut shares) = self.ledger.totals();
        let within = cap <= MAX_INSURANCE_CAP && cap >= shares.markets;
        require(within, || sol::ParameterOutOfBounds { index: 0 })?;
        shares.cap = cap;
        self.ledger.set_totals(tokens, shares);
        self.ledger.emit(&sol::InsuranceCapSet { cap });
        Ok(())
    }

    /// Names another guardian, zero for none. Owner only. A pause goes on.
    ///
    /// @param guardian who may pause
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `GuardianSet`.
    pub fn set_guardian(&mut self, guardian: Address) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        roles::set_guardian(&mut self.ledger, guardian);
        Ok(())
    }

    /// Names the next owner; zero calls the transfer off. Owner only.
    ///
    /// @param pending who may accept
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `OwnershipTransferStarted`.
    pub fn transfer_ownership(&mut self, pending: Address) -> Result<(), Revert> {
        self.ledger.ownership.transfer(pending)
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    ///
    /// # Events
    /// `OwnershipTransferred`.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.ledger.ownership.accept()
    }

    /// Stops withdrawals and every fill that does not reduce risk, until a time at most seven days ahead. Liquidation,
    /// deposits and risk reduction go on. Guardian or owner.
    ///
    /// @param until Unix seconds
    ///
    /// # Errors
    /// `NotGuardian`, `PauseTooLong`.
    ///
    /// # Events
    /// `Paused`.
    pub fn pause(&mut self, until: u64) -> Result<(), Revert> {
        roles::pause(&mut self.ledger, until)
    }

    /// Ends a pause. Owner only.
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `Unpaused`.
    pub fn unpause(&mut self) -> Result<(), Revert> {
        self.ledger.ownership.only_owner()?;
        roles::unpause(&mut self.ledger);
        Ok(())
    }

    /// A market's parameters.
    ///
    /// @param instrument a listed perpetual
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`, `Overflow`.
    pub fn market_params(&self, instrument: u128) -> Result<MarketParams, Revert> {
        markets::params(&self.ledger, instrument)
    }

    /// All listed perpetuals.
    pub fn instruments(&self) -> Vec<u128> {
        markets::instruments(&self.ledger)
    }

    /// Whether an address may act for an owner.
    ///
    /// @param owner the owner of accounts
    /// @param operator the address
    pub fn is_operator(&self, owner: Address, operator: Address) -> bool {
        self.ledger.is_operator(owner, operator)
    }

    /// Whether governance admits a venue.
    ///
    /// @param venue the venue
    pub fn is_venue_admitted(&self, venue: Address) -> bool {
        self.ledger.is_venue_admitted(venue)
    }

    /// Whether an account lets a venue trade for it.
    ///
    /// @param account any account
    /// @param venue the venue
    pub fn is_venue_approved(&self, account: B256, venue: Address) -> bool {
        self.ledger.is_venue_approved(account, venue)
    }

    /// The quote token.
    ///
    /// @return `token` its address
    /// @return `decimals` its decimals
    pub fn quote_token(&self) -> (Address, u8) {
        self.ledger.quote()
    }

    /// The price oracle.
    pub fn oracle(&self) -> Address {
        self.ledger.oracle.address()
    }

    /// The share of the insurance fund that all markets together may draw, ppm.
    pub fn insurance_cap(&self) -> u32 {
        self.ledger.totals().1.cap
    }

    /// Who sets parameters.
    pub fn owner(&self) -> Address {
        self.ledger.ownership.owner.address()
    }

    /// Who may become the owner; zero for nobody.
    pub fn pending_owner(&self) -> Address {
        self.ledger.ownership.pending.address()
    }

    /// Who may pause; zero for nobody but the owner.
    pub fn guardian(&self) -> Address {
        self.ledger.guard().0
    }

    /// Until when the engine is paused, Unix seconds; zero when it is not.
    pub fn paused_until(&self) -> u64 {
        self.ledger.paused_until()
    }
}
