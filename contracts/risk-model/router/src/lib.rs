//! The risk model's address: margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.
//!
//! `assess` depends on the call's arguments and the stored parameters alone. A protocol that keeps its own book passes a
//! whole portfolio with the prices to value it at. The router adds the margin up; the pricer module values the options.
//! Functions that are called less often live in further modules, which a call reaches by its selector, by delegate
//! call. The modules are fixed at construction.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

pub mod routes;
#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, U256};
#[cfg(not(any(test, feature = "export-abi")))]
use plimsoll_kit::inert::{constructor, public};
use plimsoll_kit::{Revert, door::Root, revert::require, table::module_of};
use plimsoll_risk::portfolio::{self, Compiled, Detail, Error, Part, check_factors, together};
use plimsoll_risk_core::{
    MODULES, Model, convert,
    errors::refusal,
    sol::{Assessment, NoCode, Portfolio, Together, WrongModules},
};
use stylus_sdk::prelude::*;

/// The risk model.
#[storage]
pub struct RiskModel {
    model: Model,
}

plimsoll_kit::root!(RiskModel);
plimsoll_kit::functions!(RiskModel, constructor(Vec<Address>, Address):
    "modules" modules();
    "assess" assess(Portfolio);
    "scenarios" scenarios(Portfolio);
    "assessTogether" assess_together(Vec<Portfolio>, Vec<u64>, u64);
);

impl Root for RiskModel {
    fn module(&self, selector: [u8; 4]) -> Option<Address> {
        let module = self.model.module(module_of(routes::ROUTES, selector)?);
        // Zero until the model is constructed.
        (!module.is_zero()).then_some(module)
    }
}

/// The functions that are called most; all others are in the modules.
#[public]
impl RiskModel {
    /// Fixes the modules and names the owner.
    ///
    /// # Errors
    /// `WrongModules`, `NoCode`, `ZeroAddress`.
    #[constructor]
    pub fn constructor(&mut self, modules: Vec<Address>, owner: Address) -> Result<(), Revert> {
        require(modules.len() == MODULES, || WrongModules {
            modules: U256::from(modules.len()),
            needed: U256::from(MODULES),
        })?;
        for (number, module) in modules.into_iter().enumerate() {
            // A call of an address without code succeeds with an empty answer.
            require(self.vm().code_size(module) != 0, || NoCode { module })?;
            self.model.set_module(number, module);
        }
        self.model.ownership.begin(owner)
    }

    /// The modules: setup, greeks, attribution, worst, liquidation, pricer.
    pub fn modules(&self) -> Vec<Address> {
        (0..MODULES).map(|number| self.model.module(number)).collect()
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
        self.margin(portfolio).map(|(found, _)| found)
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
        self.margin(portfolio)
    }

    /// Margin of portfolios of several underlyings together: one factor moves all of them, each has moves of its own, and
    /// in the tails nothing is offset.
    ///
    /// @param portfolios one of each underlying, each as in `assess`
    /// @param loadings on the factor, one of each portfolio, 1e18 at most: two underlyings' correlation is the product of
    /// theirs
    /// @param floor least correlation between losses, 1e18 at most
    /// @return `margin` of all; never asks for more than the portfolios would by themselves with the largest of their
    /// factors
    ///
    /// # Errors
    /// `BadFactor`, `DuplicateUnderlying`, then as `assess`, portfolio by portfolio.
    pub fn assess_together(
        &self,
        portfolios: Vec<Portfolio>,
        loadings: Vec<u64>,
        floor: u64,
    ) -> Result<Together, Revert> {
        if portfolios.len() != loadings.len() {
            return Err(refusal(Error::BadFactor));
        }
        // Checked before the first is priced: a refusal must not cost the pricing.
        let factors: Vec<_> =
            portfolios.iter().zip(loadings).map(|(one, loading)| (one.underlying, loading.into())).collect();
        check_factors(&factors, floor.into()).map_err(refusal)?;
        let mut found = Vec::with_capacity(portfolios.len());
        for portfolio in portfolios {
            found.push(self.detail(portfolio)?);
        }
        let parts: Vec<_> = found
            .iter()
            .zip(factors)
            .map(|((detail, compiled), (underlying, loading))| Part { underlying, detail, compiled, loading })
            .collect();
        together(&parts, floor.into()).map(|margin| convert::together(&margin)).map_err(refusal)
    }
}

impl RiskModel {
    #[inline(never)]
    fn margin(&self, portfolio: Portfolio) -> Result<(Assessment, Vec<i128>), Revert> {
        let (detail, _) = self.detail(portfolio)?;
        Ok((convert::assessment(&detail.assessment), detail.profits))
    }

    /// Margin of a portfolio in detail, and the parameters that it was computed with. The pricer module values the
    /// options; the router checks the portfolio and adds up.
    fn detail(&self, portfolio: Portfolio) -> Result<(Detail, Compiled), Revert> {
        let params = self.model.compiled_params(portfolio.underlying)?;
        let mut portfolio = convert::portfolio(&portfolio);
        portfolio.check().map_err(refusal)?;
        let priced = self.model.price(&portfolio)?;
        let tail = self.model.tail(portfolio.underlying)?;
        let detail = portfolio::margin(&portfolio, &priced, &params, tail.as_ref()).map_err(refusal)?;
        Ok((detail, params))
    }
}
