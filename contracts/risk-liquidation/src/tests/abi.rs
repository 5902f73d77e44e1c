//! The module's door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::{BadMoves, Overflow},
    testing::{IModel, PortfolioOf, WAD, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use super::{enter, rig};
use crate::LiquidationModule;

/// Half a million is half a percent; a volatility of 60 % over a day.
fn range(portfolio: PortfolioOf) -> IModel::liquidationRangeCall {
    IModel::liquidationRangeCall { portfolio, step: 5_000_000, volatility: WAD / 10 * 6, horizon: 86_400 }
}

#[test]
fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
    let rig = rig();
    let compare = |input: &[u8]| {
        let expected =
            router_entrypoint::<LiquidationModule, LiquidationModule>(input.to_vec(), rig.host.vm());
        assert_eq!(enter(input.to_vec(), rig.host.vm()), expected);
    };
    for call in [range(sample()).abi_encode()] {
        compare(&call);
        for length in (0..call.len()).step_by(31) {
            compare(&call[..length]);
        }
    }
}

#[test]
fn liquidation_range_is_the_models() {
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let found = rig().call(range(sample())).unwrap();
    let book = convert::portfolio(recast(&sample()));
    let spot = book.spot;
    let expected = portfolio::liquidation_prices(&book, &compiled, None, 5_000_000).unwrap();
    assert_eq!(found.below, expected.below.unwrap_or(0));
    assert_eq!(found.above, expected.above.unwrap_or(0));
    // Short a perpetual and a call: the danger is above.
    assert!(found.above > spot);
    let score = portfolio::liquidation_probability(spot, expected, WAD / 10 * 6, 86_400).unwrap();
    assert_eq!(u128::from(found.probability), score);
    assert!(score > 0 && score < WAD);
    refused(rig().call(IModel::liquidationRangeCall { step: 1, ..range(sample()) }), BadMoves {});
    refused(rig().call(IModel::liquidationRangeCall { horizon: 0, ..range(sample()) }), Overflow {});
}
