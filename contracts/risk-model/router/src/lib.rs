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
use plimsoll_ledger::{Revert, codec::Args, revert::require};
use plimsoll_risk::portfolio::{self, Compiled, Detail, Error, Part, check_factors, together};
use plimsoll_risk_core::{
    MODULES, Model, convert, decode,
    errors::refusal,
    sol::{Assessment, NoCode, Portfolio, Together, WrongModules},
};
use stylus_sdk::prelude::*;

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
    /// `WrongModules`, `NoCode`, `ZeroAddress`.
    #[constructor]
    pub fn constructor(&mut self, modules: Vec<Address>, owner: Address) -> Result<(), Revert> {
        require(modules.len() == MODULES, || WrongModules {
            modules: U256::from(modules.len()),
            needed: U256::from(MODULES),
        })?;
        for (number, module) in modules.into_iter().enumerate() {
            // A call to nobody succeeds, and says nothing.
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
        let input = [&[0; 4][..], &(portfolios, loadings, floor).abi_encode_params()].concat();
        let args = Args(input.get(4..).unwrap_or_default());
        self.together(args).unwrap_or_else(|| Err(Revert::of_data(Vec::new())))
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
        let detail = self.detail(portfolio, &params, input)?;
        Ok((convert::assessment(&detail.assessment), detail.profits))
    }

    /// Several portfolios of a call, priced one by one; `None` when they do not decode.
    #[inline(never)]
    pub(crate) fn together(&self, args: Args<'_>) -> Option<Result<Together, Revert>> {
        let all = args.tuple(0)?;
        let count: usize = all.uint(0)?;
        let loadings: Vec<u64> = args.array(1, 1, |words, at| words.uint(at))?;
        let floor: u64 = args.uint(2)?;
        let tuples = Args(all.0.get(32..)?);
        if count > tuples.0.len() / 32 {
            return None;
        }
        // All of them decode, and fit together, before the first is priced.
        let mut portfolios = Vec::with_capacity(count);
        for index in 0..count {
            portfolios.push(decode::portfolio(tuples, index)?);
        }
        if count != loadings.len() {
            return Some(Err(refusal(Error::BadFactor)));
        }
        let factors: Vec<_> =
            portfolios.iter().zip(loadings).map(|(one, loading)| (one.underlying, loading.into())).collect();
        if let Err(error) = check_factors(&factors, floor.into()) {
            return Some(Err(refusal(error)));
        }
        let mut found = Vec::with_capacity(count);
        for (index, portfolio) in portfolios.iter_mut().enumerate() {
            // A call of its own: offsets in a portfolio are from its own beginning.
            let input = [&[0; 35][..], &[32], tuples.tuple(index)?.0].concat();
            let one = self
                .model
                .compiled_params(portfolio.underlying)
                .and_then(|params| Ok((self.detail(portfolio, &params, &input)?, params)));
            match one {
                Ok(one) => found.push(one),
                Err(error) => return Some(Err(error)),
            }
        }
        let mut parts = Vec::with_capacity(count);
        for ((detail, compiled), (underlying, loading)) in found.iter().zip(factors) {
            parts.push(Part { underlying, detail, compiled, loading });
        }
        Some(together(&parts, floor.into()).map(|margin| convert::together(&margin)).map_err(refusal))
    }

    fn detail(
        &self,
        portfolio: &mut portfolio::Portfolio,
        params: &Compiled,
        input: &[u8],
    ) -> Result<Detail, Revert> {
        let priced = self.model.price(portfolio, input)?;
        let tail = self.model.tail(portfolio.underlying)?;
        portfolio::margin(portfolio, &priced, params, tail.as_ref()).map_err(refusal)
    }

    /// As a call of the same portfolio comes to.
    fn of_struct(&self, portfolio: Portfolio) -> Result<(Assessment, Vec<i128>), Revert> {
        let input = [&[0; 4][..], &(portfolio,).abi_encode_params()].concat();
        let args = Args(input.get(4..).unwrap_or_default());
        self.grid(args, &input).unwrap_or_else(|| Err(Revert::of_data(Vec::new())))
    }
}
