//! The module's door against the SDK's, on a native host.

use alloy_primitives::U256;
use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{OTHER, TOKEN, TRADER, WAD, call, doors as doors_of, healthy, ledger};
use stylus_sdk::abi::router_entrypoint;

use crate::{Collateral, entry::enter};

fn doors() -> Doors {
    let calls = vec![
        call("deposit(bytes32,address,uint256)", &(healthy(), TOKEN, U256::from(WAD))),
        call("withdraw(bytes32,address,uint256,address)", &(healthy(), TOKEN, U256::from(WAD), OTHER)),
        call("setOperator(address,bool)", &(OTHER, true)),
        call("approveVenue(bytes32,address,bool)", &(healthy(), OTHER, true)),
        call("withdrawFees(address,uint256)", &(OTHER, U256::from(WAD))),
    ];
    let doors =
        doors_of(TRADER, enter, router_entrypoint::<Collateral, Collateral>, crate::signatures(), calls);
    // The trader owns the engine too: fees go out by the same caller.
    ledger(&doors.host).ownership.owner.set_address(TRADER);
    doors
}

plimsoll_kit::doors_agree!(doors);
