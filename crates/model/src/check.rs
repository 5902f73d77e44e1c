//! Checks that hold after every step: the identity of the ledger, and the sums of rungs and pots.

use std::collections::BTreeMap;

use plimsoll_risk::ladder::{Ground, RungKey};

use crate::{book::Book, error::Error, market::MarketId};

/// The identity of the ledger, all quote in WAD:
/// `cash + young + basis + estates + insurance + fees - bad debt = tokens` to within `bound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Sum of all accounts' cash, caught up.
    pub cash: i128,
    /// Sum of all young profit.
    pub young: u128,
    /// Sum of all positions' basis, caught up.
    pub basis: i128,
    /// Cash and basis of all estates, caught up.
    pub estates: i128,
    /// The insurance fund.
    pub insurance: u128,
    /// Fees.
    pub fees: u128,
    /// All bad debt: of every market, and that which belongs to none.
    pub bad_debt: u128,
    /// Tokens held.
    pub tokens: u128,
    /// The left side less the right.
    pub difference: i128,
    /// What the roundings so far, and those of the views, may amount to.
    pub bound: u128,
}

impl Identity {
    /// Whether the difference is within the bound.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.difference.unsigned_abs() <= self.bound
    }
}

/// What [`Book::check`] found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discrepancy {
    /// The identity does not hold.
    Identity(Box<Identity>),
    /// Members hold more than their rung, or less by more than the dust.
    RungSize {
        /// Market and rung.
        at: (MarketId, RungKey),
        /// Its sum.
        rung: u128,
        /// Its members' sum.
        members: u128,
        /// Counted dust.
        bound: u128,
    },
    /// The rung's sum of basis differs from its members' by more than the dust.
    RungBasis {
        /// Market and rung.
        at: (MarketId, RungKey),
        /// Its sum.
        rung: i128,
        /// Its members' sum.
        members: i128,
        /// Counted dust.
        bound: u128,
    },
    /// A rung's count of members is wrong.
    Members {
        /// Market and rung.
        at: (MarketId, RungKey),
        /// Its count.
        rung: u32,
        /// How many positions sit there.
        members: u32,
    },
    /// The list of live rungs is not the set of rungs with members.
    Live {
        /// Market.
        market: MarketId,
    },
    /// A pot holds less than its members, or more by more than the dust.
    Pot {
        /// Market, window and generation of the pot.
        at: (MarketId, u32, u32),
        /// Its sum.
        pot: u128,
        /// Its members' sum.
        members: u128,
        /// Counted dust.
        bound: u128,
    },
    /// A pot with young profit is not listed.
    Unlisted {
        /// Market, window and generation of the pot.
        at: (MarketId, u32, u32),
    },
    /// The rungs of both sides, the estate and the dust do not cancel exactly.
    Balance {
        /// Market.
        market: MarketId,
        /// What is left, longs positive.
        left: i128,
    },
    /// Open interest is not the sum of the long rungs.
    OpenInterest {
        /// Market.
        market: MarketId,
        /// As stored.
        stored: u128,
        /// The rungs' sum.
        rungs: u128,
    },
    /// Accounts' sizes and the estate do not cancel to within the dust.
    ZeroSum {
        /// Market.
        market: MarketId,
        /// Sum of all sizes.
        sum: i128,
        /// Counted dust.
        bound: u128,
    },
    /// An account's list of markets is not the set of its holdings, or a holding is empty.
    List,
    /// Something cannot be read.
    Unreadable(Error),
}

impl From<Error> for Discrepancy {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}

/// What positions add up to on a rung.
#[derive(Clone, Copy, Default)]
struct Sums {
    size: u128,
    basis: i128,
    members: u32,
}

impl Book {
    fn holdings(&self) -> u128 {
        self.accounts.values().map(|account| account.holdings.len() as u128).sum()
    }

    /// The identity now, and how far it may be off.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a sum does not fit.
    pub fn identity(&self) -> Result<Identity, Error> {
        let (mut cash, mut basis, mut young, mut estates) = (0i128, 0i128, 0u128, 0i128);
        for id in self.accounts.keys() {
            let view = self.account_of(*id)?;
            cash = cash.checked_add(view.cash).ok_or(Error::Overflow)?;
            for position in view.positions {
                basis = basis.checked_add(position.held.basis).ok_or(Error::Overflow)?;
                young = young.checked_add(position.held.young).ok_or(Error::Overflow)?;
            }
        }
        for (&id, market) in &self.markets {
            let mut estate = market.estate;
            estate.catch_up(self.moment(id)?.funding)?;
            estates = estates
                .checked_add(estate.cash)
                .and_then(|sum| sum.checked_add(estate.basis))
                .ok_or(Error::Overflow)?;
        }
        let bad_debt = self.bad_debt();
        let difference = cash
            .checked_add(basis)
            .and_then(|sum| sum.checked_add_unsigned(young))
            .and_then(|sum| sum.checked_add(estates))
            .and_then(|sum| sum.checked_add_unsigned(self.insurance))
            .and_then(|sum| sum.checked_add_unsigned(self.fees))
            .and_then(|sum| sum.checked_sub_unsigned(bad_debt))
            .and_then(|left| left.checked_sub_unsigned(self.tokens))
            .ok_or(Error::Overflow)?;
        Ok(Identity {
            cash,
            young,
            basis,
            estates,
            insurance: self.insurance,
            fees: self.fees,
            bad_debt,
            tokens: self.tokens,
            difference,
            bound: self.dust.quote(self.holdings()),
        })
    }

