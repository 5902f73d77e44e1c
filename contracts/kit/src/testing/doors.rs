//! Compares a contract's own door with the SDK's: the same calls must give the same answers.

use std::{cell::RefCell, string::String, vec::Vec};

use alloy_primitives::U256;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    calls::{Known, call, selector},
    host::{Door, TestHost},
};

/// Both doors of a contract in a state of it, its functions, and good calls of some.
pub struct Doors {
    pub host: TestHost,
    pub own: Door,
    pub sdk: Door,
    /// Every function: its name and the types of its arguments.
    pub signatures: Vec<(&'static str, String)>,
    /// Calls that succeed.
    pub calls: Vec<Vec<u8>>,
    pub known: Known,
    /// The errors that the own door may give where the SDK's fails without one; none when the own one does so too.
    pub names: &'static [[u8; 4]],
}

impl Doors {
    /// Both doors on copies of the same state: the same result, storage, codes and logs. Says whether the call succeeded.
    pub fn compare(&self, input: &[u8]) -> bool {
        let (own, sdk) = (self.host.copy(), self.host.copy());
        let found = (self.own)(input.to_vec(), own.vm());
        let succeeded = found.is_ok();
        match (self.sdk)(input.to_vec(), sdk.vm()) {
            Err(data) if data.is_empty() && !self.names.is_empty() => {
                let reason = found.unwrap_err();
                assert!(self.names.iter().any(|selector| reason.starts_with(selector)), "{input:02x?}");
            }
            expected => assert_eq!(found, expected, "{input:02x?}"),
        }
        let (own, sdk) = (own.0.borrow(), sdk.0.borrow());
        assert_eq!(own.storage, sdk.storage);
        assert_eq!(own.codes, sdk.codes);
        assert_eq!(own.logs, sdk.logs);
        succeeded
    }

    /// Compares every good call, which must succeed, and all that is left of it when it is cut.
    pub fn agree_on_good_and_on_cut_calls(&self) {
        for call in &self.calls {
            assert!(self.compare(call), "{:?}", call.first_chunk::<4>());
            for length in 0..call.len() {
                self.compare(&call[..length]);
            }
        }
    }

    /// Compares so many random calls of every function of the table, and as many of which a few bytes or one word are others.
    pub fn agree_on_random_calls(&self, cases: u32) {
        let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        for (name, types) in &self.signatures {
            for _ in 0..cases {
                self.compare(&call(name, types, &self.known, &mut rng));
            }
        }
        let rng = RefCell::new(rng);
        let any = || {
            let mut rng = rng.borrow_mut();
            let (name, types) = &self.signatures[rng.random_range(0..self.signatures.len())];
            call(name, types, &self.known, &mut rng)
        };
        let random: Vec<_> = (0..64).map(|_| any()).collect();
        self.agree_on_changed_calls(random, cases * self.signatures.len() as u32);
        self.agree_on_changed_calls(self.calls.clone(), cases * self.calls.len() as u32);
    }

    fn agree_on_changed_calls(&self, calls: Vec<Vec<u8>>, cases: u32) {
        if calls.is_empty() {
            return;
        }
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let compare = |input: Vec<u8>| {
            self.compare(&input);
            Ok(())
        };
        TestRunner::new(config).run(&changed(calls), compare).unwrap();
    }

    /// Every function has a good call; so none is compared on refusals alone.
    pub fn every_function_has_a_good_call(&self) {
        for (name, types) in &self.signatures {
            let selector = selector(&format!("{name}({types})"));
            assert!(self.calls.iter().any(|call| call.starts_with(&selector)), "no good call of {name}");
        }
    }
}

fn changed(calls: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    let word = prop::option::of((any::<prop::sample::Index>(), prop_oneof![0..700_u64, any::<u64>()]));
    (prop::sample::select(calls), bytes, word).prop_map(|(mut input, bytes, word)| {
        match word {
            // A whole word replaced finds offsets and lengths, which random bytes hardly ever leave plausible.
            Some((at, value)) if input.len() >= 36 => {
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
            let doors = $doors();
            doors.every_function_has_a_good_call();
            doors.agree_on_good_and_on_cut_calls();
        }

        #[test]
        fn door_agrees_with_the_sdk_on_random_calls() {
            $doors().agree_on_random_calls(300);
        }
    };
}
