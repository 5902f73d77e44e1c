//! A second implementation of what a Stylus program does and costs: it runs the module as it was written and counts
//! the ink of every basic block itself. It shares no code with the VM but the types of the chain's facts. Every figure
//! is transcribed again from the reference; where that is silent, a comment says what is assumed.

pub(crate) mod chain;
mod control;
mod costs;
mod decode;
mod exec;
mod frame;
mod hooks;
mod memory;
mod meter;
mod numeric;
mod outside;

pub(crate) use self::chain::Chain;
pub(crate) use self::decode::Module;
pub(crate) use self::meter::{Charge, Place};

use stylus_vm::{EvmData, Outcome};

use self::exec::Machine;
use self::meter::Meter;

/// Why a program stopped before its entry point returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The ink left does not pay for what comes next.
    OutOfInk,
    /// The stack budget does not hold another frame.
    OutOfStack,
    /// A trap, a bad pointer or a forbidden act.
    Failure,
    /// The program asked to end with this status.
    Exit(u32),
}

/// What a program is run with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup<'a> {
    /// Gas that the program may use.
    pub(crate) gas: u64,
    /// Gas of the frame before the cost of the call.
    pub(crate) starting_gas: u64,
    /// Ink of a unit of gas.
    pub(crate) ink_price: u32,
    /// Words of stack.
    pub(crate) stack: u32,
    /// Calldata.
    pub(crate) calldata: &'a [u8],
    /// Facts of frame and block; its ArbOS version decides between the rules.
    pub(crate) data: &'a EvmData,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// Return or revert data.
    pub(crate) output: Vec<u8>,
    /// Ink left when the program ended.
    pub(crate) ink_left: u64,
    /// Gas left after the charge for return data.
    pub(crate) gas_left: u64,
    /// Every charge in order, the failed one included.
    pub(crate) charges: Vec<Charge>,
    /// Name and ink of each host function that completed.
    pub(crate) calls: Vec<(&'static str, u64)>,
    /// Instructions executed.
    pub(crate) steps: u64,
}

/// Runs a program to its end.
pub(crate) fn run(module: &Module<'_>, chain: &mut Chain, setup: Setup<'_>) -> Ended {
    let ink = setup.gas.saturating_mul(u64::from(setup.ink_price));
    let mut machine = Machine::new(module, chain, setup, Meter::new(ink, setup.ink_price, setup.stack));
    let result = machine.run();
    let (outcome, status) = match result {
        Ok(0) | Err(Stop::Exit(0)) => (Outcome::Success, true),
        Ok(_) | Err(Stop::Exit(_)) => (Outcome::Revert, true),
        Err(Stop::OutOfInk) => (Outcome::OutOfInk, false),
        Err(Stop::OutOfStack) => (Outcome::OutOfStack, false),
        Err(Stop::Failure) => (Outcome::Failure, false),
    };
    let steps = machine.steps;
    let (hooks, meter) = machine.into_parts();
    let mut ended = Ended {
        outcome,
        output: if status { hooks.output } else { Vec::new() },
        ink_left: meter.ink,
        gas_left: meter.ink / u64::from(setup.ink_price),
        charges: meter.charges,
        calls: hooks.calls,
        steps,
    };
    // from ArbOS 31 return data costs what memory of its size costs in the EVM, counted from the frame's whole gas
    let words = ended.output.len().div_ceil(32) as u64;
    let evm_cost = 3 * words + words * words / 512;
    if evm_cost > setup.starting_gas {
        ended.outcome = Outcome::OutOfInk;
    } else if !ended.output.is_empty() {
        ended.gas_left = ended.gas_left.min(setup.starting_gas - evm_cost);
    }
    if matches!(ended.outcome, Outcome::OutOfInk | Outcome::OutOfStack) {
        ended.output.clear();
        (ended.ink_left, ended.gas_left) = (0, 0);
    }
    ended
}
