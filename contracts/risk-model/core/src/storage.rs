//! Modules and places of parameters, read and written.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_kit::words::{Records, pack, unpack};
use stylus_sdk::prelude::*;

use crate::{
    Model,
    layout::parameters::{COMPILED, HAS_TAIL, TAIL},
};

impl Model {
    /// A module, fixed at construction; zero for none.
    #[inline(never)]
    pub fn module(&self, number: usize) -> Address {
        self.modules.getter(number).map(|slot| slot.address()).unwrap_or_default()
    }

    /// Stores a module. Does nothing when there is no module of this number.
    pub fn set_module(&mut self, number: usize, module: Address) {
        if let Some(mut slot) = self.modules.setter(number) {
            slot.set_address(module);
        }
    }

    /// Where parameters are, by the number of their word; zero when there are none.
    pub(crate) fn place(&self, underlying: u16, word: u8) -> Address {
        let (low, high) = self.read(&self.parameters_record(underlying), word);
        Address::from_word(pack(low, high))
    }

    /// Stores where parameters are. The mark of a shortfall stays.
    pub(crate) fn set_place(&mut self, underlying: u16, word: u8, address: Address) {
        let marked = word == COMPILED && self.has_tail(underlying);
        self.write_place(underlying, word, address.into_word(), marked);
    }

    /// Whether the underlying has a shortfall.
    pub(crate) fn has_tail(&self, underlying: u16) -> bool {
        self.read(&self.parameters_record(underlying), COMPILED).1 & HAS_TAIL != 0
    }

    /// Stores where the shortfall is; the zero address when there is none any more.
    pub(crate) fn set_tail(&mut self, underlying: u16, address: Address) {
        self.write_place(underlying, TAIL, address.into_word(), false);
        let compiled = self.place(underlying, COMPILED);
        self.write_place(underlying, COMPILED, compiled.into_word(), address != Address::ZERO);
    }

    fn write_place(&mut self, underlying: u16, word: u8, address: B256, marked: bool) {
        let (low, high) = unpack(address);
        let record = self.parameters_record(underlying);
        self.write(&record, word, low, if marked { high | HAS_TAIL } else { high });
    }

    /// The code at an address; empty for the zero address.
    pub(crate) fn code_at(&self, address: Address) -> Vec<u8> {
        if address == Address::ZERO { Vec::new() } else { self.vm().code(address) }
    }
}
