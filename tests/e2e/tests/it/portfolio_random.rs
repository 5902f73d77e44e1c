//! Random portfolios under random parameters: the contract on the node gives what the pure model gives, to the last
//! digit, and refuses what it refuses. What is proven of the model therefore holds of the contract.

use anyhow::Result;
use plimsoll_e2e::risk::Risk;
use plimsoll_harness::{
    bindings::IPlimsollRiskModel::greeksCall,
    margin_cases::{params_to_abi, portfolio_to_abi},
};
use plimsoll_risk::portfolio::{Compiled, Params, Portfolio, assess_detail, greeks};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngSeed, TestRunner},
};

use plimsoll_testing::portfolios as random_portfolios;

/// Portfolios of so many legs and expiries at most, each with parameters; the same in every run.
fn books(count: usize, legs: usize, expiries: usize) -> Vec<(Portfolio, Params)> {
    let config = Config { rng_seed: RngSeed::Fixed(20_251_010), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = (random_portfolios::portfolio(legs, expiries), random_portfolios::params());
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[tokio::test]
async fn random_portfolios_agree_with_the_pure_model_to_the_last_digit() -> Result<()> {
    let risk = Risk::start().await?;
    let mut options = 0;
    for (mut portfolio, params) in books(40, 24, 5).into_iter().chain(books(6, 128, 12)) {
        risk.set(random_portfolios::UNDERLYING, &params_to_abi(&params)).await?;
        let given = portfolio_to_abi(&portfolio);
        let found = risk.scenarios(&given).await?;
        let expected = assess_detail(&mut portfolio.clone(), &Compiled::new(&params).unwrap(), None).unwrap();
        assert_eq!(found.profits, expected.profits);
        let (of, wanted) = (&found.assessment, &expected.assessment);
        assert_eq!((of.initial, of.maintenance), (wanted.initial, wanted.maintenance));
        assert_eq!((of.markToMarket, of.worst), (wanted.mark_to_market, wanted.worst));
        assert_eq!((of.worstScenario, of.basis), (wanted.worst_scenario, wanted.basis));
        assert_eq!(risk.assess(&given).await?, found.assessment);
        let account = risk.chain.call(risk.model, &greeksCall { portfolio: given }).await?.account;
        let wanted = greeks(&mut portfolio).unwrap().account;
        assert_eq!(
            (account.value, account.delta, account.gamma, account.vega),
            (wanted.value, wanted.delta, wanted.gamma, wanted.vega)
        );
        options += portfolio.legs.len();
    }
    // The generator has not gone quiet.
    assert!(options > 500, "{options}");
    Ok(())
}
