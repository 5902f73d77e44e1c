//! The module on a native host, called as the model calls it.

mod abi;

use plimsoll_risk_core::testing::{BTC, OWNER, Rig, host::TestHost};
use stylus_sdk::prelude::*;

use crate::entry::enter;

/// A model with the default parameters for one underlying.
fn rig() -> Rig {
    let host = TestHost::default();
    host.0.borrow_mut().sender = OWNER;
    // SAFETY: the only accessor of the storage's root.
    let mut root = unsafe { crate::AttributionModule::new(alloy_primitives::U256::ZERO, 0, host.vm()) };
    root.model.replace_params(BTC, &plimsoll_risk::portfolio::Params::standard()).unwrap();
    Rig { host, enter }
}
