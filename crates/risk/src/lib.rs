//! Every risk rule of Plimsoll as a pure function.
//!
//! No storage, no chain types, no floating point: contracts load, call these functions, store and emit; keepers and
//! tests off chain call the same ones, so both always agree to the bit.
//!
//! Units: money is quote in WAD, prices quote per unit of the underlying in WAD, sizes signed units of the underlying
//! in WAD (positive long), factors parts per million unless a name says otherwise.
//!
//! Rounding favours the system: requirements, fees and what is taken go up; equity, gains and payouts go down. A public
//! function that rounds says where in its name: `_floor` toward minus infinity, `_ceil` toward plus infinity. One that
//! rounds several results, each its own way, says it under `# Rounding` instead; `scripts/lib/rounding.test.mjs` holds
//! the list of these and checks all others.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod black76;
pub mod collateral;
pub mod estate;
pub mod fill;
pub mod funding;
pub mod ids;
pub mod ladder;
pub mod limits;
pub mod liquidation;
pub mod margin;
pub mod market;
pub mod oracle;
pub mod pause;
pub mod portfolio;
pub mod position;
pub mod svi;
pub mod trade;
pub mod waterfall;

pub use plimsoll_fixed::{Overflow, PPM, WAD, WAD_PER_PPM};
