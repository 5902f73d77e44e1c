//! Price reports: what the oracle's signers sign and how the harness submits it.

use alloy::{
    primitives::{Address, B256, Bytes},
    sol,
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};
use anyhow::Result;

use crate::{
    bindings::IPlimsollOracle,
    chain::{Chain, Receipt, Tx},
    key::Key,
    revert::Failure,
};

pub use crate::bindings::IPlimsollOracle::PricePoint;

sol! {
    /// What the signers sign; the oracle has no function with this struct, so its interface does not carry it.
    #[derive(Debug)]
    struct PriceReport {
        IPlimsollOracle.PricePoint[] points;
        uint64 deadline;
    }
}

/// The oracle's EIP-712 domain.
#[must_use]
pub fn domain(chain_id: u64, oracle: Address) -> Eip712Domain {
    eip712_domain! {
        name: "Plimsoll Oracle",
        version: "1",
        chain_id: chain_id,
        verifying_contract: oracle,
    }
}

/// The digest that a signer of the oracle signs for these prices.
#[must_use]
pub fn digest(chain_id: u64, oracle: Address, points: &[PricePoint], deadline: u64) -> B256 {
    let report = PriceReport { points: points.to_vec(), deadline };
    report.eip712_signing_hash(&domain(chain_id, oracle))
}

/// Signatures of a report in ascending order of their signers' addresses, as the oracle demands: a repeated signer
/// then shows without a search.
///
/// # Errors
/// When signing fails.
pub fn signatures(digest: B256, signers: &[Key]) -> Result<Vec<Bytes>> {
    let mut signers: Vec<&Key> = signers.iter().collect();
    signers.sort_by_key(|key| key.address());
    signers.into_iter().map(|key| Ok(Bytes::from(key.sign(digest)?.as_bytes().to_vec()))).collect()
}

/// The transaction by which `from` submits a report signed by `signers`.
///
/// # Errors
/// When signing fails.
pub fn submission(
    chain: &Chain,
    oracle: Address,
    from: &Key,
    signers: &[Key],
    points: &[PricePoint],
    deadline: u64,
) -> Result<Tx> {
    let digest = digest(chain.chain_id(), oracle, points, deadline);
    let call = IPlimsollOracle::submitCall {
        points: points.to_vec(),
        deadline,
        signatures: signatures(digest, signers)?,
    };
    Ok(Tx::call(from, oracle, &call))
}

/// Signs and submits a report.
///
/// # Errors
/// [`Failure::Reverted`] with the oracle's typed error when it refuses.
pub async fn submit(
    chain: &Chain,
    oracle: Address,
    from: &Key,
    signers: &[Key],
    points: &[PricePoint],
    deadline: u64,
) -> Result<Receipt, Failure> {
    chain.send(submission(chain, oracle, from, signers, points, deadline)?).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{
        primitives::{address, keccak256},
        sol_types::SolValue,
    };

    #[test]
    fn digest_is_the_one_of_eip_712_written_out() {
        // EIP-712 by hand: the type strings of the interface's notes, abi-encoded words, arrays as the hash of the
        // concatenated struct hashes.
        let oracle = address!("00000000000000000000000000000000000000aa");
        let points = [
            PricePoint { underlying: 1, price: 17_838 * 10_u128.pow(18), time: 1_513_728_000 },
            PricePoint { underlying: 2, price: 820 * 10_u128.pow(18), time: 1_513_728_001 },
        ];
        let point_type = "PricePoint(uint16 underlying,uint128 price,uint64 time)";
        let report_type = format!("PriceReport(PricePoint[] points,uint64 deadline){point_type}");
        let hashes: Vec<u8> = points
            .iter()
            .flat_map(|p| {
                keccak256((keccak256(point_type), p.underlying, p.price, p.time).abi_encode()).to_vec()
            })
            .collect();
        let report = keccak256((keccak256(report_type), keccak256(hashes), 99_u64).abi_encode());
        let domain_type =
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
        let separator = keccak256(
            (keccak256(domain_type), keccak256("Plimsoll Oracle"), keccak256("1"), 412_346_u64, oracle)
                .abi_encode(),
        );
        let expected = keccak256([b"\x19\x01", separator.as_slice(), report.as_slice()].concat());
        assert_eq!(digest(412_346, oracle, &points, 99), expected);
    }

    #[test]
    fn signatures_recover_in_ascending_order_of_address() {
        let signers: Vec<Key> = ["a", "b", "c"].map(Key::named).into();
        let digest = B256::repeat_byte(7);
        let recovered: Vec<Address> = signatures(digest, &signers)
            .unwrap()
            .iter()
            .map(|bytes| {
                let signature = alloy::primitives::Signature::try_from(bytes.as_ref()).unwrap();
                assert!(bytes[64] == 27 || bytes[64] == 28);
                signature.recover_address_from_prehash(&digest).unwrap()
            })
            .collect();
        let mut sorted: Vec<Address> = signers.iter().map(Key::address).collect();
        sorted.sort();
        assert_eq!(recovered, sorted);
    }
}
