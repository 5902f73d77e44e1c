//! Who signed what: digests against alloy, keys by k256.

use alloy_sol_types::SolError;

use super::*;
use crate::sol::{BadSignature, SignersNotSorted, TooFewSignatures, UnknownSigner};

/// The order of secp256k1.
const ORDER: U256 =
    alloy_primitives::uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

fn report() -> Vec<PricePoint> {
    vec![point(BTC, 19_000 * WAD, NOW), point(ETH, 800 * WAD, NOW - 3)]
}

/// Submits the report with signatures made from its digest.
fn with(rig: &Rig, signatures: impl FnOnce(B256) -> Vec<Bytes>) -> Result<(), Vec<u8>> {
    let (points, deadline) = (report(), NOW + 5);
    let signatures = signatures(rig.digest(&points, deadline));
    rig.call(IOracle::submitCall { points, deadline, signatures }).map(drop)
}

#[test]
fn digest_matches_alloy() {
    let rig = Rig::new();
    let extreme = point(u16::MAX, u128::MAX, u64::MAX);
    for points in [vec![], vec![extreme.clone()], report(), vec![extreme; 40]] {
        for deadline in [0, NOW, u64::MAX] {
            for (chain_id, byte) in [(1, 0), (412_346, 7), (u64::MAX, 0xff)] {
                rig.host.0.borrow_mut().chain_id = chain_id;
                rig.host.0.borrow_mut().contract = Address::repeat_byte(byte);
                let expected = rig.digest(&points, deadline);
                let digest = rig.call(IOracle::digestCall { points: points.clone(), deadline }).unwrap();
                assert_eq!(digest, expected);
            }
        }
    }
}

#[test]
fn submit_takes_any_quorum() {
    for signers in [vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 1, 2]] {
        let rig = Rig::new();
        with(&rig, |digest| signers.into_iter().map(|key| rig.sign(key, digest)).collect()).unwrap();
        assert_eq!(rig.price(ETH), (1, 800 * WAD, NOW - 3));
    }
}

#[test]
fn submit_errors_too_few_signatures() {
    let rig = Rig::new();
    refused(with(&rig, |_| vec![]), TooFewSignatures { got: U256::ZERO, threshold: 2 });
    refused(
        with(&rig, |digest| vec![rig.sign(2, digest)]),
        TooFewSignatures { got: U256::ONE, threshold: 2 },
    );
}

#[test]
fn submit_errors_signer_counted_twice() {
    let rig = Rig::new();
    let signer = rig.signers()[0];
    let twice = with(&rig, |digest| vec![rig.sign(0, digest), rig.sign(0, digest)]);
    refused(twice, SignersNotSorted { signer });
    let swapped = with(&rig, |digest| vec![rig.sign(1, digest), rig.sign(0, digest)]);
    refused(swapped, SignersNotSorted { signer });
}

#[test]
fn submit_errors_unknown_signer() {
    let mut rig = Rig::new();
    let stranger = SigningKey::from_slice(&[77; 32]).unwrap();
    let signer = address_of(stranger.verifying_key());
    rig.keys.push(stranger);
    let mut order = [(rig.signers()[0], 0), (signer, 3)];
    order.sort();
    let signed = with(&rig, |digest| order.iter().map(|(_, key)| rig.sign(*key, digest)).collect());
    refused(signed, UnknownSigner { signer });
}

#[test]
fn submit_errors_another_report_signed() {
    let rig = Rig::new();
    for (chain_id, deadline) in [(1, NOW + 5), (412_346, NOW + 6)] {
        let there = rig.host.0.borrow().chain_id;
        rig.host.0.borrow_mut().chain_id = chain_id;
        let digest = rig.digest(&report(), deadline);
        rig.host.0.borrow_mut().chain_id = there;
        // Another digest recovers to another key, which is nobody's.
        let data = with(&rig, |_| vec![rig.sign(0, digest), rig.sign(1, digest)]).unwrap_err();
        assert!(
            [UnknownSigner::SELECTOR, SignersNotSorted::SELECTOR].iter().any(|error| data.starts_with(error))
        );
    }
}

#[test]
fn submit_errors_bad_signature() {
    let rig = Rig::new();
    let broken: [fn(&mut Vec<u8>); 7] = [
        |signature| signature.truncate(64),
        |signature| signature.push(0),
        |signature| signature.clear(),
        |signature| signature[64] -= 27,
        |signature| signature[64] = 29,
        |signature| signature[..32].fill(0),
        // The other signature that the same key could have made: as valid to the precompile, refused here.
        |signature| {
            let s = ORDER - U256::from_be_slice(&signature[32..64]);
            signature[32..64].copy_from_slice(&s.to_be_bytes::<32>());
            signature[64] = 55 - signature[64];
        },
    ];
    for (number, change) in broken.into_iter().enumerate() {
        let signed = with(&rig, |digest| {
            let mut signature = rig.sign(1, digest).to_vec();
            change(&mut signature);
            vec![rig.sign(0, digest), signature.into()]
        });
        assert!(signed.is_err(), "case {number}");
        refused(signed, BadSignature { index: U256::ONE });
    }
}

#[test]
fn submit_errors_bad_signature_beyond_the_threshold() {
    let rig = Rig::new();
    let signed = with(&rig, |digest| vec![rig.sign(0, digest), rig.sign(1, digest), Bytes::new()]);
    refused(signed, BadSignature { index: U256::from(2) });
}
