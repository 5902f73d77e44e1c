//! Return data with arrays in it.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_ledger::codec::{Word, concat};
use plimsoll_risk::portfolio::{Greeks, Sensitivities};

/// Words of a `Greeks`.
const GREEKS: usize = 8;

fn push(words: &mut Vec<B256>, greeks: &Greeks) {
    let Greeks { value, delta, gamma, vega, theta, rho, vanna, volga } = greeks;
    words.extend([value, delta, gamma, vega, theta, rho, vanna, volga].map(Word::word));
}

/// `(Greeks, Greeks[], Greeks[])`.
pub(crate) fn greeks(found: &Sensitivities) -> Vec<u8> {
    let Sensitivities { account, expiries, legs } = found;
    let mut words = Vec::with_capacity(GREEKS * (1 + expiries.len() + legs.len()) + 4);
    push(&mut words, account);
    let first = 32 * (GREEKS + 2);
    words.push((first as u64).word());
    words.push(((first + 32 * (1 + GREEKS * expiries.len())) as u64).word());
    for list in [expiries, legs] {
        words.push((list.len() as u64).word());
        list.iter().for_each(|greeks| push(&mut words, greeks));
    }
    concat(&[], &words)
}
