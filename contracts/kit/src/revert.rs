//! A failure on its way to the caller: a Solidity error, encoded.

use alloc::vec::Vec;

use plimsoll_fixed::Overflow;

use crate::{events::EncodeError, sol};

/// The encoded Solidity error that a call ends with.
#[derive(Debug)]
pub struct Revert(Vec<u8>);

impl Revert {
    /// Encodes an error.
    #[cold]
    #[inline(never)]
    pub fn new(error: impl EncodeError) -> Self {
        Self(error.encode())
    }

    /// An error without data. The root's door puts a typed error in its place.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Revert data that another contract gave.
    #[must_use]
    pub const fn of_data(data: Vec<u8>) -> Self {
        Self(data)
    }
}

impl From<Revert> for Vec<u8> {
    fn from(revert: Revert) -> Self {
        revert.0
    }
}

impl From<Overflow> for Revert {
    #[cold]
    #[inline(never)]
    fn from(_: Overflow) -> Self {
        Self::new(sol::Overflow {})
    }
}

#[cfg(feature = "export-abi")]
impl stylus_sdk::abi::export::internal::InnerTypes for Revert {
    fn inner_types() -> alloc::vec::Vec<stylus_sdk::abi::export::internal::InnerType> {
        alloc::vec::Vec::new()
    }
}

/// Ends the call with `error` unless `condition` holds.
///
/// # Errors
/// `error`, when it does not.
pub fn require<E: EncodeError>(condition: bool, error: impl FnOnce() -> E) -> Result<(), Revert> {
    if condition { Ok(()) } else { Err(Revert::new(error())) }
}
