//! A storage slot that is read and written whole.
//!
//! The contract packs several values into the 32 bytes itself, so that one load reads all of them. The SDK's typed
//! accessors would add code for packing, and for conversions that can trap.

use alloy_primitives::{Address, B256, U256};
use stylus_sdk::{host::VM, prelude::*, storage::StorageGuardMut};

/// One slot.
#[derive(Debug)]
pub struct Slot {
    slot: U256,
    host: VM,
}

impl Slot {
    /// The slot's content.
    #[must_use]
    pub fn get(&self) -> B256 {
        self.host.storage_load_bytes32(self.slot)
    }

    /// Replaces the slot's content.
    pub fn set(&mut self, value: B256) {
        // SAFETY: the slot is this accessor's own, which is borrowed mutably.
        unsafe { self.host.storage_cache_bytes32(self.slot, value) }
    }

    /// The content as an address.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::from_word(self.get())
    }

    /// Replaces the content by an address.
    pub fn set_address(&mut self, address: Address) {
        self.set(address.into_word());
    }
}

impl StorageType for Slot {
    type Wraps<'a> = B256;
    type WrapsMut<'a> = StorageGuardMut<'a, Self>;

    unsafe fn new(slot: U256, _offset: u8, host: VM) -> Self {
        Self { slot, host }
    }

    fn load<'s>(self) -> Self::Wraps<'s> {
        self.get()
    }

    fn load_mut<'s>(self) -> Self::WrapsMut<'s> {
        StorageGuardMut::new(self)
    }
}
