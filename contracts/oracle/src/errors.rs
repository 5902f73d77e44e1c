//! Every way in which a call fails, and its encoding.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolError;
use stylus_sdk::prelude::*;

use crate::{
    codec::{concat, uint},
    sol::*,
};

/// Every way in which a call fails.
#[allow(missing_docs)]
#[derive(Debug, SolidityError)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub enum Error {
    UnknownSelector(UnknownSelector),
    MalformedCall(MalformedCall),
    NotPayable(NotPayable),
    AlreadyConstructed(AlreadyConstructed),
    NotOwner(NotOwner),
    NotPendingOwner(NotPendingOwner),
    NoPoints(NoPoints),
    Expired(Expired),
    UnknownFeed(UnknownFeed),
    DuplicateUnderlying(DuplicateUnderlying),
    FromFuture(FromFuture),
    NotNewer(NotNewer),
    TooOld(TooOld),
    PriceOutOfBounds(PriceOutOfBounds),
    MoveTooLarge(MoveTooLarge),
    TooFewSignatures(TooFewSignatures),
    BadSignature(BadSignature),
    UnknownSigner(UnknownSigner),
    SignersNotSorted(SignersNotSorted),
    ZeroAddress(ZeroAddress),
    BadThreshold(BadThreshold),
    TooManySigners(TooManySigners),
    DuplicateSigner(DuplicateSigner),
    ParameterOutOfBounds(ParameterOutOfBounds),
}

impl Error {
    /// The error as revert data: selector and words. Every parameter is of one word.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::UnknownSelector(e) => revert(e, &[B256::right_padding_from(e.selector.as_slice())]),
            Self::MalformedCall(e) => revert(e, &[B256::right_padding_from(e.selector.as_slice())]),
            Self::NotPayable(e) => revert(e, &[]),
            Self::AlreadyConstructed(e) => revert(e, &[]),
            Self::NotOwner(e) => revert(e, &[e.caller.into_word()]),
            Self::NotPendingOwner(e) => revert(e, &[e.caller.into_word()]),
            Self::NoPoints(e) => revert(e, &[]),
            Self::Expired(e) => revert(e, &[uint(e.deadline)]),
            Self::UnknownFeed(e) => revert(e, &[uint(e.underlying)]),
            Self::DuplicateUnderlying(e) => revert(e, &[uint(e.underlying)]),
            Self::FromFuture(e) => revert(e, &[uint(e.underlying), uint(e.time)]),
            Self::NotNewer(e) => revert(e, &[uint(e.underlying), uint(e.time), uint(e.last)]),
            Self::TooOld(e) => revert(e, &[uint(e.underlying), uint(e.time), uint(e.oldest)]),
            Self::PriceOutOfBounds(e) => revert(e, &[uint(e.underlying), uint(e.price)]),
            Self::MoveTooLarge(e) => revert(e, &[uint(e.underlying), uint(e.price), uint(e.last)]),
            Self::TooFewSignatures(e) => revert(e, &[B256::from(e.got), uint(e.threshold)]),
            Self::BadSignature(e) => revert(e, &[B256::from(e.index)]),
            Self::UnknownSigner(e) => revert(e, &[e.signer.into_word()]),
            Self::SignersNotSorted(e) => revert(e, &[e.signer.into_word()]),
            Self::ZeroAddress(e) => revert(e, &[]),
            Self::BadThreshold(e) => revert(e, &[uint(e.threshold), B256::from(e.signers)]),
            Self::TooManySigners(e) => revert(e, &[B256::from(e.signers), B256::from(e.most)]),
            Self::DuplicateSigner(e) => revert(e, &[e.signer.into_word()]),
            Self::ParameterOutOfBounds(e) => revert(e, &[uint(e.index)]),
        }
    }
}

fn revert<E: SolError>(_error: &E, words: &[B256]) -> Vec<u8> {
    concat(&E::SELECTOR, words)
}
