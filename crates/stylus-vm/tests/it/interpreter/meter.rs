//! Ink and stack left, and a record of every charge.

use super::Stop;

/// Kinds of places where ink is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The start of a basic block.
    Block,
    /// The size of a `memory.fill` or `memory.copy`.
    Sized,
    /// Payment before `memory.grow`.
    Grow,
    /// A host function.
    Host,
    /// Gas that a host function needs to be left without taking it.
    Require,
}

/// One demand for ink.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    /// Ink spent before.
    pub(crate) spent: u64,
    /// Ink asked for.
    pub(crate) ink: u64,
    /// What for.
    pub(crate) place: Place,
}

/// What a program has left.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) ink: u64,
    pub(crate) stack: u32,
    pub(crate) price: u64,
    pub(crate) charges: Vec<Charge>,
    budget: u64,
}

impl Meter {
    pub(crate) fn new(ink: u64, price: u32, stack: u32) -> Self {
        Self { ink, stack, price: u64::from(price), charges: Vec::new(), budget: ink }
    }

    fn note(&mut self, ink: u64, place: Place) {
        self.charges.push(Charge { spent: self.budget - self.ink, ink, place });
    }

    /// Takes ink, or ends the program.
    pub(crate) fn pay(&mut self, ink: u64, place: Place) -> Result<(), Stop> {
        self.note(ink, place);
        self.ink = self.ink.checked_sub(ink).ok_or(Stop::OutOfInk)?;
        Ok(())
    }

    /// Takes gas at the ink price.
    pub(crate) fn pay_gas(&mut self, gas: u64, place: Place) -> Result<(), Stop> {
        self.pay(gas.saturating_mul(self.price), place)
    }

    /// Ends the program unless so much gas is left.
    pub(crate) fn require_gas(&mut self, gas: u64) -> Result<(), Stop> {
        let ink = gas.saturating_mul(self.price);
        self.note(ink, Place::Require);
        if self.ink < ink { Err(Stop::OutOfInk) } else { Ok(()) }
    }

    /// Whole gas left.
    pub(crate) fn gas_left(&self) -> u64 {
        self.ink / self.price
    }

    /// Takes a frame from the stack budget, which must not reach zero by it.
    pub(crate) fn push_frame(&mut self, words: u32) -> Result<(), Stop> {
        if self.stack <= words {
            self.stack = 0;
            return Err(Stop::OutOfStack);
        }
        self.stack -= words;
        Ok(())
    }
}
