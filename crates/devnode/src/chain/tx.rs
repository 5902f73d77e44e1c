//! Signed transactions: decoding, signing, and their form for the machine.

use alloy_consensus::transaction::{SignerRecoverable, Transaction as _};
use alloy_consensus::{SignableTransaction, Signed, TxEip1559, TxEnvelope, TxType};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use k256::ecdsa::SigningKey;
use revm::context::TxEnv;
use revm::context_interface::either::Either;

use super::error::ChainError;

/// Most bytes of a signed transaction, as other nodes accept.
pub const MAX_TX_BYTES: usize = 128 * 1024;

/// Decodes a signed transaction and recovers its sender.
///
/// # Errors
/// [`ChainError::Malformed`] for anything that is no complete, well signed transaction.
pub fn decode(raw: &[u8]) -> Result<(TxEnvelope, Address), ChainError> {
    if raw.len() > MAX_TX_BYTES {
        return Err(ChainError::Malformed("oversized data".into()));
    }
    let mut rest = raw;
    let envelope = TxEnvelope::decode_2718(&mut rest).map_err(|e| ChainError::Malformed(e.to_string()))?;
    if !rest.is_empty() {
        return Err(ChainError::Malformed("trailing bytes".into()));
    }
    if envelope.tx_type() == TxType::Eip4844 {
        return Err(ChainError::Malformed("transaction type not supported".into()));
    }
    let sender = envelope.recover_signer().map_err(|_| ChainError::Malformed("invalid sender".into()))?;
    Ok((envelope, sender))
}

/// The transaction as the machine takes it: tips are ignored, so all but EIP-7702 look like EIP-1559 without a tip. One
/// signed without chain id is good on every chain.
#[must_use]
pub fn env(envelope: &TxEnvelope, sender: Address, chain_id: u64) -> TxEnv {
    let authorizations = envelope.authorization_list().unwrap_or_default();
    TxEnv {
        tx_type: if authorizations.is_empty() { 2 } else { 4 },
        caller: sender,
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id().or(Some(chain_id)),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: Some(0),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: authorizations.iter().cloned().map(Either::Left).collect(),
    }
}

/// A private key that the node signs with.
#[derive(Clone)]
pub struct Key {
    key: SigningKey,
    address: Address,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Key {
    /// The key of 32 bytes, unless they are out of range.
    #[must_use]
    pub fn new(secret: B256) -> Option<Self> {
        let key = SigningKey::from_slice(secret.as_slice()).ok()?;
        let public = key.verifying_key().to_encoded_point(false);
        let hash = keccak256(&public.as_bytes()[1..]);
        Some(Self { key, address: Address::from_slice(&hash[12..]) })
    }

    /// The account of the key.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a transaction.
    ///
    /// # Errors
    /// [`ChainError::UnknownAccount`] if the curve refuses, which does not happen for a hash.
    pub fn sign(&self, tx: TxEip1559) -> Result<TxEnvelope, ChainError> {
        let hash = tx.signature_hash();
        let (signature, recovery) =
            self.key.sign_prehash_recoverable(hash.as_slice()).map_err(|_| ChainError::UnknownAccount)?;
        let r = U256::from_be_slice(&signature.r().to_bytes());
        let s = U256::from_be_slice(&signature.s().to_bytes());
        let signed: Signed<TxEip1559> = tx.into_signed(Signature::new(r, s, recovery.is_y_odd()));
        Ok(signed.into())
    }
}
