//! A contract's own door against the SDK's.

use alloy_primitives::U256;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{Rig, host::Door};

/// Both doors of a contract, and one good call of every function.
pub struct Doors {
    pub rig: Rig,
    pub sdk: Door,
    pub calls: Vec<Vec<u8>>,
    /// The errors that the own door may give where the SDK's fails without one; none when the own one does so too.
    pub names: &'static [[u8; 4]],
}

impl Doors {
    /// Both doors on copies of the same state: the same result, storage, codes and logs.
    pub fn compare(&self, input: &[u8]) {
        let (own, sdk) = (self.rig.copy().host, self.rig.copy().host);
        let found = (self.rig.enter)(input.to_vec(), own.vm());
        match (self.sdk)(input.to_vec(), sdk.vm()) {
            Err(data) if data.is_empty() && !self.names.is_empty() => {
                let reason = found.unwrap_err();
                assert!(self.names.iter().any(|selector| reason.starts_with(selector)));
            }
            expected => assert_eq!(found, expected),
        }
        let (own, sdk) = (own.0.borrow(), sdk.0.borrow());
        assert_eq!(own.storage, sdk.storage);
        assert_eq!(own.codes, sdk.codes);
        assert_eq!(own.logs, sdk.logs);
    }

    /// Compares every good call, which must succeed, and all that is left of it when it is cut.
    pub fn agree_on_good_and_on_cut_calls(&self) {
        for call in &self.calls {
            assert!(self.rig.copy().raw(call.clone()).is_ok(), "{:?}", call.first_chunk::<4>());
            for length in 0..=call.len() {
                self.compare(&call[..length]);
            }
        }
    }

    /// Compares so many calls of which a few bytes or one word are others.
    pub fn agree_on_changed_calls(&self, cases: u32) {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let compare = |input: Vec<u8>| {
            self.compare(&input);
            Ok(())
        };
        TestRunner::new(config).run(&changed(self.calls.clone()), compare).unwrap();
    }
}

fn changed(calls: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    let word = prop::option::of((any::<prop::sample::Index>(), prop_oneof![0..700_u64, any::<u64>()]));
    (prop::sample::select(calls), bytes, word).prop_map(|(mut input, bytes, word)| {
        match word {
            // A whole word replaced finds offsets and lengths, which random bytes hardly ever leave plausible.
            Some((at, value)) if input.len() > 4 => {
                let at = 4 + 32 * at.index((input.len() - 4) / 32);
                input[at..at + 32].copy_from_slice(&U256::from(value).to_be_bytes::<32>());
            }
            _ => {
                for (at, byte) in bytes {
                    let at = at.index(input.len());
                    input[at] = byte;
                }
            }
        }
        input
    })
}

/// The tests that the doors of every contract must pass, of the function that makes them.
#[macro_export]
macro_rules! doors_agree {
    ($doors:ident) => {
        #[test]
        fn door_agrees_with_the_sdk_on_good_and_on_cut_calls() {
            $doors().agree_on_good_and_on_cut_calls();
        }

        #[test]
        fn door_agrees_with_the_sdk_on_changed_calls() {
            $doors().agree_on_changed_calls(3000);
        }
    };
}
