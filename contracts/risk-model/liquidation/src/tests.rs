//! The module on a native host: its door against the SDK's, and its answers against the pure functions.

use alloy_sol_types::SolCall;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::{
    convert,
    sol::{BadMoves, Overflow},
    testing::{IModel, PortfolioOf, Rig, WAD, doors::Doors, known, portfolios::sample, recast, refused},
};
use stylus_sdk::abi::router_entrypoint;

use crate::{LiquidationModule, entry::enter};

/// Half a million is half a percent; a volatility of 60 % over a day.
fn range(portfolio: PortfolioOf) -> IModel::liquidationRangeCall {
    IModel::liquidationRangeCall { portfolio, step: 5_000_000, volatility: WAD / 10 * 6, horizon: 86_400 }
}

fn doors() -> Doors {
    Doors {
        host: Rig::of(enter).host,
        own: enter,
        sdk: router_entrypoint::<LiquidationModule, LiquidationModule>,
        signatures: crate::signatures(),
        known: known(),
        calls: vec![range(sample()).abi_encode()],
        names: &[],
    }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn liquidation_range_is_the_models() {
    let compiled = portfolio::Compiled::new(&portfolio::Params::standard()).unwrap();
    let found = Rig::of(enter).call(range(sample())).unwrap();
    let book = convert::portfolio(&recast(&sample()));
    let spot = book.spot;
    let expected = portfolio::liquidation_prices(&book, &compiled, None, 5_000_000).unwrap();
    assert_eq!(found.below, expected.below.unwrap_or(0));
    assert_eq!(found.above, expected.above.unwrap_or(0));
    // Short a perpetual and a call: the danger is above.
    assert!(found.above > spot);
    let score = portfolio::liquidation_probability(spot, expected, WAD / 10 * 6, 86_400).unwrap();
    assert_eq!(u128::from(found.probability), score);
    assert!(score > 0 && score < WAD);
    refused(Rig::of(enter).call(IModel::liquidationRangeCall { step: 1, ..range(sample()) }), BadMoves {});
    refused(Rig::of(enter).call(IModel::liquidationRangeCall { horizon: 0, ..range(sample()) }), Overflow {});
}
