//! A market as a call works on it in memory (parameters, price, funding accrued to now), and its words in storage.

use alloc::vec::Vec;

use plimsoll_kit::words::{Records, halves, quarters, split_quarters};
use plimsoll_risk::{
    funding::Funding,
    ids,
    margin::Exposure,
    market::{AMOUNT_UNIT, Caps, FillRules, LiquidationRules, MarginParams, Params, open_interest_after},
    oracle::Quote,
};
use stylus_sdk::prelude::*;

use crate::{
    Ledger, Revert,
    layout::market::{AMOUNTS, CAPS, DEBT, FACTORS, FUNDING, LIQUIDATION, LISTED, LOT, STATE},
    revert::require,
    sol,
};

pub use plimsoll_risk::ids::NO_MARKET;

/// A market as a call works on it.
#[derive(Clone, Debug)]
pub struct Market {
    /// The underlying.
    pub id: u16,
    /// The oracle's price and whether it may be used.
    pub quote: Quote,
    /// What a margin check reads.
    pub margin: MarginParams,
    /// The rules of a fill.
    pub fills: FillRules,
    /// Largest funding rate per 8 hours, ppm.
    pub funding_cap: u32,
    /// Funding, accrued to now when the price may be used.
    pub funding: Funding,
    /// Rate per 8 hours, 1e-12, that the accrual applied; zero when no time had passed.
    pub rate: i64,
    /// Sum of long sizes.
    pub open_interest: u128,
    /// The same as the call found it.
    pub open_interest_before: u128,
}

impl Market {
    /// The perpetual's instrument id.
    #[must_use]
    pub const fn instrument(&self) -> u128 {
        ids::perp(self.id)
    }

    /// Open interest as it changes when a position goes from one size to another.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn moved(&mut self, from: i128, to: i128) -> Result<(), Revert> {
        self.open_interest = open_interest_after(self.open_interest, from, to)?;
        Ok(())
    }

    /// A position in this market, as a margin check takes it.
    #[must_use]
    pub const fn exposure(&self, size: i128, basis: i128) -> Exposure<'_> {
        let Self { margin, open_interest, quote, .. } = self;
        Exposure { size, basis, mark: quote.price, open_interest: *open_interest, params: margin }
    }
}

/// The markets of a call.
#[derive(Debug, Default)]
pub struct Markets(Vec<Market>);

impl Markets {
    /// A market that the call has loaded.
    ///
    /// # Errors
    /// `UnknownMarket` when it has not.
    pub fn get(&self, id: u16) -> Result<&Market, Revert> {
        self.0.iter().find(|m| m.id == id).ok_or_else(|| unknown(id))
    }

    /// A market that the call has loaded, to change.
    ///
    /// # Errors
    /// `UnknownMarket` when it has not.
    pub fn get_mut(&mut self, id: u16) -> Result<&mut Market, Revert> {
        self.0.iter_mut().find(|m| m.id == id).ok_or_else(|| unknown(id))
    }

    /// All of them.
    pub fn iter(&self) -> core::slice::Iter<'_, Market> {
        self.0.iter()
    }
}

fn unknown(id: u16) -> Revert {
    Revert::new(sol::UnknownMarket { instrument: ids::perp(id) })
}

/// The underlying of an instrument that must be a perpetual.
///
/// # Errors
/// `UnknownMarket` for any other id.
pub fn underlying(instrument: u128) -> Result<u16, Revert> {
    ids::perp_underlying(instrument).ok_or_else(|| Revert::new(sol::UnknownMarket { instrument }))
}

impl Ledger {
    /// Whether a market is listed.
    pub fn is_listed(&self, id: u16) -> bool {
        let (_, rest) = self.read(&self.market_record(id), STATE);
        (rest >> 64) as u64 & LISTED != 0
    }

