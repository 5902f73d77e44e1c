//! Compares the contract's own router, decoder and encoder with the SDK's, and checks the errors that only its own
//! gives.

use alloy_primitives::FixedBytes;
use alloy_sol_types::SolError;
use plimsoll_kit::{
    events::EncodeError,
    sol::{AlreadyConstructed, MalformedCall, NotPayable, UnknownSelector},
    testing::{calls::Known, doors::Doors},
};
use stylus_sdk::abi::router_entrypoint;

use super::*;
use crate::{Oracle, sol::*};

/// A rig with a price and a transfer of ownership under way, so that every function has something to say.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.submit(&[super::point(BTC, 19_000 * WAD, NOW)]).unwrap();
    rig.submit_slices(&[7, 30].map(|days| super::slice(BTC, days, NOW))).unwrap();
    rig.call(IOracle::transferOwnershipCall { pending: OWNER }).unwrap();
    rig.at(NOW + 7);
    rig
}

/// One good call of every function but the constructor.
fn calls(rig: &Rig) -> Vec<Vec<u8>> {
    let points = vec![super::point(ETH, 800 * WAD, NOW + 5), super::point(BTC, 19_001 * WAD, NOW + 6)];
    let deadline = NOW + 9;
    let digest = rig.digest(&points, deadline);
    let signatures = vec![rig.sign(0, digest), rig.sign(2, digest)];
    let slices = vec![super::slice(BTC, 14, NOW + 5), super::slice(ETH, 7, NOW + 6)];
    let slice_digest = rig.slice_digest(&slices, deadline);
    let slice_signatures = vec![rig.sign(1, slice_digest), rig.sign(2, slice_digest)];
    let listed: Vec<u32> = [30, 7].map(|days| super::slice(BTC, days, NOW).expiry).into();
    let signers = (1..=5).map(Address::with_last_byte).collect();
    vec![
        IOracle::submitCall { points: points.clone(), deadline, signatures }.abi_encode(),
        IOracle::pricesCall { underlyings: vec![ETH, BTC, 3] }.abi_encode(),
        IOracle::priceCall { underlying: BTC }.abi_encode(),
        IOracle::feedCall { underlying: ETH }.abi_encode(),
        IOracle::digestCall { points, deadline }.abi_encode(),
        IOracle::signersCall {}.abi_encode(),
        IOracle::thresholdCall {}.abi_encode(),
        IOracle::ownerCall {}.abi_encode(),
        IOracle::pendingOwnerCall {}.abi_encode(),
        IOracle::setFeedCall { underlying: 3, feed: RULES }.abi_encode(),
        IOracle::setSignersCall { signers, threshold: 3 }.abi_encode(),
        IOracle::transferOwnershipCall { pending: Address::repeat_byte(0xee) }.abi_encode(),
        IOracle::acceptOwnershipCall {}.abi_encode(),
        IOracle::submitSlicesCall { slices: slices.clone(), deadline, signatures: slice_signatures }
            .abi_encode(),
        IOracle::surfaceCall { underlying: BTC, expiries: listed.clone() }.abi_encode(),
        IOracle::slicesCall { underlying: BTC, expiries: [listed, vec![77]].concat() }.abi_encode(),
        IOracle::expiriesCall { underlying: BTC }.abi_encode(),
        IOracle::surfaceRulesCall { underlying: ETH }.abi_encode(),
        IOracle::sliceDigestCall { slices, deadline }.abi_encode(),
        IOracle::setSurfaceCall { underlying: 3, surface: SURFACE }.abi_encode(),
    ]
}

fn doors() -> Doors {
    let rig = rig();
    Doors {
        calls: calls(&rig),
        known: Known {
            words: Vec::new(),
            addresses: rig.signers().into_iter().chain([OWNER]).collect(),
            numbers: vec![BTC.into(), ETH.into(), NOW.into(), WAD, super::slice(BTC, 7, NOW).expiry.into()],
        },
        host: rig.host,
        own: enter,
        sdk: router_entrypoint::<Oracle, Oracle>,
        signatures: crate::signatures(),
        names: &[MalformedCall::SELECTOR, UnknownSelector::SELECTOR],
    }
}

plimsoll_kit::doors_agree!(doors);

#[test]
fn call_errors_unknown_selector() {
    let rig = rig();
    for (input, selector) in [
        (vec![], [0; 4]),
        (vec![0x12], [0x12, 0, 0, 0]),
        (vec![1, 2, 3, 4], [1, 2, 3, 4]),
        (vec![0xff; 40], [0xff; 4]),
    ] {
        refused(rig.raw(input), UnknownSelector { selector: selector.into() });
    }
}

