//! A host for native tests of contracts. It keeps storage, logs, time and callers; a test places precompiles and
//! modules at addresses; contracts can create data contracts.
//!
//! The SDK's own test host does not suffice: it answers every call with the last answer that it was given, and creates
//! only what it was told of before.

use std::{boxed::Box, cell::RefCell, collections::BTreeMap, rc::Rc, vec::Vec};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use stylus_sdk::{host::VM, prelude::*};

/// The entry of a program.
pub type Door = fn(Vec<u8>, VM) -> Result<Vec<u8>, Vec<u8>>;

/// A contract of the test's, which answers every call and may keep notes in the world.
pub type Precompile = fn(&mut World, &[u8]) -> Vec<u8>;

/// What the contract can see and change.
#[derive(Clone, Default)]
pub struct World {
    pub storage: BTreeMap<U256, B256>,
    pub logs: Vec<(Vec<B256>, Bytes)>,
    pub sender: Address,
    pub value: U256,
    pub now: u64,
    pub chain_id: u64,
    pub contract: Address,
    pub codes: BTreeMap<Address, Vec<u8>>,
    /// Whether creations fail.
    pub full: bool,
    /// What runs in the contract's storage when a module is called, by the module's address.
    pub modules: BTreeMap<Address, Door>,
    /// What answers a call, by address; a call of anyone else fails.
    pub precompiles: BTreeMap<Address, Precompile>,
    /// What those contracts keep.
    pub notes: BTreeMap<B256, U256>,
    answer: Vec<u8>,
}

#[derive(Clone, Default)]
pub struct TestHost(pub Rc<RefCell<World>>);

impl TestHost {
    /// The same world, changed apart from this one.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    pub fn vm(&self) -> VM {
        VM { host: Box::new(self.clone()) }
    }
}

impl Host for TestHost {}

impl CryptographyAccess for TestHost {
    fn native_keccak256(&self, input: &[u8]) -> B256 {
        keccak256(input)
    }
}

impl CalldataAccess for TestHost {
    fn read_args(&self, _len: usize) -> Vec<u8> {
        panic!("the tests hand the input over")
    }
    fn read_return_data(&self, offset: usize, size: Option<usize>) -> Vec<u8> {
        let world = self.0.borrow();
        let data = world.answer.iter().skip(offset);
        data.take(size.unwrap_or(usize::MAX)).copied().collect()
    }
    fn return_data_size(&self) -> usize {
        self.0.borrow().answer.len()
    }
    fn write_result(&self, _data: &[u8]) {
        panic!("the tests take the result")
    }
}

// SAFETY: the pointers come from the SDK's `RawDeploy`, which takes them from slices and references.
unsafe impl UnsafeDeploymentAccess for TestHost {
    unsafe fn create1(
        &self,
        code: *const u8,
        length: usize,
        _endowment: *const u8,
        created: *mut u8,
        revert_length: *mut usize,
    ) {
        let mut world = self.0.borrow_mut();
        // SAFETY: see above.
        let (code, created) = unsafe {
            (std::slice::from_raw_parts(code, length), std::slice::from_raw_parts_mut(created, 20))
        };
        // SAFETY: see above.
        unsafe { *revert_length = 0 };
        if world.full {
            return created.fill(0);
        }
        // Any address that nobody else has will do.
        let salt = B256::with_last_byte(world.codes.len() as u8 + 1);
        let address = world.contract.create2(salt, keccak256(code));
        world.codes.insert(address, run(code));
        created.copy_from_slice(address.as_slice());
    }
    unsafe fn create2(&self, _: *const u8, _: usize, _: *const u8, _: *const u8, _: *mut u8, _: *mut usize) {
        panic!("contracts create by nonce")
    }
}

/// What init code returns, run by the few instructions that it has.
fn run(code: &[u8]) -> Vec<u8> {
    let (mut at, mut stack, mut memory) = (0, Vec::new(), Vec::new());
    loop {
        let instruction = code[at];
        at += 1;
        match instruction {
            0x60 | 0x61 => {
                let width = usize::from(instruction - 0x5f);
                stack.push(code[at..at + width].iter().fold(0, |x, byte| x << 8 | usize::from(*byte)));
                at += width;
            }
            0x80 => stack.push(stack[stack.len() - 1]),
            0x3d => stack.push(0),
            0x39 => {
                let [to, from, length] = [(); 3].map(|()| stack.pop().unwrap());
                memory.resize(to + length, 0);
                memory[to..].copy_from_slice(&code[from..from + length]);
            }
            0xf3 => {
                let [from, length] = [(); 2].map(|()| stack.pop().unwrap());
                return memory[from..from + length].to_vec();
            }
            other => panic!("instruction {other:#x}"),
        }
    }
}

