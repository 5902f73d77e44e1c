//! A market as a call works on it in memory (parameters, price, funding accrued to now), and its words in storage.

use alloc::vec::Vec;

use alloy_primitives::B256;
use plimsoll_kit::words::{Records, halves, quarters, split_quarters};
use plimsoll_risk::{
    Overflow, estate as rules,
    funding::{Funding, FundingRules},
    ids,
    ladder::{Estate, Held, Moment},
    margin::Exposure,
    market::{
        AMOUNT_UNIT, Caps, FillRules, LiquidationRules, MarginParams, Params, TimeRules, open_interest_after,
    },
    oracle::Quote,
};

use crate::{
    Ledger, Revert,
    layout::market::{
        AMOUNTS, CAPS, DEBT, ESTATE, ESTATE_BASIS, FACTORS, FUNDING, LIQUIDATION, LOT, STANDS, STATE,
    },
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
    /// Its rules of time.
    pub time: TimeRules,
    /// Largest funding rate per 8 hours, ppm.
    pub funding_cap: u32,
    /// Funding, accrued to now.
    pub funding: Funding,
    /// Whether the accrual moved the index.
    pub accrued: bool,
    /// Seconds of the clock of young profit.
    pub clock: u32,
    /// Whether the clock stands, because a sizeable estate waits.
    pub stands: bool,
    /// When a fill last happened, Unix seconds.
    pub last_fill: u32,
    /// The generation that takes newcomers.
    pub generation: u32,
    /// Whether the call has changed something in it, so that it is to be stored.
    pub touched: bool,
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

    /// The market at the moment of the call.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        Moment {
            window: self.time.window(self.clock),
            generation: self.generation,
            funding: self.funding.index,
            mark: self.quote.price,
        }
    }

    /// Open interest as it changes when a position goes from one size to another.
    ///
    /// # Errors
    /// `Overflow` when it does not fit.
    pub fn moved(&mut self, from: i128, to: i128) -> Result<(), Revert> {
        self.open_interest = open_interest_after(self.open_interest, from, to)?;
        Ok(())
    }

    /// What an account has in this market, as a margin check takes it. Without a price that may be used it stands with stress.
    #[must_use]
    pub fn exposure(&self, held: &Held, wanted: Use) -> Exposure<'_> {
        let Self { margin, open_interest, quote, .. } = self;
        Exposure {
            size: held.size,
            basis: held.basis,
            young: held.young,
            mark: quote.price,
            usable: wanted.allows(quote),
            open_interest: *open_interest,
            params: margin,
        }
    }
}

/// What prices are wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Trading and withdrawing: fresh ones only.
    Trading,
    /// Liquidating: late ones too.
    Liquidation,
}

impl Use {
    /// Whether a price may be used for this.
    #[must_use]
    pub const fn allows(self, quote: &Quote) -> bool {
        match self {
            Self::Trading => quote.allows_trading(),
            Self::Liquidation => quote.allows_liquidation(),
        }
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
        rest >> 96 != 0
    }

    /// Loads markets with one call of the oracle. `ids` may repeat.
    ///
    /// # Errors
    /// `UnknownMarket`, `OracleFailed`.
    pub fn load_markets(&self, ids: &[u16]) -> Result<Markets, Revert> {
        let mut distinct: Vec<u16> = Vec::with_capacity(ids.len());
        for id in ids {
            if !distinct.iter().any(|known| known == id) {
                distinct.push(*id);
            }
        }
        let mut markets = Vec::with_capacity(distinct.len());
        for id in &distinct {
            markets.push(self.stored_market(*id)?);
        }
        for (market, quote) in markets.iter_mut().zip(self.quotes(&distinct)?) {
            market.quote = quote;
            let mut rules = FundingRules { cap: market.funding_cap, ..FundingRules::default() };
            if market.funding.turns(quote.usable) {
                // Once an hour what sets the rate is read.
                rules = self.load_funding_rules(market.id, market.funding_cap);
            }
            let before = market.funding;
            market.funding = before.accrue_floor(quote.usable, quote.price, &rules)?;
            market.accrued = before.index != market.funding.index;
            if !market.stands {
                let ran = market.funding.usable - before.usable;
                market.clock =
                    market.clock.checked_add(ran).filter(|clock| clock & STANDS == 0).ok_or(Overflow)?;
            }
        }
        Ok(Markets(markets))
    }

