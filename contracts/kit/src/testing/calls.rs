//! Random calls of a function, from its signature alone.

use std::{string::String, vec::Vec};

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{Address, B256, I256, U256, keccak256};
use proptest::{prelude::*, test_runner::TestRng};

/// Values that mean something to the contract under test: accounts, addresses, ids. A random argument is one of them as
/// often as not, so that calls get past the first check.
#[derive(Clone, Default)]
pub struct Known {
    pub words: Vec<B256>,
    pub addresses: Vec<Address>,
    pub numbers: Vec<u128>,
}

/// A call of the function `name(types)` with random arguments.
pub fn call(name: &str, types: &str, known: &Known, rng: &mut TestRng) -> Vec<u8> {
    let signature = format!("{name}({types})");
    let DynSolType::Tuple(members) =
        DynSolType::parse(&format!("({types})")).expect("the types of a function")
    else {
        unreachable!("a tuple was parsed")
    };
    let values = members.iter().map(|member| value(member, known, rng)).collect();
    let mut input = selector(&signature).to_vec();
    input.extend(DynSolValue::Tuple(values).abi_encode_params());
    input
}

/// The selector of a signature, by its definition.
pub fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(String::from(signature));
    [hash[0], hash[1], hash[2], hash[3]]
}

fn value(of: &DynSolType, known: &Known, rng: &mut TestRng) -> DynSolValue {
    let mut all = |members: &[DynSolType]| members.iter().map(|member| value(member, known, rng)).collect();
    match of {
        DynSolType::Bool => DynSolValue::Bool(rng.random()),
        DynSolType::Int(bits) => {
            // Between the two extremes of the type.
            let raw: I256 = I256::from_raw(number(*bits - 1, known, rng));
            DynSolValue::Int(if rng.random() { raw } else { -raw }, *bits)
        }
        DynSolType::Uint(bits) => DynSolValue::Uint(number(*bits, known, rng), *bits),
        DynSolType::FixedBytes(32) => DynSolValue::FixedBytes(pick(&known.words, rng), 32),
        DynSolType::Address => DynSolValue::Address(pick(&known.addresses, rng)),
        DynSolType::Bytes => {
            let length = rng.random_range(0..80);
            DynSolValue::Bytes((0..length).map(|_| rng.random()).collect())
        }
        DynSolType::Array(element) => {
            let length = rng.random_range(0..4);
            DynSolValue::Array((0..length).map(|_| value(element, known, rng)).collect())
        }
        DynSolType::Tuple(members) => DynSolValue::Tuple(all(members)),
        other => panic!("no interface has arguments of type {other}"),
    }
}

/// One that is known, or any.
fn pick<T: Copy + Default + From<[u8; N]>, const N: usize>(known: &[T], rng: &mut TestRng) -> T {
    match rng.random_range(0..8) {
        0 => T::default(),
        1 => T::from(core::array::from_fn(|_| rng.random())),
        _ if known.is_empty() => T::from(core::array::from_fn(|_| rng.random())),
        _ => known[rng.random_range(0..known.len())],
    }
}

fn number(bits: usize, known: &Known, rng: &mut TestRng) -> U256 {
    let most = U256::MAX >> (256 - bits);
    let any = match rng.random_range(0..8) {
        0 => U256::ZERO,
        1 => U256::ONE,
        2 => most,
        3..6 if !known.numbers.is_empty() => {
            U256::from(known.numbers[rng.random_range(0..known.numbers.len())])
        }
        _ => {
            let any = U256::from_limbs(core::array::from_fn(|_| rng.random()));
            any >> rng.random_range(0..256_usize)
        }
    };
    any & most
}
