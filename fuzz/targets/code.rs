//! Arbitrary bytes as code: created, activated, called.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use plimsoll_devnode::chain::Chain;
use plimsoll_fuzz::{chain, code, seeds};

thread_local! {
    static CHAIN: RefCell<Option<(Chain, ())>> = const { RefCell::new(None) };
}

fuzz_target!(init: seeds::write_if_asked(seeds::code), |input: &[u8]| {
    chain::with_chain(
        &CHAIN,
        || (Chain::new(chain::config()), ()),
        |chain, ()| {
            code::exercise(chain, input);
        },
    );
});
