//! Accounts with keys: the developer key of the node and deterministic ones derived from labels.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use alloy::{
    primitives::{Address, B256, Signature, b256, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
};

use crate::ids::account_id;

/// Private key of the funded developer account of every Arbitrum development node.
pub const DEV_KEY: B256 = b256!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");

/// A private key and its address. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Key {
    signer: PrivateKeySigner,
}

impl Key {
    /// The funded developer account.
    #[must_use]
    pub fn dev() -> Self {
        Self::from_secret(DEV_KEY).expect("the developer key is a valid scalar")
    }

    /// The key that belongs to a name: the same in every run and on every machine.
    ///
    /// Such keys are public knowledge; they hold nothing of value on any real chain.
    #[must_use]
    pub fn named(label: &str) -> Self {
        let mut secret = keccak256(format!("plimsoll scenario key: {label}"));
        loop {
            // A hash is outside the curve's order with probability 2^-128; hashing again then is still deterministic.
            if let Some(key) = Self::from_secret(secret) {
                return key;
            }
            secret = keccak256(secret);
        }
    }

    /// A key that no other process and no other call has: for what shares a node with strangers.
    #[must_use]
    pub fn fresh(label: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self::named(&format!("{label} {} {now} {count}", std::process::id()))
    }

    /// A key from its 32 secret bytes; `None` when they are zero or not below the curve's order.
    #[must_use]
    pub fn from_secret(secret: B256) -> Option<Self> {
        PrivateKeySigner::from_bytes(&secret).ok().map(|signer| Self { signer })
    }

    /// The 32 secret bytes, for programs that sign for themselves.
    #[must_use]
    pub fn secret(&self) -> B256 {
        self.signer.to_bytes()
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Id of one of the subaccounts of this key.
    #[must_use]
    pub fn account(&self, subaccount: u64) -> B256 {
        account_id(self.address(), subaccount)
    }

    /// Signs a 32-byte digest: low `s`, `v` of 27 or 28 when written as 65 bytes.
    ///
    /// # Errors
    /// When the curve library fails, which no valid key provokes.
    pub fn sign(&self, digest: B256) -> anyhow::Result<Signature> {
        Ok(self.signer.sign_hash_sync(&digest)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::address;

    #[test]
    fn dev_key_has_the_address_of_the_development_node() {
        assert_eq!(Key::dev().address(), address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E"));
    }

    #[test]
    fn secret_of_a_key_makes_the_same_key() {
        assert_eq!(Key::dev().secret(), DEV_KEY);
        let alice = Key::named("alice");
        assert_eq!(Key::from_secret(alice.secret()).unwrap().address(), alice.address());
    }

    #[test]
    fn named_keys_are_stable_and_distinct() {
        assert_eq!(Key::named("alice").address(), Key::named("alice").address());
        assert_ne!(Key::named("alice").address(), Key::named("bob").address());
        assert_ne!(Key::fresh("alice").address(), Key::fresh("alice").address());
    }

    #[test]
    fn from_secret_rejects_zero() {
        assert!(Key::from_secret(B256::ZERO).is_none());
    }
}
