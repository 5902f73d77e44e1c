//! Every way in which a call fails, and its encoding.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolError;
use stylus_sdk::prelude::*;

use crate::{
    codec::{concat, int, uint},
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
    UnknownSurface(UnknownSurface),
    SlicesNotSorted(SlicesNotSorted),
    TooManyExpiries(TooManyExpiries),
    SliceExpired(SliceExpired),
    ExpiryTooFar(ExpiryTooFar),
    SliceFromFuture(SliceFromFuture),
    SliceNotNewer(SliceNotNewer),
    SliceTooOld(SliceTooOld),
    ForwardOutOfBounds(ForwardOutOfBounds),
    RateOutOfBounds(RateOutOfBounds),
    ConfidenceOutOfBounds(ConfidenceOutOfBounds),
    SviOutOfDomain(SviOutOfDomain),
    VarianceOutOfBounds(VarianceOutOfBounds),
    WingsTooSteep(WingsTooSteep),
    ButterflyArbitrage(ButterflyArbitrage),
    CalendarArbitrage(CalendarArbitrage),
    ForwardJumpTooLarge(ForwardJumpTooLarge),
    VolJumpTooLarge(VolJumpTooLarge),
    SliceUnusable(SliceUnusable),
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
            Self::UnknownSurface(e) => revert(e, &[uint(e.underlying)]),
            Self::SlicesNotSorted(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::TooManyExpiries(e) => revert(e, &[uint(e.underlying), B256::from(e.most)]),
            Self::SliceExpired(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::ExpiryTooFar(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::SliceFromFuture(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.time)]),
            Self::SliceNotNewer(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.time), uint(e.last)]),
            Self::SliceTooOld(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.time), uint(e.oldest)]),
            Self::ForwardOutOfBounds(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.forward)]),
            Self::RateOutOfBounds(e) => of_slice(e, e.underlying, e.expiry, &[int(e.rate)]),
            Self::ConfidenceOutOfBounds(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::SviOutOfDomain(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.index)]),
            Self::VarianceOutOfBounds(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::WingsTooSteep(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::ButterflyArbitrage(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::CalendarArbitrage(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.other)]),
            Self::ForwardJumpTooLarge(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.forward)]),
            Self::VolJumpTooLarge(e) => of_slice(e, e.underlying, e.expiry, &[]),
            Self::SliceUnusable(e) => of_slice(e, e.underlying, e.expiry, &[uint(e.status)]),
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

/// An error that names a slice.
fn of_slice<E: SolError>(_error: &E, underlying: u16, expiry: u32, rest: &[B256]) -> Vec<u8> {
    named(E::SELECTOR, underlying, expiry, rest)
}

#[inline(never)]
fn named(selector: [u8; 4], underlying: u16, expiry: u32, rest: &[B256]) -> Vec<u8> {
    let mut encoded = concat(&selector, &[uint(underlying), uint(expiry)]);
    encoded.extend_from_slice(&concat(&[], rest));
    encoded
}

fn revert<E: SolError>(_error: &E, words: &[B256]) -> Vec<u8> {
    concat(&E::SELECTOR, words)
}
