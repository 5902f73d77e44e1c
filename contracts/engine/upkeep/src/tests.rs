//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, ETH, TRADER, bankrupt, call, doors as doors_of, healthy};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Upkeep, entry::enter};

fn doors() -> Doors {
    let calls = vec![
        call("poke(uint128[])", &(vec![ids::perp(BTC), ids::perp(ETH)],)),
        call("touch(bytes32)", &(healthy(),)),
        call("bury(bytes32)", &(bankrupt(),)),
    ];
    doors_of(TRADER, enter, router_entrypoint::<Upkeep, Upkeep>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
