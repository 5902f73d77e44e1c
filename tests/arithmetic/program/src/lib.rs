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
    /// @param xs first arguments, WAD
    /// @param ys second arguments, WAD
    /// @return ink of the loop
    /// @return results, WAD
    pub fn run(&self, function: u8, xs: Vec<I256>, ys: Vec<I256>) -> (U256, Vec<I256>) {
        let narrow = |values: Vec<I256>| {
            values.into_iter().map(|x| i128::try_from(x).unwrap_or(0)).collect::<Vec<_>>()
        };
        let (xs, ys) = (narrow(xs), narrow(ys));
        let mut results = vec![0i128; xs.len()];
        let Some(function) = FUNCTIONS.get(usize::from(function)) else { return (U256::ZERO, Vec::new()) };
        let call = black_box(function.call);
        let before = self.vm().evm_ink_left();
        for ((x, y), result) in xs.iter().zip(&ys).zip(&mut results) {
            *result = call(*x, *y);
        }
        let ink = before - self.vm().evm_ink_left();
        let wide = |x: i128| I256::try_from(x).unwrap_or(I256::ZERO);
        (U256::from(ink), results.into_iter().map(wide).collect())
    }
}
