//! Slots in a row.

use alloy_primitives::U256;
use stylus_sdk::{
    host::VM,
    prelude::*,
    storage::{StorageGuard, StorageGuardMut},
};

use crate::slot::Slot;

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
