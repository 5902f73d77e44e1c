//! The gas of recorded transactions, as the reference meter gave it.

mod common;

use alloy_primitives::{Bytes, hex};
use common::*;
use serde_json::Value;
use std::path::PathBuf;

fn shared() -> Option<PathBuf> {
    let here = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PLIMSOLL_SHARED").map_or_else(here, PathBuf::from).join("data/stylus");
    folder.join("meter.json").is_file().then_some(folder)
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
    assert!(!vectors.is_empty());
    let mut chain = chain();
    let mut deployed = std::collections::HashMap::new();
    for vector in vectors {
        let name = vector["program"].as_str().unwrap();
        let program = *deployed.entry(name.to_owned()).or_insert_with(|| {
            let wasm = std::fs::read(folder.join(format!("{name}.wasm"))).unwrap();
            let at = deploy(&mut chain, &stylus_vm::code::compress(&wasm));
            let tx = activate(&mut chain, at);
            assert!(tx.success, "{name}: {:?}", tx.halt);
            cache(&mut chain, at);
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
