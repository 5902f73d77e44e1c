//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, PRICE, TRADER, WAD, call, doors as doors_of, healthy, weak};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Preview, entry::enter};

fn doors() -> Doors {
    let trade = (ids::perp(BTC), WAD as i128, PRICE);
    let calls = vec![
        call("checkTrade(bytes32,(uint128,int128,uint128)[])", &(healthy(), vec![trade])),
        call("quoteLiquidation(bytes32,uint128)", &(weak(), ids::perp(BTC))),
    ];
    doors_of(TRADER, enter, router_entrypoint::<Preview, Preview>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
