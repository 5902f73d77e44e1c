//! What the owner may do, and that nobody else may.

use super::*;
use plimsoll_kit::sol::{
    AlreadyConstructed, NotOwner, NotPendingOwner, OwnershipTransferStarted, OwnershipTransferred,
};

use crate::sol::{
    BadThreshold, DuplicateSigner, FeedSet, NotNewer, ParameterOutOfBounds, PriceWithdrawn, SignersSet,
    TooManySigners, UnknownSigner, ZeroAddress,
};

const OTHER: Address = address!("0x00000000000000000000000000000000000000bb");

fn transfer(pending: Address) -> IOracle::transferOwnershipCall {
    IOracle::transferOwnershipCall { pending }
}

fn numbered(signers: std::ops::RangeInclusive<u8>) -> Vec<Address> {
    signers.map(Address::with_last_byte).collect()
}

#[test]
fn constructor_sets_owner_and_signers() {
    let rig = Rig::new();
    assert_eq!(rig.call(IOracle::ownerCall {}).unwrap(), OWNER);
    assert_eq!(rig.call(IOracle::pendingOwnerCall {}).unwrap(), Address::ZERO);
    assert_eq!(rig.call(IOracle::signersCall {}).unwrap(), rig.signers());
    assert_eq!(rig.call(IOracle::thresholdCall {}).unwrap(), 2);
}

#[test]
fn constructor_errors_twice() {
    let rig = Rig::new();
    let input = construction(OTHER, &numbered(1..=1), 1);
    refused(rig.as_caller(OTHER).raw(input), AlreadyConstructed {});
}

#[test]
fn constructor_errors_bad_arguments() {
    let rig = Rig { host: host(), keys: vec![] };
    refused(rig.raw(construction(Address::ZERO, &numbered(1..=1), 1)), ZeroAddress {});
    let bad = BadThreshold { threshold: 2, signers: U256::ONE };
    refused(rig.raw(construction(OWNER, &numbered(1..=1), 2)), bad);
}

#[test]
fn set_feed_is_read_back() {
    let rig = Rig::new();
    let feed = Feed {
        maxAge: 0x0102_0304,
        maxAgeLate: 604_800,
        minPrice: 0x1_2345_6789_abcd_ef01_2345,
        maxPrice: 100_000_000 * WAD,
        maxMove: 1_000_000,
    };
    let feed = Feed { maxAge: 604_799, ..feed };
    rig.call(IOracle::setFeedCall { underlying: u16::MAX, feed: feed.clone() }).unwrap();
    assert_eq!(rig.call(IOracle::feedCall { underlying: u16::MAX }).unwrap(), feed);
    let events = rig.events::<FeedSet>();
    assert_eq!((events[0].underlying, events[0].feed.maxAge), (u16::MAX, 604_799));
    assert_eq!(events[0].feed.minPrice, feed.minPrice);
    assert_eq!(events[0].feed.maxMove, 1_000_000);
    assert_eq!(rig.call(IOracle::feedCall { underlying: 5 }).unwrap(), Feed::default());
}

#[test]
fn set_feed_keeps_a_price_within_the_band() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 500 * WAD, NOW)]).unwrap();
    let feed = Feed { maxAge: 1, maxPrice: 500 * WAD, ..RULES };
    rig.call(IOracle::setFeedCall { underlying: BTC, feed }).unwrap();
    assert_eq!(rig.price(BTC), (1, 500 * WAD, NOW));
    assert_eq!(rig.at(NOW + 2).price(BTC).0, 2);
}

#[test]
fn set_feed_withdraws_a_price_outside_the_band() {
    let rig = Rig::new();
    rig.submit(&[point(BTC, 500 * WAD, NOW)]).unwrap();
    rig.host.0.borrow_mut().logs.clear();
    let feed = Feed { maxPrice: 499 * WAD, ..RULES };
    rig.call(IOracle::setFeedCall { underlying: BTC, feed }).unwrap();
    assert_eq!(rig.price(BTC), (0, 0, NOW));
    let feed_set = rig.host.0.borrow_mut().logs.pop().unwrap();
    assert_eq!(feed_set.0[0], FeedSet::SIGNATURE_HASH);
    let withdrawn = PriceWithdrawn { underlying: BTC, price: 500 * WAD, time: NOW };
    assert_eq!(rig.events::<PriceWithdrawn>(), [withdrawn]);
    // The old report, or an older one, does not come back.
    let old = rig.submit(&[point(BTC, 400 * WAD, NOW)]);
    refused(old, NotNewer { underlying: BTC, time: NOW, last: NOW });
}

#[test]
fn set_feed_errors_parameter_out_of_bounds() {
    let rig = Rig::new();
    let before = rig.storage();
    for (index, feed) in [
        (0, Feed { maxAge: 0, ..RULES }),
        (0, Feed { maxAge: 601, ..RULES }),
        (1, Feed { maxAgeLate: 604_801, ..RULES }),
        (1, Feed { maxAge: u32::MAX, maxAgeLate: u32::MAX, ..RULES }),
        (2, Feed { minPrice: 0, ..RULES }),
        (2, Feed { minPrice: RULES.maxPrice + 1, ..RULES }),
        (3, Feed { maxPrice: 100_000_000 * WAD + 1, ..RULES }),
        (3, Feed { maxPrice: u128::MAX, ..RULES }),
        (4, Feed { maxMove: 1_000_001, ..RULES }),
    ] {
        refused(rig.call(IOracle::setFeedCall { underlying: BTC, feed }), ParameterOutOfBounds { index });
    }
    assert_eq!(rig.storage(), before);
}

