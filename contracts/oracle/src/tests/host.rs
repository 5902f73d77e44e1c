//! A host for native tests: storage, logs, time, callers, and the precompile that recovers signers.
//!
//! The SDK's own test host answers every call with the last answer it was taught; several signatures in one report
//! need several answers.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use stylus_sdk::{host::VM, prelude::*};

/// What the contract can see and change.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) storage: BTreeMap<U256, B256>,
    pub(super) logs: Vec<(Vec<B256>, Bytes)>,
    pub(super) sender: Address,
    pub(super) value: U256,
    pub(super) now: u64,
    pub(super) chain_id: u64,
    pub(super) contract: Address,
    answer: Vec<u8>,
}

#[derive(Clone, Default)]
pub(super) struct TestHost(pub(super) Rc<RefCell<World>>);

impl TestHost {
    pub(super) fn vm(&self) -> VM {
        VM { host: Box::new(self.clone()) }
    }
}

/// The address behind a public key.
pub(super) fn address_of(key: &VerifyingKey) -> Address {
    Address::from_raw_public_key(&key.to_encoded_point(false).as_bytes()[1..])
}

/// What the precompile at address 1 answers (EIP-2 does not bind it: it accepts any `s` below the order).
fn ecrecover(input: &[u8]) -> Option<Vec<u8>> {
    let v = input[63].checked_sub(27).filter(|_| input[32..63].iter().all(|byte| *byte == 0))?;
    let signature = Signature::from_slice(&input[64..128]).ok()?;
    let id = RecoveryId::from_byte(v)?;
    // k256 recovers from the lower of the two signatures only; flipping both halves gives the same key.
    let (signature, id) = match signature.normalize_s() {
        Some(low) => (low, RecoveryId::new(!id.is_y_odd(), id.is_x_reduced())),
        None => (signature, id),
    };
    let key = VerifyingKey::recover_from_prehash(&input[..32], &signature, id).ok()?;
    Some(address_of(&key).into_word().to_vec())
}

impl Host for TestHost {}

impl CryptographyAccess for TestHost {
    fn native_keccak256(&self, input: &[u8]) -> B256 {
        keccak256(input)
    }
}

impl CalldataAccess for TestHost {
    fn read_args(&self, _len: usize) -> Vec<u8> {
        unimplemented!("the tests hand the input over")
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
        unimplemented!("the tests take the result")
    }
}

// SAFETY: every function refuses.
unsafe impl UnsafeDeploymentAccess for TestHost {
    unsafe fn create1(&self, _: *const u8, _: usize, _: *const u8, _: *mut u8, _: *mut usize) {
        unimplemented!("the oracle deploys nothing")
    }
    unsafe fn create2(&self, _: *const u8, _: usize, _: *const u8, _: *const u8, _: *mut u8, _: *mut usize) {
        unimplemented!("the oracle deploys nothing")
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
        _: *const u8,
        _: *const u8,
        _: usize,
        _: *const u8,
        _: u64,
        _: &mut usize,
    ) -> u8 {
        unimplemented!("the oracle makes static calls only")
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
        assert_eq!(to, address!("0x0000000000000000000000000000000000000001").as_slice());
        assert_eq!(input.len(), 128);
        let answer = ecrecover(input).unwrap_or_default();
        *outs_len = answer.len();
        self.0.borrow_mut().answer = answer;
        0
    }
    unsafe fn delegate_call_contract(
        &self,
        _: *const u8,
        _: *const u8,
        _: usize,
        _: u64,
        _: &mut usize,
    ) -> u8 {
        unimplemented!("the oracle makes static calls only")
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
    fn code(&self, _: Address) -> Vec<u8> {
        Vec::new()
    }
    fn code_size(&self, _: Address) -> usize {
        0
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
