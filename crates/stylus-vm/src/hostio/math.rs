//! 256-bit arithmetic and hashing.

use alloy_primitives::{U256, keccak256};

use super::{Io, io::Result};
use crate::pricing::{self, ADD_MOD, DIV, HOSTIO, MUL_MOD, PTR};

impl Io<'_, '_> {
    pub(super) fn math_div(&mut self, value: u32, divisor: u32) -> Result {
        self.buy(HOSTIO + 3 * PTR + DIV)?;
        self.binary(value, divisor, |a, b| a.checked_div(b).unwrap_or_default())
    }

    pub(super) fn math_mod(&mut self, value: u32, modulus: u32) -> Result {
        self.buy(HOSTIO + 3 * PTR + DIV)?;
        self.binary(value, modulus, |a, b| a.checked_rem(b).unwrap_or_default())
    }

    pub(super) fn math_pow(&mut self, value: u32, exponent: u32) -> Result {
        self.buy(HOSTIO + 3 * PTR)?;
        let digits = self.read_array(exponent)?;
        self.buy(pricing::pow_price(&digits))?;
        self.binary(value, exponent, |a, b| a.wrapping_pow(b))
    }

    pub(super) fn math_add_mod(&mut self, value: u32, addend: u32, modulus: u32) -> Result {
        self.buy(HOSTIO + 4 * PTR + ADD_MOD)?;
        self.ternary(value, addend, modulus, U256::add_mod)
    }

    pub(super) fn math_mul_mod(&mut self, value: u32, multiplier: u32, modulus: u32) -> Result {
        self.buy(HOSTIO + 4 * PTR + MUL_MOD)?;
        self.ternary(value, multiplier, modulus, U256::mul_mod)
    }

    pub(super) fn native_keccak256(&mut self, input: u32, len: u32, output: u32) -> Result {
        self.buy(pricing::keccak_price(u64::from(len)))?;
        let preimage = self.read(input, len)?;
        let digest = keccak256(preimage);
        let preimage = if self.state.tracing { preimage.to_vec() } else { Vec::new() };
        self.write(output, digest.as_slice())?;
        self.trace(&[&preimage], &[digest.as_slice()]);
        Ok(())
    }

    /// Puts the result in place of the first operand.
    fn binary(&mut self, a: u32, b: u32, act: impl FnOnce(U256, U256) -> U256) -> Result {
        let (x, y) = (self.read_u256(a)?, self.read_u256(b)?);
        let result = act(x, y).to_be_bytes::<32>();
        self.write(a, &result)?;
        self.trace(&[&x.to_be_bytes::<32>(), &y.to_be_bytes::<32>()], &[&result]);
        Ok(())
    }

    fn ternary(&mut self, a: u32, b: u32, c: u32, act: impl FnOnce(U256, U256, U256) -> U256) -> Result {
        let (x, y, z) = (self.read_u256(a)?, self.read_u256(b)?, self.read_u256(c)?);
        let result = act(x, y, z).to_be_bytes::<32>();
        self.write(a, &result)?;
        self.trace(&[&x.to_be_bytes::<32>(), &y.to_be_bytes::<32>(), &z.to_be_bytes::<32>()], &[&result]);
        Ok(())
    }
}
