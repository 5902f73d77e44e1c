//! Prints the nanoseconds of each function of the table on this machine, one a line, in the table's order.

use std::{hint::black_box, time::Instant};

use plimsoll_arithmetic::{FUNCTIONS, INPUTS, input};

const ROUNDS: u128 = 400;

fn main() {
    let mut empty = 0;
    for function in FUNCTIONS {
        let inputs: Vec<_> = (0..INPUTS).map(|trial| input(function, trial)).collect();
        // The best of several runs: what disturbs a run only slows it.
        let picoseconds = (0..9)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..ROUNDS {
                    for (x, y) in &inputs {
                        black_box((black_box(function.call))(black_box(*x), black_box(*y)));
                    }
                }
                start.elapsed().as_nanos() * 1000 / (ROUNDS * INPUTS as u128)
            })
            .min()
            .unwrap_or_default();
        if empty == 0 {
            empty = picoseconds;
        }
        println!("{}", picoseconds.saturating_sub(empty) / 1000);
    }
}
