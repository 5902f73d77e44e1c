//! `eth_getLogs` and installed filters.

use std::collections::HashMap;

use alloy_primitives::B256;
use serde_json::{Map, Value, json};

use super::params::{self, Params, field};
use super::{RpcError, Server, output};
use crate::chain::logs::LogFilter;
use crate::chain::{BlockRef, Chain};

/// Filters that clients installed.
#[derive(Debug, Default)]
pub(super) struct Filters {
    next: u64,
    installed: HashMap<u64, Installed>,
}

#[derive(Debug)]
struct Installed {
    kind: Kind,
    /// First block that the next poll reports.
    from: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    Blocks,
    Pending,
    Logs(Query),
}

/// A filter and its range.
#[derive(Clone, Debug)]
struct Query {
    filter: LogFilter,
    from: Option<BlockRef>,
    to: Option<BlockRef>,
    hash: Option<B256>,
}

const MOST_FILTERS: usize = 10_000;

fn query(value: &Value) -> Result<Query, RpcError> {
    let empty = Map::new();
    let fields = match value {
        Value::Null => &empty,
        Value::Object(fields) => fields,
        _ => return Err(RpcError::invalid_params("filter is no object")),
    };
    let addresses = field(fields, &["address"], |value| match value {
        Value::Array(list) => list.iter().map(params::address).collect(),
        one => Ok(vec![params::address(one)?]),
    })?;
    let topics = field(fields, &["topics"], |value| {
        let list = value.as_array().ok_or_else(|| RpcError::invalid_params("topics are no array"))?;
        if list.len() > 4 {
            return Err(RpcError::invalid_params("more than four topics"));
        }
        list.iter()
            .map(|any| match any {
                Value::Null => Ok(Vec::new()),
                // A null within the list admits all.
                Value::Array(any) if any.iter().any(Value::is_null) => Ok(Vec::new()),
                Value::Array(any) => any.iter().map(params::hash).collect(),
                one => Ok(vec![params::hash(one)?]),
            })
            .collect::<Result<Vec<_>, _>>()
    })?;
    let query = Query {
        filter: LogFilter { addresses: addresses.unwrap_or_default(), topics: topics.unwrap_or_default() },
        from: field(fields, &["fromBlock"], params::block)?,
        to: field(fields, &["toBlock"], params::block)?,
        hash: field(fields, &["blockHash"], params::hash)?,
    };
    if query.hash.is_some() && (query.from.is_some() || query.to.is_some()) {
        return Err(RpcError::invalid_params("cannot specify both blockHash and fromBlock/toBlock"));
    }
    Ok(query)
}

fn run(chain: &Chain, query: &Query, at_least: u64) -> Result<Value, RpcError> {
    let (from, to) = match query.hash {
        Some(hash) => {
            let block =
                chain.block(BlockRef::Hash(hash)).ok_or_else(|| RpcError::refused("unknown block"))?;
            (block.header.number, block.header.number)
        }
        None => {
            let resolve = |at: Option<BlockRef>| match at {
                Some(BlockRef::Number(number)) => number,
                Some(BlockRef::Hash(hash)) => {
                    chain.block(BlockRef::Hash(hash)).map_or(u64::MAX, |block| block.header.number)
                }
                _ => chain.height(),
            };
            (resolve(query.from), resolve(query.to))
        }
    };
    if from > to {
        // A poller asks from the block after the last one, which is not there yet.
        if matches!(query.to, Some(BlockRef::Number(_))) {
            return Err(RpcError::invalid_params("invalid block range"));
        }
        return Ok(json!([]));
    }
    let found = chain.logs(from.max(at_least), to, &query.filter);
    Ok(found.into_iter().map(|(block, tx, log)| output::log(block, tx, log)).collect())
}

/// The filter of a subscription: addresses and topics, no range.
pub(super) fn log_filter(value: &Value) -> Result<LogFilter, RpcError> {
    Ok(query(value)?.filter)
}

/// `eth_getLogs`.
pub(super) fn get_logs(server: &Server, params: &Params) -> Result<Value, RpcError> {
    run(&server.chain, &query(params.at(0))?, 0)
}

fn install(server: &mut Server, kind: Kind) -> Result<Value, RpcError> {
    let filters = &mut server.filters;
    if filters.installed.len() >= MOST_FILTERS {
        return Err(RpcError::refused("too many filters"));
    }
    filters.next += 1;
    let from = server.chain.height() + 1;
    filters.installed.insert(filters.next, Installed { kind, from });
    Ok(output::hex(filters.next))
}

/// The methods of installed filters; `None` for any other name.
pub(super) fn call(server: &mut Server, method: &str, params: &Params) -> Option<Result<Value, RpcError>> {
    Some(match method {
        "eth_newFilter" => query(params.at(0)).and_then(|query| install(server, Kind::Logs(query))),
        "eth_newBlockFilter" => install(server, Kind::Blocks),
        "eth_newPendingTransactionFilter" => install(server, Kind::Pending),
        "eth_uninstallFilter" => {
            params.number(0).map(|id| json!(server.filters.installed.remove(&id).is_some()))
        }
        "eth_getFilterChanges" => changes(server, params),
        "eth_getFilterLogs" => params.number(0).and_then(|id| match server.filters.installed.get(&id) {
            Some(Installed { kind: Kind::Logs(query), .. }) => run(&server.chain, query, 0),
            _ => Err(RpcError::refused("filter not found")),
        }),
        _ => return None,
    })
}

fn changes(server: &mut Server, params: &Params) -> Result<Value, RpcError> {
    let id = params.number(0)?;
    let height = server.chain.height();
    let Some(installed) = server.filters.installed.get_mut(&id) else {
        return Err(RpcError::refused("filter not found"));
    };
    let from = installed.from;
    installed.from = height + 1;
    let kind = installed.kind.clone();
    let blocks = (from..=height).filter_map(|number| server.chain.block(BlockRef::Number(number)));
    match kind {
        Kind::Blocks => Ok(blocks.map(|block| json!(block.hash)).collect()),
        Kind::Pending => {
            Ok(blocks.flat_map(|block| block.transactions.iter().map(|tx| json!(tx.hash))).collect())
        }
        Kind::Logs(mut query) => {
            if query.to.is_none() {
                query.to = Some(BlockRef::Latest);
            }
            if from > height {
                return Ok(json!([]));
            }
            if !matches!(query.from, Some(BlockRef::Number(_))) {
                query.from = Some(BlockRef::Number(from));
            }
            run(&server.chain, &query, from)
        }
    }
}
