//! Books of options in a contract's storage (`PortfolioBench.sol`), assessed in a transaction of their own.

use alloy::{
    primitives::{Address, B256},
    sol_types::SolValue,
};
use anyhow::Result;
use plimsoll_harness::{
    bindings::{
        IPlimsollRiskModel::{Expiry, Portfolio},
        solidity::{PortfolioBench, portfolio_bench},
    },
    prelude::*,
    scenario::init_code,
};

use crate::risk::{expiry, leg, option, sample};

const ONE: i128 = WAD as i128;

/// Options of strikes from 10,000 up, half of them short, spread over expiries so many days away; spot is 20,000.
#[must_use]
pub fn strip(count: u64, days: &[u32]) -> Portfolio {
    let leg_at = |i: u64| {
        let size = if i.is_multiple_of(2) { ONE } else { -ONE };
        leg(option(days[i as usize % days.len()], 10_000 + 250 * i, i.is_multiple_of(3)), size)
    };
    let legs: Vec<B256> = (0..count).map(leg_at).collect();
    let expiries: Vec<Expiry> = days.iter().map(|days| expiry(*days)).collect();
    Portfolio { expiries, legs, ..sample() }
}

/// A contract with a book.
#[derive(Clone, Copy, Debug)]
pub struct StoredBook {
    at: Address,
}

impl StoredBook {
    /// Deploys one without options, which asks a model.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn deploy(chain: &Chain, owner: &Key, model: Address) -> Result<Self> {
        Ok(Self { at: chain.create(owner, init_code("PortfolioBench", &(model, BTC))?).await? })
    }

    /// Stores a portfolio's legs and expiries, and has them assessed at its time, cash and spot.
    ///
    /// # Errors
    /// When the node or the model refuses.
    pub async fn assess(&self, chain: &Chain, owner: &Key, portfolio: &Portfolio) -> Result<Receipt> {
        let expiries = portfolio
            .expiries
            .iter()
            .map(|one| portfolio_bench::IRiskModel::Expiry::abi_decode(&one.abi_encode()))
            .collect::<Result<_, _>>()?;
        let set = PortfolioBench::setCall { legs_: portfolio.legs.clone(), expiries };
        chain.transact(owner, self.at, &set).await?;
        Ok(chain.transact(owner, self.at, &Self::call(portfolio)).await?)
    }

    /// The call that has them assessed.
    #[must_use]
    pub const fn call(portfolio: &Portfolio) -> PortfolioBench::assessCall {
        PortfolioBench::assessCall { time: portfolio.time, cash: portfolio.cash, spot: portfolio.spot }
    }
}
