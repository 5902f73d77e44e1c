//! The model on a native host, called through its ABI as a client would call it.

mod abi;
mod margin;

use alloy_primitives::{Address, address, keccak256};
use alloy_sol_types::SolValue;
use plimsoll_risk_core::testing::{OWNER, PRICING, Rig};
use stylus_sdk::host::VM;

use crate::entry::enter;

const SETUP: Address = address!("0x00000000000000000000000000000000000000c1");
/// The others answer nothing here.
const MODULES: [Address; 6] = {
    let other = Address::repeat_byte(0xc3);
    [SETUP, other, other, other, other, PRICING]
};

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

/// A constructed model with the default parameters for one underlying.
fn rig() -> Rig {
    let rig = Rig::bare(enter);
    rig.host.0.borrow_mut().modules.insert(SETUP, setup);
    rig.raw(construction(&MODULES, OWNER)).unwrap();
    rig.standard()
}
