//! What a program is run in: parameters, calldata, and a chain with something on it.

use super::Entropy;

/// Everything around a program, in plain bytes and numbers, for two hosts that share nothing else.
#[derive(Clone, Debug)]
pub struct Scene {
    pub arbos_version: u64,
    pub ink_price: u32,
    pub stack: u32,
    /// Ink, about; whole gas is given.
    pub ink: u64,
    /// Gas of the frame beyond what the program gets.
    pub extra_gas: u64,
    pub is_static: bool,
    pub calldata: Vec<u8>,
    /// Words of storage, before the transaction and now.
    pub storage: Vec<([u8; 32], [u8; 32])>,
    /// Accounts with code.
    pub codes: Vec<([u8; 20], Vec<u8>)>,
    /// What calls answer.
    pub answer: (bool, u64, Vec<u8>),
    pub created: Option<[u8; 20]>,
}

impl Scene {
    pub fn new(e: &mut Entropy<'_>) -> Self {
        let bytes = |e: &mut Entropy<'_>, most: usize| {
            let length = e.below(most);
            (0..length).map(|_| e.byte()).collect::<Vec<u8>>()
        };
        let arbos_version = e.pick(&[60, 51, 40, 32]);
        let ink_price = e.pick(&[10_000, 10_000, 1, 7]);
        let stack = match e.below(8) {
            0..3 => 22_000,
            3 => 262_144,
            4 | 5 => 400,
            _ => 12 + u32::from(e.byte()),
        };
        let ink = match e.below(8) {
            0..3 => 60_000_000,
            3 | 4 => 400_000_000,
            5 | 6 => 8_000_000,
            _ => u64::from(e.byte()) << 12,
        };
        let extra_gas = u64::from(e.byte());
        let is_static = e.chance(24);
        let mut calldata = bytes(e, 70);
        // keys and accounts that exist are at hand in empty memory and where the arguments are read to
        let storage = vec![([0; 32], [7; 32])];
        let codes = vec![([0; 20], bytes(e, 90)), ([0xb2; 20], vec![0x60; 40])];
        calldata.extend([0xb2; 20]);
        let answer = (e.chance(200), u64::from(e.byte()) * 7, bytes(e, 60));
        let created = e.chance(128).then_some([0xcc; 20]);
        Self {
            arbos_version,
            ink_price,
            stack,
            ink,
            extra_gas,
            is_static,
            calldata,
            storage,
            codes,
            answer,
            created,
        }
    }
}
