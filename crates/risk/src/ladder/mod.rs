//! The ladder: everyone in profit pays the same share of its own profit, at a cost that does not depend on the number of
//! accounts.
//!
//! Every position sits on a rung ([`RungKey`]): a side, the tick of its entry price, and a generation. What happens to a
//! position without its doing is linear in its size and basis, and the same for every member of its rung. So a rung keeps
//! sums and four indices ([`Indices`]), and a member what it joined with ([`Member`]).
//!
//! A rung that was taken from or closed against is *retired*. Newcomers join the same tick's rung of the market's next
//! generation. So every join finds fresh indices, all members of a rung share one history, and the worst entry that the tick
//! admits tells whether all of them are in profit ([`Rung::pays`]).
//!
//! Profit that was realised lies in *pots* ([`Pot`]), one for each window and generation, until it is ripe.
//!
//! Indices have the scale [`ONE`] = 2^95, cumulative funding has [`FUNDING_ONE`] = 2^64.

mod holding;
mod pass;
mod pot;
mod rung;
mod side;
mod young;

pub use holding::{Held, Holding, Moment, Outcome};
pub use pass::{Estate, Passed, Standing, pass};
pub use pot::Pot;
pub use rung::{
    FUNDING_ONE, Indices, Member, ONE, Rung, RungKey, Worth, edge_price, price_index_floor, tick_of,
};
pub use side::Side;
pub use young::{Entry, Pouch, WINDOWS};

/// Where one market keeps its rungs and pots, to look at.
pub trait Ground {
    /// Reads a rung; a fresh one where none was written.
    fn rung(&self, at: RungKey) -> Rung;
    /// Reads the pot of a window and generation; a fresh one where none was written.
    fn pot(&self, window: u32, generation: u32) -> Pot;
}

/// The same, to change.
pub trait GroundMut: Ground {
    /// Writes a rung. One whose first member just joined is listed from now on, one whose last member just left no longer.
    fn store_rung(&mut self, at: RungKey, rung: &Rung);
    /// Writes a pot. It stays listed until its window is ripe.
    fn store_pot(&mut self, window: u32, generation: u32, pot: &Pot);
}
