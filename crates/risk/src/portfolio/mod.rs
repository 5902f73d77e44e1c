//! Portfolio margin: the options and perpetuals of one underlying are revalued in every scenario of a grid.

mod assess;
mod attribution;
mod book;
mod bytes;
mod compiled;
mod error;
mod expiry;
mod factor;
mod greeks;
mod grid;
mod hedging;
mod kernel;
mod liquidation;
mod options;
mod params;
mod priced;
mod shocks;
mod shortfall;
mod smile;
mod sums;
mod tail;
mod worst;

pub use assess::{Assessment, BASIS, Detail, SHORTFALL, assess, assess_detail, margin};
pub use attribution::{Attribution, attribute};
pub use book::{Collateral, Leg, Portfolio, Slice};
pub use compiled::Compiled;
pub use error::{Error, SliceRule};
pub use factor::{MAX_UNDERLYINGS, Part, Together, check_factors, together};
pub use greeks::{Greeks, Sensitivities, greeks};
pub use liquidation::{
    LiquidationPrices, LiquidationRange, distance_floor, liquidation_prices, liquidation_prices_by,
    liquidation_probability, liquidation_range_by, moved,
};
pub use options::Options;
pub use params::{
    BasisShock, Contingency, MAX_MOVE, MAX_SCENARIOS, MIN_MOVE, MarginFactors, NUMBERS, Params, ParamsError,
    SIGNED, Scenario, Shock, SkewShock, VolShock,
};
pub use priced::{Priced, price};
pub use shocks::{MAX_SHOCKS, Move};
pub use shortfall::shortfall_floor;
pub use tail::Tail;
pub use worst::{WorstMove, worst_move};

use crate::WAD;
pub use crate::svi::Svi;

/// Most options in a portfolio.
pub const MAX_LEGS: usize = 128;
/// Most expiries.
pub const MAX_SLICES: usize = 30;
/// Most kinds of collateral.
pub const MAX_COLLATERALS: usize = 16;
/// Largest price, WAD.
pub const MAX_PRICE: u128 = 1_000_000_000_000 * WAD;
/// Largest ratio of strike to forward, and of forward to strike.
pub const MAX_MONEYNESS: u128 = 1_000_000;
/// Largest rate per year, WAD.
pub const MAX_RATE: i128 = 10 * WAD as i128;
/// Largest rate times years left, WAD. A static discount can undo an option's discount, which multiplies an error of
/// 1e-18 by up to e^20: at most 5e-10 of quote.
pub const MAX_GROWTH: u128 = 20 * WAD;
/// Largest time of a slice, years, WAD.
pub const MAX_YEARS: u128 = 100 * WAD;
/// Largest SVI parameter in absolute value, WAD.
pub const MAX_SVI: u128 = 1_000 * WAD;
