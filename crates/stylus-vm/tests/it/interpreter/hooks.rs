//! The host functions (4.2) but those that reach other accounts.

use std::collections::HashMap;

use num::{BigUint, Zero};

use super::chain::{Chain, Word};
use super::memory::Memory;
use super::meter::{Meter, Place};
use super::{Setup, Stop};

/// Any host function.
pub(super) const H: u64 = 8_400;
/// A pointer.
pub(super) const P: u64 = 5_040;
/// A request to the chain.
pub(super) const E: u64 = 59_673;

/// Ink of writing to the program's memory.
pub(super) fn write_price(bytes: u64) -> u64 {
    5_040 + 30 * bytes.saturating_sub(32)
}

/// Ink of reading from the program's memory.
pub(super) fn read_price(bytes: u64) -> u64 {
    16_381 + 55 * bytes.saturating_sub(32)
}

/// A cached word: its value, and what the chain is known to hold.
#[derive(Clone, Copy, Debug)]
struct Cached {
    value: Word,
    known: Option<Word>,
}

/// What the host keeps for one run of a program.
pub(super) struct Hooks<'r> {
    pub(super) chain: &'r mut Chain,
    pub(super) setup: Setup<'r>,
    pub(super) output: Vec<u8>,
    pub(super) return_data: Vec<u8>,
    pub(super) last_code: Option<[u8; 20]>,
    /// Completed host functions and their ink.
    pub(super) calls: Vec<(&'static str, u64)>,
    cache: HashMap<Word, Cached>,
    order: Vec<Word>,
    reads: u32,
    writes: u32,
}

impl<'r> Hooks<'r> {
    pub(super) fn new(chain: &'r mut Chain, setup: Setup<'r>) -> Self {
        Self {
            chain,
            setup,
            output: Vec::new(),
            return_data: Vec::new(),
            last_code: None,
            calls: Vec::new(),
            cache: HashMap::new(),
            order: Vec::new(),
            reads: 0,
            writes: 0,
        }
    }

    /// Calls a host function by name.
    pub(super) fn call(
        &mut self,
        meter: &mut Meter,
        memory: &mut Memory,
        name: &str,
        args: &[u64],
    ) -> Result<Option<u64>, Stop> {
        let before = meter.ink;
        let mut act = Act { hooks: self, ink: meter, memory, args };
        let (name, result) = act.run(name)?;
        let spent = before - meter.ink;
        // the payment for pages notes itself: `memory.grow` makes it too
        if name != "pay_for_memory_grow" {
            self.calls.push((name, spent));
        }
        match (name, result) {
            ("exit_early", _) => Err(Stop::Exit(args[0] as u32)),
            (_, result) => Ok(result),
        }
    }

    /// Pays for opening the pages that 16 bits hold of this number.
    pub(super) fn pay_for_memory_grow(
        &mut self,
        meter: &mut Meter,
        pages: u32,
        place: Place,
    ) -> Result<(), Stop> {
        let before = meter.ink;
        match pages as u16 {
            0 => meter.pay(H, place)?,
            pages => meter.pay_gas(self.chain.add_pages(pages.into()), place)?,
        }
        self.calls.push(("pay_for_memory_grow", before - meter.ink));
        Ok(())
    }

    /// Gas of one more read through the cache.
    fn read_gas(&mut self) -> u64 {
        self.reads += 1;
        if self.reads <= 32 {
            0
        } else if self.reads <= 128 {
            2
        } else {
            10
        }
    }

    /// Gas of one more write into the cache.
    fn write_gas(&mut self) -> u64 {
        self.writes += 1;
        if self.writes <= 8 {
            0
        } else if self.writes <= 64 {
            7
        } else {
            10
        }
    }

    fn remember(&mut self, key: Word, word: Cached) {
        if self.cache.insert(key, word).is_none() {
            self.order.push(key);
        }
    }

    /// Words that differ from what the chain holds, in the order of first use; they count as known from now on.
    fn dirty(&mut self) -> Vec<(Word, Word)> {
        let mut dirty = Vec::new();
        for key in &self.order {
            let word = self.cache.get_mut(key).expect("ordered words are cached");
            if word.known != Some(word.value) {
                word.known = Some(word.value);
                dirty.push((*key, word.value));
            }
        }
        dirty
    }
}

/// One host function at work.
pub(super) struct Act<'c, 'r> {
    pub(super) hooks: &'c mut Hooks<'r>,
    pub(super) ink: &'c mut Meter,
    pub(super) memory: &'c mut Memory,
    pub(super) args: &'c [u64],
}

