//! The gas of real transactions, recorded by a chain that runs Nitro's own meter.

use std::path::PathBuf;

use crate::common::{TestHost, call_cost};
use alloy_primitives::hex;
use stylus_vm::{Call, Config, EvmData, Outcome, Program};

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let folder = root.join("data/stylus");
    if folder.join("meter.json").exists() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: no recorded gas here; PLIMSOLL_SHARED names the folder that holds data/stylus/meter.json"
    );
    None
}

/// Values of a string or number field, in order, from JSON of one field a line.
fn field<'a>(json: &'a str, name: &str) -> Vec<&'a str> {
    let key = format!("\"{name}\":");
    json.lines()
        .filter_map(|line| line.trim().strip_prefix(&key))
        .map(|value| value.trim().trim_end_matches(',').trim_matches('"'))
        .collect()
}

#[test]
fn execution_gas_of_recorded_transactions() {
    let Some(folder) = shared() else { return };
    let json = std::fs::read_to_string(folder.join("meter.json")).unwrap();
    let (programs, calldata) = (field(&json, "program"), field(&json, "calldata"));
    let (outputs, gas) = (field(&json, "output"), field(&json, "execution_gas"));
    assert!(programs.len() >= 13);
    assert!([calldata.len(), outputs.len(), gas.len()].iter().all(|len| *len == programs.len()));
    let mut wrong = Vec::new();
    for at in 0..programs.len() {
        let wasm = std::fs::read(folder.join(programs[at]).with_extension("wasm")).unwrap();
        let program = Program::activate(&wasm, &Config::default(), 0).unwrap();
        let budget = 30_000_000;
        let calldata = hex::decode(calldata[at]).unwrap();
        let before = budget - call_cost(&program);
        // a transaction straight to the program, without value
        let data = EvmData { arbos_version: 51, ..EvmData::default() };
        let call = Call { calldata: &calldata, gas: before, starting_gas: budget };
        let result = program.run(&mut TestHost::new(), &Config::default(), &data, call);
        assert_eq!(result.outcome, Outcome::Success);
        assert_eq!(hex::encode_prefixed(&result.output), outputs[at]);
        let used = budget - result.gas_left;
        if used.to_string() != gas[at] {
            wrong.push(format!("{} {}: {used} instead of {}", programs[at], hex::encode(&calldata), gas[at]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn text_and_binary_of_the_recorded_program_agree() {
    let Some(folder) = shared() else { return };
    let text = wat::parse_file(folder.join("ops.wat")).unwrap();
    let program = Program::activate(&text, &Config::default(), 0).unwrap();
    let binary =
        Program::activate(&std::fs::read(folder.join("ops.wasm")).unwrap(), &Config::default(), 0).unwrap();
    assert_eq!(program.info().footprint, binary.info().footprint);
    assert!(program.info().cached_cost.abs_diff(binary.info().cached_cost) <= 1);
}
