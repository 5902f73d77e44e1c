//! Keys of the accounts beside the developer's.

use plimsoll_harness::key::Key;

/// How many there are.
const COUNT: usize = 5;

/// The keys that belong to a seed.
pub(super) fn keys(seed: u64) -> Vec<Key> {
    (1..=COUNT).map(|number| Key::named(&format!("devnode account {number} of seed {seed}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_belong_to_their_seed() {
        let addresses = |seed| keys(seed).iter().map(Key::address).collect::<Vec<_>>();
        assert_eq!(addresses(1), addresses(1));
        assert!(addresses(1).iter().all(|address| !addresses(2).contains(address)));
    }
}
