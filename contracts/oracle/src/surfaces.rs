//! The words of a volatility surface: two slots for each slice, one for the rules, and the list of expiries.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use plimsoll_kit::{Revert, map::Row, revert::require, slot::Slot};
use plimsoll_risk::{
    oracle::{Ages, Status},
    svi::{JumpRules, Slice, Svi, check_surface, drop_over, slice_status},
};
use stylus_sdk::{
    prelude::*,
    storage::{StorageGuard, StorageGuardMut},
};

use crate::{
    MAX_EXPIRIES, Oracle,
    sol::{Expiry, ParameterOutOfBounds, SliceUnusable, SliceView, SliceWithdrawn, Surface, SurfaceSet},
    storage::key,
};

/// Expiries in a slot.
const IN_SLOT: usize = 8;

/// Slots of a full list of expiries.
const LIST_SLOTS: usize = MAX_EXPIRIES.div_ceil(IN_SLOT);

/// The rules of an underlying's volatility and the list of its expiries.
#[storage]
pub struct SurfaceWords {
    /// `struct { uint32 maxAge; uint32 maxAgeLate; uint32 maxVolJump; uint32 maxForwardJump; uint64 count; }`, `count`
    /// being the number of expiries in the list.
    rules: Slot,
    /// `uint32[]`, ascending; only as many as `count`.
    list: Row<LIST_SLOTS>,
}

/// A slice as [`Slice::pack`] lays it out.
#[storage]
pub struct SliceWords {
    /// `struct { uint96 forward; int32 rate; uint64 time; uint20[3] confidences; }`.
    head: Slot,
    /// `int51[5]`: `a`, `b`, `rho`, `m`, `sigma`.
    shape: Slot,
}

impl SurfaceWords {
    /// Ages, jumps and the number of expiries. Reads one slot.
    #[inline(never)]
    pub(crate) fn rules(&self) -> (Ages, JumpRules, usize) {
        let [ages, jumps, count, _] = self.rules.limbs();
        (
            Ages { max_age: ages as u32, max_age_late: (ages >> 32) as u32 },
            JumpRules { max_vol_jump: jumps as u32, max_forward_jump: (jumps >> 32) as u32 },
            count as usize,
        )
    }

    fn set_rules(&mut self, ages: &Ages, jumps: &JumpRules, count: usize) {
        self.rules.set_limbs([
            u64::from(ages.max_age) | u64::from(ages.max_age_late) << 32,
            u64::from(jumps.max_vol_jump) | u64::from(jumps.max_forward_jump) << 32,
            count as u64,
            0,
        ]);
    }

    /// The expiries in the list, those that are over included.
    #[inline(never)]
    pub(crate) fn listed(&self) -> Vec<u32> {
        let (_, _, count) = self.rules();
        let mut all = Vec::with_capacity(count);
        for slot in 0..count.div_ceil(IN_SLOT) {
            let Some(word) = self.list.getter(slot) else { break };
            for limb in word.limbs() {
                all.extend([limb as u32, (limb >> 32) as u32]);
            }
        }
        all.truncate(count);
        all
    }

    /// Replaces the list, which must fit.
    pub(crate) fn set_listed(&mut self, expiries: &[u32]) {
        for (slot, part) in expiries.chunks(IN_SLOT).enumerate() {
            let mut limbs = [0; 4];
            for (place, expiry) in part.iter().enumerate() {
                limbs[place / 2] |= u64::from(*expiry) << (32 * (place % 2));
            }
            if let Some(mut word) = self.list.setter(slot) {
                word.set_limbs(limbs);
            }
        }
        let (ages, jumps, _) = self.rules();
        self.set_rules(&ages, &jumps, expiries.len());
    }
}

