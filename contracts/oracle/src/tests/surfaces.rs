//! Reading slices, how they age, the list of expiries, and the owner's rules.

use super::*;
use crate::{
    MAX_EXPIRIES,
    sol::{ParameterOutOfBounds, SliceNotNewer, SliceUnusable, SliceWithdrawn, SurfaceSet, TooManyExpiries},
};

fn eth(days: u32, time: u64) -> SlicePoint {
    slice(ETH, days, time)
}

fn expiries(rig: &Rig) -> Vec<u32> {
    rig.call(IOracle::expiriesCall { underlying: ETH }).unwrap()
}

fn surface(rig: &Rig, days: &[u32]) -> Result<Vec<Expiry>, Vec<u8>> {
    let expiries = days.iter().map(|days| eth(*days, NOW).expiry).collect();
    rig.call(IOracle::surfaceCall { underlying: ETH, expiries })
}

fn view(rig: &Rig, days: u32) -> SliceView {
    let expiries = vec![eth(days, NOW).expiry];
    rig.call(IOracle::slicesCall { underlying: ETH, expiries }).unwrap().remove(0)
}

fn unusable(days: u32, status: u8) -> SliceUnusable {
    SliceUnusable { underlying: ETH, expiry: eth(days, NOW).expiry, status }
}

#[test]
fn surface_gives_fresh_slices_in_the_order_asked() {
    let rig = Rig::new();
    rig.submit_slices(&[eth(7, NOW), eth(30, NOW - 5)]).unwrap();
    let all = surface(&rig, &[30, 7, 30]).unwrap();
    assert_eq!(all, [view(&rig, 30).slice, view(&rig, 7).slice, view(&rig, 30).slice]);
    assert_eq!(all[1].sviYears, 7 * 86_400 * WAD / 31_536_000);
    assert_eq!(surface(&rig, &[]).unwrap(), []);
}

#[test]
fn surface_errors_slice_unusable() {
    let rig = Rig::new();
    rig.submit_slices(&[eth(7, NOW), eth(30, NOW - 1)]).unwrap();
    refused(surface(&rig, &[7, 14, 30]), unusable(14, 0));
    refused(
        rig.call(IOracle::surfaceCall { underlying: 9, expiries: vec![5] }),
        SliceUnusable { underlying: 9, expiry: 5, status: 0 },
    );
    rig.at(NOW + 1200);
    refused(surface(&rig, &[7, 30]), unusable(30, 2));
    surface(&rig, &[7]).unwrap();
    rig.at(NOW + 7200);
    refused(surface(&rig, &[30]), unusable(30, 3));
}

#[test]
fn slices_age_from_fresh_to_late_to_stale() {
    let rig = Rig::new();
    rig.submit_slices(&[eth(7, NOW)]).unwrap();
    for (age, status) in [(0, 1), (1200, 1), (1201, 2), (7200, 2), (7201, 3), (7 * 86_400, 3)] {
        let view = view(rig.at(NOW + age), 7);
        assert_eq!((view.status, view.time, view.age), (status, NOW, age), "age {age}");
    }
    let none = view(&rig, 14);
    let empty = Expiry { expiry: eth(14, NOW).expiry, ..Expiry::default() };
    assert_eq!((none.status, none.time, none.age, none.slice), (0, 0, 0, empty));
}

#[test]
fn slices_are_of_no_use_from_the_expiry_on() {
    let rig = Rig::new();
    rig.at(NOW + 86_390).submit_slices(&[eth(1, NOW + 86_390)]).unwrap();
    assert_eq!(view(rig.at(NOW + 86_399), 1).status, 1);
    assert_eq!(view(rig.at(NOW + 86_400), 1).status, 3);
}

#[test]
fn expiries_are_sorted_and_drop_what_is_over() {
    let rig = Rig::new();
    let all = |days: &[u32]| -> Vec<u32> { days.iter().map(|days| eth(*days, NOW).expiry).collect() };
    assert!(expiries(&rig).is_empty());
    rig.submit_slices(&[eth(7, NOW), eth(90, NOW)]).unwrap();
    rig.at(NOW + 1).submit_slices(&[eth(1, NOW + 1), eth(30, NOW + 1), eth(90, NOW + 1)]).unwrap();
    assert_eq!(expiries(&rig), all(&[1, 7, 30, 90]));
    assert!(rig.call(IOracle::expiriesCall { underlying: BTC }).unwrap().is_empty());
    rig.at(NOW + 86_400);
    assert_eq!(expiries(&rig), all(&[7, 30, 90]));
    rig.submit_slices(&[eth(8, NOW + 86_400)]).unwrap();
    assert_eq!(expiries(&rig), all(&[7, 8, 30, 90]));
}

