//! The model on a native host, called through its ABI as a client would call it.

mod abi;
mod margin;

use alloy_primitives::{Address, address, keccak256};
use alloy_sol_types::SolValue;
use plimsoll_risk_core::testing::{OWNER, PRICING, Rig};
use stylus_sdk::host::VM;

use crate::entry::enter;

const SETUP: Address = address!("0x00000000000000000000000000000000000000c1");
/// The others are asked nothing here.
const OTHER: Address = address!("0x00000000000000000000000000000000000000c3");
const MODULES: [Address; 6] = [SETUP, OTHER, OTHER, OTHER, OTHER, PRICING];

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
    let rig = Rig::bare(enter);
    {
        let mut world = rig.host.0.borrow_mut();
        world.modules.insert(SETUP, setup);
        world.modules.insert(OTHER, |_, _| Err(Vec::new()));
    }
    rig.raw(construction(&MODULES, OWNER)).unwrap();
    rig.standard()
}
