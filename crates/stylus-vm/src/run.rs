//! Running a program: a fresh instance, its entry point, and what its end means for gas and output.

use alloy_primitives::Bytes;
use wasmi::{Extern, Global, Instance, Store, StoreLimitsBuilder, Val};

use crate::{
    Config, EvmData, Host,
    hostio::{self, Escape, Handles, State},
    instrument::{GROWING, INK_LEFT, INK_STATUS, SCRATCH, STACK_LEFT},
    pricing,
    program::Compiled,
    storage_cache::StorageCache,
    validate::{ENTRYPOINT, MEMORY},
};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Status zero.
    Success,
    /// Any other status: the chain reverts, the output is the revert data.
    Revert,
    /// Ink or gas ran out: nothing is left.
    OutOfInk,
    /// The program's stack ran out: nothing is left.
    OutOfStack,
    /// A trap, a pointer out of bounds or a forbidden act: a revert without data that keeps the gas left.
    Failure,
}

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunResult {
    /// How the run ended.
    pub outcome: Outcome,
    /// Return or revert data; empty unless the outcome is [`Outcome::Success`] or [`Outcome::Revert`].
    pub output: Bytes,
    /// Gas left, after the charge for return data.
    pub gas_left: u64,
    /// Ink left when the program ended, before the charge for return data.
    pub ink_left: u64,
}

/// What a program is called with.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Calldata.
    pub calldata: &'a [u8],
    /// Gas that the program may use: what is left after the cost of the call itself.
    pub gas: u64,
    /// Gas of the frame before the cost of the call; the rule on return data counts from here.
    pub starting_gas: u64,
}

/// From this version on, return data costs at least what it costs in the EVM.
const RETURN_DATA_COST: u64 = 31;
/// Bytes of a page of memory.
const PAGE: usize = 65_536;

/// Runs a compiled program.
pub(crate) fn run(
    compiled: &Compiled,
    host: &mut dyn Host,
    config: &Config,
    data: &EvmData,
    call: Call<'_>,
) -> RunResult {
    let ink = call.gas.saturating_mul(u64::from(config.ink_price));
    // what memory.grow may reach: more than this cannot be paid for
    let limits = StoreLimitsBuilder::new().memory_size(usize::from(config.page_limit) * PAGE).build();
    let tracing = host.tracing();
    let state = State {
        host,
        config,
        data,
        calldata: call.calldata,
        output: Vec::new(),
        return_data: Bytes::new(),
        last_code: None,
        cache: StorageCache::default(),
        probe: None,
        tracing,
        limits,
        handles: None,
    };
    let mut store = Store::new(&compiled.engine, state);
    store.limiter(|state| &mut state.limits);
    let (outcome, ink_left) = match Machine::start(compiled, &mut store, ink, config) {
        Some(machine) => {
            if compiled.hooks {
                store.data_mut().begin_profile(ink);
            }
            let (outcome, ink_left) = machine.run(&mut store, call.calldata.len());
            store.data_mut().end_profile(ink_left);
            (outcome, ink_left)
        }
        // segments that do not fit the memory or the table
        None => (Outcome::Failure, ink),
    };
    let output = match outcome {
        Outcome::Success | Outcome::Revert => Bytes::from(store.into_data().output),
        _ => Bytes::new(),
    };
    settle(outcome, output, ink_left, config, call)
}

/// An instance that is ready to run.
struct Machine {
    instance: Instance,
    ink: Global,
    status: Global,
    stack: Global,
}

