//! The host of the tests, with the precompile that recovers signers.

use alloy_primitives::{Address, address};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use plimsoll_kit::testing::host::TestHost;

/// A host on which signers can be recovered.
pub(super) fn host() -> TestHost {
    let host = TestHost::default();
    let at = address!("0x0000000000000000000000000000000000000001");
    host.0.borrow_mut().precompiles.insert(at, |_, input| {
        assert_eq!(input.len(), 128);
        recover(input).unwrap_or_default()
    });
    host
}

/// The address behind a public key.
pub(super) fn address_of(key: &VerifyingKey) -> Address {
    Address::from_raw_public_key(&key.to_encoded_point(false).as_bytes()[1..])
}

/// What the precompile at address 1 answers (EIP-2 does not bind it: it accepts any `s` below the order).
fn recover(input: &[u8]) -> Option<Vec<u8>> {
    let v = input[63].checked_sub(27).filter(|_| input[32..63].iter().all(|byte| *byte == 0))?;
    let signature = Signature::from_slice(&input[64..128]).ok()?;
    let id = RecoveryId::from_byte(v)?;
    // k256 recovers from the lower of the two signatures only; flipping both halves gives the same key.
    let (signature, id) = match signature.normalize_s() {
        Some(low) => (low, RecoveryId::new(!id.is_y_odd(), id.is_x_reduced())),
        None => (signature, id),
    };
    let key = VerifyingKey::recover_from_prehash(&input[..32], &signature, id).ok()?;
    Some(address_of(&key).into_word().to_vec())
}
