//! Where the gas of a transaction went, as a node with `inkProfiler` tells it.

use alloy::primitives::{Address, B256};
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::chain::Chain;

/// The tracer that this is the answer of.
pub const INK_PROFILER: &str = "inkProfiler";

/// The tree of places where a transaction spent ink.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GasProfile {
    /// Ink for one unit of gas.
    pub ink_price: u64,
    /// Gas of the receipt: what was spent less the refund.
    pub gas_used: u64,
    /// Gas given back for cleared storage.
    pub refund: u64,
    /// Gas spent. The ink of all nodes is this times the price.
    pub gas: u64,
    /// The tree; parents come before their children, the transaction is the first.
    pub nodes: Vec<Node>,
}

/// A place reached by one path of calls.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Node {
    /// Index of the node that called it.
    pub parent: Option<usize>,
    /// What it is.
    #[serde(flatten)]
    pub place: Place,
    /// How often it was called by this path.
    pub calls: u64,
    /// Ink spent here and in no callee.
    pub ink: i64,
}

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Place {
    /// The transaction as a whole.
    Transaction,
    /// What it costs before anything runs.
    Intrinsic,
    /// A call or creation.
    Frame {
        /// `CALL`, `DELEGATECALL`, `STATICCALL`, `CALLCODE` or `CREATE`.
        call: String,
        /// Whose code runs; `None` for a creation that failed.
        address: Option<Address>,
        /// Hash of that code.
        code_hash: B256,
        /// Whether it is a program; if not, EVM code, a precompile or no code at all.
        program: bool,
    },
    /// Memory and preparation of a program.
    Start,
    /// A function of the program of the frame around it.
    Function {
        /// Index among imports and local functions of the deployed module.
        index: u32,
        /// Name, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A host function.
    Host {
        /// Name.
        name: String,
    },
}

impl GasProfile {
    /// Asks a node to run a mined transaction again and say where its ink went.
    ///
    /// # Errors
    /// When the node does not know the transaction or the tracer, or answers what is no profile.
    pub async fn fetch(chain: &Chain, transaction: B256) -> Result<Self> {
        let question = (transaction, json!({ "tracer": INK_PROFILER }));
        let profile: Self = chain.request("debug_traceTransaction", question).await?;
        profile.check()?;
        Ok(profile)
    }

    /// The rules of the form, and that the parts make the whole.
    fn check(&self) -> Result<()> {
        for (index, node) in self.nodes.iter().enumerate() {
            let placed = node.parent.map_or(index == 0, |parent| parent < index);
            ensure!(placed, "node {index} of the profile stands before its parent");
        }
        ensure!(!self.nodes.is_empty(), "the profile is empty");
        let sum: i128 = self.nodes.iter().map(|node| i128::from(node.ink)).sum();
        let whole = i128::from(self.gas) * i128::from(self.ink_price);
        ensure!(sum == whole, "the profile adds up to {sum} ink, the transaction spent {whole}");
        Ok(())
    }

    /// Ink of each node and all below it.
    #[must_use]
    pub fn totals(&self) -> Vec<i64> {
        let mut totals: Vec<i64> = self.nodes.iter().map(|node| node.ink).collect();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                totals[parent] += totals[index];
            }
        }
        totals
    }

    /// The frame around a node, which is itself if it is one: its address and the hash of its code.
    #[must_use]
    pub fn code_of(&self, node: usize) -> Option<(Option<Address>, B256)> {
        self.path(node).find_map(|index| match &self.nodes[index].place {
            Place::Frame { address, code_hash, .. } => Some((*address, *code_hash)),
            _ => None,
        })
    }

    /// A node, its caller, and so on to the transaction.
    pub fn path(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node), |&index| self.nodes[index].parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(nodes: &str, gas: u64) -> GasProfile {
        let text = format!(r#"{{"inkPrice":10,"gasUsed":{gas},"refund":0,"gas":{gas},"nodes":{nodes}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    const NODES: &str = r#"[
        {"parent":null,"kind":"transaction","calls":1,"ink":0},
        {"parent":0,"kind":"frame","call":"CALL","address":"0x00000000000000000000000000000000000000aa",
         "codeHash":"0x0101010101010101010101010101010101010101010101010101010101010101","program":true,"calls":1,"ink":5},
        {"parent":1,"kind":"function","index":7,"name":"main","calls":2,"ink":12},
        {"parent":2,"kind":"host","name":"read_args","calls":2,"ink":23}]"#;

    #[test]
    fn totals_include_what_was_called() {
        let profile = profile(NODES, 4);
        profile.check().unwrap();
        assert_eq!(profile.totals(), [40, 40, 35, 23]);
        assert_eq!(profile.code_of(3), Some((Some(Address::with_last_byte(0xaa)), B256::repeat_byte(1))));
        assert_eq!(profile.code_of(0), None);
        assert_eq!(profile.nodes[2].place, Place::Function { index: 7, name: Some("main".into()) });
    }

    #[test]
    fn a_profile_that_does_not_add_up_is_refused() {
        assert!(profile(NODES, 5).check().unwrap_err().to_string().contains("adds up to 40 ink"));
        let twisted = NODES.replace("\"parent\":1", "\"parent\":2");
        assert!(profile(&twisted, 4).check().unwrap_err().to_string().contains("before its parent"));
        assert!(profile("[]", 0).check().is_err());
    }
}
