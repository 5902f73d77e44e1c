//! A profile added up: by kind of cost, by host function, by function.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use plimsoll_harness::gas::{GasProfile, Place};

/// What a place used over the whole transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// How often it was called.
    pub(crate) calls: u64,
    /// Ink spent there and in no callee.
    pub(crate) own: i64,
    /// The same with all callees; a recursion counts once.
    pub(crate) total: i64,
}

/// A profile added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// Before anything ran.
    pub(crate) intrinsic: Used,
    /// Memory and preparation of programs.
    pub(crate) starts: Used,
    /// Instructions of programs.
    pub(crate) functions: Used,
    /// Host functions, without the frames that they called.
    pub(crate) hosts: Used,
    /// EVM code, precompiles, accounts without code.
    pub(crate) evm: Used,
    /// What frames of programs used in no function.
    pub(crate) rest: Used,
    /// By name.
    pub(crate) by_host: BTreeMap<String, Used>,
    /// By code and index.
    pub(crate) by_function: BTreeMap<(B256, u32), Used>,
    /// Frames by code: programs and others.
    pub(crate) by_code: BTreeMap<B256, Used>,
}

impl Used {
    const fn add(&mut self, calls: u64, own: i64, total: i64) {
        self.calls += calls;
        self.own += own;
        self.total += total;
    }
}

impl Sums {
    /// Adds a profile up.
    pub(crate) fn of(profile: &GasProfile) -> Self {
        let totals = profile.totals();
        let mut sums = Self::default();
        for (index, node) in profile.nodes.iter().enumerate() {
            let (calls, own) = (node.calls, node.ink);
            let code = |index| profile.code_of(index).map(|(_, hash)| hash).unwrap_or_default();
            // counted with the outermost of its kind on this path already
            let again = profile.path(index).skip(1).any(|above| {
                profile.nodes[above].place == node.place
                    && (code(above) == code(index) || !matches!(node.place, Place::Function { .. }))
            });
            let total = if again { 0 } else { totals[index] };
            let kind = match &node.place {
                Place::Transaction => &mut sums.rest,
                Place::Intrinsic => &mut sums.intrinsic,
                Place::Start => &mut sums.starts,
                Place::Frame { program, code_hash, .. } => {
                    sums.by_code.entry(*code_hash).or_default().add(calls, own, total);
                    if *program { &mut sums.rest } else { &mut sums.evm }
                }
                Place::Function { index: function, .. } => {
                    let key = (code(index), *function);
                    sums.by_function.entry(key).or_default().add(calls, own, total);
                    &mut sums.functions
                }
                Place::Host { name } => {
                    sums.by_host.entry(name.clone()).or_default().add(calls, own, total);
                    &mut sums.hosts
                }
            };
            kind.add(calls, own, total);
        }
        sums
    }
}
