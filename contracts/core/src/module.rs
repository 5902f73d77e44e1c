//! The door of a module.

/// Makes a storage struct a module of the router: its entry point, reached by delegate call.
#[macro_export]
macro_rules! module {
    ($name:ty) => {
        mod entry {
            use super::*;

            // SAFETY: the entry point makes the only instance, at slot zero.
            unsafe impl stylus_sdk::prelude::TopLevelStorage for $name {}

            #[cfg_attr(feature = "contract-client-gen", allow(dead_code))]
            #[stylus_sdk::prelude::entrypoint]
            fn enter(input: alloc::vec::Vec<u8>, host: stylus_sdk::host::VM) -> stylus_sdk::ArbResult {
                stylus_sdk::abi::router_entrypoint::<$name, $name>(input, host)
            }
        }
    };
}
