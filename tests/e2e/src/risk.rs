//! The risk model on a node, without an engine, and portfolios for it.

use std::fmt::Debug;

use alloy::{
    primitives::{Address, B256, Bytes},
    sol_types::{SolCall, SolError},
};
use anyhow::{Result, ensure};
use plimsoll_harness::{
    bindings::IPlimsollRiskModel::{
        Collateral, Expiry, Params, Portfolio, assessCall, scenariosCall, setParamsCall,
    },
    build, deploy,
    margin_cases::{TIME, params_to_abi},
    prelude::*,
    scenario::fund,
    setup,
};
use plimsoll_risk::{ids, portfolio};

/// A deployed risk model with the default parameters for bitcoin.
#[derive(Debug)]
pub struct Risk {
    /// Held for as long as the model is used.
    pub node: Node,
    /// The connection.
    pub chain: Chain,
    /// The model.
    pub model: Address,
    /// Its owner.
    pub owner: Key,
    /// Anybody else.
    pub stranger: Key,
}

impl Risk {
    /// Deploys it.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn start() -> Result<Self> {
        let node = Node::start().await?;
        let chain = node.chain().clone();
        let contracts = build::contracts().await?;
        let setup = setup::setup(&chain).await?;
        let [owner, stranger] = ["risk owner", "stranger"].map(Key::fresh);
        fund(&chain, [&owner, &stranger]).await?;
        let model = deploy::risk_model(&chain, &setup, &contracts, &Key::dev(), owner.address()).await?;
        let risk = Self { node, chain, model, owner, stranger };
        risk.set(BTC, &standard()).await?;
        Ok(risk)
    }

    /// Sets parameters.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the model refuses them.
    pub async fn set(&self, underlying: u16, params: &Params) -> Result<Receipt, Failure> {
        let call = setParamsCall { underlying, params: params.clone() };
        self.chain.transact(&self.owner, self.model, &call).await
    }

    /// Asks for the margin of a portfolio.
    ///
    /// # Errors
    /// [`Failure::Reverted`] when the model refuses it.
    pub async fn assess(
        &self,
        portfolio: &Portfolio,
    ) -> Result<plimsoll_harness::bindings::IPlimsollRiskModel::Assessment, Failure> {
        self.chain.call(self.model, &assessCall { portfolio: portfolio.clone() }).await
    }

    /// Asks for the margin and every scenario's profit.
    ///
    /// # Errors
    /// As [`Self::assess`].
    pub async fn scenarios(
        &self,
        portfolio: &Portfolio,
    ) -> Result<<scenariosCall as SolCall>::Return, Failure> {
        self.chain.call(self.model, &scenariosCall { portfolio: portfolio.clone() }).await
    }

    /// A call with whatever data.
    ///
    /// # Errors
    /// As [`Self::assess`].
    pub async fn raw(&self, data: Vec<u8>) -> Result<Bytes, Failure> {
        self.chain.call_raw(serde_json::json!({ "to": self.model, "data": Bytes::from(data) })).await
    }
}

/// That a call was refused with exactly this error.
///
/// # Errors
/// When it was not refused, or with another.
pub fn refused_with<T: Debug, E: SolError + Debug + PartialEq>(
    found: Result<T, Failure>,
    expected: &E,
) -> Result<()> {
    let found: E = found.expect_revert()?;
    ensure!(found == *expected, "{found:?}, not {expected:?}");
    Ok(())
}

/// The default parameters.
#[must_use]
pub fn standard() -> Params {
    params_to_abi(&portfolio::Params::standard())
}

/// The word of a leg.
#[must_use]
pub fn leg(instrument: u128, size: i128) -> B256 {
    let mut word = [0; 32];
    word[..16].copy_from_slice(&instrument.to_be_bytes());
    word[16..].copy_from_slice(&size.to_be_bytes());
    word.into()
}

/// An option on bitcoin so many days from [`TIME`]; the strike in whole units of quote.
#[must_use]
pub fn option(days: u32, strike: u64, call: bool) -> u128 {
    ids::option(BTC, TIME as u32 + 86_400 * days, strike * 100_000_000, call)
}

/// An expiry at a forward of 20,000 with a flat smile of 60 %: the total variance is 0.36 times the years.
#[must_use]
pub fn expiry(days: u32) -> Expiry {
    let years = WAD * u128::from(days) / 365;
    let one = WAD as u64;
    Expiry {
        expiry: TIME as u32 + 86_400 * days,
        forward: wad(20_000),
        rate: WAD as i128 / 20,
        a: (years * 36 / 100) as i128,
        b: 0,
        rho: 0,
        m: 0,
        sigma: 0,
        sviForward: wad(20_000),
        sviYears: years,
        forwardConfidence: one,
        rateConfidence: one,
        volConfidence: one,
    }
}

/// 10,000 of cash, a short straddle of a week at the money and a put of a month, at a spot of 20,000.
#[must_use]
pub fn sample() -> Portfolio {
    let one = WAD as i128;
    Portfolio {
        underlying: BTC,
        time: TIME,
        cash: 10_000 * one,
        spot: wad(20_000),
        spotConfidence: WAD as u64,
        perps: 0,
        perpPrice: 0,
        perpConfidence: WAD as u64,
        perpPnl: 0,
        perpFunding: 0,
        stablePrice: WAD,
        depth: 0,
        collaterals: vec![],
        expiries: vec![expiry(7), expiry(30)],
        legs: vec![
            leg(option(7, 20_000, true), -one),
            leg(option(7, 20_000, false), -one),
            leg(option(30, 18_000, false), one),
        ],
    }
}

/// Collateral that is trusted in full.
#[must_use]
pub fn collateral(amount: u128, price: u128) -> Collateral {
    Collateral {
        amount,
        price,
        confidence: WAD as u64,
        maintenanceHaircut: 0,
        initialHaircut: 0,
        riskCancelling: false,
    }
}
