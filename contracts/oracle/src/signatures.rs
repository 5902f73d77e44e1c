//! Recovers the signers of a digest and checks that they are enough.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, address, uint};
use plimsoll_kit::{Revert, places::places, revert::require, words::Records};
use stylus_sdk::{call::RawCall, prelude::*};

use crate::{
    Oracle,
    sol::{BadSignature, BadThreshold, SignersNotSorted, TooFewSignatures, UnknownSigner},
};

/// The precompile that recovers a signer: digest, v, r, s, a word each; the answer is empty when there is none.
const ECRECOVER: Address = address!("0x0000000000000000000000000000000000000001");

/// Half the order of secp256k1. Of the two signatures with `s` and `order - s` only the lower is accepted, so that
/// nobody can make a second one from a first (EIP-2).
const HALF_ORDER: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

impl Oracle {
    /// Checks that enough signers signed `digest`, in ascending order of address, so that none counts twice.
    ///
    /// Every signature given must be good, also those beyond the threshold.
    ///
    /// # Errors
    /// [`TooFewSignatures`], [`BadSignature`], [`SignersNotSorted`], [`UnknownSigner`]; [`BadThreshold`] while no
    /// signers are set.
    pub(crate) fn check_signatures(
        &self,
        digest: B256,
        signatures: &[impl AsRef<[u8]>],
    ) -> Result<(), Revert> {
        let (threshold, _) = self.quorum();
        require(threshold != 0, || BadThreshold { threshold, signers: U256::ZERO })?;
        require(signatures.len() >= usize::from(threshold), || TooFewSignatures {
            got: U256::from(signatures.len()),
            threshold,
        })?;
        let mut previous = Address::ZERO;
        for (index, signature) in places(signatures) {
            let signer = self
                .recover(digest, signature.as_ref())
                .ok_or_else(|| Revert::new(BadSignature { index: U256::from(index) }))?;
            require(signer > previous, || SignersNotSorted { signer })?;
            require(self.flag(&self.signer_record(signer)), || UnknownSigner { signer })?;
            previous = signer;
        }
        Ok(())
    }

    /// Who signed `digest`: none for a signature that is not canonical or belongs to no key.
    fn recover(&self, digest: B256, signature: &[u8]) -> Option<Address> {
        let signature: &[u8; 65] = signature.try_into().ok()?;
        let (r, s, v) = (&signature[..32], &signature[32..64], signature[64]);
        if !matches!(v, 27 | 28) || U256::from_be_slice(s) > HALF_ORDER {
            return None;
        }
        let mut input = Vec::with_capacity(128);
        input.extend_from_slice(digest.as_slice());
        input.extend_from_slice(B256::with_last_byte(v).as_slice());
        input.extend_from_slice(r);
        input.extend_from_slice(s);
        // SAFETY: a precompile reads no storage, so no storage reference can be aliased.
        let answer =
            unsafe { RawCall::new_static(self.vm()).limit_return_data(0, 32).call(ECRECOVER, &input).ok()? };
        let word: [u8; 32] = answer.try_into().ok()?;
        Some(Address::from_word(B256::new(word))).filter(|signer| !signer.is_zero())
    }
}