#[test]
fn submit_slices_errors_too_many_expiries() {
    let rig = Rig::new();
    let most = MAX_EXPIRIES as u32;
    let all: Vec<_> = (1..=most).map(|days| eth(days, NOW)).collect();
    rig.submit_slices(&all).unwrap();
    assert_eq!(expiries(&rig), all.iter().map(|slice| slice.expiry).collect::<Vec<_>>());
    let too_many = TooManyExpiries { underlying: ETH, most: U256::from(MAX_EXPIRIES) };
    refused(rig.submit_slices(&[eth(most + 1, NOW)]), too_many);
    // The first is over a day later, and there is room.
    rig.at(NOW + 86_400).submit_slices(&[eth(most + 1, NOW + 86_400)]).unwrap();
    assert_eq!(expiries(&rig).len(), MAX_EXPIRIES);
}

#[test]
fn set_surface_is_read_back() {
    let rig = Rig::new();
    let rules =
        Surface { maxAge: 604_799, maxAgeLate: 604_800, maxVolJump: 1_000_000, maxForwardJump: 999_999 };
    rig.call(IOracle::setSurfaceCall { underlying: u16::MAX, surface: rules.clone() }).unwrap();
    let read = |underlying| rig.call(IOracle::surfaceRulesCall { underlying }).unwrap();
    assert_eq!(read(u16::MAX), rules);
    assert_eq!(read(5), Surface::default());
    let event = rig.events::<SurfaceSet>().remove(0);
    assert_eq!((event.underlying, event.rules.abi_encode()), (u16::MAX, rules.abi_encode()));
}

#[test]
fn set_surface_keeps_what_is_usable_and_withdraws_what_is_stale() {
    let rig = Rig::new();
    rig.submit_slices(&[eth(7, NOW), eth(30, NOW)]).unwrap();
    rig.at(NOW + 7000).submit_slices(&[eth(7, NOW + 7000)]).unwrap();
    rig.at(NOW + 7201).host.0.borrow_mut().logs.clear();
    let longer = Surface { maxAge: 100_000, maxAgeLate: 100_000, ..SURFACE };
    rig.call(IOracle::setSurfaceCall { underlying: ETH, surface: longer }).unwrap();
    let set = rig.host.0.borrow_mut().logs.pop().unwrap();
    assert_eq!(set.0[0], SurfaceSet::SIGNATURE_HASH);
    let expiry = eth(30, NOW).expiry;
    let withdrawn = SliceWithdrawn { underlying: ETH, expiry, time: NOW };
    assert_eq!(rig.events::<SliceWithdrawn>(), [withdrawn]);
    assert_eq!(expiries(&rig), [eth(7, NOW).expiry]);
    assert_eq!((view(&rig, 7).status, view(&rig, 30).status, view(&rig, 30).time), (1, 0, NOW));
    // The old report, or an older one, does not come back.
    let old = SliceNotNewer { underlying: ETH, expiry, time: NOW, last: NOW };
    refused(rig.submit_slices(&[eth(30, NOW)]), old);
    rig.submit_slices(&[eth(30, NOW + 1)]).unwrap();
}

#[test]
fn set_surface_errors_parameter_out_of_bounds() {
    let rig = Rig::new();
    let before = rig.storage();
    for (index, surface) in [
        (0, Surface { maxAge: 0, ..SURFACE }),
        (0, Surface { maxAge: 7201, ..SURFACE }),
        (1, Surface { maxAgeLate: 604_801, ..SURFACE }),
        (2, Surface { maxVolJump: 1_000_001, ..SURFACE }),
        (3, Surface { maxForwardJump: u32::MAX, ..SURFACE }),
    ] {
        let call = IOracle::setSurfaceCall { underlying: ETH, surface };
        refused(rig.call(call), ParameterOutOfBounds { index });
    }
    assert_eq!(rig.storage(), before);
}
