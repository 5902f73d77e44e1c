//! What the tests of ArbOS share: owners, versions, the storage of ArbOS by its description, the formulas of activation.

#![allow(dead_code, missing_docs, unreachable_pub)]

use alloy_primitives::{Address, B256, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolError};
use plimsoll_devnode::chain::block::Mined;
use plimsoll_devnode::chain::{BlockRef, Chain};
use plimsoll_devnode::precompiles::abi::{ArbDebug, ArbOwner, ArbWasm};
use plimsoll_devnode::precompiles::{ARB_DEBUG, ARB_OWNER, ARB_WASM};

use crate::common::{config, deploy, send};

/// The account whose storage is the state of ArbOS.
pub const ARBOS_STATE: Address = address!("A4B05FffffFffFFFFfFFfffFfffFFfffFfFfFFFf");

pub fn chain_at(arbos_version: u64) -> Chain {
    Chain::new(plimsoll_devnode::Config { arbos_version, ..config() })
}

/// Makes the developer a chain owner.
pub fn own(chain: &mut Chain) {
    let tx = send(chain, Some(ARB_DEBUG), ArbDebug::becomeChainOwnerCall {}.abi_encode(), 0);
    assert!(tx.success, "{:?}", tx.halt);
}

pub fn owner(chain: &mut Chain, call: impl SolCall) -> Mined {
    send(chain, Some(ARB_OWNER), call.abi_encode(), 0)
}

pub fn upgrade(chain: &mut Chain, version: u64) {
    own(chain);
    let tx = owner(chain, ArbOwner::scheduleArbOSUpgradeCall { newVersion: version, timestamp: 0 });
    assert!(tx.success, "{:?}", tx.halt);
}

pub fn code_hash(chain: &Chain, at: Address) -> B256 {
    keccak256(chain.view(BlockRef::Latest).unwrap().code(at))
}

pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own module")
}

pub fn deploy_wasm(chain: &mut Chain, wasm: &[u8]) -> Address {
    deploy(chain, &stylus_vm::code::compress(wasm))
}

pub fn activate_call(program: Address) -> Vec<u8> {
    ArbWasm::activateProgramCall { program }.abi_encode()
}

/// Sets the time of the next block, Unix seconds.
pub fn at_time(chain: &mut Chain, time: u64) {
    chain.set_next_timestamp(time).expect("not in the past");
}

pub fn now(chain: &Chain) -> u64 {
    chain.head().header.timestamp
}

pub fn reverted<E: SolError>(tx: &Mined, error: E) {
    assert!(!tx.success);
    assert_eq!(tx.output[..], error.abi_encode()[..], "{:?}", tx.halt);
}

/// The answer of a getter of `ArbWasm` whose result is one word.
pub fn ask(chain: &Chain, call: impl SolCall) -> u64 {
    let out = crate::common::call(chain, ARB_WASM, call.abi_encode()).expect("the getter answers");
    U256::from_be_slice(&out).to()
}

/// Gas of a transaction's calldata: 4 a zero byte, 16 another.
pub fn calldata_gas(data: &[u8]) -> u64 {
    data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum()
}

/// A part of the storage of ArbOS by the ids on the way there: `keccak(parent ++ id)`, the root is empty.
pub fn space(path: &[u8]) -> Vec<u8> {
    path.iter().fold(Vec::new(), |parent, id| keccak256([&parent[..], &[*id]].concat()).to_vec())
}

/// Where the word at a key of a space stands: `keccak(space ++ first 31 bytes of the key)`, whose last byte is the key's.
pub fn arbos_slot(space: &[u8], key: B256) -> U256 {
    let mut slot = keccak256([space, &key[..31]].concat());
    slot[31] = key[31];
    slot.into()
}

/// The word at a key of a space.
pub fn arbos_word(chain: &Chain, space: &[u8], key: B256) -> U256 {
    chain.view(BlockRef::Latest).unwrap().slot(ARBOS_STATE, arbos_slot(space, key))
}