#[test]
fn call_errors_malformed_call() {
    let rig = rig();
    for call in calls(&rig).into_iter().filter(|call| call.len() > 4) {
        let selector = FixedBytes::from_slice(&call[..4]);
        refused(rig.raw(call[..call.len() - 32].to_vec()), MalformedCall { selector });
    }
    let mut dirty = IOracle::priceCall { underlying: BTC }.abi_encode();
    dirty[4] = 1;
    let selector = FixedBytes::new(IOracle::priceCall::SELECTOR);
    refused(rig.raw(dirty), MalformedCall { selector });
}

#[test]
fn call_errors_not_payable() {
    let rig = rig();
    rig.host.0.borrow_mut().value = U256::ONE;
    for call in calls(&rig) {
        refused(rig.raw(call), NotPayable {});
    }
}

#[test]
fn constructor_agrees_with_the_sdk() {
    let input = construction(OWNER, &[Address::with_last_byte(1)], 1);
    let (own, sdk) = (host(), host());
    assert_eq!(enter(input.clone(), own.vm()), Ok(vec![]));
    assert_eq!(router_entrypoint::<Oracle, Oracle>(input.clone(), sdk.vm()), Ok(vec![]));
    assert_eq!(own.0.borrow().storage, sdk.0.borrow().storage);
    assert_eq!(own.0.borrow().logs, sdk.0.borrow().logs);
    // The SDK's router knows a contract that this one constructed, and the other way round.
    assert_eq!(router_entrypoint::<Oracle, Oracle>(input.clone(), own.vm()), Err(vec![]));
    assert_eq!(enter(input, sdk.vm()), Err(AlreadyConstructed {}.abi_encode()));
}

#[test]
fn errors_encode_as_alloy_does() {
    let signer = Address::repeat_byte(0xcd);
    let (underlying, price, time) = (0x0102, u128::MAX, u64::MAX);
    let (expiry, forward, rate) = (0x0102_0304, u128::MAX - 1, i32::MIN);
    let mut selectors = [
        checked(NoPoints {}),
        checked(Expired { deadline: 5 }),
        checked(UnknownFeed { underlying }),
        checked(DuplicateUnderlying { underlying }),
        checked(FromFuture { underlying, time }),
        checked(NotNewer { underlying, time, last: 7 }),
        checked(TooOld { underlying, time, oldest: 8 }),
        checked(PriceOutOfBounds { underlying, price }),
        checked(UnknownSurface { underlying }),
        checked(SlicesNotSorted { underlying, expiry }),
        checked(TooManyExpiries { underlying, most: U256::from(30) }),
        checked(SliceExpired { underlying, expiry }),
        checked(ExpiryTooFar { underlying, expiry }),
        checked(SliceFromFuture { underlying, expiry, time }),
        checked(SliceNotNewer { underlying, expiry, time, last: 7 }),
        checked(SliceTooOld { underlying, expiry, time, oldest: 8 }),
        checked(ForwardOutOfBounds { underlying, expiry, forward }),
        checked(RateOutOfBounds { underlying, expiry, rate }),
        checked(ConfidenceOutOfBounds { underlying, expiry }),
        checked(SviOutOfDomain { underlying, expiry, index: 4 }),
        checked(VarianceOutOfBounds { underlying, expiry }),
        checked(WingsTooSteep { underlying, expiry }),
        checked(ButterflyArbitrage { underlying, expiry }),
        checked(CalendarArbitrage { underlying, expiry, other: 6 }),
        checked(ForwardJumpTooLarge { underlying, expiry, forward }),
        checked(VolJumpTooLarge { underlying, expiry }),
        checked(SliceUnusable { underlying, expiry, status: 3 }),
        checked(TooFewSignatures { got: U256::MAX, threshold: 3 }),
        checked(BadSignature { index: U256::from(9) }),
        checked(UnknownSigner { signer }),
        checked(SignersNotSorted { signer }),
        checked(ZeroAddress {}),
        checked(BadThreshold { threshold: 255, signers: U256::from(2) }),
        checked(TooManySigners { signers: U256::from(17), most: U256::from(16) }),
        checked(DuplicateSigner { signer }),
        checked(ParameterOutOfBounds { index: 4 }),
    ];
    selectors.sort();
    assert!(selectors.windows(2).all(|pair| pair[0] != pair[1]));
}

/// The selector of an error that is encoded as alloy encodes it.
#[track_caller]
fn checked<E: SolError + EncodeError>(error: E) -> [u8; 4] {
    assert_eq!(error.encode(), error.abi_encode());
    E::SELECTOR
}
