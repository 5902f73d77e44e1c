//! Checks that errors and events are encoded as alloy encodes them.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolError, SolEvent};

use crate::{
    codec::concat,
    events::{EncodeError, EncodeEvent},
};

#[track_caller]
pub fn same_error<E: SolError + EncodeError>(error: E) {
    assert_eq!(error.encode(), error.abi_encode());
}

#[track_caller]
pub fn same_event<E: SolEvent + EncodeEvent>(event: E) {
    let (topics, data) = event.encode();
    let expected: Vec<B256> = event.encode_topics().into_iter().map(B256::from).collect();
    assert_eq!(topics, expected);
    assert_eq!(concat(&[], &data), event.encode_data());
}
