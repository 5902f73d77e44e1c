//! The root of the risk model's storage. The router and every module have the same one.

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, U256};
use plimsoll_kit::{codec::Word, map::Row, ownership::Ownership};
use stylus_sdk::prelude::*;

/// How many modules the model has: setup, greeks, attribution, worst, liquidation, pricer.
pub const MODULES: usize = 6;
/// The number of the module that prices.
pub const PRICER: usize = 5;
/// The slot after the fields, which a mapping by underlying has.
const PLACES: u64 = MODULES as u64 + 2;

/// The model's whole state: single fields here, at the first slots; then a mapping by underlying, in Solidity's layout, of
/// where its parameters are ([`Place`]).
#[storage]
pub struct Model {
    modules: Row<MODULES>,
    /// Who sets parameters.
    pub ownership: Ownership,
}

/// The contracts that hold an underlying's parameters as their code. Reading a contract's whole code costs 3,300 gas; the
/// same parameters in storage would take dozens of slots at 2,100 gas each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// As the model computes with them.
    Compiled,
    /// As they were set, ABI-encoded.
    Raw,
    /// The shortfall: share, whether it binds, moves.
    Tail,
}

/// First byte of the slot of the compiled parameters when the underlying has a shortfall. A call about an underlying
/// without one therefore never reads the shortfall's slot.
const HAS_TAIL: u8 = 1;

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

    /// Where parameters are; zero when there are none.
    pub(crate) fn place(&self, underlying: u16, place: Place) -> Address {
        Address::from_word(self.vm().storage_load_bytes32(self.slot(underlying, place)))
    }

    /// Stores where parameters are.
    pub(crate) fn set_place(&mut self, underlying: u16, place: Place, address: Address) {
        let slot = self.slot(underlying, place);
        let mut word = address.into_word();
        if let (Place::Compiled, true) = (place, self.has_tail(underlying)) {
            word[0] = HAS_TAIL;
        }
        // SAFETY: nothing else holds the slot; the fields stand at the first ones.
        unsafe { self.vm().storage_cache_bytes32(slot, word) }
    }

    /// Whether the underlying has a shortfall.
    pub(crate) fn has_tail(&self, underlying: u16) -> bool {
        self.vm().storage_load_bytes32(self.slot(underlying, Place::Compiled))[0] == HAS_TAIL
    }

    /// Stores where the shortfall is; the zero address when there is none any more.
    pub(crate) fn set_tail(&mut self, underlying: u16, address: Address) {
        self.set_place(underlying, Place::Tail, address);
        let slot = self.slot(underlying, Place::Compiled);
        let mut word = self.vm().storage_load_bytes32(slot);
        word[0] = if address == Address::ZERO { 0 } else { HAS_TAIL };
        // SAFETY: as above.
        unsafe { self.vm().storage_cache_bytes32(slot, word) }
    }

    fn slot(&self, underlying: u16, place: Place) -> U256 {
        let mut preimage = [0; 64];
        for (byte, given) in preimage.iter_mut().zip(underlying.word().iter().chain(PLACES.word().iter())) {
            *byte = *given;
        }
        let first = U256::from_be_bytes(self.vm().native_keccak256(&preimage).0);
        first.wrapping_add(U256::from(place as u8))
    }

    /// The code at an address; empty for the zero address.
    pub(crate) fn code_at(&self, address: Address) -> Vec<u8> {
        if address == Address::ZERO { Vec::new() } else { self.vm().code(address) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_is_the_slot_after_the_fields() {
        assert_eq!(<Model as StorageType>::REQUIRED_SLOTS as u64, PLACES);
    }
}
