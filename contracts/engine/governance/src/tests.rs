//! The module's door against the SDK's, on a native host.

use plimsoll_kit::testing::doors::Doors;
use plimsoll_ledger::testing::{
    BTC, NOW, ORACLE, OTHER, OWNER, TRADER, call, doors as doors_of, healthy, ledger, market_params,
};
use plimsoll_risk::ids;
use stylus_sdk::abi::router_entrypoint;

use crate::{Governance, entry::enter};

const PARAMS: &str = "(uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint128,uint128,uint128,\
uint128,uint128,uint128,uint128,uint128,int32,uint128,uint16,uint16,uint32)";

fn doors() -> Doors {
    let calls = vec![
        call(&format!("listMarket(uint128,{PARAMS})"), &(ids::perp(3), market_params())),
        call(&format!("setMarketParams(uint128,{PARAMS})"), &(ids::perp(BTC), market_params())),
        call("admitVenue(address,bool)", &(OTHER, true)),
        call("setOracle(address)", &(ORACLE,)),
        call("setInsuranceCap(uint32)", &(200_000_u32,)),
        call("setGuardian(address)", &(OTHER,)),
        call("transferOwnership(address)", &(OTHER,)),
        call("acceptOwnership()", &()),
        call("pause(uint64)", &(NOW + 60,)),
        call("unpause()", &()),
        call("marketParams(uint128)", &(ids::perp(BTC),)),
        call("instruments()", &()),
        call("isOperator(address,address)", &(TRADER, OTHER)),
        call("isVenueAdmitted(address)", &(TRADER,)),
        call("isVenueApproved(bytes32,address)", &(healthy(), TRADER)),
        call("quoteToken()", &()),
        call("oracle()", &()),
        call("insuranceCap()", &()),
        call("owner()", &()),
        call("pendingOwner()", &()),
        call("guardian()", &()),
        call("pausedUntil()", &()),
    ];
    let doors =
        doors_of(OWNER, enter, router_entrypoint::<Governance, Governance>, crate::signatures(), calls);
    ledger(&doors.host).ownership.pending.set_address(OWNER);
    doors
}

plimsoll_kit::doors_agree!(doors);
