//! The EIP-712 digests of reports.
//!
//! `PriceReport(PricePoint[] points,uint64 deadline)PricePoint(uint16 underlying,uint128 price,uint64 time)` and
//! `SliceReport(SlicePoint[] slices,uint64 deadline)SlicePoint(...)`, the members as in [`SlicePoint`], under the domain
//! "Plimsoll Oracle", version "1", with chain id and verifying contract.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, keccak256};
use plimsoll_kit::codec::{Word, Words, concat};
use stylus_sdk::keccak_const::Keccak256;

use crate::sol::{PricePoint, SlicePoint};

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
    let hashes: Vec<_> = points.iter().map(|point| hash_element(POINT_TYPE_HASH, point)).collect();
    report(REPORT_TYPE_HASH, &hashes, deadline, chain_id, contract)
}

/// What the signers of a report of slices sign.
pub fn slice_digest(slices: &[SlicePoint], deadline: u64, chain_id: u64, contract: Address) -> B256 {
    let hashes: Vec<_> = slices.iter().map(|slice| hash_element(SLICE_TYPE_HASH, slice)).collect();
    report(SLICE_REPORT_TYPE_HASH, &hashes, deadline, chain_id, contract)
}

/// The digest of a report of elements with these hashes.
#[inline(never)]
fn report(type_hash: [u8; 32], hashes: &[B256], deadline: u64, chain_id: u64, contract: Address) -> B256 {
    let elements = keccak256(concat(&[], hashes));
    let report = hash_struct(type_hash, &[elements, deadline.word()]);
    keccak256(concat(&[0x19, 0x01], &[domain(chain_id, contract), report]))
}

/// The domain separator, computed anew: five words of hashing cost less than a storage slot, and it follows the chain
/// through a fork.
fn domain(chain_id: u64, contract: Address) -> B256 {
    hash_struct(DOMAIN_TYPE_HASH, &[NAME_HASH.into(), VERSION_HASH.into(), chain_id.word(), contract.word()])
}

#[inline(never)]
fn hash_element(type_hash: [u8; 32], element: &dyn Words) -> B256 {
    let mut words = Vec::new();
    element.push(&mut words);
    hash_struct(type_hash, &words)
}

#[inline(never)]
fn hash_struct(type_hash: [u8; 32], words: &[B256]) -> B256 {
    keccak256(concat(&type_hash, words))
}
