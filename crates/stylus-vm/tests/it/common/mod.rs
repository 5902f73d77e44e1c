//! A chain in memory for tests, and short ways to build and run programs.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{HashMap, HashSet};

use alloy_primitives::{Address, B256, Bytes, U256, address};
use stylus_vm::{
    Call, Config, Error, EvmData, Host, HostError, Program, RunResult,
    host::{CallKind, CallOutcome, CallRequest, CreateOutcome, CreateRequest},
    memory_model, pricing,
    profile::Profile,
};

/// Account that runs the program under test.
pub(crate) const ACTING: Address = address!("a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
/// Account with code, cold.
pub(crate) const OTHER: Address = address!("b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2");
/// Account that is warm from the start.
pub(crate) const WARM: Address = address!("c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3");

/// One line of a trace.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub(crate) name: &'static str,
    pub(crate) args: Vec<u8>,
    pub(crate) outs: Vec<u8>,
    pub(crate) ink: u64,
}

/// Answers like an EVM chain would, without one.
#[derive(Default)]
pub(crate) struct TestHost {
    pub(crate) storage: HashMap<B256, B256>,
    pub(crate) original: HashMap<B256, B256>,
    pub(crate) transient: HashMap<B256, B256>,
    pub(crate) warm_slots: HashSet<B256>,
    pub(crate) warm_accounts: HashSet<Address>,
    pub(crate) codes: HashMap<Address, Bytes>,
    pub(crate) balances: HashMap<Address, U256>,
    pub(crate) logs: Vec<(Vec<B256>, Bytes)>,
    pub(crate) is_static: bool,
    pub(crate) open_pages: u16,
    pub(crate) ever_pages: u16,
    pub(crate) calls: Vec<CallRequest>,
    pub(crate) creates: Vec<CreateRequest>,
    pub(crate) traces: Vec<Traced>,
    pub(crate) lines: Vec<String>,
    /// What a call answers: success, gas burned by the callee, return data.
    pub(crate) answer: (bool, u64, Bytes),
    /// Programs that calls run.
    pub(crate) programs: HashMap<Address, (Program, Config)>,
    /// Native stack position at each nested call.
    pub(crate) stack_marks: Vec<usize>,
    /// Account created next.
    pub(crate) created: Option<Address>,
    /// The profile that runs add to.
    pub(crate) profile: Option<Profile>,
}

impl TestHost {
    pub(crate) fn new() -> Self {
        let mut host = Self { answer: (true, 0, Bytes::new()), ..Self::default() };
        host.warm_accounts.insert(WARM);
        host
    }

    fn touch(&mut self, address: Address) -> u64 {
        if self.warm_accounts.insert(address) { 2_600 } else { 100 }
    }

    /// Traces of one host function.
    pub(crate) fn traced(&self, name: &str) -> Vec<Traced> {
        self.traces.iter().filter(|line| line.name == name).cloned().collect()
    }
}

impl Host for TestHost {
    fn storage_load(&mut self, key: B256) -> (B256, u64) {
        let gas = if self.warm_slots.insert(key) { 2_100 } else { 100 };
        (self.storage.get(&key).copied().unwrap_or_default(), gas)
    }

    fn storage_store(&mut self, words: &[(B256, B256)], gas_left: u64) -> Result<u64, HostError> {
        if self.is_static {
            return Err(HostError::Failure);
        }
        let mut total = 0;
        for (key, value) in words {
            let current = self.storage.get(key).copied().unwrap_or_default();
            let original = self.original.get(key).copied().unwrap_or_default();
            // EIP-2929 and EIP-2200, without refunds
            let mut gas = if self.warm_slots.insert(*key) { 2_100 } else { 0 };
            gas += match () {
                () if current == *value || current != original => 100,
                () if original.is_zero() => 20_000,
                () => 2_900,
            };
            total += gas;
            if total > gas_left {
                return Err(HostError::OutOfGas);
            }
            self.storage.insert(*key, *value);
        }
        Ok(total)
    }

