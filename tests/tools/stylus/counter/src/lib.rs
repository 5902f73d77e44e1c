//! A number that its owner sets and that anyone counts up: a contract with a constructor.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

extern crate alloc;

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use alloy_sol_types::sol;
use stylus_sdk::prelude::*;

sol! {
    /// The number went up.
    #[allow(missing_docs)]
    event Counted(address indexed by, uint256 number);
    /// Only the owner sets the number.
    #[allow(missing_docs)]
    error NotOwner(address caller);
}

/// Why a call failed.
#[derive(SolidityError)]
pub enum Error {
    /// The caller is not the owner.
    NotOwner(NotOwner),
}

sol_storage! {
    /// The counter.
    #[entrypoint]
    pub struct Counter {
        uint256 number;
        address owner;
    }
}

#[public]
impl Counter {
    /// Begins at a number; ether that comes with it stays.
    #[constructor]
    #[payable]
    pub fn constructor(&mut self, start: U256, owner: Address) {
        self.number.set(start);
        self.owner.set(owner);
    }

    /// The number.
    pub fn number(&self) -> U256 {
        self.number.get()
    }

    /// Who may set it.
    pub fn owner(&self) -> Address {
        self.owner.get()
    }

    /// Sets the number.
    pub fn set_number(&mut self, number: U256) -> Result<(), Error> {
        let caller = self.vm().msg_sender();
        if caller != self.owner.get() {
            return Err(Error::NotOwner(NotOwner { caller }));
        }
        self.number.set(number);
        Ok(())
    }

    /// Counts up by one.
    pub fn increment(&mut self) {
        let number = self.number.get().wrapping_add(U256::ONE);
        self.number.set(number);
        self.vm().log(Counted { by: self.vm().msg_sender(), number });
    }
}
