//! The table of host functions: names, signatures, and their connection to the engine.

use wasmi::{Caller, Func, Store, Val};
use wasmparser::ValType;

use super::{Escape, Io, State, probe};
use crate::instrument::hooks;

/// Module of the functions that every program may import.
const VM_HOOKS: &str = "vm_hooks";

/// Parameters and results of a host function.
pub(crate) type Signature = (&'static [ValType], &'static [ValType]);

/// A Rust type that stands for a WebAssembly type.
trait Slot {
    const TYPE: ValType;
}

macro_rules! slots {
    ($($rust:ty = $wasm:ident),*) => { $(impl Slot for $rust { const TYPE: ValType = ValType::$wasm; })* };
}
slots!(u32 = I32, i32 = I32, u64 = I64, i64 = I64, f32 = F32, f64 = F64);

/// Runs a host function: ink and memory out of the instance, the act, ink back into it.
fn enter<'h, R>(
    caller: &mut Caller<'_, State<'h>>,
    name: &'static str,
    act: impl FnOnce(&mut Io<'_, 'h>) -> Result<R, Escape>,
) -> Result<R, wasmi::Error> {
    let Some(handles) = caller.data().handles else {
        return Err(wasmi::Error::host(Escape::Logical("called before the program started")));
    };
    let Val::I64(ink) = handles.ink.get(&*caller) else {
        return Err(wasmi::Error::host(Escape::Logical("the meter is gone")));
    };
    let ink = ink.cast_unsigned();
    let visit = caller.data_mut().begin_visit(name, ink);
    let (memory, state) = handles.memory.data_and_store_mut(&mut *caller);
    let mut io = Io { memory, state, ink, start: ink, name };
    let result = act(&mut io);
    let ink = io.ink;
    caller.data_mut().end_visit(visit, ink);
    handles.ink.set(caller, Val::I64(ink.cast_signed()))?;
    result.map_err(wasmi::Error::host)
}

/// Grows the memory if instrumented code asked for it with the payment that was just made.
fn grow(caller: &mut Caller<'_, State<'_>>, pages: u32) -> Result<(), wasmi::Error> {
    let Some(handles) = caller.data().handles else { return Ok(()) };
    if matches!(handles.growing.get(&*caller), Val::I32(0)) {
        return Ok(());
    }
    handles.growing.set(&mut *caller, Val::I32(0))?;
    let before = handles.memory.grow(&mut *caller, u64::from(pages));
    // what `memory.grow` returns: the size before, or minus one
    let result = before.map_or(-1, |pages| pages as i32);
    handles.scratch.set(caller, Val::I32(result))?;
    Ok(())
}

macro_rules! functions {
    ($($module:ident { $($name:ident($($arg:ident: $ty:ty),*) $(-> $out:ty)?;)* })*) => {
        /// Signature of a host function; `None` when there is none of that name.
        pub(crate) fn signature(module: &str, name: &str, debug: bool) -> Option<Signature> {
            if module != VM_HOOKS && !debug {
                return None;
            }
            match (module, name) {
                $($((stringify!($module), stringify!($name)) => {
                    Some((&[$(<$ty as Slot>::TYPE),*], &[$(<$out as Slot>::TYPE)?]))
                })*)*
                _ => None,
            }
        }

        /// A host function or hook of a store; `None` when there is none of that name.
        pub(crate) fn bind<'h>(store: &mut Store<State<'h>>, module: &str, name: &str) -> Option<Func> {
            if module == hooks::MODULE {
                return probe::bind(store, name);
            }
            // not by the table alone: the engine's memory grows outside of the host function
            if (module, name) == (VM_HOOKS, "pay_for_memory_grow") {
                return Some(Func::wrap(store, |mut caller: Caller<'_, State<'h>>, pages: u32| {
                    enter(&mut caller, "pay_for_memory_grow", |io| io.pay_for_memory_grow(pages))?;
                    grow(&mut caller, pages)
                }));
            }
            match (module, name) {
                $($((stringify!($module), stringify!($name)) => {
                    Some(Func::wrap(store, |mut caller: Caller<'_, State<'h>>, $($arg: $ty),*| {
                        enter(&mut caller, stringify!($name), |io| io.$name($($arg),*))
                    }))
                })*)*
                _ => None,
            }
        }

        /// Every host function: module and name.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$($((stringify!($module), stringify!($name)),)*)*];
    };
}

functions! {
    vm_hooks {
        read_args(dest: u32);
        write_result(ptr: u32, len: u32);
        exit_early(status: u32);
        storage_load_bytes32(key: u32, dest: u32);
        storage_cache_bytes32(key: u32, value: u32);
        storage_flush_cache(clear: u32);
        transient_load_bytes32(key: u32, dest: u32);
        transient_store_bytes32(key: u32, value: u32);
        call_contract(to: u32, data: u32, len: u32, value: u32, gas: u64, ret_len: u32) -> u32;
        delegate_call_contract(to: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32;
        static_call_contract(to: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32;
        create1(code: u32, len: u32, endowment: u32, address: u32, ret_len: u32);
        create2(code: u32, len: u32, endowment: u32, salt: u32, address: u32, ret_len: u32);
        read_return_data(dest: u32, offset: u32, size: u32) -> u32;
        return_data_size() -> u32;
        emit_log(data: u32, len: u32, topics: u32);
        account_balance(address: u32, dest: u32);
        account_code(address: u32, offset: u32, size: u32, dest: u32) -> u32;
        account_code_size(address: u32) -> u32;
        account_codehash(address: u32, dest: u32);
        evm_gas_left() -> u64;
        evm_ink_left() -> u64;
        block_basefee(dest: u32);
        block_coinbase(dest: u32);
        contract_address(dest: u32);
        msg_sender(dest: u32);
        msg_value(dest: u32);
        tx_gas_price(dest: u32);
        tx_origin(dest: u32);
        chainid() -> u64;
        block_gas_limit() -> u64;
        block_number() -> u64;
        block_timestamp() -> u64;
        msg_reentrant() -> u32;
        tx_ink_price() -> u32;
        math_div(value: u32, divisor: u32);
        math_mod(value: u32, modulus: u32);
        math_pow(value: u32, exponent: u32);
        math_add_mod(value: u32, addend: u32, modulus: u32);
        math_mul_mod(value: u32, multiplier: u32, modulus: u32);
        native_keccak256(input: u32, len: u32, output: u32);
        pay_for_memory_grow(pages: u32);
    }
    console {
        log_txt(ptr: u32, len: u32);
        log_i32(value: i32);
        log_i64(value: i64);
        log_f32(value: f32);
        log_f64(value: f64);
        tee_i32(value: i32) -> i32;
        tee_i64(value: i64) -> i64;
        tee_f32(value: f32) -> f32;
        tee_f64(value: f64) -> f64;
    }
    debug {
        null_host();
        start_benchmark();
        end_benchmark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_number_and_debug_flag() {
        let count = |module| ALL.iter().filter(|(of, _)| *of == module).count();
        assert_eq!((count("vm_hooks"), count("console"), count("debug")), (42, 9, 3));
        for (module, name) in ALL {
            assert!(signature(module, name, true).is_some());
            assert_eq!(signature(module, name, false).is_some(), *module == "vm_hooks", "{module}.{name}");
        }
        assert!(signature("vm_hooks", "null_host", true).is_none());
        assert!(signature("env", "read_args", true).is_none());
    }
}
