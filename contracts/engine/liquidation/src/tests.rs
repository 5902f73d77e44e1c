//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, TRADER, WAD, call, doors as doors_of, healthy, weak};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Liquidation, entry::enter};

fn doors() -> Doors {
    let calls = vec![call(
        "liquidate(bytes32,bytes32,uint128,uint128,uint128)",
        &(weak(), healthy(), ids::perp(BTC), WAD, 0_u128),
    )];
    doors_of(TRADER, enter, router_entrypoint::<Liquidation, Liquidation>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
