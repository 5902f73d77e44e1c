//! The table of a contract's functions: each is one line.

use alloc::vec::Vec;

use crate::{Revert, codec::Args};

/// The functions of a contract, by selector. [`functions!`](crate::functions) implements it.
pub trait Functions {
    /// Runs a function: `None` when there is none with this selector; an empty error when its arguments do not decode.
    fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>>;

    /// Runs the constructor: `None` when there is none; an empty error when its arguments do not decode.
    fn construct(&mut self, args: Args<'_>) -> Option<Result<Vec<u8>, Revert>>;
}

/// Which module of a router answers a selector, in a table that is sorted by selector.
#[must_use]
pub fn module_of(routes: &[([u8; 4], u8)], selector: [u8; 4]) -> Option<usize> {
    let place = routes.binary_search_by_key(&selector, |(selector, _)| *selector).ok()?;
    routes.get(place).map(|(_, module)| usize::from(*module))
}

/// Lists the functions of a contract: name in Solidity, method, types of the arguments.
///
/// A method is one of the `#[public]` ones, from which the SDK exports the interface: the same body runs on the chain, in
/// the tests and in the SDK's own router. Where the answer is stored encoded, it may be a method beside a public one, with
/// [`Encoded`](crate::answer::Encoded) for its result. Arguments are decoded by [`Argument`](crate::codec::Argument), results encoded
/// by [`Answer`](crate::answer::Answer).
///
/// ```text
/// functions!(Engine, constructor(Vec<Address>, Address):
///     "modules" modules();
/// );
/// functions!(Trading:
///     "settle" settle(Vec<Fill>);
///     "touch" touch(B256);
/// );
/// ```
#[macro_export]
macro_rules! functions {
    ($contract:ident $(, constructor($($given:ty),* $(,)?))?:
        $($name:literal $method:ident($($type:ty),* $(,)?);)*) =>
    {
        impl $crate::table::Functions for $contract {
            fn route(
                &mut self,
                selector: [u8; 4],
                args: $crate::codec::Args<'_>,
            ) -> Option<Result<alloc::vec::Vec<u8>, $crate::Revert>> {
                $(
                    if selector == const { $crate::stylus_sdk::function_selector!($name $(, $type)*) } {
                        return Some($crate::call_with!(args, self.$method($($type),*)));
                    }
                )*
                None
            }

            fn construct(
                &mut self,
                _args: $crate::codec::Args<'_>,
            ) -> Option<Result<alloc::vec::Vec<u8>, $crate::Revert>> {
                $(
                    return Some($crate::call_with!(_args, self.constructor($($given),*)));
                    #[allow(unreachable_code)]
                )?
                None
            }
        }

        /// Every function as `name(types)`, the types by the SDK's own names.
        #[cfg(test)]
        pub(crate) fn signatures() -> Vec<(&'static str, String)> {
            alloc::vec![$((
                $name,
                {
                    let types: &[String] =
                        &[$(<$type as $crate::stylus_sdk::abi::AbiType>::SELECTOR_ABI.as_str().into()),*];
                    types.join(",")
                },
            )),*]
        }
    };
}

/// Calls a method with arguments that decode to these types; an empty error when they do not.
#[doc(hidden)]
#[macro_export]
macro_rules! call_with {
    ($args:expr, $self:ident.$method:ident($($type:ty),*)) => {{
        #[allow(unused_mut, unused_variables)]
        let mut next = $crate::codec::Cursor::new($args, 0);
        let mut call =
            || Some($crate::answer::Outcome::outcome($self.$method($(next.take::<$type>()?),*)));
        call().unwrap_or_else(|| Err($crate::Revert::empty()))
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_of_a_sorted_table() {
        let routes = [([0, 0, 0, 1], 3), ([0, 0, 1, 0], 4), ([9, 0, 0, 0], 0)];
        assert_eq!(module_of(&routes, [0, 0, 1, 0]), Some(4));
        assert_eq!(module_of(&routes, [9, 0, 0, 0]), Some(0));
        assert_eq!(module_of(&routes, [9, 0, 0, 1]), None);
        assert_eq!(module_of(&[], [0; 4]), None);
    }
}
