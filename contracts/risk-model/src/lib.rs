//! The risk model's address: margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.
//!
//! `assess` is pure but for the parameters: whoever keeps a book of its own hands it over whole, with the prices to value
//! it at. Everything that is called less often lives in modules, which are fixed at construction: a call goes by its
//! selector to the module that has the function, by delegate call.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

mod entry;
pub mod routes;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolValue;
use plimsoll_core::{Revert, codec::Args, revert::require};
use plimsoll_risk::{
    Overflow,
    portfolio::{self, Priced},
};
use plimsoll_risk_core::{
    MODULES, Model, PRICER, convert, decode,
    errors::refusal,
    sol::{Assessment, Portfolio, WrongModules, ZeroAddress},
};
use stylus_sdk::{call::RawCall, prelude::*};

/// The risk model.
#[storage]
pub struct RiskModel {
    model: Model,
}

/// The functions that are called most; all others are in the modules.
#[public]
impl RiskModel {
    /// Fixes the modules and names the owner.
    ///
    /// # Errors
    /// `WrongModules`, `ZeroAddress`.
    #[constructor]
    pub fn constructor(&mut self, modules: Vec<Address>, owner: Address) -> Result<(), Revert> {
        require(modules.len() == MODULES, || WrongModules {
            modules: U256::from(modules.len()),
            needed: U256::from(MODULES),
        })?;
        for (number, module) in modules.into_iter().enumerate() {
            require(module != Address::ZERO, || ZeroAddress {})?;
            if let Some(mut slot) = self.model.modules.setter(number) {
                slot.set(module);
            }
        }
        self.model.construct(owner)
    }

    /// The modules: setup, pricer.
    pub fn modules(&self) -> Vec<Address> {
        (0..MODULES).filter_map(|number| self.model.modules.get(number)).collect()
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
    /// Balances down, charges up, to 1e-18.
    pub fn assess(&self, portfolio: Portfolio) -> Result<Assessment, Revert> {
        self.of_struct(portfolio).map(|(found, _)| found)
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
        self.of_struct(portfolio)
    }
}

impl RiskModel {
    /// Has the options of a call's portfolio priced, and adds up; `None` when it does not decode.
    #[inline(never)]
    fn grid(&self, args: Args<'_>, input: &[u8]) -> Option<Result<(Assessment, Vec<i128>), Revert>> {
        let mut portfolio = decode::portfolio(args, 0)?;
        Some(self.add_up(&mut portfolio, input))
    }

    fn add_up(
        &self,
        portfolio: &mut portfolio::Portfolio,
        input: &[u8],
    ) -> Result<(Assessment, Vec<i128>), Revert> {
        let params = self.model.compiled_params(portfolio.underlying)?;
        // Here, because the pricer's program is full.
        portfolio.check().map_err(refusal)?;
        let priced = Priced::from_bytes(&self.delegate(PRICER, input)?).ok_or(Overflow)?;
        let tail = self.model.tail(portfolio.underlying)?;
        let detail = portfolio::margin(portfolio, &priced, &params, tail.as_ref()).map_err(refusal)?;
        Ok((convert::assessment(&detail.assessment), detail.profits))
    }

    /// Runs a module in this contract's storage.
    fn delegate(&self, module: usize, input: &[u8]) -> Result<Vec<u8>, Revert> {
        let address = self.model.modules.get(module).unwrap_or_default();
        // SAFETY: nothing has been written, and what has been read does not change: modules call nobody.
        unsafe { RawCall::new_delegate(self.vm()).call(address, input) }.map_err(Revert::of_data)
    }

    /// As a call of the same portfolio comes to.
    fn of_struct(&self, portfolio: Portfolio) -> Result<(Assessment, Vec<i128>), Revert> {
        let input = [&[0; 4][..], &(portfolio,).abi_encode_params()].concat();
        let args = Args(input.get(4..).unwrap_or_default());
        self.grid(args, &input).unwrap_or_else(|| Err(Revert::of_data(Vec::new())))
    }
}
