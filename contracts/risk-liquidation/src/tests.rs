//! The module on a native host, called as the model calls it.

mod abi;

use alloy_primitives::Address;
use plimsoll_core::codec::Args;
use plimsoll_risk_core::{
    Model, PRICER,
    testing::{BTC, OWNER, Rig, host::TestHost},
};
use stylus_sdk::{host::VM, prelude::*};

use crate::entry::enter;

const PRICING: Address = Address::repeat_byte(0xc6);

/// What the pricer module does: its door is not part of this crate.
fn pricer(input: Vec<u8>, host: VM) -> Result<Vec<u8>, Vec<u8>> {
    // SAFETY: the model's own accessor reads nothing while a module runs.
    let model = unsafe { Model::new(alloy_primitives::U256::ZERO, 0, host) };
    match model.priced(Args(input.get(4..).unwrap_or_default())) {
        Some(result) => result.map_err(Into::into),
        None => Err(Vec::new()),
    }
}

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
    root.model.modules.setter(PRICER).unwrap().set(PRICING);
    root.model.replace_params(BTC, &plimsoll_risk::portfolio::Params::standard()).unwrap();
    Rig { host, enter }
}
