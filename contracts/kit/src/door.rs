//! Doors: the code that every call of a contract enters by, and the delegate call from a router to its modules.
//!
//! A root is a contract of its own. It refuses ether, runs its constructor once, and gives every refusal a typed error.
//! A module runs in a root's storage by delegate call. It may fail with an empty error; the root then puts a typed one
//! in its place.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, U256};
use stylus_sdk::{
    ArbResult,
    abi::{CONSTRUCTOR_SELECTOR, internal::CONSTRUCTOR_EXECUTED_SLOT},
    call::RawCall,
    host::VM,
    prelude::*,
};

use crate::{
    Revert,
    codec::Args,
    sol::{AlreadyConstructed, MalformedCall, NotPayable, Reentered, UnknownSelector},
    table::Functions,
};

/// What the SDK stores once a constructor has run: a packed `bool` in the first byte.
const CONSTRUCTED: B256 = {
    let mut word = [0; 32];
    word[0] = 1;
    B256::new(word)
};

/// A contract of its own.
pub trait Root: Functions + HostAccess<Host = VM> + StorageType {
    /// Whether the contract refuses a call that comes in while another one runs.
    const REFUSES_REENTRY: bool = false;

    /// The module that has the function of this selector; `None` when no module has it.
    fn module(&self, selector: [u8; 4]) -> Option<Address> {
        let _ = selector;
        None
    }
}

/// Answers a call of a root.
///
/// # Errors
/// `Reentered`, where the root refuses it; `NotPayable` with ether, which no function takes; `UnknownSelector`, padded with
/// zeros for a call of less than four bytes; `AlreadyConstructed`; `MalformedCall` for arguments that do not decode and for
/// a module that trapped; what the function itself says.
pub fn enter_root<C: Root>(input: &[u8], host: VM) -> ArbResult {
    if C::REFUSES_REENTRY && host.msg_reentrant() {
        return Err(Revert::new(Reentered {}).into());
    }
    if !host.msg_value().is_zero() {
        return Err(Revert::new(NotPayable {}).into());
    }
    let mut selector = [0; 4];
    for (byte, given) in selector.iter_mut().zip(input) {
        *byte = *given;
    }
    // SAFETY: the only accessor of the storage's root.
    let mut root = unsafe { C::new(U256::ZERO, 0, host) };
    let args = Args(input.get(4..).unwrap_or_default());
    let answer = if input.len() < 4 { None } else { answer(&mut root, selector, args, input) };
    let unknown = || Err(Revert::new(UnknownSelector { selector: FixedBytes(selector) }));
    answer.unwrap_or_else(unknown).map_err(|reason| {
        let data = Vec::from(reason);
        match data.is_empty() {
            true => Revert::new(MalformedCall { selector: FixedBytes(selector) }).into(),
            false => data,
        }
    })
}

fn answer<C: Root>(
    root: &mut C,
    selector: [u8; 4],
    args: Args<'_>,
    input: &[u8],
) -> Option<Result<Vec<u8>, Revert>> {
    // First: most calls of a router are for its modules.
    if let Some(module) = root.module(selector) {
        return Some(delegate(root.vm(), module, input));
    }
    if let Some(answer) = root.route(selector, args) {
        return Some(answer);
    }
    if selector != CONSTRUCTOR_SELECTOR.to_be_bytes() {
        return None;
    }
    if !root.vm().storage_load_bytes32(CONSTRUCTOR_EXECUTED_SLOT).is_zero() {
        return Some(Err(Revert::new(AlreadyConstructed {})));
    }
    // SAFETY: the slot is a hash that no field of the storage can reach.
    unsafe { root.vm().storage_cache_bytes32(CONSTRUCTOR_EXECUTED_SLOT, CONSTRUCTED) };
    root.construct(args)
}

/// Runs a module in the caller's storage.
///
/// # Errors
/// Those of the module; an empty one when it trapped.
pub fn delegate(host: &VM, module: Address, input: &[u8]) -> Result<Vec<u8>, Revert> {
    // SAFETY: whoever delegates has written nothing, and reads nothing afterwards that a module changes.
    unsafe { RawCall::new_delegate(host).call(module, input) }.map_err(Revert::of_data)
}

/// Answers a call of a module.
///
/// # Errors
/// Those of the function; an empty one, which the root names, when there is none or its arguments do not decode.
pub fn enter_module<C: Functions + StorageType>(input: &[u8], host: VM) -> ArbResult {
    // SAFETY: the only accessor of the storage's root.
    let mut module = unsafe { C::new(U256::ZERO, 0, host) };
    let Some((selector, args)) = input.split_first_chunk() else { return Err(Vec::new()) };
    module.route(*selector, Args(args)).unwrap_or_else(|| Err(Revert::empty())).map_err(Into::into)
}

/// Makes a storage struct the entry point of a root.
#[macro_export]
macro_rules! root {
    ($name:ident) => {
        $crate::entry!($name, enter_root);
    };
}

/// Makes a storage struct the entry point of a module.
#[macro_export]
macro_rules! module {
    ($name:ident) => {
        $crate::entry!($name, enter_module);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! entry {
    ($name:ident, $enter:ident) => {
        mod entry {
            // What the attribute writes for wasm32 calls the host's methods.
            #[allow(unused_imports)]
            use $crate::stylus_sdk::prelude::*;

            // SAFETY: the entry point makes the only instance, at slot zero.
            unsafe impl $crate::stylus_sdk::prelude::TopLevelStorage for super::$name {}

            #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
            #[$crate::stylus_sdk::prelude::entrypoint]
            pub(crate) fn enter(
                input: alloc::vec::Vec<u8>,
                host: $crate::stylus_sdk::host::VM,
            ) -> $crate::stylus_sdk::ArbResult {
                $crate::door::$enter::<super::$name>(&input, host)
            }
        }
    };
}

/// The main function of a contract's program: prints the interface, if the contract has one, when built with `export-abi`;
/// else there is none.
#[macro_export]
macro_rules! main {
    () => {
        $crate::main!(@none);

        #[cfg(feature = "export-abi")]
        fn main() {}
    };
    ($contract:ident) => {
        $crate::main!(@none);

        #[cfg(feature = "export-abi")]
        fn main() {
            $contract::print_from_args();
        }
    };
    (@none) => {
        /// What a program without `export-abi` has in place of a main function.
        #[cfg(not(any(test, feature = "export-abi")))]
        #[unsafe(no_mangle)]
        pub extern "C" fn main() {}
    };
}
