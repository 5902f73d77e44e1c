//! Methods for development: time, snapshots, balances, traces.

use serde_json::{Value, json};

use super::output::hex;
use super::params::{Params, field, number};
use super::{RpcError, Server, script};
use crate::trace::Tracer;

/// Calls a method; `None` when it is none of these.
pub(super) fn call(server: &mut Server, method: &str, params: &Params) -> Option<Result<Value, RpcError>> {
    Some(match method {
        "evm_snapshot" | "anvil_snapshot" => Ok(hex(server.chain.snapshot())),
        "evm_revert" | "anvil_revert" => params.number(0).map(|id| json!(server.chain.revert(id))),
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
        "debug_traceTransaction" => params.hash(0).and_then(|hash| {
            let tracer = server.chain.retrace(hash)?;
            show(&tracer, params.at(1))
        }),
        "debug_traceCall" => trace_call(server, params),
        _ => return None,
    })
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

fn trace_call(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let config = params.at(2);
    let overrides = Params::new(vec![config["stateOverrides"].clone(), config["blockOverrides"].clone()]);
    let tracer = server.chain.trace_call(&params.call(0)?, params.block(1)?, &overrides.overrides(0)?)?;
    show(&tracer, config)
}

fn show(tracer: &Tracer, config: &Value) -> Result<Value, RpcError> {
    match config["tracer"].as_str() {
        Some("stylusTracer") => Ok(tracer.stylus_trace()),
        Some("callTracer") => Ok(tracer.call_trace()),
        Some(other) if script::asks_for_host_calls(other) => Ok(tracer.stylus_trace()),
        Some(other) => {
            let name: String = other.chars().take(80).collect();
            Err(RpcError::refused(format!("unknown tracer {name}; there are stylusTracer and callTracer")))
        }
        None => Err(RpcError::refused("name a tracer: stylusTracer or callTracer")),
    }
}
