//! Subscriptions over WebSocket (`eth_subscribe`), and watchers inside the process.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::params::Params;
use super::{RpcError, Server, filters, output};
use crate::chain::block::Block;
use crate::chain::logs::LogFilter;
use crate::chain::{BlockRef, Chain};

/// Where a client gets what it subscribed to, as text.
pub(crate) type Sink = UnboundedSender<String>;

/// Open subscriptions.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    next: u64,
    open: HashMap<u64, Subscription>,
    watchers: Vec<UnboundedSender<Arc<Block>>>,
    /// The last block that everybody has heard of.
    told: u64,
}

#[derive(Debug)]
struct Subscription {
    kind: Kind,
    client: Sink,
}

#[derive(Debug)]
enum Kind {
    Heads,
    Logs(LogFilter),
    /// Hashes of transactions, or the transactions whole.
    Transactions(bool),
}

const MOST_SUBSCRIPTIONS: usize = 10_000;

impl Subscriptions {
    /// The chain went back to this height.
    pub(super) fn rewind(&mut self, height: u64) {
        self.told = self.told.min(height);
    }

    /// Tells everybody of the blocks since the last time. Who does not listen any more is forgotten.
    pub(super) fn tell(&mut self, chain: &Chain) {
        self.rewind(chain.height());
        if self.open.is_empty() && self.watchers.is_empty() {
            self.told = chain.height();
            return;
        }
        for number in self.told + 1..=chain.height() {
            let Some(block) = chain.block(BlockRef::Number(number)) else { continue };
            self.watchers.retain(|watcher| watcher.send(block.clone()).is_ok());
            self.open.retain(|id, subscription| {
                events(block, &subscription.kind).into_iter().all(|result| {
                    let params = json!({ "subscription": output::hex(*id), "result": result });
                    let note = json!({ "jsonrpc": "2.0", "method": "eth_subscription", "params": params });
                    subscription.client.send(note.to_string()).is_ok()
                })
            });
        }
        self.told = chain.height();
    }

    /// Lets somebody in this process hear of every new block.
    pub(super) fn watch(&mut self, watcher: UnboundedSender<Arc<Block>>) {
        self.watchers.push(watcher);
    }

    fn add(&mut self, kind: Kind, client: Sink) -> Result<Value, RpcError> {
        self.open.retain(|_, subscription| !subscription.client.is_closed());
        if self.open.len() >= MOST_SUBSCRIPTIONS {
            return Err(RpcError::refused("too many subscriptions"));
        }
        self.next += 1;
        self.open.insert(self.next, Subscription { kind, client });
        Ok(output::hex(self.next))
    }
}

/// What a block tells a subscriber.
fn events(block: &Arc<Block>, kind: &Kind) -> Vec<Value> {
    let transactions = 0..block.transactions.len();
    match kind {
        Kind::Heads => {
            let mut head = output::block(block, false);
            if let Some(fields) = head.as_object_mut() {
                for field in ["transactions", "uncles", "totalDifficulty", "size"] {
                    fields.remove(field);
                }
            }
            vec![head]
        }
        Kind::Logs(filter) => transactions
            .flat_map(|tx| (0..block.transactions[tx].logs.len()).map(move |log| (tx, log)))
            .filter(|(tx, log)| filter.matches(&block.transactions[*tx].logs[*log]))
            .map(|(tx, log)| output::log(block, tx, log))
            .collect(),
        Kind::Transactions(true) => transactions.map(|tx| output::transaction(block, tx)).collect(),
        Kind::Transactions(false) => block.transactions.iter().map(|tx| json!(tx.hash)).collect(),
    }
}

/// The two methods of subscriptions; `None` for any other name.
pub(super) fn call(
    server: &mut Server,
    method: &str,
    params: &Params,
    client: Option<&Sink>,
) -> Option<Result<Value, RpcError>> {
    let answer = match method {
        "eth_subscribe" => subscribe,
        "eth_unsubscribe" => unsubscribe,
        _ => return None,
    };
    Some(match client {
        Some(client) => answer(server, params, client),
        None => Err(RpcError::refused("notifications not supported: subscribe over WebSocket")),
    })
}

fn subscribe(server: &mut Server, params: &Params, client: &Sink) -> Result<Value, RpcError> {
    let kind = match params.at(0).as_str() {
        Some("newHeads") => Kind::Heads,
        Some("logs") => Kind::Logs(filters::log_filter(params.at(1))?),
        Some("newPendingTransactions") => Kind::Transactions(params.flag(1)?),
        Some(other) => {
            let name: String = other.chars().take(80).collect();
            return Err(RpcError::invalid_params(format!("no \"{name}\" subscription")));
        }
        None => return Err(RpcError::invalid_params("name a subscription")),
    };
    server.subscriptions.add(kind, client.clone())
}

fn unsubscribe(server: &mut Server, params: &Params, client: &Sink) -> Result<Value, RpcError> {
    let id = params.number(0)?;
    let open = &mut server.subscriptions.open;
    let own = open.get(&id).is_some_and(|subscription| subscription.client.same_channel(client));
    if !own {
        return Err(RpcError::refused("subscription not found"));
    }
    open.remove(&id);
    Ok(json!(true))
}
