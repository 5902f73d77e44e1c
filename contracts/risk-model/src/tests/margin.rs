//! What the model answers.

use alloy_sol_types::{SolCall, SolValue};
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::{DuplicateLeg, NoParams, ZeroTime},
    testing::{AssessmentOf, IModel, portfolios::sample, recast, refused},
};

use super::rig;

#[test]
fn assess_is_what_the_model_says() {
    let rig = rig();
    let found = rig.call(IModel::scenariosCall { portfolio: sample() }).unwrap();
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let mut portfolio = convert::portfolio(recast(&sample()));
    let expected = portfolio::assess_detail(&mut portfolio, &compiled, None).unwrap();
    assert_eq!(found.assessment, recast::<_, AssessmentOf>(&convert::assessment(&expected.assessment)));
    assert_eq!(found.profits, expected.profits);
    assert!(expected.assessment.worst < 0);
    let alone = rig.raw(IModel::assessCall { portfolio: sample() }.abi_encode()).unwrap();
    assert_eq!(alone, found.assessment.abi_encode());
}

#[test]
fn an_underlying_without_parameters_is_refused() {
    let rig = rig();
    let mut portfolio = sample();
    portfolio.underlying = 2;
    refused(rig.call(IModel::assessCall { portfolio: portfolio.clone() }), NoParams { underlying: 2 });
    refused(rig.call(IModel::scenariosCall { portfolio }), NoParams { underlying: 2 });
}

#[test]
fn assess_refuses_by_the_portfolios_first_broken_rule() {
    let rig = rig();
    let mut portfolio = sample();
    portfolio.legs.push(portfolio.legs[0]);
    let instrument = u128::from_be_bytes(*portfolio.legs[0].first_chunk().unwrap());
    refused(rig.call(IModel::assessCall { portfolio: portfolio.clone() }), DuplicateLeg { instrument });
    portfolio.time = 0;
    refused(rig.call(IModel::assessCall { portfolio }), ZeroTime {});
}
