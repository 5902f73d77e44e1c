//! What the model answers on the native host, against the pure functions.

use alloy_sol_types::{SolCall, SolValue};
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::{BadFactor, DuplicateLeg, DuplicateUnderlying, NoParams, Overflow, ZeroTime},
    testing::{
        AssessmentOf, BTC, ETH, IModel, PRICING, TogetherOf, WAD,
        portfolios::{sample, sample_of},
        recast, refused,
    },
};

use super::rig;

#[test]
fn assess_is_what_the_model_says() {
    let rig = rig();
    let found = rig.call(IModel::scenariosCall { portfolio: sample() }).unwrap();
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let mut portfolio = convert::portfolio(&recast(&sample()));
    let expected = portfolio::assess_detail(&mut portfolio, &compiled, None).unwrap();
    assert_eq!(found.assessment, recast::<_, AssessmentOf>(&convert::assessment(&expected.assessment)));
    assert_eq!(found.profits, expected.profits);
    assert!(expected.assessment.worst < 0);
    let alone = rig.raw(IModel::assessCall { portfolio: sample() }.abi_encode()).unwrap();
    assert_eq!(alone, found.assessment.abi_encode());
}

#[test]
fn together_is_what_the_model_says() {
    let rig = rig();
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let mut other = sample_of(ETH);
    other.perps = 3 * WAD as i128;
    other.legs.reverse();
    let details = [sample(), other.clone()].map(|given| {
        let mut portfolio = convert::portfolio(&recast(&given));
        portfolio::assess_detail(&mut portfolio, &compiled, None).unwrap()
    });
    let half = WAD as u64 / 2;
    let [first, second] = &details;
    let parts = [(BTC, first), (ETH, second)].map(|(underlying, detail)| portfolio::Part {
        underlying,
        detail,
        compiled: &compiled,
        loading: WAD / 2,
    });
    let expected = portfolio::together(&parts, WAD / 4).unwrap();
    let call = IModel::assessTogetherCall {
        portfolios: vec![sample(), other],
        loadings: vec![half, half],
        floor: half / 2,
    };
    let found = rig.call(call.clone()).unwrap();
    assert_eq!(found, recast::<_, TogetherOf>(&convert::together(&expected)));
    // One long and one short: together they need less.
    assert!(found.loss < found.alone);
    refused(rig.call(IModel::assessTogetherCall { loadings: vec![half], ..call.clone() }), BadFactor {});
    let bad = IModel::assessTogetherCall { floor: WAD as u64 + 1, ..call.clone() };
    refused(rig.call(bad), BadFactor {});
    let twice = IModel::assessTogetherCall { portfolios: vec![sample(); 2], ..call };
    refused(rig.call(twice), DuplicateUnderlying { underlying: BTC });
}

#[test]
fn options_that_the_pricer_says_nothing_of_are_not_left_out() {
    let rig = rig();
    rig.host.0.borrow_mut().modules.insert(PRICING, |_, _| Ok(Vec::new()));
    refused(rig.call(IModel::assessCall { portfolio: sample() }), Overflow {});
    let mut bare = sample();
    bare.legs.clear();
    assert!(rig.call(IModel::assessCall { portfolio: bare }).is_ok());
}

#[test]
fn a_binding_shortfall_is_the_worst_case() {
    let rig = rig();
    let tail = portfolio::Tail {
        moves: [-100_000_000, 0, 100_000_000].map(|spot| portfolio::Move { spot, vol: 20_000_000 }).into(),
        share: WAD / 2,
        binding: true,
    };
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let expected =
        portfolio::assess(&mut convert::portfolio(&recast(&sample())), &compiled, Some(&tail)).unwrap();
    assert_eq!(expected.worst_scenario, portfolio::SHORTFALL);
    rig.model().replace_tail(BTC, &tail).unwrap();
    let found = rig.call(IModel::assessCall { portfolio: sample() }).unwrap();
    assert_eq!(found, recast::<_, AssessmentOf>(&convert::assessment(&expected)));
}

#[test]
fn an_underlying_without_parameters_is_refused() {
    let rig = rig();
    let mut portfolio = sample();
    portfolio.underlying = 3;
    refused(rig.call(IModel::assessCall { portfolio: portfolio.clone() }), NoParams { underlying: 3 });
    refused(rig.call(IModel::scenariosCall { portfolio }), NoParams { underlying: 3 });
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
