//! Errors, events and structs as words.

use alloc::vec::Vec;

use alloy_primitives::B256;
use stylus_sdk::prelude::*;

use crate::{Ledger, codec::concat, sol};

/// A Solidity error, encoded without the SDK's codec.
pub trait EncodeError {
    /// Selector and words.
    fn encode(&self) -> Vec<u8>;
}

/// A Solidity event, encoded without the SDK's codec.
pub trait EncodeEvent {
    /// Topics, the signature first, and data; all as words.
    fn encode(&self) -> (Vec<B256>, Vec<B256>);
}

/// Logs data under topics.
pub fn emit(host: &impl Host, topics: &[B256], data: &[u8]) {
    let mut input = concat(&[], topics);
    input.extend_from_slice(data);
    host.emit_log(&input, topics.len());
}

/// Logs an event.
pub fn log(host: &impl Host, event: &dyn EncodeEvent) {
    let (topics, data) = event.encode();
    emit(host, &topics, &concat(&[], &data));
}

impl Ledger {
    /// Emits an event from the engine's address.
    #[inline(never)]
    pub fn emit(&self, event: &dyn EncodeEvent) {
        log(self.vm(), event);
    }
}

/// Implements [`EncodeError`] for errors of a module, all of whose fields take one word.
#[macro_export]
macro_rules! encode_errors {
    ($module:ident: $($name:ident { $($field:ident),* })*) => {$(
        impl $crate::encode::EncodeError for $module::$name {
            fn encode(&self) -> alloc::vec::Vec<u8> {
                $crate::codec::concat(
                    &<Self as alloy_sol_types::SolError>::SELECTOR,
                    &[$($crate::codec::Word::word(&self.$field)),*],
                )
            }
        }
    )*};
}

/// Implements [`EncodeEvent`] for events of a module, whose topics take one word each and whose data has a fixed size.
#[macro_export]
macro_rules! encode_events {
    ($module:ident: $($name:ident [$($topic:ident),*] { $($field:ident),* })*) => {$(
        impl $crate::encode::EncodeEvent for $module::$name {
            fn encode(&self) -> (alloc::vec::Vec<alloy_primitives::B256>, alloc::vec::Vec<alloy_primitives::B256>) {
                let mut topics = alloc::vec::Vec::with_capacity(4);
                topics.push(<Self as alloy_sol_types::SolEvent>::SIGNATURE_HASH);
                $($crate::codec::Words::push(&self.$topic, &mut topics);)*
                #[allow(unused_mut)]
                let mut data = alloc::vec::Vec::new();
                $($crate::codec::Words::push(&self.$field, &mut data);)*
                (topics, data)
            }
        }
    )*};
}

/// Implements [`Words`](crate::codec::Words) for structs of a module, all of whose fields take one word.
#[macro_export]
macro_rules! encode_structs {
    ($module:ident: $($name:ident { $($field:ident),* })*) => {$(
        impl $crate::codec::Words for $module::$name {
            fn push(&self, out: &mut alloc::vec::Vec<alloy_primitives::B256>) {
                out.extend([$($crate::codec::Word::word(&self.$field)),*]);
            }
        }
    )*};
}

encode_errors! {
    sol:
    UnknownSelector { selector }
    MalformedCall { selector }
    Reentered {}
    NotPayable {}
    Overflow {}
    NotOwner { caller }
    NotGuardian { caller }
    NotPendingOwner { caller }
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
    ZeroAddress {}
    ZeroAmount {}
    ZeroSize {}
    NoFills {}
    SelfTrade { account }
    PriceOutOfBand { instrument, price, low, high }
    EntryOutOfRange { instrument }
    PriceUnusable { instrument, status }
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
    CaughtUp [account, instrument] { cash, size, basis }
    Filled [venue, taker, maker] { instrument, size, price, takerFee, makerFee }
    FundingAccrued [instrument] { index, rate, price, time }
    Liquidated [account, liquidator, instrument] { size, price, mark, discount, fee, equityBefore, equityAfter }
    Deleveraged [account, instrument] { size, mark, deficit, insurance, budget, capacity, taken, socialised, haircut, payers, closedRungs }
    InsuranceFunded [by] { amount, credited }
    InsurancePaid [account] { amount, left }
    BadDebtRecorded [instrument] { amount, total }
    BadDebtCovered [instrument] { amount, total }
    MarketListed [instrument] {  }
    MarketParamsSet [instrument] { params }
    VenueAdmitted [venue] { admitted }
    OracleSet [oracle] {  }
    InsuranceCapSet [] { cap }
    FeesWithdrawn [to] { amount }
    GuardianSet [guardian] {  }
    OwnershipTransferStarted [owner, pending] {  }
    OwnershipTransferred [previous, owner] {  }
    Paused [by] { until }
    Unpaused [by] {  }
}

encode_structs! {
    sol:
    MarketParams { initialFactor, maintenanceFactor, priceBand, profitWeight, takerFee, makerFee, fundingCap, liquidationFee, minDiscount, maxDiscount, targetBuffer, oiLow, oiHigh, depth, liquidationCost, maxOpenInterest, maxPosition, lot, minNotional }
    MarketState { fundingIndex, premium, fundingTime, openInterest, badDebt, dust }
    PositionView { instrument, size, basis }
    Margin { equity, initialEquity, initial, maintenance, backstop, priceStatus }
    LiquidationQuote { size, price, mark, discount, fee }
    RungView { tick, size, basis, shrink, index, takenPerUnit, epoch, members }
    Totals { insurance, fees, badDebt, tokens }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, FixedBytes, U256};
    use alloy_sol_types::{SolError, SolEvent};

    use super::*;

    fn same_error<E: SolError + EncodeError>(error: E) {
        assert_eq!(error.encode(), error.abi_encode());
    }

    fn same_event<E: SolEvent + EncodeEvent>(event: E) {
        let (topics, data) = event.encode();
        let expected: Vec<B256> = event.encode_topics().into_iter().map(B256::from).collect();
        assert_eq!(topics, expected);
        assert_eq!(concat(&[], &data), event.encode_data());
    }

    #[test]
    fn errors_encode_as_alloy_does() {
        let (account, caller) = (B256::repeat_byte(0xab), Address::repeat_byte(0xcd));
        same_error(sol::Reentered {});
        same_error(sol::UnknownSelector { selector: FixedBytes([1, 2, 3, 4]) });
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
        });
        same_event(sol::FundingAccrued { instrument: 9, index: -1, rate: i64::MIN, price: 3, time: 4 });
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
        };
        same_event(sol::MarketParamsSet { instrument: 2, params });
    }
}