impl Oracle {
    /// A surface's slots, for reading.
    pub(crate) fn surface_words(&self, underlying: u16) -> StorageGuard<'_, SurfaceWords> {
        self.surfaces.getter(key(underlying))
    }

    /// A surface's slots, for writing.
    pub(crate) fn surface_words_mut(&mut self, underlying: u16) -> StorageGuardMut<'_, SurfaceWords> {
        self.surfaces.setter(key(underlying))
    }

    /// The last slice of an expiry, all zero for none. Reads two slots.
    #[inline(never)]
    pub(crate) fn stored_slice(&self, underlying: u16, expiry: u32) -> Slice {
        let words = self.slices.getter(slice_key(underlying, expiry));
        Slice::unpack([words.head.limbs(), words.shape.limbs()])
    }

    /// Stores the last slice of an expiry.
    #[inline(never)]
    pub(crate) fn store_slice(&mut self, underlying: u16, expiry: u32, slice: &Slice) {
        let [head, shape] = slice.pack();
        let mut words = self.slices.setter(slice_key(underlying, expiry));
        words.head.set_limbs(head);
        words.shape.set_limbs(shape);
    }

    /// The rules of an underlying's volatility, all zero for one without a surface.
    pub(crate) fn surface_of(&self, underlying: u16) -> Surface {
        let (ages, jumps, _) = self.surface_words(underlying).rules();
        Surface {
            maxAge: ages.max_age,
            maxAgeLate: ages.max_age_late,
            maxVolJump: jumps.max_vol_jump,
            maxForwardJump: jumps.max_forward_jump,
        }
    }

    /// The listed expiries that are not over.
    #[inline(never)]
    pub(crate) fn expiries_of(&self, underlying: u16) -> Vec<u32> {
        let now = self.vm().block_timestamp();
        let mut expiries = self.surface_words(underlying).listed();
        drop_over(&mut expiries, now);
        expiries
    }

    /// The last slice of an expiry and what it may be used for.
    #[inline(never)]
    pub(crate) fn slice_view(&self, underlying: u16, expiry: u32) -> SliceView {
        let now = self.vm().block_timestamp();
        let (ages, ..) = self.surface_words(underlying).rules();
        let slice = self.stored_slice(underlying, expiry);
        SliceView {
            status: slice_status(&slice, expiry, &ages, now).code(),
            time: slice.time,
            age: slice.age(now),
            slice: as_expiry(&slice, expiry),
        }
    }

    /// The slice of an expiry, which must be fresh.
    pub(crate) fn usable_slice(&self, underlying: u16, expiry: u32) -> Result<Expiry, Revert> {
        let SliceView { status, slice, .. } = self.slice_view(underlying, expiry);
        require(status == Status::Fresh.code(), || SliceUnusable { underlying, expiry, status })?;
        Ok(slice)
    }

    /// Sets a surface's rules.
    ///
    /// A slice that is stale by the old rules is withdrawn. Later slices were not compared with it, and longer ages would
    /// make it usable again.
    pub(crate) fn replace_surface(&mut self, underlying: u16, surface: Surface) -> Result<(), Revert> {
        let ages = Ages { max_age: surface.maxAge, max_age_late: surface.maxAgeLate };
        let jumps = JumpRules { max_vol_jump: surface.maxVolJump, max_forward_jump: surface.maxForwardJump };
        check_surface(&ages, &jumps)
            .map_err(|error| Revert::new(ParameterOutOfBounds { index: error.index() }))?;

        let now = self.vm().block_timestamp();
        let (ages_so_far, ..) = self.surface_words(underlying).rules();
        let mut expiries = Vec::new();
        for expiry in self.expiries_of(underlying) {
            let slice = self.stored_slice(underlying, expiry);
            if slice_status(&slice, expiry, &ages_so_far, now) == Status::Stale {
                self.store_slice(underlying, expiry, &slice.withdrawn());
                self.emit(&SliceWithdrawn { underlying, expiry, time: slice.time });
            } else {
                expiries.push(expiry);
            }
        }
        let mut words = self.surface_words_mut(underlying);
        words.set_rules(&ages, &jumps, 0);
        words.set_listed(&expiries);
        self.emit(&SurfaceSet { underlying, rules: surface });
        Ok(())
    }
}

#[inline(never)]
fn slice_key(underlying: u16, expiry: u32) -> B256 {
    let both = u64::from(underlying) << 32 | u64::from(expiry);
    B256::new(U256::from_limbs([both, 0, 0, 0]).to_be_bytes())
}

/// A slice as a risk model takes it.
fn as_expiry(slice: &Slice, expiry: u32) -> Expiry {
    let Svi { a, b, rho, m, sigma } = slice.parameters();
    let [forward_confidence, rate_confidence, vol_confidence] = slice.confidences_wad();
    Expiry {
        expiry,
        forward: slice.forward,
        rate: slice.rate_wad(),
        a,
        b,
        rho,
        m,
        sigma,
        sviForward: slice.forward,
        sviYears: slice.years_floor(expiry),
        forwardConfidence: forward_confidence,
        rateConfidence: rate_confidence,
        volConfidence: vol_confidence,
    }
}
