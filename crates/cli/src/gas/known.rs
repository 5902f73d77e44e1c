//! What the programs of a profile are called, and their functions.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256};
use anyhow::Result;
use plimsoll_harness::{
    chain::Chain,
    gas::{GasProfile, Place},
    names::{NamedModule, Names, readable},
};

/// Names by hash of the code.
#[derive(Debug, Default)]
pub(crate) struct Known {
    programs: BTreeMap<B256, Names>,
}

impl Known {
    /// Looks up every program of a profile: among the modules given, then among the contracts built here.
    pub(crate) async fn find(chain: &Chain, profile: &GasProfile, modules: &[NamedModule]) -> Result<Self> {
        let mut codes = BTreeSet::new();
        for node in &profile.nodes {
            if let Place::Frame { address: Some(address), code_hash, program: true, .. } = &node.place {
                codes.insert((*code_hash, *address));
            }
        }
        let mut programs = BTreeMap::new();
        for (code_hash, address) in codes {
            if programs.contains_key(&code_hash) {
                continue;
            }
            let mut names = None;
            if !modules.is_empty() {
                let code = chain.code(address).await?;
                names = modules.iter().find_map(|module| module.names_of(&code)).cloned();
            }
            // the repository that this was built from may be gone, which is no reason to fail
            if let Some(names) = names.or_else(|| Names::stored(code_hash).ok().flatten()) {
                programs.insert(code_hash, names);
            }
        }
        Ok(Self { programs })
    }

    /// Puts names into the profile, and makes those that the deployed code has readable.
    pub(crate) fn name(&self, profile: &mut GasProfile) {
        for index in 0..profile.nodes.len() {
            let code = profile.code_of(index).map(|(_, hash)| hash);
            let names = code.and_then(|hash| self.programs.get(&hash));
            if let Place::Function { index, name } = &mut profile.nodes[index].place {
                let known = names.and_then(|names| names.functions.get(index));
                *name = known.cloned().or_else(|| name.as_deref().map(readable));
            }
        }
    }

    /// What a contract is called: its package, or its address in short.
    pub(crate) fn contract(&self, address: Option<Address>, code_hash: B256) -> String {
        match (self.programs.get(&code_hash), address) {
            (Some(names), _) => names.program.clone(),
            (None, Some(address)) => {
                let text = address.to_string();
                format!("{}…{}", &text[..6], &text[text.len() - 4..])
            }
            (None, None) => "no contract".to_owned(),
        }
    }
}

/// A function by its name or its index.
pub(crate) fn function(index: u32, name: Option<&str>) -> String {
    name.map_or_else(|| format!("func[{index}]"), str::to_owned)
}
