//! An account's young profit in one market: at most one entry a window.

use plimsoll_fixed::Overflow;

use super::{Ground, GroundMut, Moment};

/// Windows for which realised profit is young, the current one included: it ripens after two to three windows.
pub const WINDOWS: u32 = 3;

/// Places of a pouch: one a window, and one more so that a ripe entry never stands where a new one belongs for long.
const PLACES: usize = 4;

/// Young profit of one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Window in which it was realised.
    pub window: u32,
    /// Generation of its pot.
    pub generation: u32,
    /// What joined the pot, quote, WAD. Zero: no entry.
    pub amount: u128,
}

impl Entry {
    /// Whether it is young at a window; else it is ripe.
    #[must_use]
    pub const fn is_young(&self, window: u32) -> bool {
        window.saturating_sub(self.window) < WINDOWS
    }
}

/// An account's young profit in one market, by `window % 4`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pouch {
    /// The entries.
    pub entries: [Entry; PLACES],
}

impl Pouch {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.amount == 0)
    }

    /// What has ripened and what is young, quote, WAD, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    #[inline(never)]
    pub fn worth_floor(&self, ground: &impl Ground, window: u32) -> Result<(u128, u128), Overflow> {
        let (mut ripe, mut young) = (0u128, 0u128);
        for entry in self.entries.iter().filter(|entry| entry.amount > 0) {
            let left = ground.pot(entry.window, entry.generation).left_floor(entry.amount)?;
            let sum = if entry.is_young(window) { &mut young } else { &mut ripe };
            *sum = sum.checked_add(left).ok_or(Overflow)?;
        }
        Ok((ripe, young))
    }

    /// Takes an entry out of its pot: what is left of it.
    #[inline(never)]
    fn leave(&mut self, ground: &mut impl GroundMut, place: usize) -> Result<u128, Overflow> {
        let Entry { window, generation, amount } = self.entries[place];
        if amount == 0 {
            return Ok(0);
        }
        let mut pot = ground.pot(window, generation);
        let left = pot.left_floor(amount)?;
        pot.leave(left)?;
        ground.store_pot(window, generation, &pot);
        self.entries[place] = Entry::default();
        Ok(left)
    }

    /// Puts an amount into a window's pot for newcomers.
    #[inline(never)]
    fn join(
        &mut self,
        ground: &mut impl GroundMut,
        window: u32,
        generation: u32,
        amount: u128,
    ) -> Result<(), Overflow> {
        if amount > 0 {
            let mut pot = ground.pot(window, generation);
            pot.join(amount)?;
            ground.store_pot(window, generation, &pot);
            self.entries[window as usize % PLACES] = Entry { window, generation, amount };
        }
        Ok(())
    }

    /// Takes out what has ripened.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit.
    pub(super) fn ripen(&mut self, ground: &mut impl GroundMut, window: u32) -> Result<u128, Overflow> {
        let mut ripe = 0u128;
        for place in 0..PLACES {
            if !self.entries[place].is_young(window) {
                ripe = ripe.checked_add(self.leave(ground, place)?).ok_or(Overflow)?;
            }
        }
        Ok(ripe)
    }

    /// A gain becomes young profit of the current window. What has ripened was taken out before.
    ///
    /// # Errors
    /// [`Overflow`] when a sum does not fit.
    #[inline(never)]
    pub(super) fn gain(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        amount: u128,
    ) -> Result<(), Overflow> {
        if amount == 0 {
            return Ok(());
        }
        let had = self.leave(ground, now.window as usize % PLACES)?;
        self.join(ground, now.window, now.generation, had.checked_add(amount).ok_or(Overflow)?)
    }

    /// A loss eats young profit, newest first. Returns the rest of the loss. What is left of an entry joins its window's pot
    /// for newcomers.
    ///
    /// # Errors
    /// [`Overflow`] never, unless other functions wrote the pots.
    #[inline(never)]
    pub(super) fn eat(
        &mut self,
        ground: &mut impl GroundMut,
        now: &Moment,
        loss: u128,
    ) -> Result<u128, Overflow> {
        let mut left = loss;
        for age in 0..WINDOWS {
            let Some(window) = now.window.checked_sub(age) else { break };
            let place = window as usize % PLACES;
            if left == 0 {
                break;
            }
            if self.entries[place].amount == 0 || self.entries[place].window != window {
                continue;
            }
            let had = self.leave(ground, place)?;
            let eaten = had.min(left);
            left -= eaten;
            self.join(ground, window, now.generation, had - eaten)?;
        }
        Ok(left)
    }

    /// Takes everything out: for an account that is emptied.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit.
    pub(super) fn empty(&mut self, ground: &mut impl GroundMut) -> Result<u128, Overflow> {
        (0..PLACES).try_fold(0u128, |sum, place| sum.checked_add(self.leave(ground, place)?).ok_or(Overflow))
    }
}
