//! A market in memory: its parameters, its funding brought up to now, its price.

use alloc::vec::Vec;

use alloy_primitives::U256;
use plimsoll_risk::{
    funding::Funding,
    ids,
    market::{AMOUNT_UNIT, Params},
};
use stylus_sdk::prelude::*;

use crate::{
    Ledger, Revert,
    prices::Quote,
    revert::require,
    sol,
    words::{halves, pack, pack_eight, unpack, unpack_eight},
};

/// A market as a call works on it.
#[derive(Clone, Debug)]
pub struct Market {
    /// The underlying.
    pub id: u16,
    /// The oracle's price and whether it may be used.
    pub quote: Quote,
    /// Parameters. Caps and the rules of liquidation are zero until [`Ledger::load_caps`] and
    /// [`Ledger::load_liquidation`] fill them in: a margin check has no use for their slots.
    pub params: Params,
    /// Funding, accrued to now when the price may be used.
    pub funding: Funding,
    /// Rate per 8 hours, 1e-12, that the accrual applied; zero when no time had passed.
    pub rate: i64,
    /// Sum of long sizes.
    pub open_interest: u128,
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
        let (from, to) = (from.max(0).unsigned_abs(), to.max(0).unsigned_abs());
        self.open_interest = self
            .open_interest
            .checked_add(to)
            .and_then(|sum| sum.checked_sub(from))
            .ok_or(plimsoll_risk::Overflow)?;
        Ok(())
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

const LISTED: u64 = 1;

impl Ledger {
    /// Whether a market is listed.
    pub fn is_listed(&self, id: u16) -> bool {
        let (_, rest) = unpack(self.markets.get(id).state.get());
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
            if quote.is_usable() {
                let (funding, rate) = market.funding.accrue(now, quote.price, market.params.funding_cap)?;
                (market.funding, market.rate) = (funding, rate);
            }
        }
        Ok(Markets(markets))
    }

    fn stored_market(&self, id: u16) -> Result<Market, Revert> {
        let words = self.markets.get(id);
        let (open_interest, rest) = unpack(words.state.get());
        require((rest >> 64) as u64 & LISTED != 0, || sol::UnknownMarket { instrument: ids::perp(id) })?;
        let (index, premiums) = unpack(words.funding.get());
        let [initial, maintenance, profit, band, taker, maker, cap, _] = unpack_eight(words.factors.get());
        let [oi_low, oi_high, depth, cost] =
            words.amounts.get().into_limbs().map(|x| u128::from(x) * AMOUNT_UNIT);
        let params = Params {
            initial_factor: initial,
            maintenance_factor: maintenance,
            price_band: band,
            profit_weight: profit,
            taker_fee: taker,
            maker_fee: maker,
            funding_cap: cap,
            liquidation_fee: 0,
            min_discount: 0,
            max_discount: 0,
            target_buffer: 0,
            oi_low,
            oi_high,
            depth,
            liquidation_cost: cost,
            max_open_interest: 0,
            max_position: 0,
            lot: 0,
            min_notional: 0,
        };
        let funding = Funding {
            index: index as i128,
            premium: premiums as u64 as i64,
            last: (premiums >> 64) as u64 as i64,
            time: rest as u64,
        };
        Ok(Market { id, quote: Quote::default(), params, funding, rate: 0, open_interest })
    }

    /// Fills in the caps on open interest and on a position.
    pub fn load_caps(&self, market: &mut Market) {
        let (open_interest, position) = unpack(self.markets.get(market.id).caps.get());
        market.params.max_open_interest = open_interest;
        market.params.max_position = position;
    }

    /// Fills in the rules of liquidation.
    pub fn load_liquidation(&self, market: &mut Market) {
        let words = self.markets.get(market.id);
        let word = words.liquidation.get();
        let [_, _, _, _, fee, min_discount, max_discount, buffer] = unpack_eight(word);
        market.params.min_notional = unpack(word).0;
        market.params.liquidation_fee = fee;
        market.params.min_discount = min_discount;
        market.params.max_discount = max_discount;
        market.params.target_buffer = buffer;
        market.params.lot = unpack(words.lot.get()).0;
    }

    /// Stores what a call changes of a market: funding and open interest. Says so when funding accrued.
    pub fn store_market(&mut self, market: &Market) {
        let f = &market.funding;
        let mut words = self.markets.setter(market.id);
        words.funding.set(pack(f.index as u128, halves(f.premium as u64, f.last as u64)));
        words.state.set(pack(market.open_interest, halves(f.time, LISTED)));
        if market.rate != 0 {
            self.vm().log(sol::FundingAccrued {
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
        self.markets.setter(id).state.set(pack(0, halves(now, LISTED)));
        self.listed.push(alloy_primitives::U16::from(id));
    }

    /// Stores a market's parameters, which are valid.
    pub fn store_params(&mut self, id: u16, p: &Params) {
        let mut words = self.markets.setter(id);
        words.factors.set(pack_eight([
            p.initial_factor,
            p.maintenance_factor,
            p.profit_weight,
            p.price_band,
            p.taker_fee,
            p.maker_fee,
            p.funding_cap,
            0,
        ]));
        let amounts = [p.oi_low, p.oi_high, p.depth, p.liquidation_cost];
        words.amounts.set(U256::from_limbs(amounts.map(|x| (x / AMOUNT_UNIT) as u64)));
        words.caps.set(pack(p.max_open_interest, p.max_position));
        let rules = halves(
            u64::from(p.liquidation_fee) | u64::from(p.min_discount) << 32,
            u64::from(p.max_discount) | u64::from(p.target_buffer) << 32,
        );
        words.liquidation.set(pack(p.min_notional, rules));
        words.lot.set(pack(p.lot, 0));
    }

    /// Bad debt and dust of a market. Underlying aside, `None` is the debt of accounts that had no position.
    pub fn debt(&self, id: u16) -> (u128, i128) {
        let (debt, dust) = unpack(self.markets.get(id).debt.get());
        (debt, dust as i128)
    }

    /// Stores bad debt and dust of a market.
    pub fn set_debt(&mut self, id: u16, debt: u128, dust: i128) {
        self.markets.setter(id).debt.set(pack(debt, dust as u128));
    }
}
