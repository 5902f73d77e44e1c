//! The contract, on a node of its own.

use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{
    bindings::{
        IPlimsollRiskModel::{assessCall, scenariosCall, setParamsCall},
        solidity::GasProbe::{Measured, measureViewsCall},
    },
    build, deploy,
    margin_cases::{Case, params_to_abi, portfolio_to_abi, refusal_name},
    node::Options,
    prelude::*,
    setup,
    workspace::Artifact,
};
use plimsoll_risk::portfolio::Params;

use super::{Answer, Outcome};

/// Cases between two lines about progress.
const STEP: usize = 16;

/// The model on a node, and a contract to call it through.
struct Bench {
    node: Node,
    model: Address,
    probe: Address,
}

/// What every case comes to.
pub(super) async fn answers(cases: &[Case]) -> Result<Vec<Answer>> {
    eprintln!("margin: deploying the risk model on an embedded node");
    let bench = Bench::start().await?;
    // Underlyings by their parameters: each set is sent once.
    let mut sets: Vec<(&Params, Result<u16, String>)> = Vec::new();
    let mut answers = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        if index % STEP == 0 {
            eprintln!("margin: case {} of {}", index + 1, cases.len());
        }
        let known = sets.iter().find(|(params, _)| **params == case.params);
        let underlying = match known {
            Some((_, underlying)) => underlying.clone(),
            None => {
                let number =
                    u16::try_from(sets.len() + 1).context("more sets of parameters than underlyings")?;
                let set = bench.set(number, &case.params).await;
                let set = set.with_context(|| format!("setting the parameters of case {}", case.id))?;
                sets.push((&case.params, set.clone()));
                set
            }
        };
        let answer = match underlying {
            Ok(underlying) => {
                bench.assess(case, underlying).await.with_context(|| format!("case {}", case.id))?
            }
            Err(name) => Err(name),
        };
        answers.push(answer);
    }
    Ok(answers)
}

impl Bench {
    async fn start() -> Result<Self> {
        let node = Node::embedded(Options::default()).await?;
        let chain = node.chain();
        let contracts = build::contracts().await?;
        let setup = setup::setup(chain).await?;
        let dev = Key::dev();
        let model = deploy::risk_model(chain, &setup, &contracts, &dev, dev.address()).await?;
        let probe = chain.create(&dev, Artifact::load("GasProbe")?.init_code(&[])).await?;
        Ok(Self { node, model, probe })
    }

    /// Sets an underlying's parameters; gives its number, or the error that they are refused with.
    async fn set(&self, underlying: u16, params: &Params) -> Result<Result<u16, String>> {
        let call = setParamsCall { underlying, params: params_to_abi(params) };
        let sent = self.node.chain().transact(&Key::dev(), self.model, &call).await;
        Ok(refusable(sent)?.map(|_| underlying))
    }

    async fn assess(&self, case: &Case, underlying: u16) -> Result<Answer> {
        let chain = self.node.chain();
        let portfolio = portfolio_to_abi(&case.of_underlying(underlying));
        let grid = chain.call(self.model, &scenariosCall { portfolio: portfolio.clone() }).await;
        let grid = match refusable(grid)? {
            Ok(grid) => grid,
            Err(name) => return Ok(Err(name)),
        };
        let payloads = vec![Bytes::from(assessCall { portfolio }.abi_encode())];
        let call = measureViewsCall { target: self.model, payloads };
        let measured: Measured = chain.transact(&Key::dev(), self.probe, &call).await?.event()?;
        ensure!(measured.success, "assess refuses what scenarios takes: {}", measured.result);
        let found = assessCall::abi_decode_returns(&measured.result)?;
        ensure!(found == grid.assessment, "assess and scenarios disagree: {found:?}, {:?}", grid.assessment);
        Ok(Ok(Outcome {
            initial: found.initial,
            maintenance: found.maintenance,
            mark_to_market: found.markToMarket,
            profits: grid.profits,
            worst: found.worstScenario,
            gas: Some(measured.gasUsed.to()),
        }))
    }
}

/// The contract's typed refusals apart from everything else that can go wrong.
fn refusable<T>(result: Result<T, Failure>) -> Result<Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Reverted(revert)) if let Some(name) = refusal_name(&revert) => {
            eprintln!("margin: {revert}");
            Ok(Err(name.to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}
