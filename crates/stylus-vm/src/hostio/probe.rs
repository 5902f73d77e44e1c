//! What tells a profile where a run is and what it spends.

use wasmi::{Caller, Func, Store, Val};

use super::State;
use crate::{
    instrument::hooks::{BACK, CALL, ENTER},
    profile::{Profile, Site},
};

/// The run of a program that has hooks.
#[derive(Debug)]
pub(crate) struct Probe {
    /// Ink left at the last event.
    ink: u64,
    /// Open places when the run began.
    base: usize,
    /// Open places at each call that is not over.
    calls: Vec<usize>,
}

/// A host function that is running.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Ink left when it began.
    start: u64,
    /// What the profile had spent then.
    spent: i128,
}

impl State<'_> {
    fn profile(&mut self) -> Option<(&mut Probe, &mut Profile)> {
        Some((self.probe.as_mut()?, self.host.profile()?))
    }

    /// A run with this much ink begins, if the chain wants its profile.
    pub(crate) fn begin_profile(&mut self, ink: u64) {
        self.probe = self.host.profile().map(|p| Probe { ink, base: p.depth(), calls: Vec::new() });
    }

    /// The run is over, by whatever way.
    pub(crate) fn end_profile(&mut self, ink: u64) {
        let Some((probe, profile)) = self.profile() else { return };
        probe.pay(ink, profile);
        profile.close_to(probe.base);
    }

    /// A host function begins: what the program spent until then is its own.
    pub(crate) fn begin_visit(&mut self, name: &'static str, ink: u64) -> Option<Visit> {
        let (probe, profile) = self.profile()?;
        probe.pay(ink, profile);
        profile.open(Site::Host(name));
        Some(Visit { start: ink, spent: profile.spent() })
    }

    /// The host function is over: what frames below it have not spent of its cost is its own.
    pub(crate) fn end_visit(&mut self, visit: Option<Visit>, ink: u64) {
        let Some(visit) = visit else { return };
        let Some((probe, profile)) = self.profile() else { return };
        let below = profile.spent() - visit.spent;
        profile.spend(i128::from(visit.start) - i128::from(ink) - below);
        profile.close();
        probe.ink = ink;
    }
}

impl Probe {
    /// Spends what was used since the last event on the place on top.
    fn pay(&mut self, ink: u64, profile: &mut Profile) {
        profile.spend(i128::from(self.ink) - i128::from(ink));
        self.ink = ink;
    }
}

/// The hook of that name in a store; `None` when there is none.
pub(crate) fn bind<'h>(store: &mut Store<State<'h>>, name: &str) -> Option<Func> {
    Some(match name {
        ENTER => Func::wrap(store, |mut caller: Caller<'_, State<'h>>, function: u32| {
            let ink = ink(&caller);
            if let Some((probe, profile)) = caller.data_mut().profile() {
                probe.pay(ink, profile);
                profile.open(Site::Function(function));
            }
        }),
        CALL => Func::wrap(store, |mut caller: Caller<'_, State<'h>>| {
            if let Some((probe, profile)) = caller.data_mut().profile() {
                probe.calls.push(profile.depth());
            }
        }),
        BACK => Func::wrap(store, |mut caller: Caller<'_, State<'h>>| {
            let ink = ink(&caller);
            if let Some((probe, profile)) = caller.data_mut().profile()
                && let Some(depth) = probe.calls.pop()
            {
                probe.pay(ink, profile);
                profile.close_to(depth);
            }
        }),
        _ => return None,
    })
}

/// Ink left.
fn ink(caller: &Caller<'_, State<'_>>) -> u64 {
    match caller.data().handles.map(|handles| handles.ink.get(caller)) {
        Some(Val::I64(ink)) => ink.cast_unsigned(),
        _ => 0,
    }
}
