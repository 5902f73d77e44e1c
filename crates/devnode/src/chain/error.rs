//! Why the chain refuses something.

use alloy_primitives::{B256, Bytes};
use revm::context::result::{EVMError, HaltReason, InvalidTransaction, OutOfGasError};

use crate::evm::TxError;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The bytes are no transaction.
    #[error("invalid transaction: {0}")]
    Malformed(String),
    /// The transaction breaks a rule of inclusion.
    #[error("{0}")]
    Invalid(String),
    /// A call reverted with this data.
    #[error("execution reverted{}", reason(.0))]
    Reverted(Bytes),
    /// A call failed and took all gas.
    #[error("{0}")]
    Halted(String),
    /// There is no such block.
    #[error("header not found")]
    UnknownBlock,
    /// There is no such transaction.
    #[error("transaction {0} not found")]
    UnknownTransaction(B256),
    /// The node has no key of this account.
    #[error("unknown account")]
    UnknownAccount,
    /// A time before the last block.
    #[error("timestamp {0} is before the last block's {1}")]
    TimeBackwards(u64, u64),
    /// A time that no header should hold.
    #[error("timestamp {0} is too far in the future")]
    TimeTooFar(u64),
    /// The estimate does not fit the gas that is allowed.
    #[error("gas required exceeds allowance ({0})")]
    GasAllowance(u64),
}

fn reason(data: &[u8]) -> String {
    crate::trace::revert_reason(data).map_or_else(String::new, |reason| format!(": {reason}"))
}

impl From<TxError> for ChainError {
    fn from(error: TxError) -> Self {
        match error {
            EVMError::Transaction(invalid) => Self::Invalid(match invalid {
                InvalidTransaction::NonceTooLow { tx, state } => {
                    format!("nonce too low: next nonce {state}, tx nonce {tx}")
                }
                InvalidTransaction::NonceTooHigh { tx, state } => {
                    format!("nonce too high: next nonce {state}, tx nonce {tx}")
                }
                InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
                    format!("insufficient funds for gas * price + value: balance {balance}, tx cost {fee}")
                }
                InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
                    format!("intrinsic gas too low: gas {gas_limit}, minimum needed {initial_gas}")
                }
                InvalidTransaction::GasPriceLessThanBasefee => {
                    "max fee per gas less than block base fee".into()
                }
                InvalidTransaction::CreateInitCodeSizeLimit => "max initcode size exceeded".into(),
                InvalidTransaction::RejectCallerWithCode => "sender not an eoa".into(),
                InvalidTransaction::InvalidChainId => "invalid chain id for signer".into(),
                other => other.to_string(),
            }),
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// A halt in the words that clients know.
#[must_use]
pub fn halt_message(halt: &HaltReason) -> String {
    match halt {
        HaltReason::OutOfGas(OutOfGasError::ReentrancySentry) => "out of gas (reentrancy sentry)".into(),
        HaltReason::OutOfGas(_) => "out of gas".into(),
        HaltReason::OpcodeNotFound | HaltReason::InvalidFEOpcode => "invalid opcode".into(),
        HaltReason::InvalidJump => "invalid jump destination".into(),
        HaltReason::StackUnderflow => "stack underflow".into(),
        HaltReason::StackOverflow => "stack limit reached 1024 (1023)".into(),
        HaltReason::CreateCollision => "contract address collision".into(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".into(),
        HaltReason::CreateContractStartingWithEF => {
            "invalid code: must not begin with 0xef unless it is a Stylus program".into()
        }
        HaltReason::StateChangeDuringStaticCall | HaltReason::CallNotAllowedInsideStatic => {
            "write protection".into()
        }
        HaltReason::PrecompileErrorWithContext(message) => message.clone(),
        HaltReason::CallTooDeep => "max call depth exceeded".into(),
        other => format!("{other:?}"),
    }
}
