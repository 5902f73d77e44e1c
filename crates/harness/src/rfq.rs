//! Quotes for the request-for-quote venue in Solidity.

use alloy::{
    primitives::{Address, B256, Bytes},
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};
use anyhow::Result;

use crate::{
    bindings::solidity::RfqVenue::{self, Order, Quote},
    chain::{Chain, Tx},
    key::Key,
    revert::Failure,
    scenario,
};

/// The venue's EIP-712 domain.
#[must_use]
pub fn domain(chain_id: u64, venue: Address) -> Eip712Domain {
    eip712_domain! {
        name: "Plimsoll RFQ",
        version: "1",
        chain_id: chain_id,
        verifying_contract: venue,
    }
}

/// Deploys a venue that settles through `engine`. It can trade once the engine's owner admits it.
///
/// # Errors
/// When the creation fails.
pub async fn deploy(chain: &Chain, from: &Key, engine: Address) -> Result<Address, Failure> {
    chain.create(from, scenario::init_code("RfqVenue", &(engine,))?).await
}

/// The digest that a quote's signer signs.
#[must_use]
pub fn digest(chain_id: u64, venue: Address, quote: &Quote) -> B256 {
    quote.eip712_signing_hash(&domain(chain_id, venue))
}

/// A signed quote, taken whole by `taker`.
///
/// # Errors
/// When signing fails.
pub fn order(chain_id: u64, venue: Address, quote: Quote, signer: &Key, taker: B256) -> Result<Order> {
    let signature = Bytes::from(signer.sign(digest(chain_id, venue, &quote))?.as_bytes().to_vec());
    let amount = quote.size.unsigned_abs();
    Ok(Order { quote, signature, taker, amount })
}

/// The transaction by which a taker takes one or more quotes, all or none.
#[must_use]
pub fn take(from: &Key, venue: Address, mut orders: Vec<Order>) -> Tx {
    if orders.len() == 1
        && let Some(order) = orders.pop()
    {
        return Tx::call(from, venue, &RfqVenue::takeCall { order });
    }
    Tx::call(from, venue, &RfqVenue::takeManyCall { orders })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{primitives::keccak256, sol_types::SolValue};

    #[test]
    fn digest_is_the_one_of_eip_712_written_out() {
        let venue = Address::repeat_byte(9);
        let quote = Quote {
            maker: B256::repeat_byte(1),
            taker: B256::ZERO,
            instrument: 5,
            size: -3,
            price: 4,
            expiry: 6,
            nonce: 7,
            signer: Address::repeat_byte(8),
        };
        // the type string of the venue's source
        let kind = "Quote(bytes32 maker,bytes32 taker,uint128 instrument,int128 size,uint128 price,uint64 expiry,\
                    uint64 nonce,address signer)";
        let words = (
            keccak256(kind),
            quote.maker,
            quote.taker,
            quote.instrument,
            quote.size,
            quote.price,
            quote.expiry,
            quote.nonce,
            quote.signer,
        );
        let hash = keccak256(words.abi_encode());
        let domain_type =
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
        let separator = keccak256(
            (keccak256(domain_type), keccak256("Plimsoll RFQ"), keccak256("1"), 1_u64, venue).abi_encode(),
        );
        let expected = keccak256([b"\x19\x01", separator.as_slice(), hash.as_slice()].concat());
        assert_eq!(digest(1, venue, &quote), expected);
    }
}
