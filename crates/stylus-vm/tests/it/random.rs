//! Random programs, run twice: instrumented on the engine, and as they were written by an interpreter that counts the
//! cost of every block and host function itself. Outcome, output, ink, gas, what happened on the chain and the ink of
//! every host function must be the same.
//!
//! `PLIMSOLL_RANDOM_PROGRAMS=N` runs N programs instead of the usual number.

use std::cell::RefCell;

use crate::random_support::{Tally, check, report};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config as ProptestConfig, TestCaseError, TestError, TestRunner};

/// Programs without the variable: about 5 seconds of processor time in the dev profile.
const PROGRAMS: u32 = 4_000;
/// Bytes that a program is made of.
const BYTES: std::ops::Range<usize> = 60..2_400;

#[test]
fn random_programs_cost_what_the_interpreter_counts() {
    let cases = match std::env::var("PLIMSOLL_RANDOM_PROGRAMS") {
        Ok(cases) => cases.parse().expect("PLIMSOLL_RANDOM_PROGRAMS is a number"),
        Err(_) => PROGRAMS,
    };
    let tally = RefCell::new(Tally::default());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    // while a failing program is made smaller, panics are answers; those of other tests stay failures
    let (here, hook) = (std::thread::current().id(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != here {
            hook(info);
        }
    }));
    let result = TestRunner::new(config).run(&vec(any::<u8>(), BYTES), |bytes| {
        check(&bytes, &mut tally.borrow_mut()).map_err(|error| TestCaseError::fail(format!("{error:?}")))
    });
    let failure = result.err().map(|error| match error {
        TestError::Fail(reason, bytes) => match check(&bytes, &mut tally.borrow_mut()) {
            Err(disagreement) => report(&bytes, &disagreement),
            Ok(()) => format!("only once: {reason}"),
        },
        TestError::Abort(reason) => reason.to_string(),
    });
    drop(std::panic::take_hook());
    if let Some(failure) = failure {
        panic!("{failure}");
    }
    let tally = tally.into_inner();
    println!("{tally}");
    if cases >= PROGRAMS {
        tally.assert_varied();
    }
}
