//! Codes out of bytes, created, activated and called.

use alloy_primitives::{Address, Bytes, address};
use alloy_sol_types::SolCall;
use plimsoll_devnode::chain::Chain;
use plimsoll_devnode::precompiles::ARB_WASM;
use plimsoll_devnode::precompiles::abi::ArbWasm;

use crate::chain::{CALL_GAS, CREATE_GAS, send};
use stylus_testing::generator::{Entropy, Scene, module};

/// Where codes are put without a creation.
const PLACE: Address = address!("00000000000000000000000000000000000c0de0");
/// Value that pays for an activation, wei.
const FEE: u64 = 200_000_000_000_000;

/// The code that an input stands for, by its first byte: 0 the bytes themselves; 1 a program's prefix and the bytes; 2
/// the bytes as a module; 3 a valid module that the bytes decide on.
#[must_use]
pub fn code(input: &[u8]) -> Vec<u8> {
    let Some((kind, bytes)) = input.split_first() else { return Vec::new() };
    match kind % 4 {
        0 => bytes.to_vec(),
        1 => [&[0xef, 0xf0, 0, 0], bytes].concat(),
        2 => stored(bytes),
        _ => {
            let mut e = Entropy::new(bytes);
            let scene = Scene::new(&mut e);
            stored(&module(&mut e, scene.arbos_version < 60))
        }
    }
}

/// The deployable code of a module whose brotli stream holds it as it is: compression takes most of the time otherwise.
#[must_use]
pub fn stored(module: &[u8]) -> Vec<u8> {
    let mut code = vec![0xef, 0xf0, 0, 0];
    // A stream begins with one bit for a window of 16 bits. A stored block: not the last, length in 16 bits (two bits
    // say so), stored, then padding to the byte.
    let mut start = 1;
    for chunk in module.chunks(1 << 16) {
        let header = (chunk.len() as u32 - 1) << 3 | 1 << 19;
        code.extend_from_slice(&(header << start >> 1).to_le_bytes()[..3]);
        code.extend_from_slice(chunk);
        start = 0;
    }
    // the last block, empty
    code.push(if start == 1 { 6 } else { 3 });
    code
}

/// Creates with the code as init code and as runtime code, activates, calls.
pub fn exercise(chain: &mut Chain, input: &[u8]) {
    let code = code(input);
    let calldata: Vec<u8> = input.iter().rev().take(64).copied().collect();
    if input.first().is_some_and(|kind| kind % 4 == 0) {
        send(chain, None, code.clone(), 0, CALL_GAS);
    }
    let created = send(chain, None, stylus_vm::code::initcode(&code), 0, CREATE_GAS);
    let at = created.and_then(|tx| tx.created).unwrap_or_else(|| {
        chain.set_code(PLACE, Bytes::from(code));
        PLACE
    });
    let data = ArbWasm::activateProgramCall { program: at }.abi_encode();
    send(chain, Some(ARB_WASM), data, FEE, CREATE_GAS);
    send(chain, Some(at), calldata, 0, CALL_GAS);
    send(chain, Some(at), Bytes::new(), 1, CALL_GAS);
}
