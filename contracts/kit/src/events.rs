//! Encodes errors and events as words, without the SDK's codec.

use alloc::vec::Vec;

use alloy_primitives::B256;
use stylus_sdk::prelude::*;

use crate::{codec::concat, sol};

/// A Solidity error, encoded without the SDK's codec.
pub trait EncodeError {
    /// Selector and words.
    fn encode(&self) -> Vec<u8>;
}

/// A Solidity event, encoded without the SDK's codec.
pub trait EncodeEvent {
    /// Topics, the signature first, and data; all as words.
    fn encode(&self) -> (Vec<B256>, Vec<B256>);
}

/// Logs data under topics.
pub fn emit(host: &impl Host, topics: &[B256], data: &[u8]) {
    let mut input = concat(&[], topics);
    input.extend_from_slice(data);
    host.emit_log(&input, topics.len());
}

/// Logs an event.
pub fn log(host: &impl Host, event: &dyn EncodeEvent) {
    let (topics, data) = event.encode();
    emit(host, &topics, &concat(&[], &data));
}

/// Implements [`EncodeError`] for errors of a module, all of whose fields take one word.
#[macro_export]
macro_rules! encode_errors {
    ($module:ident: $($name:ident { $($field:ident),* })*) => {$(
        impl $crate::events::EncodeError for $module::$name {
            fn encode(&self) -> alloc::vec::Vec<u8> {
                $crate::codec::concat(
                    &<Self as $crate::alloy_sol_types::SolError>::SELECTOR,
                    &[$($crate::codec::Word::word(&self.$field)),*],
                )
            }
        }
    )*};
}

/// Implements [`EncodeEvent`] for events of a module, whose topics take one word each and whose data has a fixed size.
#[macro_export]
macro_rules! encode_events {
    ($module:ident: $($name:ident [$($topic:ident),*] { $($field:ident),* })*) => {$(
        impl $crate::events::EncodeEvent for $module::$name {
            fn encode(&self) -> (alloc::vec::Vec<$crate::alloy_primitives::B256>, alloc::vec::Vec<$crate::alloy_primitives::B256>) {
                let mut topics = alloc::vec::Vec::with_capacity(4);
                topics.push(<Self as $crate::alloy_sol_types::SolEvent>::SIGNATURE_HASH);
                $($crate::codec::Words::push(&self.$topic, &mut topics);)*
                #[allow(unused_mut)]
                let mut data = alloc::vec::Vec::new();
                $($crate::codec::Words::push(&self.$field, &mut data);)*
                (topics, data)
            }
        }
    )*};
}

encode_errors! {
    sol:
    UnknownSelector { selector }
    MalformedCall { selector }
    NotPayable {}
    Reentered {}
    AlreadyConstructed {}
    Overflow {}
    NotOwner { caller }
    NotPendingOwner { caller }
    ZeroAddress {}
}

encode_events! {
    sol:
    OwnershipTransferStarted [owner, pending] {  }
    OwnershipTransferred [previous, owner] {  }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, FixedBytes};

    use super::*;
    use crate::testing::encoding::{same_error, same_event};

    #[test]
    fn errors_encode_as_alloy_does() {
        let caller = Address::repeat_byte(0xcd);
        same_error(sol::UnknownSelector { selector: FixedBytes([1, 2, 3, 4]) });
        same_error(sol::Reentered {});
        same_error(sol::NotOwner { caller });
    }

    #[test]
    fn events_encode_as_alloy_does() {
        let (previous, owner) = (Address::repeat_byte(0xcd), Address::repeat_byte(0xab));
        same_event(sol::OwnershipTransferred { previous, owner });
    }
}