pub(super) type Done = (&'static str, Option<u64>);

impl Act<'_, '_> {
    /// The argument as the 32 bits that it has.
    pub(super) fn arg(&self, index: usize) -> u64 {
        u64::from(self.args[index] as u32)
    }

    pub(super) fn pay(&mut self, ink: u64) -> Result<(), Stop> {
        self.ink.pay(ink, Place::Host)
    }

    pub(super) fn pay_gas(&mut self, gas: u64) -> Result<(), Stop> {
        self.ink.pay_gas(gas, Place::Host)
    }

    /// The array that an argument points to.
    pub(super) fn array<const N: usize>(&self, arg: usize) -> Result<[u8; N], Stop> {
        Ok(self.memory.read(self.arg(arg), N as u64)?.try_into().expect("as long as asked for"))
    }

    /// Writes to where an argument points.
    pub(super) fn put(&mut self, arg: usize, bytes: &[u8]) -> Result<(), Stop> {
        self.memory.write(self.arg(arg), bytes)
    }

    fn run(&mut self, name: &str) -> Result<Done, Stop> {
        let data = self.hooks.setup.data;
        let price = self.hooks.setup.ink_price;
        match name {
            "read_args" => {
                let args = self.hooks.setup.calldata;
                self.pay(H)?;
                self.pay(write_price(args.len() as u64))?;
                self.put(0, args)?;
                Ok(("read_args", None))
            }
            "write_result" => {
                self.pay(H)?;
                self.pay(read_price(self.arg(1)))?;
                self.pay(read_price(self.arg(1)))?;
                self.hooks.output = self.memory.read(self.arg(0), self.arg(1))?.to_vec();
                Ok(("write_result", None))
            }
            "exit_early" => Ok(("exit_early", None)),
            "pay_for_memory_grow" => {
                self.hooks.pay_for_memory_grow(self.ink, self.args[0] as u32, Place::Host)?;
                Ok(("pay_for_memory_grow", None))
            }
            "native_keccak256" => {
                let words = self.arg(1).div_ceil(32);
                self.pay(121_800 + 21_000 * words.saturating_sub(2))?;
                let digest = alloy_primitives::keccak256(self.memory.read(self.arg(0), self.arg(1))?);
                self.put(2, digest.as_slice())?;
                Ok(("native_keccak256", None))
            }
            "msg_value" => self.fact("msg_value", &data.msg_value.to_be_bytes::<32>()),
            "msg_sender" => self.fact("msg_sender", data.msg_sender.as_slice()),
            "tx_origin" => self.fact("tx_origin", data.tx_origin.as_slice()),
            "contract_address" => self.fact("contract_address", data.contract_address.as_slice()),
            "block_coinbase" => self.fact("block_coinbase", data.block_coinbase.as_slice()),
            "block_basefee" => self.fact("block_basefee", &data.block_basefee.to_be_bytes::<32>()),
            "tx_gas_price" => self.fact("tx_gas_price", &data.tx_gas_price.to_be_bytes::<32>()),
            "chainid" => self.number("chainid", |_| data.chain_id),
            "block_gas_limit" => self.number("block_gas_limit", |_| data.block_gas_limit),
            "block_number" => self.number("block_number", |_| data.block_number),
            "block_timestamp" => self.number("block_timestamp", |_| data.block_timestamp),
            "msg_reentrant" => self.number("msg_reentrant", |_| data.reentrant.into()),
            "tx_ink_price" => self.number("tx_ink_price", |_| price.into()),
            "evm_gas_left" => self.number("evm_gas_left", |meter| meter.gas_left()),
            "evm_ink_left" => self.number("evm_ink_left", |meter| meter.ink),
            "storage_load_bytes32" => self.storage_load(),
            "storage_cache_bytes32" => self.storage_cache(),
            "storage_flush_cache" => self.storage_flush(),
            "transient_load_bytes32" => {
                self.pay(H + 2 * P + E)?;
                self.pay_gas(100)?;
                let key: Word = self.array(0)?;
                let value = self.hooks.chain.transient.get(&key).copied().unwrap_or_default();
                self.put(1, &value)?;
                Ok(("transient_load_bytes32", None))
            }
            "transient_store_bytes32" => {
                self.pay(H + 2 * P + E)?;
                self.pay_gas(100)?;
                let (key, value): (Word, Word) = (self.array(0)?, self.array(1)?);
                self.hooks.chain.forbid_static()?;
                self.hooks.chain.transient.insert(key, value);
                Ok(("transient_store_bytes32", None))
            }
            "math_div" => self.math("math_div", 2, H + 3 * P + 20_000, |v| quotient(&v[0], &v[1])),
            "math_mod" => self.math("math_mod", 2, H + 3 * P + 20_000, |v| remainder(&v[0], &v[1])),
            "math_add_mod" => {
                self.math("math_add_mod", 3, H + 4 * P + 21_000, |v| remainder(&(&v[0] + &v[1]), &v[2]))
            }
            "math_mul_mod" => {
                self.math("math_mul_mod", 3, H + 4 * P + 24_100, |v| remainder(&(&v[0] * &v[1]), &v[2]))
            }
            "math_pow" => {
                self.pay(H + 3 * P)?;
                let exponent: Word = self.array(1)?;
                let zeros = exponent.iter().position(|byte| *byte != 0).unwrap_or(32) as u64;
                self.math("math_pow", 2, 3_000 + 17_500 * (33 - zeros), |v| {
                    v[0].modpow(&v[1], &(BigUint::from(1u8) << 256))
                })
            }
            other => self.outside(other),
        }
    }

    fn fact(&mut self, name: &'static str, bytes: &[u8]) -> Result<Done, Stop> {
        self.pay(H + P)?;
        self.put(0, bytes)?;
        Ok((name, None))
    }

    fn number(&mut self, name: &'static str, value: impl FnOnce(&Meter) -> u64) -> Result<Done, Stop> {
        self.pay(H)?;
        Ok((name, Some(value(self.ink))))
    }

    /// A function of big-endian words, put in place of the first.
    fn math(
        &mut self,
        name: &'static str,
        words: usize,
        ink: u64,
        act: impl FnOnce(&[BigUint]) -> BigUint,
    ) -> Result<Done, Stop> {
        self.pay(ink)?;
        let values: Result<Vec<_>, Stop> =
            (0..words).map(|arg| Ok(BigUint::from_bytes_be(&self.array::<32>(arg)?))).collect();
        let digits = act(&values?).to_bytes_be();
        let mut word = [0; 32];
        word[32 - digits.len()..].copy_from_slice(&digits);
        self.put(0, &word)?;
        Ok((name, None))
    }

    fn storage_load(&mut self) -> Result<Done, Stop> {
        self.pay(H + 2 * P)?;
        let request = E / self.ink.price;
        self.ink.require_gas(2_100 + 10 + request)?;
        let key: Word = self.array(0)?;
        let mut gas = self.hooks.read_gas();
        let value = match self.hooks.cache.get(&key) {
            Some(word) => word.value,
            None => {
                let (value, access) = self.hooks.chain.load(key);
                gas += access + request;
                self.hooks.remember(key, Cached { value, known: Some(value) });
                value
            }
        };
        self.pay_gas(gas)?;
        self.put(1, &value)?;
        Ok(("storage_load_bytes32", None))
    }

    fn storage_cache(&mut self) -> Result<Done, Stop> {
        self.pay(H + 2 * P)?;
        self.ink.require_gas(2_300 + 10)?;
        let (key, value): (Word, Word) = (self.array(0)?, self.array(1)?);
        let gas = self.hooks.write_gas();
        let known = self.hooks.cache.get(&key).and_then(|word| word.known);
        self.hooks.remember(key, Cached { value, known });
        self.pay_gas(gas)?;
        Ok(("storage_cache_bytes32", None))
    }

    fn storage_flush(&mut self) -> Result<Done, Stop> {
        self.pay(H + E)?;
        self.ink.require_gas(2_300)?;
        let dirty = self.hooks.dirty();
        if self.arg(0) != 0 {
            self.hooks.cache.clear();
            self.hooks.order.clear();
        }
        if !dirty.is_empty() {
            self.hooks.chain.forbid_static()?;
            let unpaid =
                if self.hooks.setup.data.arbos_version < 50 { Stop::Failure } else { Stop::OutOfInk };
            let gas = self.hooks.chain.store(&dirty, self.ink.gas_left()).ok_or(unpaid)?;
            self.pay_gas(gas)?;
        }
        Ok(("storage_flush_cache", None))
    }
}

fn quotient(a: &BigUint, b: &BigUint) -> BigUint {
    if b.is_zero() { BigUint::zero() } else { a / b }
}

fn remainder(a: &BigUint, b: &BigUint) -> BigUint {
    if b.is_zero() { BigUint::zero() } else { a % b }
}
