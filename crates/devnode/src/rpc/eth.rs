//! The methods that every Ethereum node has.

use alloy_consensus::Transaction as _;
use alloy_primitives::{B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use serde_json::{Map, Value, json};

use super::output::hex;
use super::params::Params;
use super::{RpcError, Server, filters, output};
use crate::chain::BlockRef;
use crate::config::BASE_FEE;

const MOST_HISTORY: u64 = 1_024;

/// Calls a method; `None` when it is none of these.
pub(super) fn call(server: &mut Server, method: &str, params: &Params) -> Option<Result<Value, RpcError>> {
    if let Some(result) = filters::call(server, method, params) {
        return Some(result);
    }
    Some(match method {
        "web3_clientVersion" => Ok(json!(concat!("plimsoll-devnode/", env!("CARGO_PKG_VERSION")))),
        "web3_sha3" => params.bytes(0).map(|bytes| json!(keccak256(bytes))),
        "net_version" => Ok(json!(server.chain.config().chain_id.to_string())),
        "net_listening" => Ok(json!(true)),
        "net_peerCount" => Ok(json!("0x0")),
        "eth_chainId" => Ok(hex(server.chain.config().chain_id)),
        "eth_protocolVersion" => Ok(json!("0x41")),
        "eth_syncing" | "eth_mining" => Ok(json!(false)),
        "eth_accounts" => Ok(json!(server.chain.unlocked())),
        "eth_coinbase" => Ok(json!(crate::config::COINBASE)),
        "eth_blockNumber" => Ok(hex(server.chain.height())),
        "eth_gasPrice" | "eth_baseFee" => Ok(hex(BASE_FEE)),
        "eth_maxPriorityFeePerGas" | "eth_blobBaseFee" => Ok(json!("0x0")),
        "eth_feeHistory" => fee_history(server, params),
        "eth_getBalance"
        | "eth_getCode"
        | "eth_getStorageAt"
        | "eth_getTransactionCount"
        | "eth_getProof" => account(server, method, params),
        "eth_call" => request(server, params),
        "eth_estimateGas" => estimate(server, params),
        "eth_createAccessList" => access_list(server, params),
        "eth_sendRawTransaction" => params.bytes(0).and_then(|raw| Ok(json!(server.chain.send_raw(&raw)?))),
        "eth_sendTransaction" => {
            params.call(0).and_then(|request| Ok(json!(server.chain.send_unsigned(&request)?)))
        }
        "eth_getTransactionByHash" | "eth_getTransactionReceipt" | "eth_getRawTransactionByHash" => {
            by_hash(server, method, params)
        }
        "eth_getBlockByNumber" => params.block(0).and_then(|at| block(server, at, params)),
        "eth_getBlockByHash" => params.hash(0).and_then(|hash| block(server, BlockRef::Hash(hash), params)),
        "eth_getBlockTransactionCountByNumber" => params.block(0).map(|at| count(server, at)),
        "eth_getBlockTransactionCountByHash" => {
            params.hash(0).map(|hash| count(server, BlockRef::Hash(hash)))
        }
        "eth_getUncleCountByBlockNumber" | "eth_getUncleCountByBlockHash" => Ok(json!("0x0")),
        "eth_getBlockReceipts" => params.block(0).map(|at| match server.chain.block(at) {
            Some(block) => (0..block.transactions.len()).map(|i| output::receipt(block, i)).collect(),
            None => Value::Null,
        }),
        "eth_getTransactionByBlockNumberAndIndex" => {
            params.block(0).and_then(|at| by_index(server, at, params))
        }
        "eth_getTransactionByBlockHashAndIndex" => {
            params.hash(0).and_then(|hash| by_index(server, BlockRef::Hash(hash), params))
        }
        "eth_getLogs" => filters::get_logs(server, params),
        "txpool_status" => Ok(json!({ "pending": hex(server.chain.waiting().len()), "queued": "0x0" })),
        "txpool_content" => Ok(pool(server)),
        _ => return None,
    })
}

/// What waits, by sender and nonce.
fn pool(server: &Server) -> Value {
    let mut pending = Map::new();
    for tx in server.chain.waiting() {
        let of_sender = pending.entry(tx.sender.to_string()).or_insert_with(|| json!({}));
        of_sender[tx.envelope.nonce().to_string()] = output::waiting(tx);
    }
    json!({ "pending": pending, "queued": {} })
}

fn account(server: &Server, method: &str, params: &Params) -> Result<Value, RpcError> {
    let address = params.address(0)?;
    if method == "eth_getStorageAt" {
        let key = params.word(1)?;
        let view = server.chain.view(params.block(2)?)?;
        return Ok(json!(B256::from(view.slot(address, key))));
    }
    if method == "eth_getProof" {
        return Err(RpcError::refused("there is no state trie and so no proof"));
    }
    let at = params.block(1)?;
    if method == "eth_getTransactionCount" && at == BlockRef::Pending {
        return Ok(hex(server.chain.next_nonce(address)));
    }
    let view = server.chain.view(at)?;
    let account = view.account(address).unwrap_or_default();
    Ok(match method {
        "eth_getBalance" => hex(account.balance),
        "eth_getTransactionCount" => hex(account.nonce),
        _ if account.code_hash == KECCAK256_EMPTY => json!("0x"),
        _ => json!(view.code(address)),
    })
}

fn request(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let output = server.chain.call(&params.call(0)?, params.block(1)?, &params.overrides(2)?)?;
    Ok(json!(output))
}

/// An estimate is for the block to come: by default it sees that block's time.
fn estimate(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let at = match params.block(1)? {
        BlockRef::Latest => BlockRef::Pending,
        other => other,
    };
    let overrides = params.overrides(2)?;
    Ok(hex(server.chain.estimate(&params.call(0)?, at, &overrides.accounts)?))
}

fn access_list(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let found = server.chain.access_list(&params.call(0)?, params.block(1)?)?;
    let mut out = json!({ "accessList": output::access_list(&found.list), "gasUsed": hex(found.gas_used) });
    if let Some(error) = found.error {
        out["error"] = json!(error);
    }
    Ok(out)
}

fn by_hash(server: &Server, method: &str, params: &Params) -> Result<Value, RpcError> {
    use alloy_eips::eip2718::Encodable2718;
    let hash = params.hash(0)?;
    let Some((block, index)) = server.chain.transaction(hash) else {
        let waiting = server.chain.waiting().iter().find(|tx| *tx.envelope.tx_hash() == hash);
        return Ok(match (waiting, method) {
            (Some(tx), "eth_getTransactionByHash") => output::waiting(tx),
            (Some(tx), "eth_getRawTransactionByHash") => json!(Bytes::from(tx.envelope.encoded_2718())),
            _ => Value::Null,
        });
    };
    Ok(match method {
        "eth_getTransactionByHash" => output::transaction(block, index),
        "eth_getTransactionReceipt" => output::receipt(block, index),
        _ => json!(Bytes::from(block.transactions[index].envelope.encoded_2718())),
    })
}

fn by_index(server: &Server, at: BlockRef, params: &Params) -> Result<Value, RpcError> {
    let index = usize::try_from(params.number(1)?).unwrap_or(usize::MAX);
    Ok(match server.chain.block(at) {
        Some(block) if index < block.transactions.len() => output::transaction(block, index),
        _ => Value::Null,
    })
}

fn block(server: &Server, at: BlockRef, params: &Params) -> Result<Value, RpcError> {
    let full = params.flag(1)?;
    Ok(server.chain.block(at).map_or(Value::Null, |block| output::block(block, full)))
}

fn count(server: &Server, at: BlockRef) -> Value {
    server.chain.block(at).map_or(Value::Null, |block| hex(block.transactions.len()))
}

fn fee_history(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let last = server.chain.block(params.block(1)?).ok_or_else(|| RpcError::refused("header not found"))?;
    let last = last.header.number;
    let blocks = params.number(0)?.clamp(1, MOST_HISTORY).min(last + 1);
    let percentiles = params.at(2).as_array().map_or(0, Vec::len);
    let base = hex(BASE_FEE);
    let ratio: Vec<Value> = (0..blocks).map(|_| json!(0)).collect();
    let mut out = json!({
        "oldestBlock": hex(last + 1 - blocks),
        "baseFeePerGas": vec![base; blocks as usize + 1],
        "gasUsedRatio": ratio,
    });
    if percentiles > 0 {
        let row = vec![hex(U256::ZERO); percentiles.min(100)];
        out["reward"] = json!(vec![row; blocks as usize]);
    }
    Ok(out)
}