impl Machine {
    /// Instantiates the module and sets its meters; `None` when a segment does not fit.
    fn start(compiled: &Compiled, store: &mut Store<State<'_>>, ink: u64, config: &Config) -> Option<Self> {
        let mut imports = Vec::with_capacity(compiled.imports.len());
        for (module, name) in &compiled.imports {
            imports.push(Extern::Func(hostio::bind(store, module, name)?));
        }
        let instance = Instance::new(&mut *store, &compiled.module, &imports).ok()?;
        let memory = instance.get_memory(&*store, MEMORY)?;
        let machine = Self {
            instance,
            ink: instance.get_global(&*store, INK_LEFT)?,
            status: instance.get_global(&*store, INK_STATUS)?,
            stack: instance.get_global(&*store, STACK_LEFT)?,
        };
        machine.ink.set(&mut *store, Val::I64(ink.cast_signed())).ok()?;
        machine.stack.set(&mut *store, Val::I32(config.max_stack_depth.cast_signed())).ok()?;
        let scratch = instance.get_global(&*store, SCRATCH)?;
        let growing = instance.get_global(&*store, GROWING)?;
        store.data_mut().handles = Some(Handles { memory, ink: machine.ink, scratch, growing });
        Some(machine)
    }

    /// Calls the entry point: how it ended and the ink left.
    fn run(&self, store: &mut Store<State<'_>>, len: usize) -> (Outcome, u64) {
        let Ok(entry) = self.instance.get_typed_func::<u32, u32>(&*store, ENTRYPOINT) else {
            return (Outcome::Failure, self.ink_left(store));
        };
        let ink = self.ink_left(store);
        let len = len as u32;
        if store.data().tracing {
            store.data_mut().host.trace("user_entrypoint", &len.to_be_bytes(), &[], ink, ink);
        }
        let result = entry.call(&mut *store, len);
        let (outcome, status) = self.outcome(store, result);
        let ink = self.ink_left(store);
        if let Some(status) = status.filter(|_| store.data().tracing) {
            store.data_mut().host.trace("user_returned", &[], &status.to_be_bytes(), ink, ink);
        }
        (outcome, ink)
    }

    /// How the program ended, and its status if it gave one.
    fn outcome(&self, store: &Store<State<'_>>, result: Result<u32, wasmi::Error>) -> (Outcome, Option<u32>) {
        let ended = |status| (if status == 0 { Outcome::Success } else { Outcome::Revert }, Some(status));
        let error = match result {
            Ok(status) => return ended(status),
            Err(error) => error,
        };
        if matches!(self.stack.get(store), Val::I32(0)) {
            return (Outcome::OutOfStack, None);
        }
        if !matches!(self.status.get(store), Val::I32(0)) {
            return (Outcome::OutOfInk, None);
        }
        let outcome = match error.downcast_ref::<Escape>() {
            Some(Escape::Exit(status)) => return ended(*status),
            Some(Escape::OutOfInk) => Outcome::OutOfInk,
            Some(Escape::Memory | Escape::Logical(_)) => Outcome::Failure,
            // only a budget beyond the usual lets the engine's own stack end first
            None if error.as_trap_code() == Some(wasmi::TrapCode::StackOverflow) => Outcome::OutOfStack,
            None => Outcome::Failure,
        };
        (outcome, None)
    }

    fn ink_left(&self, store: &Store<State<'_>>) -> u64 {
        if let Val::I64(ink) = self.ink.get(store) { ink.cast_unsigned() } else { 0 }
    }
}

/// Turns ink into gas and charges for return data.
fn settle(outcome: Outcome, output: Bytes, ink_left: u64, config: &Config, call: Call<'_>) -> RunResult {
    let nothing = |outcome| RunResult { outcome, output: Bytes::new(), gas_left: 0, ink_left: 0 };
    if matches!(outcome, Outcome::OutOfInk | Outcome::OutOfStack) {
        return nothing(outcome);
    }
    let mut gas_left = ink_left / u64::from(config.ink_price.max(1));
    if !output.is_empty() && config.arbos_version >= RETURN_DATA_COST {
        match call.starting_gas.checked_sub(pricing::return_data_gas(output.len() as u64)) {
            Some(most) => gas_left = gas_left.min(most),
            None => return nothing(Outcome::OutOfInk),
        }
    }
    RunResult { outcome, output, gas_left, ink_left }
}
