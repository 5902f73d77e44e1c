//! The module's door against the SDK's, on a native host.

use alloy_primitives::U256;
use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{BTC, ESTATE, TRADER, WAD, call, doors as doors_of};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Resolution, entry::enter};

fn doors() -> Doors {
    let calls = vec![
        call("deleverage(uint128)", &(ids::perp(ESTATE),)),
        call("fundInsurance(uint256)", &(U256::from(WAD),)),
        call("coverBadDebt(uint128,uint128)", &(ids::perp(BTC), WAD)),
    ];
    doors_of(TRADER, enter, router_entrypoint::<Resolution, Resolution>, crate::signatures(), calls)
}

plimsoll_kit::doors_agree!(doors);
