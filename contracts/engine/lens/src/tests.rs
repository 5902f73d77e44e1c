//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, TRADER, bankrupt, call, doors as doors_of, healthy, weak};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Lens, entry::enter};

fn doors() -> Doors {
    let calls = vec![
        call("marginOf(bytes32)", &(healthy(),)),
        call("marginsOf(bytes32[])", &(vec![healthy(), weak(), bankrupt()],)),
        call("accountOf(bytes32)", &(healthy(),)),
        call("positionOf(bytes32,uint128)", &(weak(), ids::perp(BTC))),
        call("freeCollateral(bytes32)", &(healthy(),)),
        call("liquidationPrice(bytes32,uint128)", &(healthy(), ids::perp(BTC))),
        call("market(uint128)", &(ids::perp(BTC),)),
        call("rungs(uint128,bool)", &(ids::perp(BTC), true)),
        call("pots(uint128)", &(ids::perp(BTC),)),
        call("totals()", &()),
    ];
    doors_of(TRADER, enter, router_entrypoint::<Lens, Lens>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
