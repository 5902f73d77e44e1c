//! The module on a native host, called as the model calls it.

mod abi;
mod governance;

use plimsoll_risk_core::testing::{BTC, IModel, OWNER, Rig, host::TestHost, standard};
use stylus_sdk::prelude::*;

use crate::entry::enter;

/// A model with an owner and the default parameters for one underlying.
fn rig() -> Rig {
    let host = TestHost::default();
    host.0.borrow_mut().sender = OWNER;
    // SAFETY: the only accessor of the storage's root.
    unsafe { crate::Setup::new(alloy_primitives::U256::ZERO, 0, host.vm()) }.model.construct(OWNER).unwrap();
    let rig = Rig { host, enter };
    rig.call(IModel::setParamsCall { underlying: BTC, params: standard() }).unwrap();
    rig.host.0.borrow_mut().logs.clear();
    rig
}
