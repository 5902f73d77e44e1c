//! Inputs to begin with, out of what is written by hand here and in `seeds/`.

use std::fs;
use std::path::Path;

use crate::code::stored;
use crate::common;

/// The variable that names a folder for seeds: a target that finds it writes them there and ends.
pub const VARIABLE: &str = "PLIMSOLL_FUZZ_SEEDS";

/// Writes the seeds of a target and ends the process, if [`VARIABLE`] is set.
///
/// # Panics
/// When they cannot be written.
pub fn write_if_asked(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os(VARIABLE) else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("the folder can be made");
    for (at, seed) in seeds().into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{at:03}")), seed).expect("a seed can be written");
    }
    std::process::exit(0);
}

const PROGRAMS: [&str; 4] = [common::STORER, common::FORWARDER, common::INSPECTOR, common::CREATOR];

/// Every kind of code: EVM, compressed programs, modules, choices for the generator.
#[must_use]
pub fn code() -> Vec<Vec<u8>> {
    let kind = |kind: u8, bytes: &[u8]| [&[kind], bytes].concat();
    let mut seeds = vec![
        kind(0, &common::EVM_STORE),
        kind(0, &common::EVM_STORE_REVERT),
        kind(0, &common::EVM_ECHO),
        kind(0, &common::evm_forwarder(common::CALL)),
        kind(0, &common::evm_forwarder(common::DELEGATECALL)),
    ];
    for text in PROGRAMS.iter().copied().chain(include_str!("../seeds/modules.wat").split("\n\n")) {
        let wasm = wat::parse_str(text).expect("the text is right");
        seeds.push(kind(0, &stylus_vm::code::initcode(&stored(&wasm))));
        seeds.push(kind(1, &stylus_vm::code::compress(&wasm)[4..]));
        seeds.push(kind(2, &wasm));
    }
    // fragments and their root, a dictionary, a prefix alone
    for code in [
        &[0xef, 0xf0, 1, 1, 2, 3][..],
        &[0xef, 0xf0, 2, 0, 0, 0, 1, 0],
        &[0xef, 0xf0, 0, 1, 0x3b],
        &[0xef, 0xf0, 0],
    ] {
        seeds.push(kind(0, &stylus_vm::code::initcode(code)));
    }
    // a linear congruence: the generator makes a valid module of any bytes
    let mut state = 1u32;
    for length in [100, 300, 600, 900, 1200, 1500] {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        seeds.push(kind(3, &bytes));
    }
    seeds
}

/// Calls in the form of [`crate::calls`]: `[place][value][parts]`.
#[must_use]
pub fn calldata() -> Vec<Vec<u8>> {
    let mut seeds = vec![
        // the storer: store, load, log, and a loop without end
        vec![0, 0, 3, 5, 1, 0, 3, 1, 3, 2, 0, 0, 2, 5, 1, 1, 3, 1, 0, 0, 3, 5, 1, 7, 3, 1, 3, 2],
        vec![0, 0, 1, 5, 1, 8],
        // through the program and the contracts that forward: `[kind][address]` or `[address]`, then a call to the storer
        vec![1, 0, 5, 5, 1, 0, 2, 0, 5, 1, 0, 3, 5, 3, 6],
        vec![1, 0, 5, 5, 1, 1, 2, 0, 5, 1, 0, 3, 5, 3, 6],
        vec![4, 0, 4, 1, 0, 5, 1, 0, 3, 5, 3, 6],
        vec![5, 0, 4, 1, 1, 5, 1, 0, 2, 0],
        // the inspector at each place, the creator with an init code that stops
        vec![2, 0, 1, 2, 0, 2, 0, 1, 2, 9],
        vec![3, 0, 4, 5, 1, 1, 3, 0, 3, 0, 5, 1, 0],
    ];
    // each selector at each precompile that might know it, with words behind
    for selector in 0..120 {
        seeds.push((9..19).flat_map(|place| [place, 0, 3, 0, selector, 1, 0, 3, 1]).take(72).collect());
    }
    seeds
}

/// Bodies of requests: the paragraphs of `seeds/requests.txt`.
#[must_use]
pub fn rpc() -> Vec<Vec<u8>> {
    include_str!("../seeds/requests.txt").split("\n\n").map(|body| body.trim().as_bytes().to_vec()).collect()
}
