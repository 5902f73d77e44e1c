//! What every host function has at hand: the program's memory, its ink, the instance's state.

use alloy_primitives::{Address, B256, U256};

use super::State;
use crate::{HostError, pricing};

/// Why a host function ends the program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Escape {
    /// Ink ran out.
    #[error("out of ink")]
    OutOfInk,
    /// A pointer or length outside the memory.
    #[error("memory access out of bounds")]
    Memory,
    /// An act that is not allowed.
    #[error("{0}")]
    Logical(&'static str),
    /// The program chose to end with this status.
    #[error("exit with status {0}")]
    Exit(u32),
}

impl wasmi::errors::HostError for Escape {}

impl From<HostError> for Escape {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Failure => Self::Logical("forbidden in this context"),
            HostError::OutOfGas => Self::OutOfInk,
        }
    }
}

/// Result of a host function.
pub(crate) type Result<T = ()> = std::result::Result<T, Escape>;

/// One host function at work.
pub(crate) struct Io<'a, 'h> {
    /// The program's memory.
    pub(crate) memory: &'a mut [u8],
    /// The running instance.
    pub(crate) state: &'a mut State<'h>,
    /// Ink left; written back when the function is done.
    pub(crate) ink: u64,
    /// Ink when the function began.
    pub(crate) start: u64,
    /// Name for traces.
    pub(crate) name: &'static str,
}

impl Io<'_, '_> {
    /// Takes ink; what cannot be paid takes all that is left.
    pub(crate) fn buy(&mut self, ink: u64) -> Result {
        match self.ink.checked_sub(ink) {
            Some(left) => {
                self.ink = left;
                Ok(())
            }
            None => {
                self.ink = 0;
                Err(Escape::OutOfInk)
            }
        }
    }

    /// Takes gas.
    pub(crate) fn buy_gas(&mut self, gas: u64) -> Result {
        self.buy(self.gas_to_ink(gas))
    }

    /// Ends the program unless so much gas is left; takes nothing otherwise.
    pub(crate) fn require_gas(&mut self, gas: u64) -> Result {
        if self.ink < self.gas_to_ink(gas) {
            self.ink = 0;
            return Err(Escape::OutOfInk);
        }
        Ok(())
    }

    /// Takes the ink of reading from the program's memory.
    pub(crate) fn pay_for_read(&mut self, bytes: u32) -> Result {
        self.buy(pricing::read_price(u64::from(bytes)))
    }

    /// Takes the ink of handing bytes to the chain, which is that of reading them once more.
    pub(crate) fn pay_for_copy(&mut self, bytes: u32) -> Result {
        self.buy(pricing::read_price(u64::from(bytes)))
    }

    /// Takes the ink of writing to the program's memory.
    pub(crate) fn pay_for_write(&mut self, bytes: usize) -> Result {
        self.buy(pricing::write_price(bytes as u64))
    }

    /// Whole gas left.
    pub(crate) fn gas_left(&self) -> u64 {
        self.ink_to_gas(self.ink)
    }

    /// Gas for ink, rounded down.
    pub(crate) fn ink_to_gas(&self, ink: u64) -> u64 {
        // a price of zero cannot be set on a chain; the guard keeps a careless caller from a panic
        ink / u64::from(self.state.config.ink_price.max(1))
    }

    /// Ink for gas, saturating.
    pub(crate) fn gas_to_ink(&self, gas: u64) -> u64 {
        gas.saturating_mul(u64::from(self.state.config.ink_price))
    }

    /// Bytes of the program's memory.
    pub(crate) fn read(&self, ptr: u32, len: u32) -> Result<&[u8]> {
        let start = ptr as usize;
        let end = start.checked_add(len as usize).ok_or(Escape::Memory)?;
        self.memory.get(start..end).ok_or(Escape::Memory)
    }

    /// An array in the program's memory.
    pub(crate) fn read_array<const N: usize>(&self, ptr: u32) -> Result<[u8; N]> {
        self.read(ptr, N as u32)?.try_into().map_err(|_| Escape::Memory)
    }

    /// A word, big endian.
    pub(crate) fn read_word(&self, ptr: u32) -> Result<B256> {
        self.read_array(ptr).map(B256::new)
    }

    /// A 256-bit number, big endian.
    pub(crate) fn read_u256(&self, ptr: u32) -> Result<U256> {
        self.read_array(ptr).map(U256::from_be_bytes::<32>)
    }

    /// An address.
    pub(crate) fn read_address(&self, ptr: u32) -> Result<Address> {
        self.read_array(ptr).map(Address::new)
    }

    /// Writes to the program's memory.
    pub(crate) fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result {
        let start = ptr as usize;
        let end = start.checked_add(bytes.len()).ok_or(Escape::Memory)?;
        self.memory.get_mut(start..end).ok_or(Escape::Memory)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a number as four bytes, little endian.
    pub(crate) fn write_u32(&mut self, ptr: u32, value: u32) -> Result {
        self.write(ptr, &value.to_le_bytes())
    }

    /// Tells the tracer, if there is one, what went in and came out.
    pub(crate) fn trace(&mut self, args: &[&[u8]], outs: &[&[u8]]) {
        if self.state.tracing {
            self.state.host.trace(self.name, &args.concat(), &outs.concat(), self.start, self.ink);
        }
    }
}
