//! How the oracle's structs, events and errors are encoded: the fields of each, listed once.

use alloc::{vec, vec::Vec};

use alloy_primitives::B256;
use alloy_sol_types::SolEvent;
use plimsoll_kit::{
    codec::{Word, Words},
    encode_errors, encode_events,
    events::{EncodeEvent, log},
    push_values, structs,
};
use stylus_sdk::prelude::*;

use crate::{Oracle, sol};

structs! {
    sol:
    Feed { maxAge, maxAgeLate, minPrice, maxPrice, maxMove }
    PricePoint { underlying, price, time }
    PriceView { status, price, time, usable }
    SlicePoint {
        underlying, expiry, time, forward, rate, a, b, rho, m, sigma, forwardConfidence, rateConfidence,
        volConfidence
    }
    Surface { maxAge, maxAgeLate, maxVolJump, maxForwardJump }
    Expiry {
        expiry, forward, rate, a, b, rho, m, sigma, sviForward, sviYears, forwardConfidence, rateConfidence,
        volConfidence
    }
}

impl Words for sol::SliceView {
    fn push(&self, out: &mut Vec<B256>) {
        out.extend([self.status.word(), self.time.word(), self.age.word()]);
        self.slice.push(out);
    }
}

encode_events! {
    sol:
    PriceUpdated [underlying] { price, time }
    PriceDoubted [underlying] { price, time, last }
    PriceWithdrawn [underlying] { price, time }
    FeedSet [underlying] { feed }
    SliceUpdated [underlying, expiry] { slice }
    SliceWithdrawn [underlying, expiry] { time }
    SurfaceSet [underlying] { rules }
}

impl EncodeEvent for sol::SignersSet {
    fn encode(&self) -> (Vec<B256>, Vec<B256>) {
        let mut data = Vec::new();
        push_values!(&mut data; &self.signers, &self.threshold);
        (vec![Self::SIGNATURE_HASH], data)
    }
}

encode_errors! {
    sol:
    NoPoints {}
    Expired { deadline }
    UnknownFeed { underlying }
    DuplicateUnderlying { underlying }
    FromFuture { underlying, time }
    NotNewer { underlying, time, last }
    TooOld { underlying, time, oldest }
    PriceOutOfBounds { underlying, price }
    UnknownSurface { underlying }
    SlicesNotSorted { underlying, expiry }
    TooManyExpiries { underlying, most }
    SliceExpired { underlying, expiry }
    ExpiryTooFar { underlying, expiry }
    SliceFromFuture { underlying, expiry, time }
    SliceNotNewer { underlying, expiry, time, last }
    SliceTooOld { underlying, expiry, time, oldest }
    ForwardOutOfBounds { underlying, expiry, forward }
    RateOutOfBounds { underlying, expiry, rate }
    ConfidenceOutOfBounds { underlying, expiry }
    SviOutOfDomain { underlying, expiry, index }
    VarianceOutOfBounds { underlying, expiry }
    WingsTooSteep { underlying, expiry }
    ButterflyArbitrage { underlying, expiry }
    CalendarArbitrage { underlying, expiry, other }
    ForwardJumpTooLarge { underlying, expiry, forward }
    VolJumpTooLarge { underlying, expiry }
    SliceUnusable { underlying, expiry, status }
    TooFewSignatures { got, threshold }
    BadSignature { index }
    UnknownSigner { signer }
    SignersNotSorted { signer }
    BadThreshold { threshold, signers }
    TooManySigners { signers, most }
    DuplicateSigner { signer }
    ParameterOutOfBounds { index }
}

impl Oracle {
    /// Logs an event.
    pub(crate) fn emit(&self, event: &dyn EncodeEvent) {
        log(self.vm(), event);
    }
}
