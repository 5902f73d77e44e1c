//! Which logs a filter wants.

use alloy_primitives::{Address, B256, Bloom, BloomInput, Log};

/// A filter over logs: any of the addresses, and at each position any of the topics. Empty lists admit all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Emitting accounts.
    pub addresses: Vec<Address>,
    /// Topics by position.
    pub topics: Vec<Vec<B256>>,
}

impl LogFilter {
    /// Whether a log passes.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        if !self.addresses.is_empty() && !self.addresses.contains(&log.address) {
            return false;
        }
        let topics = log.data.topics();
        self.topics.len() <= topics.len()
            && self.topics.iter().zip(topics).all(|(any, topic)| any.is_empty() || any.contains(topic))
    }

    /// Whether a block with this bloom filter may hold a log that passes.
    #[must_use]
    pub fn may_match(&self, bloom: &Bloom) -> bool {
        let has = |bytes: &[u8]| bloom.contains_input(BloomInput::Raw(bytes));
        (self.addresses.is_empty() || self.addresses.iter().any(|a| has(a.as_slice())))
            && self.topics.iter().all(|any| any.is_empty() || any.iter().any(|t| has(t.as_slice())))
    }
}
