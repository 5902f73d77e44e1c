//! Blocks, transactions, receipts and logs as JSON.

use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256, U256};
use serde_json::{Value, json};

use crate::chain::block::{Block, Mined, bloom};
use crate::chain::pool::Waiting;

/// A quantity.
pub(super) fn hex(value: impl TryInto<U256>) -> Value {
    let value: U256 = value.try_into().unwrap_or_default();
    Value::String(format!("{value:#x}"))
}

/// A block with its transactions whole or as hashes.
pub(super) fn block(block: &Block, full: bool) -> Value {
    let header = &block.header;
    let transactions: Vec<Value> = (0..block.transactions.len())
        .map(|i| if full { transaction(block, i) } else { json!(block.transactions[i].hash) })
        .collect();
    let size = 540 + block.transactions.iter().map(|tx| tx.envelope.input().len() + 120).sum::<usize>();
    json!({
        "number": hex(header.number),
        "hash": block.hash,
        "parentHash": header.parent_hash,
        "nonce": header.nonce,
        "mixHash": header.mix_hash,
        "sha3Uncles": header.ommers_hash,
        "logsBloom": header.logs_bloom,
        "transactionsRoot": header.transactions_root,
        "stateRoot": header.state_root,
        "receiptsRoot": header.receipts_root,
        "miner": header.beneficiary,
        "difficulty": hex(header.difficulty),
        "totalDifficulty": hex(header.number + 1),
        "extraData": header.extra_data,
        "size": hex(size),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "transactions": transactions,
        "uncles": [],
        "baseFeePerGas": hex(header.base_fee_per_gas.unwrap_or_default()),
        "l1BlockNumber": hex(block.l1_block),
        "sendCount": "0x0",
        "sendRoot": B256::ZERO,
    })
}

/// A transaction of a block.
pub(super) fn transaction(block: &Block, index: usize) -> Value {
    let tx = &block.transactions[index];
    let mut out = signed(&tx.envelope, tx.sender);
    out["blockHash"] = json!(block.hash);
    out["blockNumber"] = hex(block.header.number);
    out["transactionIndex"] = hex(index);
    if tx.envelope.tx_type() as u8 > 1 {
        out["gasPrice"] = hex(tx.gas_price());
    }
    out
}

/// A transaction that waits for its block.
pub(super) fn waiting(tx: &Waiting) -> Value {
    signed(&tx.envelope, tx.sender)
}

/// A signed transaction without its place.
fn signed(envelope: &TxEnvelope, sender: Address) -> Value {
    let signature = envelope.signature();
    let kind = envelope.tx_type() as u8;
    let parity = u64::from(signature.v());
    let mut out = json!({
        "type": hex(kind),
        "hash": envelope.tx_hash(),
        "blockHash": null,
        "blockNumber": null,
        "transactionIndex": null,
        "from": sender,
        "to": envelope.to(),
        "nonce": hex(envelope.nonce()),
        "value": hex(envelope.value()),
        "gas": hex(envelope.gas_limit()),
        "input": envelope.input(),
        "r": hex(signature.r()),
        "s": hex(signature.s()),
    });
    if let Some(chain_id) = envelope.chain_id() {
        out["chainId"] = hex(chain_id);
    }
    if kind == 0 {
        out["gasPrice"] = hex(envelope.max_fee_per_gas());
        // EIP-155 writes the chain id into v; before it v was 27 or 28.
        out["v"] = hex(envelope.chain_id().map_or(27 + parity, |id| 35 + 2 * id + parity));
        return out;
    }
    out["v"] = hex(parity);
    out["yParity"] = hex(parity);
    out["accessList"] = access_list(envelope.access_list().map_or(&[], |list| &list.0));
    out["gasPrice"] = hex(envelope.max_fee_per_gas());
    if kind > 1 {
        out["maxFeePerGas"] = hex(envelope.max_fee_per_gas());
        out["maxPriorityFeePerGas"] = hex(envelope.max_priority_fee_per_gas().unwrap_or_default());
    }
    if let Some(list) = envelope.authorization_list() {
        let items = list.iter().map(|auth| {
            json!({
                "chainId": hex(*auth.chain_id()),
                "address": auth.address(),
                "nonce": hex(auth.nonce()),
                "yParity": hex(auth.y_parity()),
                "r": hex(auth.r()),
                "s": hex(auth.s()),
            })
        });
        out["authorizationList"] = items.collect();
    }
    out
}

/// An access list.
pub(super) fn access_list(items: &[AccessListItem]) -> Value {
    items.iter().map(|item| json!({ "address": item.address, "storageKeys": item.storage_keys })).collect()
}

/// The receipt of a transaction.
pub(super) fn receipt(block: &Block, index: usize) -> Value {
    let tx = &block.transactions[index];
    let logs: Vec<Value> = (0..tx.logs.len()).map(|i| log(block, index, i)).collect();
    json!({
        "type": hex(tx.envelope.tx_type() as u8),
        "transactionHash": tx.hash,
        "transactionIndex": hex(index),
        "blockHash": block.hash,
        "blockNumber": hex(block.header.number),
        "from": tx.sender,
        "to": tx.to(),
        "contractAddress": created(tx),
        "status": hex(u8::from(tx.success)),
        "gasUsed": hex(tx.gas_used),
        "cumulativeGasUsed": hex(block.cumulative_gas(index)),
        "effectiveGasPrice": hex(tx.gas_price()),
        "logs": logs,
        "logsBloom": bloom(&tx.logs),
        "gasUsedForL1": "0x0",
        "l1BlockNumber": hex(block.l1_block),
        "timeboosted": false,
    })
}

const fn created(tx: &Mined) -> Option<Address> {
    tx.created
}

/// A log of a transaction.
pub(super) fn log(block: &Block, index: usize, log: usize) -> Value {
    let tx = &block.transactions[index];
    let entry = &tx.logs[log];
    json!({
        "address": entry.address,
        "topics": entry.data.topics(),
        "data": entry.data.data,
        "blockHash": block.hash,
        "blockNumber": hex(block.header.number),
        "blockTimestamp": hex(block.header.timestamp),
        "transactionHash": tx.hash,
        "transactionIndex": hex(index),
        "logIndex": hex(block.first_log(index) + log),
        "removed": false,
    })
}
