//! Methods for development: time, snapshots, balances.

use alloy_primitives::Bytes;
use serde_json::{Value, json};

use super::output::hex;
use super::params::{Params, field, number};
use super::{RpcError, Server, trace};
use crate::chain::Chain;

/// Calls a method; `None` when it is none of these.
pub(super) fn call(server: &mut Server, method: &str, params: &Params) -> Option<Result<Value, RpcError>> {
    let development = ["evm_", "hardhat_", "anvil_"].iter().any(|prefix| method.starts_with(prefix));
    if development && !server.chain.config().development_methods {
        return None;
    }
    Some(match method {
        "evm_snapshot" | "anvil_snapshot" => Ok(hex(server.chain.snapshot())),
        "evm_revert" | "anvil_revert" => params.number(0).map(|id| {
            let done = server.chain.revert(id);
            server.subscriptions.rewind(server.chain.height());
            json!(done)
        }),
        "evm_increaseTime" => {
            params.number(0).map(|seconds| hex(server.chain.increase_time(seconds).max(0) as u64))
        }
        "evm_setNextBlockTimestamp" => params.number(0).and_then(|time| {
            server.chain.set_next_timestamp(time)?;
            Ok(Value::Null)
        }),
        "evm_mine" => mine(server, params).map(|()| json!("0x0")),
        "hardhat_mine" | "anvil_mine" => mine_many(server, params),
        "hardhat_setBalance" | "anvil_setBalance" | "evm_setAccountBalance" => {
            both(params.address(0), params.word(1)).map(|(address, balance)| {
                server.chain.set_balance(address, balance);
                json!(true)
            })
        }
        "hardhat_setCode" | "anvil_setCode" | "evm_setAccountCode" => {
            both(params.address(0), params.bytes(1)).map(|(address, code)| {
                server.chain.set_code(address, code);
                json!(true)
            })
        }
        "hardhat_setNonce" | "anvil_setNonce" | "evm_setAccountNonce" => {
            both(params.address(0), params.number(1)).map(|(address, nonce)| {
                server.chain.set_nonce(address, nonce);
                json!(true)
            })
        }
        "hardhat_setStorageAt" | "anvil_setStorageAt" | "evm_setAccountStorageAt" => {
            both(params.address(0), both(params.word(1), params.word(2))).map(|(address, (key, value))| {
                server.chain.set_storage(address, key, value);
                json!(true)
            })
        }
        "anvil_dumpState" | "hardhat_dumpState" => Ok(json!(Bytes::from(server.chain.dump()))),
        "anvil_loadState" | "hardhat_loadState" => params.bytes(0).and_then(|dump| load(server, &dump)),
        "debug_traceTransaction" => trace::transaction(server, params),
        "debug_traceCall" => trace::call(server, params),
        _ => return None,
    })
}

/// Goes on with the chain of a dump in place of this one.
fn load(server: &mut Server, dump: &[u8]) -> Result<Value, RpcError> {
    let chain =
        Chain::load(server.chain.config().clone(), dump).map_err(|e| RpcError::refused(e.to_string()))?;
    server.chain = chain;
    server.subscriptions.rewind(server.chain.height());
    Ok(json!(true))
}

fn both<A, B>(a: Result<A, RpcError>, b: Result<B, RpcError>) -> Result<(A, B), RpcError> {
    Ok((a?, b?))
}

/// The time of the block may come alone or in an object.
fn mine(server: &mut Server, params: &Params) -> Result<(), RpcError> {
    let time = match params.at(0) {
        Value::Null => None,
        Value::Object(fields) => {
            let blocks = field(fields, &["blocks"], number)?.unwrap_or(1);
            for _ in 1..blocks.min(MOST_MINED) {
                server.chain.mine(None)?;
            }
            field(fields, &["timestamp"], number)?
        }
        value => Some(number(value)?),
    };
    Ok(server.chain.mine(time)?)
}

const MOST_MINED: u64 = 100_000;

fn mine_many(server: &mut Server, params: &Params) -> Result<Value, RpcError> {
    let blocks = if params.at(0).is_null() { 1 } else { params.number(0)? };
    let interval = if params.at(1).is_null() { 0 } else { params.number(1)? };
    if blocks > MOST_MINED {
        return Err(RpcError::invalid_params("too many blocks"));
    }
    for i in 0..blocks {
        if i > 0 && interval > 0 {
            let last = server.chain.head().header.timestamp;
            server.chain.set_next_timestamp(last.saturating_add(interval))?;
        }
        server.chain.mine(None)?;
    }
    Ok(json!(true))
}
