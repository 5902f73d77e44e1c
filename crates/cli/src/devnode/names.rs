//! Names of contracts, functions and errors, from the interfaces and builds of this repository.

use std::{collections::HashMap, fs, path::Path};

use alloy::{
    dyn_abi::{DynSolValue, ErrorExt},
    hex,
    json_abi::{Error, JsonAbi},
    primitives::{Address, B256, Bytes, Selector, keccak256},
    sol_types::{Panic, Revert, SolError},
};
use anyhow::Result;
use plimsoll_devnode::{chain::block::Mined, precompiles as arb};
use plimsoll_harness::{setup, workspace};
use serde_json::Value;

use super::line::Explained;

/// What is known by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    contracts: HashMap<Address, String>,
    /// Contracts by the hash of their code.
    by_code: HashMap<B256, String>,
    /// Init codes without constructor arguments.
    by_init_code: Vec<(Bytes, String)>,
    functions: HashMap<Selector, String>,
    errors: HashMap<Selector, Error>,
}

impl Names {
    /// The precompiles, and what the repository of this build holds. Outside of it only the precompiles have names.
    pub(super) fn load() -> Self {
        let mut names = Self::default();
        names.precompiles();
        // Names are a comfort: a repository that is not there, or not whole, takes nothing but names away.
        let _ = names.repository();
        names
    }

    fn precompiles(&mut self) {
        use arb::abi::{
            ArbAggregator::ArbAggregatorCalls, ArbDebug::ArbDebugCalls, ArbGasInfo::ArbGasInfoCalls,
            ArbInfo::ArbInfoCalls, ArbOwner::ArbOwnerCalls, ArbOwnerPublic::ArbOwnerPublicCalls,
            ArbSys::ArbSysCalls, ArbWasm::ArbWasmCalls, ArbWasmCache::ArbWasmCacheCalls,
        };
        for (name, address) in [
            ("ArbSys", arb::ARB_SYS),
            ("ArbInfo", arb::ARB_INFO),
            ("ArbosTest", arb::ARBOS_TEST),
            ("ArbOwnerPublic", arb::ARB_OWNER_PUBLIC),
            ("ArbGasInfo", arb::ARB_GAS_INFO),
            ("ArbAggregator", arb::ARB_AGGREGATOR),
            ("ArbOwner", arb::ARB_OWNER),
            ("ArbWasm", arb::ARB_WASM),
            ("ArbWasmCache", arb::ARB_WASM_CACHE),
            ("ArbDebug", arb::ARB_DEBUG),
            ("CREATE2 factory", setup::CREATE2_FACTORY),
            ("StylusDeployer", setup::STYLUS_DEPLOYER),
        ] {
            self.know(address, name);
        }
        for (selectors, signatures) in [
            (ArbSysCalls::SELECTORS, ArbSysCalls::SIGNATURES),
            (ArbInfoCalls::SELECTORS, ArbInfoCalls::SIGNATURES),
            (ArbOwnerPublicCalls::SELECTORS, ArbOwnerPublicCalls::SIGNATURES),
            (ArbGasInfoCalls::SELECTORS, ArbGasInfoCalls::SIGNATURES),
            (ArbAggregatorCalls::SELECTORS, ArbAggregatorCalls::SIGNATURES),
            (ArbOwnerCalls::SELECTORS, ArbOwnerCalls::SIGNATURES),
            (ArbWasmCalls::SELECTORS, ArbWasmCalls::SIGNATURES),
            (ArbWasmCacheCalls::SELECTORS, ArbWasmCacheCalls::SIGNATURES),
            (ArbDebugCalls::SELECTORS, ArbDebugCalls::SIGNATURES),
        ] {
            let name = |signature: &&str| signature.split('(').next().unwrap_or_default().to_owned();
            self.functions.extend(selectors.iter().map(Selector::from).zip(signatures.iter().map(name)));
        }
        for text in [
            "error ProgramNotWasm()",
            "error ProgramNotActivated()",
            "error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion)",
            "error ProgramExpired(uint64 ageInSeconds)",
            "error ProgramUpToDate()",
            "error ProgramKeepaliveTooSoon(uint64 ageInSeconds)",
            "error ProgramInsufficientValue(uint256 have, uint256 want)",
        ] {
            if let Ok(error) = Error::parse(text) {
                self.errors.insert(error.selector(), error);
            }
        }
    }

    fn repository(&mut self) -> Result<()> {
        let root = workspace::root()?;
        for folder in ["tests/solidity/artifacts", "tests/solidity/prebuilt", "abi/json"] {
            for file in fs::read_dir(root.join(folder))? {
                self.artifact(&fs::read_to_string(file?.path())?);
            }
        }
        for file in fs::read_dir(workspace::target_dir()?.join("plimsoll/programs"))? {
            self.program(&file?.path())?;
        }
        Ok(())
    }

