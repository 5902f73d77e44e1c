//! Facts of the frame, the block and the meter; payment for memory.

use super::{Io, io::Result};
use crate::pricing::{HOSTIO, PTR};

/// Functions that write a fact of fixed size to a pointer.
macro_rules! pointers {
    ($($name:ident = $value:expr;)*) => {
        impl Io<'_, '_> {$(
            pub(super) fn $name(&mut self, dest: u32) -> Result {
                self.buy(HOSTIO + PTR)?;
                let value = ($value)(self.state.data);
                self.write(dest, value.as_slice())?;
                self.trace(&[], &[value.as_slice()]);
                Ok(())
            }
        )*}
    };
}

/// Functions that return a fact.
macro_rules! numbers {
    ($($name:ident -> $ty:ty = $value:expr;)*) => {
        impl Io<'_, '_> {$(
            pub(super) fn $name(&mut self) -> Result<$ty> {
                self.buy(HOSTIO)?;
                let value: $ty = ($value)(&*self);
                self.trace(&[], &[&value.to_be_bytes()]);
                Ok(value)
            }
        )*}
    };
}

pointers! {
    block_basefee = |data: &crate::EvmData| data.block_basefee.to_be_bytes::<32>();
    block_coinbase = |data: &crate::EvmData| data.block_coinbase;
    contract_address = |data: &crate::EvmData| data.contract_address;
    msg_sender = |data: &crate::EvmData| data.msg_sender;
    msg_value = |data: &crate::EvmData| data.msg_value.to_be_bytes::<32>();
    tx_gas_price = |data: &crate::EvmData| data.tx_gas_price.to_be_bytes::<32>();
    tx_origin = |data: &crate::EvmData| data.tx_origin;
}

numbers! {
    evm_gas_left -> u64 = |io: &Io<'_, '_>| io.gas_left();
    evm_ink_left -> u64 = |io: &Io<'_, '_>| io.ink;
    chainid -> u64 = |io: &Io<'_, '_>| io.state.data.chain_id;
    block_gas_limit -> u64 = |io: &Io<'_, '_>| io.state.data.block_gas_limit;
    block_number -> u64 = |io: &Io<'_, '_>| io.state.data.block_number;
    block_timestamp -> u64 = |io: &Io<'_, '_>| io.state.data.block_timestamp;
    msg_reentrant -> u32 = |io: &Io<'_, '_>| u32::from(io.state.data.reentrant);
    tx_ink_price -> u32 = |io: &Io<'_, '_>| io.state.config.ink_price;
}

impl Io<'_, '_> {
    pub(super) fn pay_for_memory_grow(&mut self, pages: u32) -> Result {
        // the host function takes 16 bits of its argument
        let pages = pages as u16;
        if pages == 0 {
            self.buy(HOSTIO)?;
        } else {
            let gas = self.state.host.add_pages(pages);
            self.buy_gas(gas)?;
        }
        self.trace(&[&pages.to_be_bytes()], &[]);
        Ok(())
    }
}
