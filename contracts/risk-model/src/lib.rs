//! The risk model: margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.
//!
//! `assess` is pure but for the parameters: whoever keeps a book of its own hands it over whole, with the prices to value
//! it at. The rules are [`plimsoll_risk::portfolio`]; here are the parameters, kept as code, and the ABI.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod convert;
mod decode;
mod encode;
mod entry;
mod errors;
mod governance;
mod parameters;
pub mod sol;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, U256};
use plimsoll_core::Revert;
use plimsoll_risk::portfolio;
use stylus_sdk::{
    prelude::*,
    storage::{StorageAddress, StorageMap},
};

use crate::{
    errors::refusal,
    sol::{Assessment, Params, Portfolio},
};

/// The root of the model's storage.
#[storage]
pub struct RiskModel {
    /// Who sets parameters.
    owner: StorageAddress,
    /// Who may become the owner; zero for nobody.
    pending_owner: StorageAddress,
    /// Parameters by underlying.
    places: StorageMap<U256, Places>,
}

/// Where an underlying's parameters are: contracts whose code they are. A cold slot costs 2,100 gas, and they would take
/// dozens; a contract's whole code costs 3,300.
#[storage]
pub struct Places {
    /// As the model computes with them.
    compiled: StorageAddress,
    /// As they were set, ABI-encoded.
    raw: StorageAddress,
}

/// The contract's functions, each checked for who may call it and handed on.
#[public]
impl RiskModel {
    /// # Errors
    /// `ZeroAddress` for the owner.
    #[constructor]
    pub fn constructor(&mut self, owner: Address) -> Result<(), Revert> {
        self.construct(owner)
    }

    /// Margin of a portfolio, under its underlying's parameters.
    ///
    /// @param portfolio options, perpetuals and collateral of one account in one underlying, and the prices to value
    /// them at
    /// @return `assessment` balances after margin, and what they are made of
    ///
    /// # Errors
    /// `NoParams`, then the first rule of the portfolio that is broken; `Overflow`.
    ///
    /// # Rounding
    /// To 1e-18, against nobody; the error is far below a unit of any currency.
    pub fn assess(&self, portfolio: Portfolio) -> Result<Assessment, Revert> {
        self.margin(convert::portfolio(portfolio))
    }

    /// Margin of a portfolio, and its profit in every scenario.
    ///
    /// @param portfolio as in `assess`
    /// @return `assessment` balances after margin, and what they are made of
    /// @return `profits` in the order of the parameters' scenarios, dampened, negative for a loss
    ///
    /// # Errors
    /// As `assess`.
    pub fn scenarios(&self, portfolio: Portfolio) -> Result<(Assessment, Vec<i128>), Revert> {
        self.grid(convert::portfolio(portfolio))
    }

    /// Sets an underlying's parameters, all of them.
    ///
    /// @param underlying number of the underlying
    /// @param params within the hard bounds
    ///
    /// # Errors
    /// `NotOwner`, `TooManyScenarios`, `BadScenario`, `ParameterOutOfBounds`, `ParamsNotStored`.
    ///
    /// # Events
    /// `ParamsSet`.
    pub fn set_params(&mut self, underlying: u16, params: Params) -> Result<(), Revert> {
        self.only_owner()?;
        self.replace_params(underlying, &convert::params(params)?)
    }

    /// An underlying's parameters.
    ///
    /// @param underlying number of the underlying
    ///
    /// # Errors
    /// `NoParams`.
    pub fn params(&self, underlying: u16) -> Result<Params, Revert> {
        self.params_of(underlying).map(|params| convert::params_to_abi(&params))
    }

    /// The contract whose code, after its first byte, is an underlying's parameters as the model computes with them; zero
    /// when there are none. It changes when they are set.
    pub fn compiled(&self, underlying: u16) -> Address {
        self.compiled_of(underlying)
    }

    /// The owner.
    pub fn owner(&self) -> Address {
        self.owner.get()
    }

    /// Who may become the owner; zero for nobody.
    pub fn pending_owner(&self) -> Address {
        self.pending_owner.get()
    }

    /// Names the next owner; zero calls the transfer off.
    ///
    /// # Errors
    /// `NotOwner`.
    ///
    /// # Events
    /// `OwnershipTransferStarted`.
    pub fn transfer_ownership(&mut self, pending: Address) -> Result<(), Revert> {
        self.only_owner()?;
        self.start_transfer(pending);
        Ok(())
    }

    /// Makes the caller the owner, if it was named.
    ///
    /// # Errors
    /// `NotPendingOwner`.
    ///
    /// # Events
    /// `OwnershipTransferred`.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.accept_transfer()
    }
}

impl RiskModel {
    fn margin(&self, mut portfolio: portfolio::Portfolio) -> Result<Assessment, Revert> {
        let params = self.load(portfolio.underlying)?;
        portfolio::assess(&mut portfolio, &params).map(|found| convert::assessment(&found)).map_err(refusal)
    }

    fn grid(&self, mut portfolio: portfolio::Portfolio) -> Result<(Assessment, Vec<i128>), Revert> {
        let params = self.load(portfolio.underlying)?;
        portfolio::assess_scenarios(&mut portfolio, &params)
            .map(|(found, profits)| (convert::assessment(&found), profits))
            .map_err(refusal)
    }
}
