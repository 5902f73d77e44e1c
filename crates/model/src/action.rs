//! Actions as data, so that the same sequence can run on a book and on a node.

use crate::{
    account::AccountId, book::Book, bury::Buried, deleverage::Pass, error::Error, liquidate::Liquidation,
    market::MarketId, settle::Fill,
};

/// One thing that somebody does. Amounts are units of the quote token unless they are said to be WAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Credits a deposit.
    Deposit {
        /// To whom.
        account: AccountId,
        /// Token units.
        amount: u128,
    },
    /// The owner takes collateral out.
    Withdraw {
        /// Whose.
        account: AccountId,
        /// Token units.
        amount: u128,
    },
    /// The oracle accepts a report of these prices, observed now. The report is accepted or refused whole.
    Prices(Vec<(MarketId, u128)>),
    /// A venue settles fills.
    Settle(Vec<Fill>),
    /// Somebody takes over a part of a position.
    Liquidate {
        /// Whose position.
        account: AccountId,
        /// The account of the one who takes over.
        into: AccountId,
        /// Market.
        market: MarketId,
        /// Most units, WAD.
        max_size: u128,
        /// Limit of the price, WAD; zero for none.
        limit: u128,
    },
    /// Somebody has an account buried.
    Bury {
        /// Whose.
        account: AccountId,
    },
    /// Somebody has a market's estate resolved.
    Deleverage {
        /// The market.
        market: MarketId,
    },
    /// Somebody touches an account.
    Touch {
        /// Whose.
        account: AccountId,
    },
    /// Somebody has funding accrued.
    Poke(Vec<MarketId>),
    /// Somebody adds to the insurance fund.
    FundInsurance {
        /// Token units.
        amount: u128,
    },
    /// Somebody has bad debt covered from insurance.
    CoverBadDebt {
        /// The market whose debt it is; `None` for debt that belongs to no market.
        market: Option<MarketId>,
        /// WAD.
        amount: u128,
    },
    /// The owner takes fees out.
    WithdrawFees {
        /// Token units.
        amount: u128,
    },
}

/// An action and the time at which it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Unix seconds; later than the step before.
    pub now: u64,
    /// What happens.
    pub action: Action,
}

/// What an action returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The action returns nothing.
    Done,
    /// An amount: what was credited or covered, WAD.
    Amount(u128),
    /// A liquidation.
    Liquidated(Liquidation),
    /// A burial.
    Buried(Buried),
    /// A pass.
    Passed(Box<Pass>),
}

impl Book {
    /// Moves the clock to the step's time and does what it says.
    ///
    /// # Errors
    /// Those of the action; nothing but the clock has moved then.
    pub fn apply(&mut self, step: &Step) -> Result<Outcome, Error> {
        self.set_time(step.now);
        match &step.action {
            Action::Deposit { account, amount } => self.deposit(*account, *amount).map(Outcome::Amount),
            Action::Withdraw { account, amount } => self.withdraw(*account, *amount).map(|()| Outcome::Done),
            Action::Prices(prices) => self
                .atomically(|book| {
                    prices.iter().try_for_each(|&(market, price)| book.set_price(market, price))
                })
                .map(|()| Outcome::Done),
            Action::Settle(fills) => self.settle(fills).map(|()| Outcome::Done),
            Action::Liquidate { account, into, market, max_size, limit } => {
                self.liquidate(*account, *into, *market, *max_size, *limit).map(Outcome::Liquidated)
            }
            Action::Bury { account } => self.bury(*account).map(Outcome::Buried),
            Action::Deleverage { market } => {
                self.deleverage(*market).map(|pass| Outcome::Passed(Box::new(pass)))
            }
            Action::Touch { account } => self.touch(*account).map(|()| Outcome::Done),
            Action::Poke(markets) => self.poke(markets).map(|()| Outcome::Done),
            Action::FundInsurance { amount } => self.fund_insurance(*amount).map(Outcome::Amount),
            Action::CoverBadDebt { market, amount } => {
                self.cover_bad_debt(*market, *amount).map(Outcome::Amount)
            }
            Action::WithdrawFees { amount } => self.withdraw_fees(*amount).map(|()| Outcome::Done),
        }
    }
}
