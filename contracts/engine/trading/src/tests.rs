//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, OTHER, PRICE, TRADER, WAD, account, call, doors as doors_of, healthy};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Trading, entry::enter};

fn doors() -> Doors {
    let fill = (healthy(), account(OTHER, 3), ids::perp(BTC), WAD as i128 / 10, PRICE);
    let calls = vec![call("settle((bytes32,bytes32,uint128,int128,uint128)[])", &(vec![fill],))];
    doors_of(TRADER, enter, router_entrypoint::<Trading, Trading>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