impl StorageAccess for TestHost {
    fn storage_load_bytes32(&self, key: U256) -> B256 {
        self.0.borrow().storage.get(&key).copied().unwrap_or_default()
    }
    unsafe fn storage_cache_bytes32(&self, key: U256, value: B256) {
        let storage = &mut self.0.borrow_mut().storage;
        match value.is_zero() {
            true => storage.remove(&key),
            false => storage.insert(key, value),
        };
    }
    fn flush_cache(&self, _clear: bool) {}
}

// SAFETY: the pointers come from the SDK's `RawCall`, which takes them from an address and a slice.
unsafe impl UnsafeCallAccess for TestHost {
    unsafe fn call_contract(
        &self,
        to: *const u8,
        data: *const u8,
        data_len: usize,
        _value: *const u8,
        gas: u64,
        outs_len: &mut usize,
    ) -> u8 {
        // SAFETY: as the caller says.
        unsafe { self.static_call_contract(to, data, data_len, gas, outs_len) }
    }
    unsafe fn static_call_contract(
        &self,
        to: *const u8,
        data: *const u8,
        data_len: usize,
        _gas: u64,
        outs_len: &mut usize,
    ) -> u8 {
        // SAFETY: see above.
        let (to, input) =
            unsafe { (std::slice::from_raw_parts(to, 20), std::slice::from_raw_parts(data, data_len)) };
        let precompile = self.0.borrow().precompiles.get(&Address::from_slice(to)).copied();
        let answer = precompile.map(|precompile| precompile(&mut self.0.borrow_mut(), input));
        let failed = answer.is_none();
        let answer = answer.unwrap_or_default();
        *outs_len = answer.len();
        self.0.borrow_mut().answer = answer;
        u8::from(failed)
    }
    unsafe fn delegate_call_contract(
        &self,
        to: *const u8,
        data: *const u8,
        data_len: usize,
        _gas: u64,
        outs_len: &mut usize,
    ) -> u8 {
        // SAFETY: see above.
        let (to, input) =
            unsafe { (std::slice::from_raw_parts(to, 20), std::slice::from_raw_parts(data, data_len)) };
        let module = self.0.borrow().modules.get(&Address::from_slice(to)).copied();
        let module = module.expect("a module that the test has placed");
        let result = module(input.to_vec(), self.vm());
        let failed = result.is_err();
        let answer = result.unwrap_or_else(|data| data);
        *outs_len = answer.len();
        self.0.borrow_mut().answer = answer;
        u8::from(failed)
    }
}

impl BlockAccess for TestHost {
    fn block_basefee(&self) -> U256 {
        U256::ZERO
    }
    fn block_coinbase(&self) -> Address {
        Address::ZERO
    }
    fn block_number(&self) -> u64 {
        0
    }
    fn block_timestamp(&self) -> u64 {
        self.0.borrow().now
    }
    fn block_gas_limit(&self) -> u64 {
        0
    }
}

impl ChainAccess for TestHost {
    fn chain_id(&self) -> u64 {
        self.0.borrow().chain_id
    }
}

impl AccountAccess for TestHost {
    fn balance(&self, _: Address) -> U256 {
        U256::ZERO
    }
    fn contract_address(&self) -> Address {
        self.0.borrow().contract
    }
    fn code(&self, address: Address) -> Vec<u8> {
        self.0.borrow().codes.get(&address).cloned().unwrap_or_default()
    }
    fn code_size(&self, address: Address) -> usize {
        // A module has code, of whatever size, and so has whatever answers calls.
        let world = self.0.borrow();
        let placed = world.modules.contains_key(&address) || world.precompiles.contains_key(&address);
        drop(world);
        if placed { 1 } else { self.code(address).len() }
    }
    fn code_hash(&self, _: Address) -> B256 {
        B256::ZERO
    }
}

impl MemoryAccess for TestHost {
    fn pay_for_memory_grow(&self, _: u16) {}
}

impl MessageAccess for TestHost {
    fn msg_sender(&self) -> Address {
        self.0.borrow().sender
    }
    fn msg_reentrant(&self) -> bool {
        false
    }
    fn msg_value(&self) -> U256 {
        self.0.borrow().value
    }
    fn tx_origin(&self) -> Address {
        self.0.borrow().sender
    }
}

impl MeteringAccess for TestHost {
    fn evm_gas_left(&self) -> u64 {
        u64::MAX
    }
    fn evm_ink_left(&self) -> u64 {
        u64::MAX
    }
    fn tx_gas_price(&self) -> U256 {
        U256::ZERO
    }
    fn tx_ink_price(&self) -> u32 {
        10_000
    }
}

impl RawLogAccess for TestHost {
    fn emit_log(&self, input: &[u8], num_topics: usize) {
        let (topics, data) = input.split_at(32 * num_topics);
        let topics = topics.chunks(32).map(B256::from_slice).collect();
        self.0.borrow_mut().logs.push((topics, Bytes::copy_from_slice(data)));
    }
    fn raw_log(&self, topics: &[B256], data: &[u8]) -> Result<(), &'static str> {
        self.0.borrow_mut().logs.push((topics.to_vec(), Bytes::copy_from_slice(data)));
        Ok(())
    }
}