    fn stored_market(&self, id: u16) -> Result<Market, Revert> {
        let record = self.market_record(id);
        let (open_interest, rest) = self.read(&record, STATE);
        let [premiums_low, premiums_high, notional, generation] = split_quarters(rest);
        require(generation != 0, || sol::UnknownMarket { instrument: ids::perp(id) })?;
        let (index, rest) = self.read(&record, FUNDING);
        let [usable, rate, clock, last_fill] = split_quarters(rest);
        let (low, high) = self.read(&record, FACTORS);
        let ([initial, maintenance, profit, band], [taker, maker, cap, time]) =
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
            usable,
            rate: rate as i32,
            premiums: (u64::from(premiums_low) | u64::from(premiums_high) << 32) as i64,
            notional,
        };
        Ok(Market {
            id,
            quote: Quote::default(),
            margin,
            fills,
            time: TimeRules { max_trade_age: time as u16, young_window: (time >> 16) as u16 },
            funding_cap: cap,
            funding,
            accrued: false,
            clock: clock & !STANDS,
            stands: clock & STANDS != 0,
            last_fill,
            generation,
            touched: false,
            open_interest,
            open_interest_before: open_interest,
        })
    }

    /// What bounds a market's rate.
    pub fn load_funding_rules(&self, id: u16, cap: u32) -> FundingRules {
        let (_, high) = self.read(&self.market_record(id), LOT);
        FundingRules {
            cap,
            interest: high as u32 as i32,
            least_notional: u128::from((high >> 64) as u64) * AMOUNT_UNIT,
        }
    }

    /// A market's share of the insurance fund, ppm.
    pub fn load_insurance_share(&self, id: u16) -> u32 {
        (self.read(&self.market_record(id), LOT).1 >> 32) as u32
    }

    /// A market's caps on open interest and on a position.
    pub fn load_caps(&self, id: u16) -> Caps {
        let (open_interest, position) = self.read(&self.market_record(id), CAPS);
        Caps { open_interest, position }
    }

    /// The least notional of a position that is opened or grows, quote, WAD.
    pub fn load_min_notional(&self, id: u16) -> u128 {
        self.read(&self.market_record(id), LIQUIDATION).0
    }

    /// Requires that a position that went from one size to another, and the open interest of its market, are within caps.
    ///
    /// # Errors
    /// `PositionTooLarge`, `OpenInterestTooLarge`.
    pub fn require_within(
        &self,
        caps: &Caps,
        account: B256,
        market: &Market,
        before: i128,
        size: i128,
    ) -> Result<(), Revert> {
        let instrument = market.instrument();
        require(caps.admit_position(before, size), || sol::PositionTooLarge {
            account,
            instrument,
            size: size.unsigned_abs(),
            most: caps.position,
        })?;
        let open = market.open_interest;
        require(caps.admit_open_interest(market.open_interest_before, open), || sol::OpenInterestTooLarge {
            instrument,
            openInterest: open,
            most: caps.open_interest,
        })
    }

    /// A market's rules of liquidation.
    pub fn load_liquidation(&self, id: u16) -> LiquidationRules {
        let record = self.market_record(id);
        let (min_notional, rules) = self.read(&record, LIQUIDATION);
        let [fee, min_discount, max_discount, target_buffer] = split_quarters(rules);
        let lot = self.read(&record, LOT).0;
        LiquidationRules { fee, min_discount, max_discount, target_buffer, lot, min_notional }
    }

    /// Stores what a call may change of a market: funding, clock, open interest, generation. Emits `FundingAccrued` when funding
    /// accrued.
    pub fn store_market(&mut self, market: &Market) {
        let f = &market.funding;
        let record = self.market_record(market.id);
        let clock = if market.stands { market.clock | STANDS } else { market.clock };
        self.write(
            &record,
            FUNDING,
            f.index as u128,
            quarters([f.usable, f.rate as u32, clock, market.last_fill]),
        );
        let premiums = f.premiums as u64;
        let rest = quarters([premiums as u32, (premiums >> 32) as u32, f.notional, market.generation]);
        self.write(&record, STATE, market.open_interest, rest);
        if market.accrued {
            self.emit(&sol::FundingAccrued {
                instrument: market.instrument(),
                index: f.index,
                rate: f.rate,
                price: market.quote.price,
                usable: f.usable,
            });
        }
    }

    /// Stores the usable seconds up to which a market has accrued, and nothing else.
    pub(crate) fn store_usable(&mut self, id: u16, usable: u32) {
        let record = self.market_record(id);
        let (index, rest) = self.read(&record, FUNDING);
        let [_, rate, clock, last_fill] = split_quarters(rest);
        self.write(&record, FUNDING, index, quarters([usable, rate, clock, last_fill]));
    }

    /// Stores the markets that the call has changed something in.
    pub fn store_touched(&mut self, markets: &Markets) {
        for market in markets.iter().filter(|market| market.touched) {
            self.store_market(market);
        }
    }

    /// Makes a market known, with funding starting now at a rate of interest alone. `usable` are the usable seconds of its feed.
    pub fn list_market(&mut self, id: u16, params: &Params, usable: u32) {
        let record = self.market_record(id);
        let rate = params.funding.rate_floor(0, 0);
        self.write(&record, FUNDING, 0, quarters([usable, rate as u32, 0, 0]));
        self.write(&record, STATE, 0, quarters([0, 0, 0, 1]));
        self.push_listed(id);
    }

    /// Stores a market's parameters, which are valid.
    pub fn store_params(&mut self, id: u16, params: &Params) {
        let Params { margin, fills, time, funding, insurance_share, caps, liquidation: rules } = params;
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
            quarters([
                fills.taker_fee,
                fills.maker_fee,
                funding.cap,
                u32::from(time.max_trade_age) | u32::from(time.young_window) << 16,
            ]),
        );
        let units = |x: u128| (x / AMOUNT_UNIT) as u64;
        let open_interest = halves(units(margin.oi_low), units(margin.oi_high));
        let book = halves(units(margin.depth), units(margin.liquidation_cost));
        self.write(&record, AMOUNTS, open_interest, book);
        self.write(&record, CAPS, caps.open_interest, caps.position);
        let ppm = quarters([rules.fee, rules.min_discount, rules.max_discount, rules.target_buffer]);
        self.write(&record, LIQUIDATION, rules.min_notional, ppm);
        let both = u64::from(funding.interest as u32) | u64::from(*insurance_share) << 32;
        self.write(&record, LOT, rules.lot, halves(both, units(funding.least_notional)));
    }

    /// The estate of a market, as stored.
    pub fn estate(&self, id: u16) -> Estate {
        let record = self.market_record(id);
        let ((cash, size), (basis, funding)) = (self.read(&record, ESTATE), self.read(&record, ESTATE_BASIS));
        Estate { cash: cash as i128, size: size as i128, basis: basis as i128, funding: funding as i128 }
    }

    /// Stores the estate of a market.
    pub fn set_estate(&mut self, id: u16, estate: &Estate) {
        let record = self.market_record(id);
        self.write(&record, ESTATE, estate.cash as u128, estate.size as u128);
        self.write(&record, ESTATE_BASIS, estate.basis as u128, estate.funding as u128);
    }

    /// The estate of a market that is loaded, caught up, and whether what it lacks is sizeable.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn estate_now(&self, market: &Market) -> Result<(Estate, bool), Revert> {
        let mut estate = self.estate(market.id);
        if !estate.waits() {
            return Ok((estate, false));
        }
        estate.catch_up(market.funding.index)?;
        let mark = market.quote.price;
        let sizeable = rules::is_sizeable(estate.worth_floor(mark)?, market.open_interest, mark)?;
        Ok((estate, sizeable))
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
