//! From selectors to the module's functions.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use plimsoll_ledger::{
    Revert,
    codec::{self, Args, Word, Words, concat, head_and_array},
    module::done,
    sol::MarketParams,
};
use stylus_sdk::function_selector;

use crate::Governance;

const LIST_MARKET: [u8; 4] = function_selector!("listMarket", u128, MarketParams);
const SET_MARKET_PARAMS: [u8; 4] = function_selector!("setMarketParams", u128, MarketParams);
const ADMIT_VENUE: [u8; 4] = function_selector!("admitVenue", Address, bool);
const SET_ORACLE: [u8; 4] = function_selector!("setOracle", Address);
const SET_INSURANCE_CAP: [u8; 4] = function_selector!("setInsuranceCap", u32);
const SET_GUARDIAN: [u8; 4] = function_selector!("setGuardian", Address);
const TRANSFER_OWNERSHIP: [u8; 4] = function_selector!("transferOwnership", Address);
const ACCEPT_OWNERSHIP: [u8; 4] = function_selector!("acceptOwnership");
const PAUSE: [u8; 4] = function_selector!("pause", u64);
const UNPAUSE: [u8; 4] = function_selector!("unpause");
const MARKET_PARAMS: [u8; 4] = function_selector!("marketParams", u128);
const INSTRUMENTS: [u8; 4] = function_selector!("instruments");
const IS_OPERATOR: [u8; 4] = function_selector!("isOperator", Address, Address);
const IS_VENUE_ADMITTED: [u8; 4] = function_selector!("isVenueAdmitted", Address);
const IS_VENUE_APPROVED: [u8; 4] = function_selector!("isVenueApproved", B256, Address);
const QUOTE_TOKEN: [u8; 4] = function_selector!("quoteToken");
const ORACLE: [u8; 4] = function_selector!("oracle");
const INSURANCE_CAP: [u8; 4] = function_selector!("insuranceCap");
const OWNER: [u8; 4] = function_selector!("owner");
const PENDING_OWNER: [u8; 4] = function_selector!("pendingOwner");
const GUARDIAN: [u8; 4] = function_selector!("guardian");
const PAUSED_UNTIL: [u8; 4] = function_selector!("pausedUntil");

fn market_params(words: Args<'_>, at: usize) -> Option<MarketParams> {
    Some(MarketParams {
        initialFactor: words.uint(at)?,
        maintenanceFactor: words.uint(at + 1)?,
        priceBand: words.uint(at + 2)?,
        profitWeight: words.uint(at + 3)?,
        takerFee: words.uint(at + 4)?,
        makerFee: words.uint(at + 5)?,
        fundingCap: words.uint(at + 6)?,
        liquidationFee: words.uint(at + 7)?,
        minDiscount: words.uint(at + 8)?,
        maxDiscount: words.uint(at + 9)?,
        targetBuffer: words.uint(at + 10)?,
        oiLow: words.uint(at + 11)?,
        oiHigh: words.uint(at + 12)?,
        depth: words.uint(at + 13)?,
        liquidationCost: words.uint(at + 14)?,
        maxOpenInterest: words.uint(at + 15)?,
        maxPosition: words.uint(at + 16)?,
        lot: words.uint(at + 17)?,
        minNotional: words.uint(at + 18)?,
    })
}

fn one(value: impl Words) -> Result<Vec<u8>, Revert> {
    Ok(codec::value(&value))
}

impl Governance {
    pub(crate) fn route(&mut self, selector: [u8; 4], args: Args<'_>) -> Option<Result<Vec<u8>, Revert>> {
        Some(match selector {
            LIST_MARKET => done(self.list_market(args.uint(0)?, market_params(args, 1)?)),
            SET_MARKET_PARAMS => done(self.set_market_params(args.uint(0)?, market_params(args, 1)?)),
            ADMIT_VENUE => done(self.admit_venue(args.address(0)?, args.boolean(1)?)),
            SET_ORACLE => done(self.set_oracle(args.address(0)?)),
            SET_INSURANCE_CAP => done(self.set_insurance_cap(args.uint(0)?)),
            SET_GUARDIAN => done(self.set_guardian(args.address(0)?)),
            TRANSFER_OWNERSHIP => done(self.transfer_ownership(args.address(0)?)),
            ACCEPT_OWNERSHIP => done(self.accept_ownership()),
            PAUSE => done(self.pause(args.uint(0)?)),
            UNPAUSE => done(self.unpause()),
            MARKET_PARAMS => self.market_params(args.uint(0)?).map(|params| codec::value(&params)),
            INSTRUMENTS => Ok(head_and_array(&[], &self.instruments())),
            IS_OPERATOR => one(self.is_operator(args.address(0)?, args.address(1)?)),
            IS_VENUE_ADMITTED => one(self.is_venue_admitted(args.address(0)?)),
            IS_VENUE_APPROVED => one(self.is_venue_approved(args.bytes32(0)?, args.address(1)?)),
            QUOTE_TOKEN => {
                let (token, decimals) = self.quote_token();
                Ok(concat(&[], &[token.word(), decimals.word()]))
            }
            ORACLE => one(self.oracle()),
            INSURANCE_CAP => one(self.insurance_cap()),
            OWNER => one(self.owner()),
            PENDING_OWNER => one(self.pending_owner()),
            GUARDIAN => one(self.guardian()),
            PAUSED_UNTIL => one(self.paused_until()),
            _ => return None,
        })
    }
}