    /// Checks the identity, the sums of rungs and pots against their members', that sizes cancel, open interest and the lists.
    ///
    /// # Errors
    /// The first [`Discrepancy`].
    pub fn check(&self) -> Result<(), Discrepancy> {
        let identity = self.identity()?;
        if !identity.holds() {
            return Err(Discrepancy::Identity(Box::new(identity)));
        }
        for account in self.accounts.values() {
            let mut listed = account.markets.clone();
            listed.sort_unstable();
            if !listed.iter().eq(account.holdings.keys()) || account.holdings.values().any(|h| h.is_empty()) {
                return Err(Discrepancy::List);
            }
        }
        self.markets.keys().try_for_each(|&market| self.check_market(market))
    }

    fn check_market(&self, market: MarketId) -> Result<(), Discrepancy> {
        let state = self.market(market)?;
        let now = self.moment(market)?;
        let ladder = &state.ladder;
        let mut rungs: BTreeMap<RungKey, Sums> = BTreeMap::new();
        let mut pots: BTreeMap<(u32, u32), u128> = BTreeMap::new();
        let mut sum = state.estate.size;
        for (id, account) in &self.accounts {
            let Some(holding) = account.holdings.get(&market) else { continue };
            let held = self.held(*id, market)?;
            sum = sum.checked_add(held.size).ok_or(Error::Overflow)?;
            if let Some(at) = holding.rung().map_err(Error::from)? {
                let sums = rungs.entry(at).or_default();
                sums.size += held.size.unsigned_abs();
                sums.basis += held.basis;
                sums.members += 1;
            }
            for entry in holding.young.entries.iter().filter(|entry| entry.amount > 0) {
                let pot = ladder.pot(entry.window, entry.generation);
                *pots.entry((entry.window, entry.generation)).or_default() +=
                    pot.left_floor(entry.amount).map_err(Error::from)?;
            }
        }
        let bound = self.dust.size(self.holdings());
        let mut live = ladder.live.clone();
        live.sort_unstable();
        if !live.iter().eq(ladder.rungs.keys()) {
            return Err(Discrepancy::Live { market });
        }
        let (mut long, mut short) = (0u128, 0u128);
        for (&key, rung) in &ladder.rungs {
            *match key.side {
                plimsoll_risk::ladder::Side::Long => &mut long,
                plimsoll_risk::ladder::Side::Short => &mut short,
            } += rung.size;
            let at = (market, key);
            let members = rungs.remove(&key).unwrap_or_default();
            if members.members != rung.members {
                return Err(Discrepancy::Members { at, rung: rung.members, members: members.members });
            }
            let bound = if rung.retired() { bound } else { 0 };
            if rung.size < members.size || rung.size - members.size > bound {
                return Err(Discrepancy::RungSize { at, rung: rung.size, members: members.size, bound });
            }
            let bound = if rung.retired() { self.dust.quote(self.holdings()) } else { 0 };
            if rung.basis.abs_diff(members.basis) > bound {
                return Err(Discrepancy::RungBasis { at, rung: rung.basis, members: members.basis, bound });
            }
        }
        if let Some((&key, sums)) = rungs.first_key_value() {
            return Err(Discrepancy::Members { at: (market, key), rung: 0, members: sums.members });
        }
        for (&(window, generation), pot) in &ladder.pots {
            let at = (market, window, generation);
            let members = pots.remove(&(window, generation)).unwrap_or_default();
            let bound = if pot.retired() { bound } else { 0 };
            if pot.sum < members || pot.sum - members > bound {
                return Err(Discrepancy::Pot { at, pot: pot.sum, members, bound });
            }
            let young = now.window.saturating_sub(window) < plimsoll_risk::ladder::WINDOWS;
            if young && pot.sum > 0 && !ladder.queue.contains(&(window, generation)) {
                return Err(Discrepancy::Unlisted { at });
            }
        }
        if let Some((&(window, generation), &members)) = pots.first_key_value() {
            return Err(Discrepancy::Pot { at: (market, window, generation), pot: 0, members, bound });
        }
        if state.open_interest != long {
            return Err(Discrepancy::OpenInterest { market, stored: state.open_interest, rungs: long });
        }
        let left = state
            .dust
            .checked_add(state.estate.size)
            .and_then(|left| left.checked_add_unsigned(long))
            .and_then(|left| left.checked_sub_unsigned(short))
            .ok_or(Error::Overflow)?;
        if left != 0 {
            return Err(Discrepancy::Balance { market, left });
        }
        if sum.unsigned_abs() > bound || state.dust.unsigned_abs() > bound {
            return Err(Discrepancy::ZeroSum { market, sum, bound });
        }
        Ok(())
    }
}
