//! Runs a function of the table over many inputs and says what that took, for `ARITHMETIC.md`; deployed by nothing else.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main, no_std)]

extern crate alloc;

use alloc::{vec, vec::Vec};
use core::hint::black_box;

use alloy_primitives::{I256, U256};
use plimsoll_arithmetic::FUNCTIONS;
use stylus_sdk::prelude::*;

/// The program; it stores nothing.
#[storage]
#[entrypoint]
pub struct ArithmeticProgram {}

#[public]
impl ArithmeticProgram {
    /// Runs a function of the table over all inputs.
    ///
    /// @param function its place in the table
    /// @param xs first arguments, written as the function's `numbers` says
    /// @param ys second arguments, as many
    /// @return ink of the loop
    /// @return results, written likewise; `REFUSED` where there is none
    ///
    /// Reverts for a function that is not in the table, and for arguments beyond 128 bits or not as many as the others.
    pub fn run(&self, function: u8, xs: Vec<I256>, ys: Vec<I256>) -> Result<(U256, Vec<I256>), Vec<u8>> {
        let narrow = |values: Vec<I256>| -> Result<Vec<i128>, Vec<u8>> {
            values.into_iter().map(|x| i128::try_from(x).map_err(|_| Vec::new())).collect()
        };
        let (xs, ys) = (narrow(xs)?, narrow(ys)?);
        let function =
            FUNCTIONS.get(usize::from(function)).filter(|_| xs.len() == ys.len()).ok_or_else(Vec::new)?;
        let mut results = vec![0i128; xs.len()];
        let call = black_box(function.call);
        let before = self.vm().evm_ink_left();
        for ((x, y), result) in xs.iter().zip(&ys).zip(&mut results) {
            *result = call(*x, *y);
        }
        let ink = before - self.vm().evm_ink_left();
        let wide = |x| I256::try_from(x).map_err(|_| Vec::new());
        Ok((U256::from(ink), results.into_iter().map(wide).collect::<Result<_, _>>()?))
    }
}
