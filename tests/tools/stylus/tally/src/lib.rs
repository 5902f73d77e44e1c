//! A sum of what is added, and of what other contracts say: a contract without constructor that calls others.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

extern crate alloc;

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use stylus_sdk::prelude::*;

sol_interface! {
    interface ICounter {
        function number() external view returns (uint256);
        function increment() external;
    }
}

sol_storage! {
    /// The tally.
    #[entrypoint]
    pub struct Tally {
        uint256 total;
    }
}

#[public]
impl Tally {
    /// The sum.
    pub fn total(&self) -> U256 {
        self.total.get()
    }

    /// Adds to the sum.
    pub fn add(&mut self, amount: U256) {
        self.total.set(self.total.get().wrapping_add(amount));
    }

    /// Counts a counter up and adds its number.
    pub fn add_counter(&mut self, counter: Address) -> Result<U256, Vec<u8>> {
        let counter = ICounter::new(counter);
        let call = Call::new_mutating(self);
        counter.increment(self.vm(), call)?;
        let number = counter.number(self.vm(), Call::new())?;
        self.add(number);
        Ok(self.total.get())
    }
}