    fn transient_load(&mut self, key: B256) -> B256 {
        self.transient.get(&key).copied().unwrap_or_default()
    }

    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), HostError> {
        if self.is_static {
            return Err(HostError::Failure);
        }
        self.transient.insert(key, value);
        Ok(())
    }

    fn call(&mut self, request: CallRequest) -> CallOutcome {
        // the rule of `WasmCallCost`, without new accounts
        let value = !request.value.is_zero();
        let base = self.touch(request.to) + if value { 9_000 } else { 0 };
        let start = (request.gas_left - base.min(request.gas_left)) * 63 / 64;
        let mut gas = start.min(request.gas_request);
        if value {
            gas += 2_300;
        }
        self.stack_marks.push(std::ptr::from_ref(&value).addr());
        self.calls.push(request.clone());
        let (success, burned, return_data) = match self.programs.get(&request.to).cloned() {
            Some((program, config)) => {
                let data = EvmData { arbos_version: config.arbos_version, ..EvmData::default() };
                let call = Call { calldata: &request.data, gas, starting_gas: gas };
                let was = (self.is_static, self.open_pages);
                self.is_static |= request.kind == CallKind::Static;
                let result = program.run(self, &config, &data, call);
                (self.is_static, self.open_pages) = was;
                (result.outcome == stylus_vm::Outcome::Success, gas - result.gas_left, result.output)
            }
            None => self.answer.clone(),
        };
        CallOutcome { success, gas_cost: base + burned, return_data }
    }

    fn create(&mut self, request: CreateRequest) -> Result<CreateOutcome, HostError> {
        if self.is_static {
            return Err(HostError::Failure);
        }
        self.creates.push(request);
        Ok(CreateOutcome { address: self.created, gas_cost: 32_000, return_data: self.answer.2.clone() })
    }

    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), HostError> {
        if self.is_static {
            return Err(HostError::Failure);
        }
        self.logs.push((topics, data));
        Ok(())
    }

    fn account_balance(&mut self, address: Address) -> (U256, u64) {
        (self.balances.get(&address).copied().unwrap_or_default(), self.touch(address))
    }

    fn account_code(&mut self, address: Address) -> (Bytes, u64) {
        (self.codes.get(&address).cloned().unwrap_or_default(), self.touch(address))
    }

    fn account_codehash(&mut self, address: Address) -> (B256, u64) {
        let code = self.codes.get(&address).cloned().unwrap_or_default();
        (alloy_primitives::keccak256(code), self.touch(address))
    }

    fn add_pages(&mut self, pages: u16) -> u64 {
        let gas = memory_model::cost(pages, self.open_pages, self.ever_pages);
        self.open_pages = self.open_pages.saturating_add(pages);
        self.ever_pages = self.ever_pages.max(self.open_pages);
        gas
    }

    fn profile(&mut self) -> Option<&mut Profile> {
        self.profile.as_mut()
    }

    fn tracing(&self) -> bool {
        true
    }

    fn console(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn trace(&mut self, name: &'static str, args: &[u8], outs: &[u8], start_ink: u64, end_ink: u64) {
        self.traces.push(Traced { name, args: args.to_vec(), outs: outs.to_vec(), ink: start_ink - end_ink });
    }
}

/// Facts of frame and block with every value different.
pub(crate) fn evm_data() -> EvmData {
    EvmData {
        arbos_version: 51,
        block_basefee: U256::from(0x0102_0304),
        chain_id: 412_346,
        block_coinbase: address!("0101010101010101010101010101010101010101"),
        block_gas_limit: 1 << 50,
        block_number: 777,
        block_timestamp: 1_700_000_001,
        contract_address: ACTING,
        msg_sender: address!("0202020202020202020202020202020202020202"),
        msg_value: U256::from(1_000_000_007u64),
        tx_gas_price: U256::from(100_000_000u64),
        tx_origin: address!("0303030303030303030303030303030303030303"),
        reentrant: true,
    }
}

/// A module of WebAssembly text.
pub(crate) fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own module")
}

/// A program of WebAssembly text under the default parameters.
pub(crate) fn program(text: &str) -> Program {
    Program::activate(&wasm(text), &Config::default(), 0).expect("the test's own program")
}

/// The error of activating WebAssembly text.
pub(crate) fn activation_error(text: &str) -> Option<Error> {
    Program::activate(&wasm(text), &Config::default(), 0).err()
}

/// Runs a program with plenty of gas.
pub(crate) fn run(program: &Program, host: &mut TestHost, calldata: &[u8]) -> RunResult {
    run_gas(program, host, calldata, 1_000_000_000)
}

/// Runs a program with so much gas.
pub(crate) fn run_gas(program: &Program, host: &mut TestHost, calldata: &[u8], gas: u64) -> RunResult {
    program.run(host, &Config::default(), &evm_data(), Call { calldata, gas, starting_gas: gas })
}

/// Gas of calling a program that is cached, before it runs: the prepared program and its initial memory.
pub(crate) fn call_cost(program: &Program) -> u64 {
    let info = program.info();
    pricing::cached_gas(info.cached_cost, 11, 50) + memory_model::cost(info.footprint, 0, 0)
}

/// A module that imports some host functions, has a memory of one page and this entry point.
pub(crate) fn entry(imports: &str, body: &str) -> String {
    format!(
        r#"(module
            {imports}
            (import "vm_hooks" "pay_for_memory_grow" (func $pay_for_memory_grow (param i32)))
            (memory (export "memory") 1)
            (func (export "user_entrypoint") (param $len i32) (result i32) {body}))"#
    )
}
