//! The door of a module.

/// Makes a storage struct a module of the router: its entry point, reached by delegate call.
///
/// The struct answers `route(&mut self, selector: [u8; 4], args: Args) -> Option<Result<Vec<u8>, Revert>>`: `None` when
/// the selector is not its own or the arguments do not decode, an empty revert that the router gives a name.
#[macro_export]
macro_rules! module {
    ($name:ty) => {
        mod entry {
            use super::*;

            // SAFETY: the entry point makes the only instance, at slot zero.
            unsafe impl stylus_sdk::prelude::TopLevelStorage for $name {}

            #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
            #[stylus_sdk::prelude::entrypoint]
            pub(crate) fn enter(
                input: alloc::vec::Vec<u8>,
                host: stylus_sdk::host::VM,
            ) -> stylus_sdk::ArbResult {
                // SAFETY: the only accessor of the storage's root.
                let mut module = unsafe { <$name>::new(alloy_primitives::U256::ZERO, 0, host) };
                let Some((selector, args)) = input.split_first_chunk() else {
                    return Err(alloc::vec::Vec::new());
                };
                match module.route(*selector, $crate::codec::Args(args)) {
                    Some(result) => result.map_err(Into::into),
                    None => Err(alloc::vec::Vec::new()),
                }
            }
        }
    };
}

/// What a function without results returns.
///
/// # Errors
/// Those of the function.
pub fn done(result: Result<(), crate::Revert>) -> Result<alloc::vec::Vec<u8>, crate::Revert> {
    result.map(|()| alloc::vec::Vec::new())
}
