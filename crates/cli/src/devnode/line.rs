//! One transaction in one line.

use alloy::{
    consensus::Transaction as _,
    primitives::{Address, B256, Bytes},
};
use plimsoll_devnode::{
    Chain,
    chain::{BlockRef, block::Mined},
    config::DEV_ADDRESS,
    trace::GasSplit,
};

use super::names::{Names, short};
use crate::figures::grouped;

/// What a second run of a transaction shows.
#[derive(Debug)]
pub(super) struct Explained {
    /// Gas by purpose.
    pub(super) split: GasSplit,
    /// Hash of the callee's code.
    pub(super) code_hash: B256,
    /// What was created: address, init code, hash of the code.
    pub(super) creations: Vec<(Address, Bytes, B256)>,
}

/// Runs a mined transaction again to see where its gas went.
pub(super) fn explain(chain: &Chain, hash: B256, to: Option<Address>) -> Option<Explained> {
    let (split, tracer) = chain.explain(hash).ok()?;
    let view = chain.view(BlockRef::Latest).ok()?;
    let code_hash = |address| view.account(address).unwrap_or_default().code_hash;
    let creations = tracer.creations();
    let creations = creations.into_iter().map(|(at, init)| (at, init, code_hash(at))).collect();
    Some(Explained { split, code_hash: to.map(code_hash).unwrap_or_default(), creations })
}

/// Block, outcome, who called what, gas by purpose, and why it failed if it did.
pub(super) fn line(block: u64, tx: &Mined, explained: &Explained, names: &Names) -> String {
    let from = if tx.sender == DEV_ADDRESS { "developer".to_owned() } else { short(tx.sender) };
    let what = match (tx.to(), tx.created) {
        (Some(to), _) => format!("{}{}", names.contract(to), names.function(tx.envelope.input())),
        (None, Some(created)) => format!("creates {} at {}", names.contract(created), short(created)),
        (None, None) => "creates nothing".to_owned(),
    };
    let GasSplit { intrinsic, compute, storage, calls, refund } = explained.split;
    let refund = if refund == 0 { String::new() } else { format!(" - {} refund", grouped(refund.into())) };
    let mut line = format!(
        "{block:>5} {} {from} {what}  {} gas = {} base + {} compute + {} storage + {} calls{refund}  {}",
        if tx.success { "ok  " } else { "FAIL" },
        grouped(tx.gas_used.into()),
        grouped(intrinsic.into()),
        grouped(compute.into()),
        grouped(storage.into()),
        grouped(calls.into()),
        tx.hash,
    );
    if !tx.success {
        line += "\n           ";
        line += &tx.halt.clone().unwrap_or_else(|| names.revert(&tx.output));
    }
    line
}