    /// Loads markets with one call of the oracle. `ids` may repeat.
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`.
    pub fn load_markets(&self, ids: &[u16]) -> Result<Markets, Revert> {
        let mut distinct: Vec<u16> = Vec::with_capacity(ids.len());
        for id in ids {
            if !distinct.contains(id) {
                distinct.push(*id);
            }
        }
        let mut markets = Vec::with_capacity(distinct.len());
        for id in &distinct {
            markets.push(self.stored_market(*id)?);
        }
        let now = self.vm().block_timestamp();
        for (market, quote) in markets.iter_mut().zip(self.quotes(&distinct)?) {
            market.quote = quote;
            if quote.allows_liquidation() {
                let (funding, rate) = market.funding.accrue_floor(now, quote.price, market.funding_cap)?;
                (market.funding, market.rate) = (funding, rate);
            }
        }
        Ok(Markets(markets))
    }

    fn stored_market(&self, id: u16) -> Result<Market, Revert> {
        let record = self.market_record(id);
        let (open_interest, rest) = self.read(&record, STATE);
        require((rest >> 64) as u64 & LISTED != 0, || sol::UnknownMarket { instrument: ids::perp(id) })?;
        let (index, premiums) = self.read(&record, FUNDING);
        let (low, high) = self.read(&record, FACTORS);
        let ([initial, maintenance, profit, band], [taker, maker, cap, _]) =
            (split_quarters(low), split_quarters(high));
        let (low, high) = self.read(&record, AMOUNTS);
        let [oi_low, oi_high, depth, cost] =
            [low, low >> 64, high, high >> 64].map(|amount| u128::from(amount as u64) * AMOUNT_UNIT);
        let margin = MarginParams {
            initial_factor: initial,
            maintenance_factor: maintenance,
            profit_weight: profit,
            oi_low,
            oi_high,
            depth,
            liquidation_cost: cost,
        };
        let fills = FillRules { price_band: band, taker_fee: taker, maker_fee: maker };
        let funding = Funding {
            index: index as i128,
            premium: premiums as u64 as i64,
            last: (premiums >> 64) as u64 as i64,
            time: rest as u64,
        };
        Ok(Market {
            id,
            quote: Quote::default(),
            margin,
            fills,
            funding_cap: cap,
            funding,
            rate: 0,
            open_interest,
            open_interest_before: open_interest,
        })
    }

    /// A market's caps on open interest and on a position.
    pub fn load_caps(&self, id: u16) -> Caps {
        let (open_interest, position) = self.read(&self.market_record(id), CAPS);
        Caps { open_interest, position }
    }

    /// A market's rules of liquidation.
    pub fn load_liquidation(&self, id: u16) -> LiquidationRules {
        let record = self.market_record(id);
        let (min_notional, rules) = self.read(&record, LIQUIDATION);
        let [fee, min_discount, max_discount, target_buffer] = split_quarters(rules);
        let lot = self.read(&record, LOT).0;
        LiquidationRules { fee, min_discount, max_discount, target_buffer, lot, min_notional }
    }

    /// Stores what a call may change of a market: funding and open interest. Emits `FundingAccrued` when funding accrued.
    pub fn store_market(&mut self, market: &Market) {
        let f = &market.funding;
        let record = self.market_record(market.id);
        self.write(&record, FUNDING, f.index as u128, halves(f.premium as u64, f.last as u64));
        self.write(&record, STATE, market.open_interest, halves(f.time, LISTED));
        if market.rate != 0 {
            self.emit(&sol::FundingAccrued {
                instrument: market.instrument(),
                index: f.index,
                rate: market.rate,
                price: market.quote.price,
                time: f.time,
            });
        }
    }

    /// Makes a market known, with funding starting now.
    pub fn list_market(&mut self, id: u16) {
        let now = self.vm().block_timestamp();
        let record = self.market_record(id);
        self.write(&record, STATE, 0, halves(now, LISTED));
        self.push_listed(id);
    }

    /// Stores a market's parameters, which are valid.
    pub fn store_params(&mut self, id: u16, params: &Params) {
        let Params { margin, fills, funding_cap, caps, liquidation: rules } = params;
        let record = self.market_record(id);
        self.write(
            &record,
            FACTORS,
            quarters([
                margin.initial_factor,
                margin.maintenance_factor,
                margin.profit_weight,
                fills.price_band,
            ]),
            quarters([fills.taker_fee, fills.maker_fee, *funding_cap, 0]),
        );
        let units = |x: u128| (x / AMOUNT_UNIT) as u64;
        let open_interest = halves(units(margin.oi_low), units(margin.oi_high));
        let book = halves(units(margin.depth), units(margin.liquidation_cost));
        self.write(&record, AMOUNTS, open_interest, book);
        self.write(&record, CAPS, caps.open_interest, caps.position);
        let ppm = quarters([rules.fee, rules.min_discount, rules.max_discount, rules.target_buffer]);
        self.write(&record, LIQUIDATION, rules.min_notional, ppm);
        self.write(&record, LOT, rules.lot, 0);
    }

    /// Bad debt and dust of a market.
    pub fn debt(&self, id: u16) -> (u128, i128) {
        let (debt, dust) = self.read(&self.market_record(id), DEBT);
        (debt, dust as i128)
    }

    /// Stores bad debt and dust of a market.
    pub fn set_debt(&mut self, id: u16, debt: u128, dust: i128) {
        let record = self.market_record(id);
        self.write(&record, DEBT, debt, dust as u128);
    }
}
