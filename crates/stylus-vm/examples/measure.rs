//! Times a module: `measure MODULE.wasm [CALLDATA] [OUT.wasm]` prints medians and writes the instrumented module.

use std::{env, fs, time::Instant};

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use stylus_vm::{
    Call, Config, EvmData, Host, HostError, Program,
    host::{CallOutcome, CallRequest, CreateOutcome, CreateRequest},
    instrumented_wasm,
};

/// An empty chain.
struct Nowhere;

impl Host for Nowhere {
    fn storage_load(&mut self, _: B256) -> (B256, u64) {
        (B256::ZERO, 2_100)
    }

    fn storage_store(&mut self, words: &[(B256, B256)], _: u64) -> Result<u64, HostError> {
        Ok(22_100 * words.len() as u64)
    }

    fn transient_load(&mut self, _: B256) -> B256 {
        B256::ZERO
    }

    fn transient_store(&mut self, _: B256, _: B256) -> Result<(), HostError> {
        Ok(())
    }

    fn call(&mut self, _: CallRequest) -> CallOutcome {
        CallOutcome { success: true, gas_cost: 2_600, return_data: Bytes::new() }
    }

    fn create(&mut self, _: CreateRequest) -> Result<CreateOutcome, HostError> {
        Ok(CreateOutcome { address: None, gas_cost: 32_000, return_data: Bytes::new() })
    }

    fn emit_log(&mut self, _: Vec<B256>, _: Bytes) -> Result<(), HostError> {
        Ok(())
    }

    fn account_balance(&mut self, _: Address) -> (U256, u64) {
        (U256::ZERO, 2_600)
    }

    fn account_code(&mut self, _: Address) -> (Bytes, u64) {
        (Bytes::new(), 2_600)
    }

    fn account_codehash(&mut self, _: Address) -> (B256, u64) {
        (B256::ZERO, 2_600)
    }

    fn add_pages(&mut self, _: u16) -> u64 {
        0
    }
}

/// Median of so many runs, microseconds.
fn median(times: usize, mut act: impl FnMut()) -> u128 {
    let mut all: Vec<u128> = (0..times)
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed().as_micros()
        })
        .collect();
    all.sort_unstable();
    all[times / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let wasm = fs::read(args.next().ok_or("a module is needed")?)?;
    let calldata = hex::decode(args.next().unwrap_or_default())?;
    let config = Config::default();
    let instrumented = instrumented_wasm(&wasm, &config)?;
    println!("module {} bytes, instrumented {}", wasm.len(), instrumented.len());
    println!("validate and instrument {} us", median(9, || drop(instrumented_wasm(&wasm, &config))));
    println!("the same and prepare the engine {} us", median(9, || drop(Program::compile(&wasm, &config))));
    let program = Program::compile(&wasm, &config)?;
    let data = EvmData::default();
    let gas = 1_000_000_000;
    let run = |calldata: &[u8]| {
        program.run(&mut Nowhere, &config, &data, Call { calldata, gas, starting_gas: gas })
    };
    let result = run(&calldata);
    println!("{:?}, {} gas", result.outcome, gas - result.gas_left);
    println!("run {} us", median(9, || drop(run(&calldata))));
    println!("run without calldata {} us", median(99, || drop(run(&[]))));
    if let Some(out) = args.next() {
        fs::write(out, instrumented)?;
    }
    Ok(())
}
