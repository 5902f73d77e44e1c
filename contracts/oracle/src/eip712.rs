//! The EIP-712 digests of reports.
//!
//! `PriceReport(PricePoint[] points,uint64 deadline)PricePoint(uint16 underlying,uint128 price,uint64 time)` and
//! `SliceReport(SlicePoint[] slices,uint64 deadline)SlicePoint(...)`, the members as in [`SlicePoint`], under the domain
//! "Plimsoll Oracle", version "1", with chain id and verifying contract.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, keccak256};
use stylus_sdk::keccak_const::Keccak256;

use crate::{
    codec,
    sol::{PricePoint, SlicePoint},
};

const POINT_TYPE: &[u8] = b"PricePoint(uint16 underlying,uint128 price,uint64 time)";

const SLICE_TYPE: &[u8] =
    b"SlicePoint(uint16 underlying,uint32 expiry,uint64 time,uint128 forward,int32 rate,int64 a,\
int64 b,int64 rho,int64 m,int64 sigma,uint32 forwardConfidence,uint32 rateConfidence,uint32 volConfidence)";

const DOMAIN_TYPE_HASH: [u8; 32] =
    hash(&[b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"]);
const NAME_HASH: [u8; 32] = hash(&[b"Plimsoll Oracle"]);
const VERSION_HASH: [u8; 32] = hash(&[b"1"]);
const POINT_TYPE_HASH: [u8; 32] = hash(&[POINT_TYPE]);
const REPORT_TYPE_HASH: [u8; 32] = hash(&[b"PriceReport(PricePoint[] points,uint64 deadline)", POINT_TYPE]);

const SLICE_TYPE_HASH: [u8; 32] = hash(&[SLICE_TYPE]);
const SLICE_REPORT_TYPE_HASH: [u8; 32] =
    hash(&[b"SliceReport(SlicePoint[] slices,uint64 deadline)", SLICE_TYPE]);

/// Keccak-256 of the parts one after another, at compile time.
const fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Keccak256::new();
    let mut next = 0;
    while next < parts.len() {
        state = state.update(parts[next]);
        next += 1;
    }
    state.finalize()
}

/// What the signers of a report of prices sign.
pub fn digest(points: &[PricePoint], deadline: u64, chain_id: u64, contract: Address) -> B256 {
    let mut hashes = Vec::with_capacity(32 * points.len());
    for point in points {
        hashes.extend_from_slice(point_hash(point).as_slice());
    }
    report(REPORT_TYPE_HASH, &hashes, deadline, chain_id, contract)
}

/// What the signers of a report of slices sign.
pub fn slice_digest(slices: &[SlicePoint], deadline: u64, chain_id: u64, contract: Address) -> B256 {
    let mut hashes = Vec::with_capacity(32 * slices.len());
    for slice in slices {
        let hash = keccak256(codec::concat(&SLICE_TYPE_HASH, &codec::slice(slice)));
        hashes.extend_from_slice(hash.as_slice());
    }
    report(SLICE_REPORT_TYPE_HASH, &hashes, deadline, chain_id, contract)
}

#[inline(never)]
fn report(type_hash: [u8; 32], hashes: &[u8], deadline: u64, chain_id: u64, contract: Address) -> B256 {
    let report = keccak256(words([type_hash, keccak256(hashes).0, number(deadline.into())]));

    let mut message = [0; 66];
    message[0] = 0x19;
    message[1] = 0x01;
    message[2..34].copy_from_slice(domain(chain_id, contract).as_slice());
    message[34..].copy_from_slice(report.as_slice());
    keccak256(message)
}

/// The domain separator, computed anew: five words of hashing cost less than a storage slot, and it follows the chain
/// through a fork.
fn domain(chain_id: u64, contract: Address) -> B256 {
    let contract = contract.into_word().0;
    keccak256(words([DOMAIN_TYPE_HASH, NAME_HASH, VERSION_HASH, number(chain_id.into()), contract]))
}

fn point_hash(point: &PricePoint) -> B256 {
    let underlying = number(point.underlying.into());
    keccak256(words([POINT_TYPE_HASH, underlying, number(point.price), number(point.time.into())]))
}

fn number(value: u128) -> [u8; 32] {
    codec::uint(value).0
}

/// The words one after another.
fn words<const N: usize>(words: [[u8; 32]; N]) -> impl AsRef<[u8]> {
    struct Words<const N: usize>([[u8; 32]; N]);
    impl<const N: usize> AsRef<[u8]> for Words<N> {
        fn as_ref(&self) -> &[u8] {
            self.0.as_flattened()
        }
    }
    Words(words)
}
