//! Arbitrary bytes as the bodies of JSON-RPC requests.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::requests::Subject;
use plimsoll_fuzz::seeds;

thread_local! {
    static SUBJECT: RefCell<Option<Subject>> = const { RefCell::new(None) };
}

fuzz_target!(init: seeds::write_if_asked(seeds::rpc), |input: &[u8]| {
    SUBJECT.with_borrow_mut(|slot| {
        let subject = slot.get_or_insert_with(Subject::new);
        let back = plimsoll_devnode::stack::on_large_stack(|| subject.answer(input));
        if !back || subject.is_used() {
            *slot = None;
        }
    });
});