#[test]
fn set_signers_replaces_the_set() {
    let rig = Rig::new();
    let old = rig.signers();
    for (signers, threshold) in [(numbered(1..=16), 16), (numbered(3..=4), 1), (old[2..].to_vec(), 1)] {
        rig.call(IOracle::setSignersCall { signers: signers.clone(), threshold }).unwrap();
        assert_eq!(rig.call(IOracle::signersCall {}).unwrap(), signers);
        assert_eq!(rig.call(IOracle::thresholdCall {}).unwrap(), threshold);
        assert_eq!(rig.events::<SignersSet>(), [SignersSet { signers, threshold }]);
    }
    refused(rig.submit(&[point(BTC, WAD, NOW)]), UnknownSigner { signer: old[0] });
}

#[test]
fn set_signers_leaves_nothing_behind() {
    let (first, second) = (Rig::new(), Rig::new());
    first.call(IOracle::setSignersCall { signers: numbered(1..=9), threshold: 9 }).unwrap();
    for rig in [&first, &second] {
        rig.call(IOracle::setSignersCall { signers: numbered(8..=10), threshold: 1 }).unwrap();
    }
    assert_eq!(first.storage(), second.storage());
}

#[test]
fn set_signers_errors_bad_sets() {
    let rig = Rig::new();
    let set = |signers: Vec<Address>, threshold| rig.call(IOracle::setSignersCall { signers, threshold });
    refused(set(vec![], 0), BadThreshold { threshold: 0, signers: U256::ZERO });
    refused(set(vec![], 1), BadThreshold { threshold: 1, signers: U256::ZERO });
    refused(set(numbered(1..=3), 0), BadThreshold { threshold: 0, signers: U256::from(3) });
    refused(set(numbered(1..=3), 4), BadThreshold { threshold: 4, signers: U256::from(3) });
    refused(set(numbered(1..=17), 1), TooManySigners { signers: U256::from(17), most: U256::from(16) });
    refused(set(numbered(0..=3), 1), ZeroAddress {});
    let signer = Address::with_last_byte(2);
    refused(set([numbered(1..=2), vec![signer]].concat(), 1), DuplicateSigner { signer });
    assert_eq!(rig.call(IOracle::signersCall {}).unwrap(), rig.signers());
}

#[test]
fn ownership_moves_in_two_steps() {
    let rig = Rig::new();
    rig.call(transfer(OTHER)).unwrap();
    assert_eq!(rig.call(IOracle::ownerCall {}).unwrap(), OWNER);
    assert_eq!(rig.call(IOracle::pendingOwnerCall {}).unwrap(), OTHER);
    let started = OwnershipTransferStarted { owner: OWNER, pending: OTHER };
    assert_eq!(rig.events::<OwnershipTransferStarted>(), [started]);

    refused(rig.call(IOracle::acceptOwnershipCall {}), NotPendingOwner { caller: OWNER });
    rig.as_caller(OTHER).call(IOracle::acceptOwnershipCall {}).unwrap();
    assert_eq!(rig.call(IOracle::ownerCall {}).unwrap(), OTHER);
    assert_eq!(rig.call(IOracle::pendingOwnerCall {}).unwrap(), Address::ZERO);
    let moved = OwnershipTransferred { previous: OWNER, owner: OTHER };
    assert_eq!(rig.events::<OwnershipTransferred>(), [moved]);
    refused(rig.call(IOracle::acceptOwnershipCall {}), NotPendingOwner { caller: OTHER });
    refused(rig.as_caller(OWNER).call(transfer(OWNER)), NotOwner { caller: OWNER });
}

#[test]
fn ownership_transfer_is_called_off_by_zero() {
    let rig = Rig::new();
    rig.call(transfer(OTHER)).unwrap();
    rig.call(transfer(Address::ZERO)).unwrap();
    refused(rig.as_caller(OTHER).call(IOracle::acceptOwnershipCall {}), NotPendingOwner { caller: OTHER });
}

#[test]
fn setters_error_not_owner() {
    let rig = Rig::new();
    let before = rig.storage();
    rig.as_caller(OTHER);
    let not_owner = || NotOwner { caller: OTHER };
    refused(rig.call(IOracle::setFeedCall { underlying: BTC, feed: RULES }), not_owner());
    refused(rig.call(IOracle::setSurfaceCall { underlying: BTC, surface: SURFACE }), not_owner());
    let signers = numbered(1..=1);
    refused(rig.call(IOracle::setSignersCall { signers, threshold: 1 }), not_owner());
    refused(rig.call(transfer(OTHER)), not_owner());
    refused(rig.call(IOracle::acceptOwnershipCall {}), NotPendingOwner { caller: OTHER });
    assert_eq!(rig.storage(), before);
}
