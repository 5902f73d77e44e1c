//! JSON-RPC: requests in, answers out. No request, however malformed, stops the node.

mod dev;
mod error;
mod eth;
mod filters;
mod output;
mod params;
mod script;
mod subscriptions;
mod trace;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

pub use self::error::RpcError;
use self::filters::Filters;
use self::params::Params;
pub(crate) use self::subscriptions::Sink;
use self::subscriptions::Subscriptions;
use crate::chain::Chain;
use crate::chain::block::Block;

/// The chain and what clients have asked it to remember.
#[derive(Debug)]
pub struct Server {
    chain: Chain,
    filters: Filters,
    subscriptions: Subscriptions,
}

/// Most requests in one batch.
const MOST_REQUESTS: usize = 1_000;

impl Server {
    /// A server for a chain.
    #[must_use]
    pub fn new(chain: Chain) -> Self {
        Self { chain, filters: Filters::default(), subscriptions: Subscriptions::default() }
    }

    /// The chain.
    pub const fn chain(&mut self) -> &mut Chain {
        &mut self.chain
    }

    /// Tells subscribers what happened on the chain since the last time.
    pub fn tell_subscribers(&mut self) {
        self.subscriptions.tell(&self.chain);
    }

    /// Lets somebody in this process hear of every new block.
    pub fn watch(&mut self, watcher: UnboundedSender<Arc<Block>>) {
        self.subscriptions.watch(watcher);
    }

    /// Answers the body of a request, single or batch. `None` when it holds notifications only.
    pub fn handle(&mut self, body: &[u8]) -> Option<Value> {
        self.handle_from(body, None)
    }

    /// As [`Self::handle`], for a client that can be told of things later.
    pub(crate) fn handle_from(&mut self, body: &[u8], client: Option<&Sink>) -> Option<Value> {
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
                let answers: Vec<Value> =
                    batch.into_iter().filter_map(|one| self.answer(one, client)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            one => self.answer(one, client),
        }
    }

    fn answer(&mut self, request: Value, client: Option<&Sink>) -> Option<Value> {
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
        let result = self.call(&method, &Params::new(params), client);
        // A request without id wants no answer.
        let id = id?;
        Some(match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => failure(id, &error),
        })
    }

    /// Calls one method.
    fn call(&mut self, method: &str, params: &Params, client: Option<&Sink>) -> Result<Value, RpcError> {
        if let Some(result) = subscriptions::call(self, method, params, client) {
            return result;
        }
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
