//! A set of addresses: the count at word 0, members from word 1 on, and a map from member to its index.

use alloy_primitives::{Address, U256};

use super::storage::{Fault, Slots, Space};

/// A set of addresses in ArbOS storage.
#[derive(Clone, Copy, Debug)]
pub struct AddressSet {
    items: Space,
    index: Space,
}

impl AddressSet {
    /// The set that lives in a space.
    #[must_use]
    pub fn new(items: Space) -> Self {
        Self { items, index: items.sub(&[0]) }
    }

    /// Whether the address is a member.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn contains<S: Slots + ?Sized>(&self, s: &mut S, member: Address) -> Result<bool, Fault> {
        Ok(!self.index.get_at(s, member.into_word())?.is_zero())
    }

    /// Adds a member; a second time changes nothing.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn add<S: Slots + ?Sized>(&self, s: &mut S, member: Address) -> Result<(), Fault> {
        if self.contains(s, member)? {
            return Ok(());
        }
        let size = self.items.get(s, 0)?.saturating_to::<u64>() + 1;
        self.index.set_at(s, member.into_word(), U256::from(size))?;
        self.items.set(s, size, member.into_word().into())?;
        self.items.set(s, 0, U256::from(size))
    }

    /// Removes a member; the last one takes its place.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn remove<S: Slots + ?Sized>(&self, s: &mut S, member: Address) -> Result<(), Fault> {
        let slot = self.index.get_at(s, member.into_word())?.saturating_to::<u64>();
        if slot == 0 {
            return Ok(());
        }
        self.index.set_at(s, member.into_word(), U256::ZERO)?;
        let size = self.items.get(s, 0)?.saturating_to::<u64>();
        if slot < size {
            let last = self.items.get(s, size)?;
            self.items.set(s, slot, last)?;
            self.index.set_at(s, last.into(), U256::from(slot))?;
        }
        self.items.set(s, size, U256::ZERO)?;
        self.items.set(s, 0, U256::from(size.saturating_sub(1)))
    }

    /// All members, at most `limit`.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn members<S: Slots + ?Sized>(&self, s: &mut S, limit: u64) -> Result<Vec<Address>, Fault> {
        let size = self.items.get(s, 0)?.saturating_to::<u64>().min(limit);
        (1..=size).map(|i| Ok(Address::from_word(self.items.get(s, i)?.into()))).collect()
    }
}
