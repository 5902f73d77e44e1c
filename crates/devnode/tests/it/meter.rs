//! The gas of recorded transactions, as the reference meter gave it.

use crate::common::*;
use alloy_primitives::{Address, Bytes, hex};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::precompiles::abi::{ArbDebug, ArbOwner, ArbWasmCache};
use plimsoll_devnode::precompiles::{ARB_DEBUG, ARB_OWNER, ARB_WASM_CACHE};
use serde_json::Value;
use std::path::PathBuf;

fn shared() -> Option<PathBuf> {
    let here = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PLIMSOLL_SHARED").map_or_else(here, PathBuf::from).join("data/stylus");
    folder.join("meter.json").is_file().then_some(folder)
}

/// A contract that the chain owner makes a cache manager; as Nitro's CacheManager does, it calls `ArbWasmCache` for others.
fn cache_manager(chain: &mut Chain) -> Address {
    let manager = deploy(chain, &evm_forwarder(CALL));
    assert!(send(chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0).success);
    let data = ArbOwner::addWasmCacheManagerCall { manager }.abi_encode();
    assert!(send(chain, Some(ARB_OWNER), data, 0).success);
    manager
}

/// Pins a program through the manager, and looks that it is pinned.
fn pin(chain: &mut Chain, manager: Address, program: Address) {
    let data = ArbWasmCache::cacheProgramCall { addr: program }.abi_encode();
    let tx = send(chain, Some(manager), forward_evm(ARB_WASM_CACHE, &data), 0);
    assert!(tx.success, "{:?}", tx.halt);
    let event = ArbWasmCache::UpdateProgramCache::decode_log(&tx.logs[0]).unwrap();
    assert_eq!((event.manager, event.cached), (manager, true));
    let code = chain.view(BlockRef::Latest).unwrap().code(program);
    assert_eq!(event.codehash, alloy_primitives::keccak256(code));
    let data = ArbWasmCache::codehashIsCachedCall { codehash: event.codehash }.abi_encode();
    assert_eq!(call(chain, ARB_WASM_CACHE, data).unwrap(), Bytes::from(true.abi_encode()));
}

#[test]
fn meter_vectors_exact_through_transactions() {
    let Some(folder) = shared() else {
        eprintln!("SKIPPED: the recorded transactions are not here; PLIMSOLL_SHARED may name their folder");
        return;
    };
    let text = std::fs::read_to_string(folder.join("meter.json")).unwrap();
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let vectors = recorded["vectors"].as_array().unwrap();
    let of = |program: &str| vectors.iter().filter(|vector| vector["program"] == program).count();
    assert!(of("ops") > 0 && of("scan") > 0, "both programs are recorded");
    let mut chain = chain();
    let manager = cache_manager(&mut chain);
    let mut deployed = std::collections::HashMap::new();
    for vector in vectors {
        let name = vector["program"].as_str().unwrap();
        let program = *deployed.entry(name.to_owned()).or_insert_with(|| {
            let wasm = std::fs::read(folder.join(format!("{name}.wasm"))).unwrap();
            let at = deploy(&mut chain, &stylus_vm::code::compress(&wasm));
            let tx = activate(&mut chain, at);
            assert!(tx.success, "{name}: {:?}", tx.halt);
            pin(&mut chain, manager, at);
            at
        });
        let calldata = hex::decode(vector["calldata"].as_str().unwrap()).unwrap();
        let output: Bytes = vector["output"].as_str().unwrap().parse().unwrap();
        let tx = send(&mut chain, Some(program), calldata.clone(), 0);
        assert_eq!(tx.output, output, "{name} {}", hex::encode(&calldata));
        assert_eq!(Some(tx.gas_used), vector["gas_used"].as_u64(), "{name} {}", hex::encode(&calldata));
        assert_eq!(u64::from(tx.success), vector["status"].as_u64().unwrap());
    }
}
