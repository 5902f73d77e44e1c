//! Keys and gas of the storage of ArbOS.

use alloy_primitives::{B256, Bytes, U256, keccak256};

/// Gas of reading a word of ArbOS storage.
pub const READ_GAS: u64 = 800;
/// Gas of writing a word that is not zero.
pub const WRITE_GAS: u64 = 20_000;
/// Gas of writing zero.
pub const CLEAR_GAS: u64 = 5_000;

/// Why an act of ArbOS did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The gas left does not pay for it.
    #[error("out of gas")]
    OutOfGas,
    /// A Solidity error: its encoding is returned and unspent gas goes back.
    #[error("execution reverted")]
    Revert(Bytes),
    /// The call reverts without data and takes all gas: bad selector, bad arguments, forbidden context.
    #[error("execution reverted")]
    Reject,
    /// The call fails with this message and takes all gas.
    #[error("{0}")]
    Fail(String),
}

/// Words of the ArbOS account, and whatever pays for using them.
pub trait Slots {
    /// Reads a word by its final key.
    fn load(&mut self, key: U256) -> U256;
    /// Writes a word by its final key.
    fn store(&mut self, key: U256, value: U256);
    /// Pays gas.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`] when there is not enough.
    fn burn(&mut self, gas: u64) -> Result<(), Fault>;
}

/// A part of the storage. Its words sit at `keccak(space ++ key[..31])[..31] ++ key[31]`, so that 256 neighbours
/// stay together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space(Option<B256>);

impl Space {
    /// The root.
    pub const ROOT: Self = Self(None);

    fn prefix(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |hash| hash.as_slice())
    }

    /// A subspace by its id.
    #[must_use]
    pub fn sub(&self, id: &[u8]) -> Self {
        Self(Some(keccak256([self.prefix(), id].concat())))
    }

    /// The storage key of a word.
    #[must_use]
    pub fn key(&self, key: B256) -> U256 {
        let mut mapped = keccak256([self.prefix(), &key[..31]].concat());
        mapped[31] = key[31];
        mapped.into()
    }

    /// Reads the word at a small index.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn get<S: Slots + ?Sized>(&self, s: &mut S, index: u64) -> Result<U256, Fault> {
        self.get_at(s, U256::from(index).into())
    }

    /// Writes the word at a small index.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn set<S: Slots + ?Sized>(&self, s: &mut S, index: u64, value: U256) -> Result<(), Fault> {
        self.set_at(s, U256::from(index).into(), value)
    }

    /// Reads the word at a key.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn get_at<S: Slots + ?Sized>(&self, s: &mut S, key: B256) -> Result<U256, Fault> {
        s.burn(READ_GAS)?;
        Ok(s.load(self.key(key)))
    }

    /// Writes the word at a key.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`].
    pub fn set_at<S: Slots + ?Sized>(&self, s: &mut S, key: B256, value: U256) -> Result<(), Fault> {
        s.burn(if value.is_zero() { CLEAR_GAS } else { WRITE_GAS })?;
        s.store(self.key(key), value);
        Ok(())
    }
}
