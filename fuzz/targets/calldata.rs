//! Arbitrary calldata into programs, contracts and precompiles.
#![no_main]

use std::cell::RefCell;

use alloy_primitives::Address;
use libfuzzer_sys::fuzz_target;
use plimsoll_devnode::chain::Chain;
use plimsoll_fuzz::{calls, chain, seeds};

thread_local! {
    static CHAIN: RefCell<Option<(Chain, Vec<Address>)>> = const { RefCell::new(None) };
}

fuzz_target!(init: seeds::write_if_asked(seeds::calldata), |input: &[u8]| {
    chain::with_chain(&CHAIN, calls::prepare, |chain, places| calls::exercise(chain, places, input));
});
