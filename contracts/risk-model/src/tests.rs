//! The model on a native host, called through its ABI as a client would call it.

mod abi;
mod margin;

use alloy_primitives::{Address, address, keccak256};
use alloy_sol_types::SolValue;
use plimsoll_risk::portfolio;
use plimsoll_risk_core::testing::{BTC, ETH, OWNER, Rig, host::TestHost, pricer};
use stylus_sdk::{host::VM, prelude::*};

use crate::{RiskModel, entry::enter};

const SETUP: Address = address!("0x00000000000000000000000000000000000000c1");
const PRICER: Address = address!("0x00000000000000000000000000000000000000c2");
/// The others are asked nothing here.
const OTHER: Address = address!("0x00000000000000000000000000000000000000c3");
const MODULES: [Address; 6] = [SETUP, OTHER, OTHER, OTHER, OTHER, PRICER];

/// The setup module, which says what it was asked.
fn setup(input: Vec<u8>, _: VM) -> Result<Vec<u8>, Vec<u8>> {
    match input.len() {
        4 => Ok(input),
        _ => Err(Vec::new()),
    }
}

/// The call that a deployer makes: its selector is that of `stylus_constructor()`, whatever the arguments.
fn construction(modules: &[Address], owner: Address) -> Vec<u8> {
    [&keccak256("stylus_constructor()")[..4], &(modules.to_vec(), owner).abi_encode_params()].concat()
}

/// A constructed model with the default parameters for two underlyings.
fn rig() -> Rig {
    let host = TestHost::default();
    {
        let mut world = host.0.borrow_mut();
        world.contract = address!("0x5fbdb2315678afecb367f032d93f642f64180aa3");
        world.sender = OWNER;
        world.modules.insert(SETUP, setup);
        world.modules.insert(OTHER, |_, _| Err(Vec::new()));
        world.modules.insert(PRICER, pricer);
    }
    let rig = Rig { host, enter };
    rig.raw(construction(&MODULES, OWNER)).unwrap();
    // SAFETY: the only accessor of the storage's root.
    let mut root = unsafe { RiskModel::new(alloy_primitives::U256::ZERO, 0, rig.host.vm()) };
    for underlying in [BTC, ETH] {
        root.model.replace_params(underlying, &portfolio::Params::standard()).unwrap();
    }
    rig.host.0.borrow_mut().logs.clear();
    rig
}
