//! Failed calls and the typed errors in their data.

use std::fmt;

use alloy::{
    primitives::{Bytes, hex},
    sol_types::{Panic, Revert as RevertString, SolError, SolInterface},
};
use anyhow::{Result, bail};

use crate::bindings::{
    IPlimsoll::IPlimsollErrors, IPlimsollOracle::IPlimsollOracleErrors,
    IPlimsollRiskModel::IPlimsollRiskModelErrors,
};

/// Why a call or a transaction gave no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The contract refused, with the data it gave.
    #[error("reverted: {0}")]
    Reverted(Revert),
    /// Anything else: the node could not be reached, refused the transaction, or answered nonsense.
    #[error("{0:#}")]
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// What a reverted call returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revert {
    /// The return data; a Stylus program that panicked, or ran out of gas, returns none.
    pub data: Bytes,
    /// The node's own words, such as "out of gas".
    pub message: String,
}

impl Revert {
    /// The typed error, when the data is exactly that.
    #[must_use]
    pub fn decode<E: SolError>(&self) -> Option<E> {
        E::abi_decode(&self.data).ok()
    }

    /// First four bytes of the data, when there are as many.
    #[must_use]
    pub fn selector(&self) -> Option<[u8; 4]> {
        self.data.first_chunk().copied()
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.data.is_empty() {
            return write!(f, "no data ({})", self.message);
        }
        if let Ok(error) = IPlimsollErrors::abi_decode(&self.data) {
            return write!(f, "{error:?}");
        }
        if let Ok(error) = IPlimsollOracleErrors::abi_decode(&self.data) {
            return write!(f, "{error:?}");
        }
        if let Ok(error) = IPlimsollRiskModelErrors::abi_decode(&self.data) {
            return write!(f, "{error:?}");
        }
        if let Some(RevertString { reason }) = self.decode() {
            return write!(f, "{reason:?}");
        }
        if let Some(panic) = self.decode::<Panic>() {
            return write!(f, "{panic}");
        }
        write!(f, "0x{}", hex::encode(&self.data))
    }
}

/// Turns an expected failure into the error it must carry; everything else becomes an error that says what happened.
pub trait ExpectRevert {
    /// The typed error that the call reverted with.
    ///
    /// # Errors
    /// When the call succeeded, failed otherwise, or reverted with something else.
    fn expect_revert<E: SolError>(self) -> Result<E>;
    /// The raw revert, whatever its data.
    ///
    /// # Errors
    /// When the call succeeded or failed otherwise.
    fn expect_any_revert(self) -> Result<Revert>;
}

impl<T: fmt::Debug> ExpectRevert for Result<T, Failure> {
    fn expect_revert<E: SolError>(self) -> Result<E> {
        let revert = match self.expect_any_revert() {
            Ok(revert) => revert,
            Err(error) => bail!("{} expected: {error:#}", E::SIGNATURE),
        };
        match revert.decode() {
            Some(error) => Ok(error),
            None => bail!("{} expected, but reverted with {revert}", E::SIGNATURE),
        }
    }

    fn expect_any_revert(self) -> Result<Revert> {
        match self {
            Err(Failure::Reverted(revert)) => Ok(revert),
            Err(Failure::Other(error)) => Err(error),
            Ok(value) => bail!("a revert was expected, but the call succeeded: {value:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::IPlimsoll::{UnknownMarket, ZeroAmount};

    fn reverted(data: Vec<u8>) -> Result<(), Failure> {
        Err(Failure::Reverted(Revert { data: data.into(), message: String::new() }))
    }

    #[test]
    fn expect_revert_gives_the_fields() {
        let data = UnknownMarket { instrument: 7 }.abi_encode();
        assert_eq!(reverted(data).expect_revert::<UnknownMarket>().unwrap().instrument, 7);
    }

    #[test]
    fn expect_revert_errors_on_another_error_and_names_it() {
        let data = ZeroAmount {}.abi_encode();
        let error = reverted(data).expect_revert::<UnknownMarket>().unwrap_err().to_string();
        assert!(error.contains("UnknownMarket(uint128) expected") && error.contains("ZeroAmount"), "{error}");
    }

    #[test]
    fn expect_revert_errors_on_success() {
        assert!(Ok::<_, Failure>(3).expect_revert::<ZeroAmount>().is_err());
    }

    #[test]
    fn display_decodes_a_reason_string() {
        // Error("no"): selector 0x08c379a0, offset, length, text
        let mut data = hex::decode("08c379a0").unwrap();
        data.extend_from_slice(&[0; 31]);
        data.push(32);
        data.extend_from_slice(&[0; 31]);
        data.push(2);
        data.extend_from_slice(b"no");
        data.extend_from_slice(&[0; 30]);
        assert_eq!(Revert { data: data.into(), message: String::new() }.to_string(), "\"no\"");
    }
}
