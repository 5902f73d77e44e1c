//! Sequences of calls into contracts and precompiles.

use alloy_primitives::Address;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::precompiles::ALL;
use plimsoll_devnode::precompiles::abi;

use crate::chain::{CALL_GAS, config, send};
use crate::common;

/// Most calls of one input.
const MOST_CALLS: usize = 8;

/// A chain with programs and contracts, and everything that can be called on it.
#[must_use]
pub fn prepare() -> (Chain, Vec<Address>) {
    let mut chain = Chain::new(config());
    // deploying is dearer than what the inputs may do
    chain.set_balance(
        plimsoll_devnode::config::DEV_ADDRESS,
        config().accounts[0].1 * alloy_primitives::U256::from(1_000_000),
    );
    let programs = [common::STORER, common::FORWARDER, common::INSPECTOR, common::CREATOR];
    let mut places: Vec<Address> = programs.iter().map(|wat| common::program(&mut chain, wat)).collect();
    for opcode in [common::CALL, common::DELEGATECALL, common::STATICCALL] {
        places.push(common::deploy(&mut chain, &common::evm_forwarder(opcode)));
    }
    places.push(common::deploy(&mut chain, &common::EVM_STORE));
    places.push(common::deploy(&mut chain, &common::EVM_ECHO));
    places.extend(ALL);
    // the precompiles of Ethereum, and accounts without code
    places.extend((0..=0x12u8).map(|at| Address::with_last_byte(at)));
    // becomes a chain owner, so that setters are open too
    let owner = alloy_sol_types::SolCall::abi_encode(&abi::ArbDebug::becomeChainOwnerCall {});
    common::send(&mut chain, Some(plimsoll_devnode::precompiles::ARB_DEBUG), owner, 0);
    (chain, places)
}

/// Selectors of the precompiles.
fn selectors() -> Vec<[u8; 4]> {
    [
        abi::ArbWasm::ArbWasmCalls::SELECTORS,
        abi::ArbWasmCache::ArbWasmCacheCalls::SELECTORS,
        abi::ArbOwner::ArbOwnerCalls::SELECTORS,
        abi::ArbOwnerPublic::ArbOwnerPublicCalls::SELECTORS,
        abi::ArbDebug::ArbDebugCalls::SELECTORS,
        abi::ArbosTest::ArbosTestCalls::SELECTORS,
        abi::ArbSys::ArbSysCalls::SELECTORS,
        abi::ArbInfo::ArbInfoCalls::SELECTORS,
        abi::ArbGasInfo::ArbGasInfoCalls::SELECTORS,
        abi::ArbAggregator::ArbAggregatorCalls::SELECTORS,
        abi::NodeInterface::NodeInterfaceCalls::SELECTORS,
    ]
    .concat()
}

/// Takes bytes off the front.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (front, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    front
}

fn byte(input: &mut &[u8]) -> u8 {
    take(input, 1).first().copied().unwrap_or_default()
}

/// The next call: `[place][value][parts]`, then as many parts: `[kind][...]` adds 0 a selector `[index]`, 1 a place's
/// address as a word `[index]`, 2 a place's address `[index]`, 3 a small number as a word `[byte]`, 4 a word of ones, else
/// bytes `[length][...]`.
fn next(input: &mut &[u8], places: &[Address]) -> (Address, u64, Vec<u8>) {
    let selectors = selectors();
    let place = |at: u8| places[usize::from(at) % places.len()];
    let to = place(byte(input));
    let value = u64::from(byte(input) >> 4);
    let mut data = Vec::new();
    for _ in 0..byte(input) % 12 {
        match byte(input) % 8 {
            0 => data.extend(selectors[usize::from(byte(input)) % selectors.len()]),
            1 => data.extend(place(byte(input)).into_word()),
            2 => data.extend(place(byte(input))),
            3 => data.extend(common::word(byte(input).into())),
            4 => data.extend([0xff; 32]),
            _ => {
                let length = byte(input);
                data.extend(take(input, length.into()));
            }
        }
    }
    (to, value, data)
}

/// Makes the calls that an input describes.
pub fn exercise(chain: &mut Chain, places: &[Address], mut input: &[u8]) {
    for _ in 0..MOST_CALLS {
        if input.is_empty() {
            return;
        }
        let (to, value, data) = next(&mut input, places);
        send(chain, Some(to), data, value, CALL_GAS);
    }
}