/// The word at a small index of a space.
pub fn arbos_index(chain: &Chain, space: &[u8], index: u64) -> U256 {
    arbos_word(chain, space, U256::from(index).into())
}

/// Programs: subspace 8 of the root. Its subspaces 0 to 5: parameters, program words, module hashes, data pricer, cache
/// managers, activation gas.
pub fn programs(sub: u8) -> Vec<u8> {
    space(&[8, sub])
}

/// Sizes of a module counted by hand; its figures by the formulas of `stylus.md` section 2.2.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Local functions.
    pub functions: u64,
    /// Parameters and results of the local functions.
    pub types: u64,
    /// Bytes of the module.
    pub wasm: u64,
    /// Globals of the module itself.
    pub globals: u64,
    /// Bytes of the data segments, their heads included.
    pub data: u64,
    /// Bytes of the element segments, their heads included.
    pub elements: u64,
    /// Initial pages.
    pub pages: u64,
    /// Instructions after instrumentation.
    pub operators: u64,
}

impl Sizes {
    pub fn asm(&self) -> u64 {
        512_000 + self.functions * 996_829 / 1_000 + self.types * 11_416 / 1_000 + self.wasm * 62_628 / 10_000
    }

    pub fn cached(&self) -> u64 {
        self.functions * 13_420 / 100_000
            + self.types * 89 / 100_000
            + self.wasm * 122 / 100_000
            + (self.globals + 4) * 1_628 / 1_000
            + (self.data + self.elements) * 75_244 / 100_000
            + self.pages * 5
    }

    /// Without the cached cost, which version 1 adds.
    pub fn init(&self) -> u64 {
        self.functions * 8_252 / 1_000 + self.types * 1_059 / 1_000 + self.wasm * 1_286 / 10_000
    }

    /// Gas by the size of the module; before ArbOS 32 its length is free.
    pub fn activation(&self, arbos: u64) -> u64 {
        let length = if arbos >= 32 { self.wasm * 31_733 / 100_000 } else { 0 };
        let microseconds = length
            + self.functions * 17_263 / 100_000
            + self.data * 17_376 / 100_000
            + self.elements * 17_376 / 100_000
            + self.pages * 2_217
            + self.operators * 535 / 1_000;
        microseconds * 28
    }

    /// Gas of the whole transaction that activates an account whose code is in one piece.
    ///
    /// Beside the formula: 3 a word of arguments (1) and results (2), 800 for opening the state, 100 for the parameters;
    /// reads of 800: the program's word, five words of the data pricer, the receiver of fees, and from ArbOS 60 the
    /// activation gas; writes of 20,000: module hash, two words of the pricer, the program's word; the event with two
    /// topics and four words.
    pub fn transaction(&self, arbos: u64, calldata: &[u8]) -> u64 {
        let reads = 7 + u64::from(arbos >= 60);
        21_000
            + calldata_gas(calldata)
            + 3 * 3
            + 800
            + 1_659_168
            + 100
            + 800 * reads
            + 20_000 * 4
            + self.activation(arbos)
            + (375 * 3 + 8 * 128)
    }
}

/// `10000 * e^(x/10000)` by twelve terms in integers, as the reference names it.
pub fn approx_exp_bips(x: u64) -> u64 {
    let mut sum = 10_000 + x / 12;
    for term in (1..12).rev() {
        sum = 10_000 + sum * x / (term * 10_000);
    }
    sum
}

/// Data fee of so many bytes, wei, when the demand including them is `demand`.
pub fn data_fee(demand: u64, bytes: u64) -> u64 {
    82_928_201 * approx_exp_bips(10_000 * demand / 21_360_419) / 10_000 * bytes
}

/// Bytes a second by which demand decays: a tebibyte a year of 365 days, rounded down by the hour and by the second.
pub const DECAY: u64 = (1 << 40) / (365 * 24) / 3_600;
