//! JSON-RPC: requests in, answers out. No request, however malformed, stops the node.

mod dev;
mod error;
mod eth;
mod filters;
mod output;
mod params;
mod script;

use serde_json::{Value, json};

pub use self::error::RpcError;
use self::filters::Filters;
use self::params::Params;
use crate::chain::Chain;

/// The chain and what clients have asked it to remember.
#[derive(Debug)]
pub struct Server {
    chain: Chain,
    filters: Filters,
}

/// Most requests in one batch.
const MOST_REQUESTS: usize = 1_000;

impl Server {
    /// A server for a chain.
    #[must_use]
    pub fn new(chain: Chain) -> Self {
        Self { chain, filters: Filters::default() }
    }

    /// The chain.
    pub const fn chain(&mut self) -> &mut Chain {
        &mut self.chain
    }

    /// Answers the body of a request, single or batch. `None` when it holds notifications only.
    pub fn handle(&mut self, body: &[u8]) -> Option<Value> {
        let request: Value = match serde_json::from_slice(body) {
            Ok(request) => request,
            Err(error) => return Some(failure(Value::Null, &RpcError::parse(&error))),
        };
        match request {
            Value::Array(batch) if batch.is_empty() => {
                Some(failure(Value::Null, &RpcError::invalid_request("empty batch")))
            }
            Value::Array(batch) if batch.len() > MOST_REQUESTS => {
                Some(failure(Value::Null, &RpcError::invalid_request("batch too large")))
            }
            Value::Array(batch) => {
                let answers: Vec<Value> = batch.into_iter().filter_map(|one| self.answer(one)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            one => self.answer(one),
        }
    }

    fn answer(&mut self, request: Value) -> Option<Value> {
        let Value::Object(mut request) = request else {
            return Some(failure(Value::Null, &RpcError::invalid_request("request is no object")));
        };
        let id = request.remove("id");
        if !matches!(id, None | Some(Value::Null | Value::String(_) | Value::Number(_))) {
            return Some(failure(Value::Null, &RpcError::invalid_request("invalid id")));
        }
        let Some(Value::String(method)) = request.remove("method") else {
            return Some(failure(id.unwrap_or_default(), &RpcError::invalid_request("no method")));
        };
        let params = match request.remove("params") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(params)) => params,
            Some(Value::Object(_)) => {
                let error = RpcError::invalid_params("parameters go by position");
                return Some(failure(id.unwrap_or_default(), &error));
            }
            Some(_) => {
                return Some(failure(id.unwrap_or_default(), &RpcError::invalid_request("invalid params")));
            }
        };
        let result = self.call(&method, &Params::new(params));
        // A request without id wants no answer.
        let id = id?;
        Some(match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => failure(id, &error),
        })
    }

    /// Calls one method.
    fn call(&mut self, method: &str, params: &Params) -> Result<Value, RpcError> {
        if let Some(result) = eth::call(self, method, params) {
            return result;
        }
        if let Some(result) = dev::call(self, method, params) {
            return result;
        }
        Err(RpcError::unknown_method(method))
    }
}

/// An error as an answer.
#[must_use]
pub fn failure(id: Value, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error.to_json() })
}
