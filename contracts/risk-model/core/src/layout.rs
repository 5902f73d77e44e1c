//! Where the risk model keeps what: the one page of its storage.
//!
//! Single fields stand at the first slots, in the order of [`Model`]; records by region and key, as
//! [`plimsoll_kit::words`] says. The tests pin every word by its raw slot.
//!
//! | slots | field |
//! |---|---|
//! | 0 to 5 | the modules, in the order of [`MODULES`] |
//! | 6, 7 | owner; who may follow |
//!
//! Parameters are kept as code: a cold slot costs 2,100 gas, and they would take dozens; a contract's whole code costs
//! 3,300. A record tells the contracts.

use alloc::{vec, vec::Vec};

use plimsoll_kit::{
    ownership::Ownership,
    row::Row,
    words::{Record, Records},
};
use stylus_sdk::prelude::*;

/// How many modules the model has: setup, greeks, attribution, worst, liquidation, pricer.
pub const MODULES: usize = 6;
/// The number of the module that prices.
pub const PRICER: usize = 5;

/// The model's whole state. Single fields here, at the first slots; records by region.
#[storage]
pub struct Model {
    pub(crate) modules: Row<MODULES>,
    /// Who sets parameters, and who may follow.
    pub ownership: Ownership,
}

/// The only kind of record, by the first byte of what its place is the hash of; the key is the underlying.
const PARAMETERS: u8 = 1;

/// Words of an underlying's parameters: contracts that hold them in their code.
pub(crate) mod parameters {
    /// Parameters as the model computes with them `u160`; [`HAS_TAIL`] or nothing in the highest byte.
    pub(crate) const COMPILED: u8 = 0;
    /// Parameters as they were set, ABI-encoded, `u160`.
    pub(crate) const RAW: u8 = 1;
    /// The shortfall: share, whether it binds, moves, `u160`.
    pub(crate) const TAIL: u8 = 2;

    /// Says that the underlying has a shortfall: who needs none of it reads no second slot.
    pub(crate) const HAS_TAIL: u128 = 1 << 120;
}

impl Model {
    pub(crate) fn parameters_record(&self, underlying: u16) -> Record {
        self.numbered(PARAMETERS, underlying.into())
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256, address, b256};
    use plimsoll_kit::testing::{host::TestHost, slots};

    use super::{parameters::*, *};

    const A: Address = address!("0xaa00000000000000000000000000000000000001");
    const B: Address = address!("0xbb00000000000000000000000000000000000002");

    fn fresh() -> (TestHost, Model) {
        let host = TestHost::default();
        // SAFETY: the only accessor.
        let model = unsafe { Model::new(U256::ZERO, 0, host.vm()) };
        (host, model)
    }

    #[test]
    fn single_fields_stand_at_the_first_slots() {
        let (host, mut model) = fresh();
        for number in 0..MODULES {
            model.set_module(number, Address::with_last_byte(1 + number as u8));
        }
        model.ownership.owner.set_address(A);
        model.ownership.pending.set_address(B);
        let modules = (0..6_u8).map(|slot| (U256::from(slot), Address::with_last_byte(1 + slot).into_word()));
        let roles = [(U256::from(6), A.into_word()), (U256::from(7), B.into_word())];
        assert_eq!(host.0.borrow().storage, modules.chain(roles).collect());
    }

    #[test]
    fn words_of_parameters() {
        let (host, mut model) = fresh();
        model.set_place(0x0102, COMPILED, A);
        model.set_place(0x0102, RAW, B);
        model.set_tail(0x0102, B);
        let at = |word| slots::record(1, slots::number(0x0102), &[], word);
        let expected = [
            (at(0), b256!("010000000000000000000000aa00000000000000000000000000000000000001")),
            (at(1), B.into_word()),
            (at(2), B.into_word()),
        ];
        slots::holds(&host, expected);
        assert!(model.has_tail(0x0102));
        // New parameters keep the mark; without a shortfall it goes.
        model.set_place(0x0102, COMPILED, B);
        assert!(model.has_tail(0x0102));
        model.set_tail(0x0102, Address::ZERO);
        assert!(!model.has_tail(0x0102));
        assert_eq!(model.place(0x0102, COMPILED), B);
    }
}
