//! The engine's refusals, under the names of its Solidity errors.

use plimsoll_risk::Overflow;

use crate::account::AccountId;

/// Why an operation was refused; nothing has changed then. `instrument` is the engine's instrument id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each field is the argument of the Solidity error of that name
pub enum Error {
    /// A result is outside the range of its type.
    #[error("a result is outside the range of its type")]
    Overflow,
    /// The engine is paused and the act is not one that reduces risk.
    #[error("paused until {until}")]
    EnginePaused { until: u64 },
    /// No such market.
    #[error("unknown market {instrument:#x}")]
    UnknownMarket { instrument: u128 },
    /// The market is listed already.
    #[error("market {instrument:#x} exists")]
    MarketExists { instrument: u128 },
    /// An instrument named twice.
    #[error("instrument {instrument:#x} named twice")]
    DuplicateInstrument { instrument: u128 },
    /// An amount of nothing.
    #[error("amount is zero")]
    ZeroAmount,
    /// A size of nothing.
    #[error("size is zero")]
    ZeroSize,
    /// A settlement of nothing.
    #[error("no fills")]
    NoFills,
    /// A fill of an account with itself.
    #[error("an account cannot trade with itself")]
    SelfTrade { account: AccountId },
    /// The fill's price is too far from the index.
    #[error("price {price} outside {low}..={high}")]
    PriceOutOfBand { instrument: u128, price: u128, low: u128, high: u128 },
    /// The entry price of the position is outside the ladder's range, or its size too small to have one.
    #[error("entry price outside the ladder")]
    EntryOutOfRange { instrument: u128 },
    /// The oracle has no price that the act may use.
    #[error("price of {instrument:#x} has status {status}")]
    PriceUnusable { instrument: u128, status: u8 },
    /// The position grew beyond the market's limit.
    #[error("position of {size}, at most {most}")]
    PositionTooLarge { account: AccountId, instrument: u128, size: u128, most: u128 },
    /// Open interest grew beyond the market's limit.
    #[error("open interest of {open_interest}, at most {most}")]
    OpenInterestTooLarge { instrument: u128, open_interest: u128, most: u128 },
    /// The account has as many positions as it may.
    #[error("at most {most} positions")]
    TooManyPositions { account: AccountId, most: u8 },
    /// Neither above initial margin nor safer than before.
    #[error("equity {equity}, initial margin {initial}")]
    InsufficientMargin { account: AccountId, equity: i128, initial: u128 },
    /// A withdrawal beyond what is free.
    #[error("{amount} asked for, {free} free")]
    InsufficientCollateral { account: AccountId, amount: u128, free: u128 },
    /// Equity is below zero: for deleveraging alone.
    #[error("equity {equity} is negative")]
    Insolvent { account: AccountId, equity: i128 },
    /// Equity covers maintenance margin.
    #[error("equity {equity} covers maintenance {maintenance}")]
    NotLiquidatable { account: AccountId, equity: i128, maintenance: u128 },
    /// No position there.
    #[error("no position")]
    NoPosition { account: AccountId, instrument: u128 },
    /// A liquidation into the account itself.
    #[error("an account cannot liquidate itself")]
    SelfLiquidation { account: AccountId },
    /// The takeover's price is beyond the limit.
    #[error("price {price} beyond the limit {limit}")]
    LimitPrice { price: u128, limit: u128 },
    /// Equity is not negative: nothing to deleverage.
    #[error("equity {equity} is not negative")]
    Solvent { account: AccountId, equity: i128 },
    /// A market's estate waits and the account is in profit there: that profit pays first.
    #[error("an estate of {instrument:#x} waits")]
    EstateWaits { instrument: u128 },
    /// No estate waits in the market.
    #[error("no estate of {instrument:#x}")]
    NoEstate { instrument: u128 },
    /// The price is not newer than the market's last fill.
    #[error("the price of {time} is not newer than the last fill at {last}")]
    PriceNotNewer { instrument: u128, time: u64, last: u64 },
    /// The next pass may run later.
    #[error("no pass before {next}")]
    PassTooSoon { instrument: u128, next: u64 },
    /// Risk may not grow at a price of this age.
    #[error("a price {age} s old, at most {most}")]
    PriceTooOld { instrument: u128, age: u64, most: u16 },
    /// The position would be smaller than the least.
    #[error("a notional of {notional}, at least {least}")]
    PositionTooSmall { account: AccountId, instrument: u128, notional: u128, least: u128 },
    /// Nobody owns the account.
    #[error("the account has no owner")]
    ZeroAddress,
    /// The market has no bad debt.
    #[error("no bad debt")]
    NoBadDebt { instrument: u128 },
    /// Fewer fees were collected than that.
    #[error("{amount} asked for, fees of {fees}")]
    FeesTooSmall { amount: u128, fees: u128 },
    /// A parameter is outside its hard bounds.
    #[error("parameter {index} out of bounds")]
    ParameterOutOfBounds { index: u8 },
    /// A price that is not strictly newer than the last (an error of the oracle, not the engine).
    #[error("the price is not newer than {last}")]
    NotNewer { last: u64 },
}

impl Error {
    /// The name of the Solidity error.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Overflow => "Overflow",
            Self::EnginePaused { .. } => "EnginePaused",
            Self::UnknownMarket { .. } => "UnknownMarket",
            Self::MarketExists { .. } => "MarketExists",
            Self::DuplicateInstrument { .. } => "DuplicateInstrument",
            Self::ZeroAmount => "ZeroAmount",
            Self::ZeroSize => "ZeroSize",
            Self::NoFills => "NoFills",
            Self::SelfTrade { .. } => "SelfTrade",
            Self::PriceOutOfBand { .. } => "PriceOutOfBand",
            Self::EntryOutOfRange { .. } => "EntryOutOfRange",
            Self::PriceUnusable { .. } => "PriceUnusable",
            Self::PositionTooLarge { .. } => "PositionTooLarge",
            Self::OpenInterestTooLarge { .. } => "OpenInterestTooLarge",
            Self::TooManyPositions { .. } => "TooManyPositions",
            Self::InsufficientMargin { .. } => "InsufficientMargin",
            Self::InsufficientCollateral { .. } => "InsufficientCollateral",
            Self::Insolvent { .. } => "Insolvent",
            Self::NotLiquidatable { .. } => "NotLiquidatable",
            Self::NoPosition { .. } => "NoPosition",
            Self::SelfLiquidation { .. } => "SelfLiquidation",
            Self::LimitPrice { .. } => "LimitPrice",
            Self::Solvent { .. } => "Solvent",
            Self::EstateWaits { .. } => "EstateWaits",
            Self::NoEstate { .. } => "NoEstate",
            Self::PriceNotNewer { .. } => "PriceNotNewer",
            Self::PassTooSoon { .. } => "PassTooSoon",
            Self::PriceTooOld { .. } => "PriceTooOld",
            Self::PositionTooSmall { .. } => "PositionTooSmall",
            Self::ZeroAddress => "ZeroAddress",
            Self::NoBadDebt { .. } => "NoBadDebt",
            Self::FeesTooSmall { .. } => "FeesTooSmall",
            Self::ParameterOutOfBounds { .. } => "ParameterOutOfBounds",
            Self::NotNewer { .. } => "NotNewer",
        }
    }
}

impl From<Overflow> for Error {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}
