//! Return data with arrays in it.

use alloc::vec::Vec;

use plimsoll_ledger::codec::{Word, concat};
use plimsoll_risk::portfolio::Attribution;

/// `(Attribution)`.
pub(crate) fn attribution(found: &Attribution) -> Vec<u8> {
    let Attribution { profit, linear, delta, gamma, vega, rest, discount, expiries, legs } = found;
    let mut words = Vec::with_capacity(12 + expiries.len() + legs.len());
    words.push(32_u64.word());
    words.extend([profit, linear, delta, gamma, vega, rest, discount].map(Word::word));
    let first = 32 * 9;
    words.push((first as u64).word());
    words.push(((first + 32 * (1 + expiries.len())) as u64).word());
    for list in [expiries, legs] {
        words.push((list.len() as u64).word());
        words.extend(list.iter().map(Word::word));
    }
    concat(&[], &words)
}
