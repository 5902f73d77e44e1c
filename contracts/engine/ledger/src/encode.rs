//! How the engine's errors, events and structs are encoded: the fields of each, listed once.

use plimsoll_kit::{
    encode_errors, encode_events,
    events::{EncodeEvent, log},
    structs,
};
use stylus_sdk::prelude::*;

use crate::{Ledger, sol};

impl Ledger {
    /// Emits an event from the engine's address.
    #[inline(never)]
    pub fn emit(&self, event: &dyn EncodeEvent) {
        log(self.vm(), event);
    }
}

encode_errors! {
    sol:
    NotGuardian { caller }
    NotAuthorized { account, caller }
    OperatorRecipient { account, to }
    VenueNotAdmitted { venue }
    VenueNotApproved { account, venue }
    EnginePaused { until }
    UnknownMarket { instrument }
    MarketExists { instrument }
    BadInstrument { instrument }
    DuplicateInstrument { instrument }
    TokenNotListed { token }
    ZeroAmount {}
    ZeroSize {}
    NoFills {}
    SelfTrade { account }
    PriceOutOfBand { instrument, price, low, high }
    EntryOutOfRange { instrument }
    PriceUnusable { instrument, status }
    PriceTooOld { instrument, age, most }
    PositionTooSmall { account, instrument, notional, least }
    PositionTooLarge { account, instrument, size, most }
    OpenInterestTooLarge { instrument, openInterest, most }
    TooManyPositions { account, most }
    InsufficientMargin { account, equity, initial }
    InsufficientCollateral { account, amount, free }
    Insolvent { account, equity }
    NotLiquidatable { account, equity, maintenance }
    NoPosition { account, instrument }
    SelfLiquidation { account }
    LimitPrice { price, limit }
    Solvent { account, equity }
    EstateWaits { instrument }
    NoEstate { instrument }
    PriceNotNewer { instrument, time, last }
    PassTooSoon { instrument, next }
    NoBadDebt { instrument }
    TransferFailed { token }
    TransferMismatch { token, asked, moved }
    FeesTooSmall { amount, fees }
    ParameterOutOfBounds { index }
    PauseTooLong { until, most }
    OracleFailed { oracle }
}

encode_events! {
    sol:
    Deposited [account, token, by] { amount, credited }
    Withdrawn [account, token, to] { amount }
    OperatorSet [owner, operator] { approved }
    VenueApproved [account, venue] { approved }
    CaughtUp [account, instrument] { cash, size, basis, young }
    Filled [venue, taker, maker] { instrument, size, price, takerFee, makerFee }
    FundingAccrued [instrument] { index, rate, price, usable }
    Liquidated [account, liquidator, instrument] { size, price, mark, discount, fee, reward, equityBefore, equityAfter }
    Buried [account] { deficit, insurance, socialised }
    Interred [account, instrument] { size, basis, cash, part }
    Deleveraged [instrument] { mark, size, surplus, deficit, insurance, capacity, taken, socialised, haircut, payers, pots, closedRungs }
    InsuranceFunded [by] { amount, credited }
    InsurancePaid [instrument] { amount, left }
    BadDebtRecorded [instrument] { amount, total }
    BadDebtCovered [instrument] { amount, total }
    MarketListed [instrument] {  }
    MarketParamsSet [instrument] { params }
    VenueAdmitted [venue] { admitted }
    OracleSet [oracle] {  }
    InsuranceCapSet [] { cap }
    FeesWithdrawn [to] { amount }
    GuardianSet [guardian] {  }
    Paused [by] { until }
    Unpaused [by] {  }
}

structs! {
    sol:
    Fill { taker, maker, instrument, size, price }
    Trade { instrument, size, price }
    MarketParams { initialFactor, maintenanceFactor, priceBand, profitWeight, takerFee, makerFee, fundingCap, liquidationFee, minDiscount, maxDiscount, targetBuffer, oiLow, oiHigh, depth, liquidationCost, maxOpenInterest, maxPosition, lot, minNotional, interest, fundingNotional, maxTradeAge, youngWindow, insuranceShare }
    MarketState { fundingIndex, fundingRate, nextFundingRate, usable, window, generation, clockStands, openInterest, badDebt, dust, insurance, estateCash, estateSize, estateBasis, lastFill, lastPass }
    PositionView { instrument, size, basis, young }
    Margin { equity, stress, initialEquity, ripe, initial, maintenance, backstop, priceStatus }
    LiquidationQuote { size, price, mark, discount, fee, reward }
    RungView { tick, generation, retired, members, size, basis, sizeIndex, basisIndex, moved, fundingIndex }
    PotView { window, generation, sum, kept }
    Totals { insurance, fees, badDebt, tokens }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, B256, U256};
    use plimsoll_kit::testing::encoding::{same_error, same_event};

    use super::*;

    #[test]
    fn errors_encode_as_alloy_does() {
        let (account, caller) = (B256::repeat_byte(0xab), Address::repeat_byte(0xcd));
        same_error(sol::NotAuthorized { account, caller });
        same_error(sol::PriceUnusable { instrument: u128::MAX, status: 3 });
        same_error(sol::InsufficientMargin { account, equity: i128::MIN, initial: 7 });
        same_error(sol::Insolvent { account, equity: -1 });
        same_error(sol::TransferMismatch { token: caller, asked: U256::MAX, moved: U256::ZERO });
        same_error(sol::PauseTooLong { until: u64::MAX, most: 1 });
    }

    #[test]
    fn events_encode_as_alloy_does() {
        let (account, by) = (B256::repeat_byte(0xab), Address::repeat_byte(0xcd));
        same_event(sol::Deposited { account, token: by, by, amount: U256::MAX, credited: 5 });
        same_event(sol::OperatorSet { owner: by, operator: by, approved: true });
        same_event(sol::CaughtUp {
            account,
            instrument: 1 << 120,
            cash: -7,
            size: i128::MIN,
            basis: i128::MAX,
            young: 8,
        });
        same_event(sol::FundingAccrued { instrument: 9, index: -1, rate: i32::MIN, price: 3, usable: 4 });
        same_event(sol::InsuranceCapSet { cap: u32::MAX });
        same_event(sol::Unpaused { by });
        let params = sol::MarketParams {
            initialFactor: 1,
            maintenanceFactor: 2,
            priceBand: 3,
            profitWeight: 4,
            takerFee: 5,
            makerFee: 6,
            fundingCap: 7,
            liquidationFee: 8,
            minDiscount: 9,
            maxDiscount: 10,
            targetBuffer: 11,
            oiLow: 12,
            oiHigh: 13,
            depth: 14,
            liquidationCost: 15,
            maxOpenInterest: 16,
            maxPosition: 17,
            lot: 18,
            minNotional: 19,
            interest: -20,
            fundingNotional: 21,
            maxTradeAge: 22,
            youngWindow: 23,
            insuranceShare: 24,
        };
        same_event(sol::MarketParamsSet { instrument: 2, params });
    }
}