    /// An ABI alone, or one with its contract's name and code.
    fn artifact(&mut self, text: &str) {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return };
        let abi = value.get("abi").unwrap_or(&value);
        if let Ok(abi) = serde_json::from_value::<JsonAbi>(abi.clone()) {
            self.functions
                .extend(abi.functions().map(|function| (function.selector(), function.name.clone())));
            self.errors.extend(abi.errors().map(|error| (error.selector(), error.clone())));
        }
        let Some(name) = value["contractName"].as_str() else { return };
        let code = |field: &str| value[field].as_str().and_then(|text| hex::decode(text).ok());
        if let Some(code) = code("deployedBytecode").filter(|code| !code.is_empty()) {
            self.by_code.insert(keccak256(code), name.to_owned());
        }
        if let Some(code) = code("bytecode").filter(|code| !code.is_empty()) {
            self.by_init_code.push((code.into(), name.to_owned()));
        }
    }

    /// A stored build, `PACKAGE-DIGEST.code`.
    fn program(&mut self, file: &Path) -> Result<()> {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        if file.extension().is_some_and(|extension| extension == "code")
            && let Some((package, _)) = stem.and_then(|stem| stem.rsplit_once('-'))
        {
            self.by_code.insert(keccak256(fs::read(file)?), package.to_owned());
        }
        Ok(())
    }

    /// Gives an address a name.
    pub(super) fn know(&mut self, address: Address, name: &str) {
        self.contracts.insert(address, name.to_owned());
    }

    /// Learns the names of what a transaction called or created.
    pub(super) fn learn(&mut self, tx: &Mined, explained: &Explained) {
        if let (Some(to), Some(name)) = (tx.to(), self.by_code.get(&explained.code_hash)) {
            let name = name.clone();
            self.contracts.entry(to).or_insert(name);
        }
        for (address, init_code, code_hash) in &explained.creations {
            let by_init = || self.by_init_code.iter().find(|(code, _)| init_code.starts_with(code));
            let name = self.by_code.get(code_hash).or_else(|| by_init().map(|(_, name)| name));
            if let Some(name) = name.cloned() {
                self.contracts.entry(*address).or_insert(name);
            }
        }
    }

    /// A contract's name, or its address cut short.
    pub(super) fn contract(&self, address: Address) -> String {
        self.contracts.get(&address).cloned().unwrap_or_else(|| short(address))
    }

    /// The function that calldata asks for, or its selector.
    pub(super) fn function(&self, calldata: &[u8]) -> String {
        match calldata.first_chunk::<4>() {
            None => String::new(),
            Some(selector) => match self.functions.get(selector) {
                Some(name) => format!(".{name}"),
                None => format!(".{}", hex::encode_prefixed(selector)),
            },
        }
    }

    /// Revert data in words.
    pub(super) fn revert(&self, data: &[u8]) -> String {
        if data.is_empty() {
            return "reverted without data".into();
        }
        if let Ok(revert) = Revert::abi_decode(data) {
            return format!("{:?}", revert.reason);
        }
        if let Ok(panic) = Panic::abi_decode(data) {
            return panic.to_string();
        }
        let known = data.first_chunk::<4>().and_then(|selector| self.errors.get(selector));
        match known.and_then(|error| Some((error, error.decode_error(data).ok()?))) {
            Some((error, decoded)) => {
                let names = error.inputs.iter().map(|input| input.name.as_str());
                let values: Vec<String> =
                    names.zip(&decoded.body).map(|(name, value)| format!("{name} {}", show(value))).collect();
                format!("{}({})", error.name, values.join(", "))
            }
            None => hex::encode_prefixed(data),
        }
    }
}

/// An address cut short.
pub(super) fn short(address: Address) -> String {
    let text = address.to_string();
    format!("{}..{}", &text[..6], &text[38..])
}

fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(value) => value.to_string(),
        DynSolValue::Int(value, _) => value.to_string(),
        DynSolValue::Uint(value, _) => value.to_string(),
        DynSolValue::Address(value) => value.to_string(),
        DynSolValue::FixedBytes(value, size) => hex::encode_prefixed(&value[..*size]),
        DynSolValue::Bytes(value) => hex::encode_prefixed(value),
        DynSolValue::String(value) => format!("{value:?}"),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::sol_types::SolCall;
    use plimsoll_harness::bindings::IPlimsoll;

    #[test]
    fn functions_of_the_engine_and_of_precompiles_have_names() {
        let names = Names::load();
        assert_eq!(names.function(&IPlimsoll::settleCall { fills: vec![] }.abi_encode()), ".settle");
        assert_eq!(names.function(&arb::abi::ArbWasm::inkPriceCall {}.abi_encode()), ".inkPrice");
        assert_eq!(names.function(&[1, 2, 3, 4, 5]), ".0x01020304");
        assert_eq!(names.function(&[]), "");
        assert_eq!(names.contract(arb::ARB_WASM), "ArbWasm");
        assert_eq!(names.contract(Address::repeat_byte(0xab)), "0xABaB..ABaB");
    }

    #[test]
    fn reverts_are_decoded() {
        let names = Names::load();
        let error = IPlimsoll::InsufficientMargin { account: B256::repeat_byte(1), equity: -5, initial: 7 };
        let text = names.revert(&error.abi_encode());
        assert!(text.starts_with("InsufficientMargin(account 0x0101"), "{text}");
        assert!(text.ends_with("equity -5, initial 7)"), "{text}");
        assert_eq!(names.revert(&Revert::from("no").abi_encode()), "\"no\"");
        assert_eq!(names.revert(&[]), "reverted without data");
        assert_eq!(names.revert(&[1, 2, 3]), "0x010203");
    }
}
