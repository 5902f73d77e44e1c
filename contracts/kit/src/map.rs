//! Mappings and rows of slots, in Solidity's layout.
//!
//! The SDK's own mappings have the same layout, but compile a separate accessor for every type they map to. Here one
//! function computes the slot of an entry, whatever its type: the contract is smaller.

use core::marker::PhantomData;

use alloy_primitives::{B256, U256, keccak256};
use stylus_sdk::{
    host::VM,
    prelude::*,
    storage::{StorageGuard, StorageGuardMut},
};

use crate::slot::Slot;

/// `mapping(... => V)`, the key being a word.
#[derive(Debug)]
pub struct Map<V> {
    slot: U256,
    host: VM,
    values: PhantomData<V>,
}

impl<V: StorageType> Map<V> {
    /// An entry, for reading.
    pub fn getter(&self, key: B256) -> StorageGuard<'_, V> {
        StorageGuard::new(self.entry(key))
    }

    /// An entry, for writing.
    pub fn setter(&mut self, key: B256) -> StorageGuardMut<'_, V> {
        StorageGuardMut::new(self.entry(key))
    }

    fn entry(&self, key: B256) -> V {
        // SAFETY: the guards bind the entry to a borrow of the mapping.
        unsafe { V::new(entry_slot(self.slot, key), 0, self.host.clone()) }
    }
}

#[inline(never)]
fn entry_slot(mapping: U256, key: B256) -> U256 {
    let mut input = [0; 64];
    input[..32].copy_from_slice(key.as_slice());
    input[32..].copy_from_slice(&mapping.to_be_bytes::<32>());
    keccak256(input).into()
}

impl<V: StorageType> StorageType for Map<V> {
    type Wraps<'a>
        = StorageGuard<'a, Self>
    where
        Self: 'a;
    type WrapsMut<'a>
        = StorageGuardMut<'a, Self>
    where
        Self: 'a;

    unsafe fn new(slot: U256, _offset: u8, host: VM) -> Self {
        Self { slot, host, values: PhantomData }
    }

    fn load<'s>(self) -> Self::Wraps<'s> {
        StorageGuard::new(self)
    }

    fn load_mut<'s>(self) -> Self::WrapsMut<'s> {
        StorageGuardMut::new(self)
    }
}

/// `N` slots in a row.
#[derive(Debug)]
pub struct Row<const N: usize> {
    slot: U256,
    host: VM,
}

impl<const N: usize> Row<N> {
    /// A slot, for reading; none from `N` on.
    pub fn getter(&self, index: usize) -> Option<StorageGuard<'_, Slot>> {
        self.word(index).map(StorageGuard::new)
    }

    /// A slot, for writing; none from `N` on.
    pub fn setter(&mut self, index: usize) -> Option<StorageGuardMut<'_, Slot>> {
        self.word(index).map(StorageGuardMut::new)
    }

    fn word(&self, index: usize) -> Option<Slot> {
        if index >= N {
            return None;
        }
        let slot = self.slot.wrapping_add(U256::from_limbs([index as u64, 0, 0, 0]));
        // SAFETY: the guards bind the slot to a borrow of the row.
        Some(unsafe { Slot::new(slot, 0, self.host.clone()) })
    }
}

impl<const N: usize> StorageType for Row<N> {
    type Wraps<'a>
        = StorageGuard<'a, Self>
    where
        Self: 'a;
    type WrapsMut<'a>
        = StorageGuardMut<'a, Self>
    where
        Self: 'a;

    const REQUIRED_SLOTS: usize = N;

    unsafe fn new(slot: U256, _offset: u8, host: VM) -> Self {
        Self { slot, host }
    }

    fn load<'s>(self) -> Self::Wraps<'s> {
        StorageGuard::new(self)
    }

    fn load_mut<'s>(self) -> Self::WrapsMut<'s> {
        StorageGuardMut::new(self)
    }
}
