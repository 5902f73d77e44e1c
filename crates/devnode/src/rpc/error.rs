//! Errors of JSON-RPC.

use alloy_primitives::Bytes;
use serde_json::{Value, json};

use crate::chain::error::ChainError;

/// An error as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct RpcError {
    /// Code of JSON-RPC or of Ethereum clients.
    pub code: i64,
    /// Text.
    pub message: String,
    /// Revert data.
    pub data: Option<Bytes>,
}

impl RpcError {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The body is no JSON.
    #[must_use]
    pub fn parse(error: &serde_json::Error) -> Self {
        Self::new(-32_700, format!("parse error: {error}"))
    }

    /// The body is JSON but no request.
    pub fn invalid_request(why: impl Into<String>) -> Self {
        Self::new(-32_600, format!("invalid request: {}", why.into()))
    }

    /// There is no such method.
    #[must_use]
    pub fn unknown_method(method: &str) -> Self {
        let name: String = method.chars().take(80).collect();
        Self::new(-32_601, format!("the method {name} does not exist/is not available"))
    }

    /// A parameter is missing or of another type.
    pub fn invalid_params(why: impl Into<String>) -> Self {
        Self::new(-32_602, format!("invalid params: {}", why.into()))
    }

    /// The server itself failed.
    pub fn internal(why: impl Into<String>) -> Self {
        Self::new(-32_603, why.into())
    }

    /// The chain refuses.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::new(-32_000, why.into())
    }

    /// The error object of an answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut out = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            out["data"] = json!(data);
        }
        out
    }
}

impl From<ChainError> for RpcError {
    fn from(error: ChainError) -> Self {
        let message = error.to_string();
        match error {
            ChainError::Reverted(data) => Self { code: 3, message, data: Some(data) },
            _ => Self::refused(message),
        }
    }
}
