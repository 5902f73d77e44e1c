//! The words of a volatility surface: two slots for each slice, one for the rules, and the list of expiries.

use alloc::vec::Vec;

use plimsoll_kit::{
    Revert,
    revert::require,
    words::{Records, halves, quarters, split_quarters},
};
use plimsoll_risk::{
    oracle::{Ages, Status},
    svi::{JumpRules, Slice, Svi, check_surface, drop_over, slice_status},
};
use stylus_sdk::prelude::*;

use crate::{
    Oracle,
    layout::{
        slice::{HEAD, SHAPE},
        surface::{IN_WORD, LIST, RULES},
    },
    sol::{Expiry, ParameterOutOfBounds, SliceUnusable, SliceView, SliceWithdrawn, Surface, SurfaceSet},
};

impl Oracle {
    /// Ages, jumps and the number of expiries. Reads one slot.
    #[inline(never)]
    pub(crate) fn surface_state(&self, underlying: u16) -> (Ages, JumpRules, usize) {
        let (rules, count) = self.read(&self.surface_record(underlying), RULES);
        let [max_age, max_age_late, max_vol_jump, max_forward_jump] = split_quarters(rules);
        (Ages { max_age, max_age_late }, JumpRules { max_vol_jump, max_forward_jump }, count as usize)
    }

    fn set_surface_state(&mut self, underlying: u16, ages: &Ages, jumps: &JumpRules, count: usize) {
        let record = self.surface_record(underlying);
        let rules = [ages.max_age, ages.max_age_late, jumps.max_vol_jump, jumps.max_forward_jump];
        self.write(&record, RULES, quarters(rules), count as u128);
    }

    /// The expiries in the list, those that are over included.
    #[inline(never)]
    pub(crate) fn listed(&self, underlying: u16) -> Vec<u32> {
        let (_, _, count) = self.surface_state(underlying);
        let record = self.surface_record(underlying);
        let mut all = Vec::with_capacity(count.saturating_add(IN_WORD));
        for word in 0..count.div_ceil(IN_WORD) {
            let (low, high) = self.read(&record, LIST.wrapping_add(word as u8));
            all.extend(split_quarters(low).into_iter().chain(split_quarters(high)));
        }
        all.truncate(count);
        all
    }

    /// Replaces the list, which has at most [`MAX_EXPIRIES`](crate::MAX_EXPIRIES).
    pub(crate) fn set_listed(&mut self, underlying: u16, expiries: &[u32]) {
        let record = self.surface_record(underlying);
        // Not by `enumerate`: see `plimsoll_kit::places`.
        for (word, part) in (0..expiries.len()).zip(expiries.chunks(IN_WORD)) {
            let mut padded = [0; IN_WORD];
            padded.iter_mut().zip(part).for_each(|(place, expiry)| *place = *expiry);
            let [a, b, c, d, e, f, g, h] = padded;
            self.write(
                &record,
                LIST.wrapping_add(word as u8),
                quarters([a, b, c, d]),
                quarters([e, f, g, h]),
            );
        }
        let (ages, jumps, _) = self.surface_state(underlying);
        self.set_surface_state(underlying, &ages, &jumps, expiries.len());
    }

    /// The last slice of an expiry, all zero for none. Reads two slots.
    #[inline(never)]
    pub(crate) fn stored_slice(&self, underlying: u16, expiry: u32) -> Slice {
        let record = self.slice_record(underlying, expiry);
        Slice::unpack([HEAD, SHAPE].map(|word| {
            let (low, high) = self.read(&record, word);
            [low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64]
        }))
    }

    /// Stores the last slice of an expiry.
    #[inline(never)]
    pub(crate) fn store_slice(&mut self, underlying: u16, expiry: u32, slice: &Slice) {
        let record = self.slice_record(underlying, expiry);
        for (word, [a, b, c, d]) in [HEAD, SHAPE].into_iter().zip(slice.pack()) {
            self.write(&record, word, halves(a, b), halves(c, d));
        }
    }

    /// The rules of an underlying's volatility, all zero for one without a surface.
    pub(crate) fn surface_of(&self, underlying: u16) -> Surface {
        let (ages, jumps, _) = self.surface_state(underlying);
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
        let mut expiries = self.listed(underlying);
        drop_over(&mut expiries, now);
        expiries
    }

    /// The last slice of an expiry and what it may be used for.
    #[inline(never)]
    pub(crate) fn slice_view(&self, underlying: u16, expiry: u32) -> SliceView {
        let now = self.vm().block_timestamp();
        let (ages, ..) = self.surface_state(underlying);
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
        let (ages_so_far, ..) = self.surface_state(underlying);
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
        self.set_surface_state(underlying, &ages, &jumps, 0);
        self.set_listed(underlying, &expiries);
        self.emit(&SurfaceSet { underlying, rules: surface });
        Ok(())
    }
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
