//! The module on a native host, called as the model calls it.

mod abi;

use alloy_primitives::Address;
use plimsoll_risk_core::{
    PRICER,
    testing::{BTC, OWNER, Rig, host::TestHost, pricer},
};
use stylus_sdk::prelude::*;

use crate::entry::enter;

const PRICING: Address = Address::repeat_byte(0xc6);

/// A model with the default parameters for one underlying.
fn rig() -> Rig {
    let host = TestHost::default();
    {
        let mut world = host.0.borrow_mut();
        world.sender = OWNER;
        world.modules.insert(PRICING, pricer);
    }
    // SAFETY: the only accessor of the storage's root.
    let mut root = unsafe { crate::LiquidationModule::new(alloy_primitives::U256::ZERO, 0, host.vm()) };
    root.model.set_module(PRICER, PRICING);
    root.model.replace_params(BTC, &plimsoll_risk::portfolio::Params::standard()).unwrap();
    Rig { host, enter }
}
