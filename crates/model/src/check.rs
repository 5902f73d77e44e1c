//! Checks that hold after every step: the identity of the ledger, and the sums of the rungs.

use std::collections::BTreeMap;

use plimsoll_risk::ladder::Side;

use crate::{book::Book, dust, error::Error, market::MarketId};

/// The identity of the ledger, all quote in WAD: `cash + basis + insurance + fees - bad debt = tokens` to within `bound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Sum of all accounts' cash, caught up.
    pub cash: i128,
    /// Sum of all positions' basis, caught up.
    pub basis: i128,
    /// The insurance fund.
    pub insurance: u128,
    /// Fees.
    pub fees: u128,
    /// All bad debt: of every market, and that which belongs to none.
    pub bad_debt: u128,
    /// Tokens held.
    pub tokens: u128,
    /// The left side less the right: negative when rounding has kept something for the system.
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
        /// Market, side and tick of the rung.
        at: (MarketId, Side, i32),
        /// Its sum.
        rung: u128,
        /// Its members' sum.
        members: u128,
        /// Counted dust.
        bound: u128,
    },
    /// The rung's sum of basis differs from its members' by more than the dust.
    RungBasis {
        /// Market, side and tick of the rung.
        at: (MarketId, Side, i32),
        /// Its sum.
        rung: i128,
        /// Its members' sum.
        members: i128,
        /// Counted dust.
        bound: u128,
    },
    /// A rung's count of members is wrong, or it is marked occupied and has none, or the other way round.
    Members {
        /// Market, side and tick of the rung.
        at: (MarketId, Side, i32),
        /// Its count.
        rung: u32,
        /// How many positions sit there.
        members: u32,
    },
    /// The rungs of both sides and the dust do not cancel exactly.
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
    /// Accounts' sizes do not cancel to within the dust.
    ZeroSum {
        /// Market.
        market: MarketId,
        /// Sum of all sizes.
        sum: i128,
        /// Counted dust.
        bound: u128,
    },
    /// An account's list of markets is not the set of its positions.
    List,
    /// Something cannot be read.
    Unreadable(Error),
}

impl From<Error> for Discrepancy {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}

/// What positions add up to on a rung, or anywhere.
#[derive(Clone, Copy, Default)]
struct Sums {
    size: u128,
    basis: i128,
    members: u32,
    size_dust: u128,
    basis_dust: u128,
}

impl Book {
    /// The identity now, and how far it may be off.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a sum does not fit.
    pub fn identity(&self) -> Result<Identity, Error> {
        let (mut cash, mut basis) = (0i128, 0i128);
        let mut bound = self.dust.quote;
        for (id, account) in &self.accounts {
            let view = self.account_of(*id)?;
            cash = cash.checked_add(view.cash).ok_or(Error::Overflow)?;
            for position in view.positions {
                basis = basis.checked_add(position.basis).ok_or(Error::Overflow)?;
            }
            for (market, position) in &account.positions {
                let (_, _, rung) = self.rung_of(*market, position)?;
                bound = bound.saturating_add(dust::of_catch_up(position, &rung, false).0);
            }
        }
        for (&id, market) in &self.markets {
            bound =
                bound.saturating_add(self.dust.of_funding(id, market.funding.index, self.funding(id)?.index));
        }
        let bad_debt = self.bad_debt();
        let left = cash
            .checked_add(basis)
            .and_then(|sum| sum.checked_add_unsigned(self.insurance))
            .and_then(|sum| sum.checked_add_unsigned(self.fees))
            .and_then(|sum| sum.checked_sub_unsigned(bad_debt));
        let difference =
            left.and_then(|left| left.checked_sub_unsigned(self.tokens)).ok_or(Error::Overflow)?;
        Ok(Identity {
            cash,
            basis,
            insurance: self.insurance,
            fees: self.fees,
            bad_debt,
            tokens: self.tokens,
            difference,
            bound,
        })
    }

    /// Checks the identity, the rungs' sums against their members', that sizes cancel, open interest and the lists.
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
            if !listed.iter().eq(account.positions.keys()) {
                return Err(Discrepancy::List);
            }
        }
        self.markets.keys().try_for_each(|&market| self.check_market(market))
    }

    fn check_market(&self, market: MarketId) -> Result<(), Discrepancy> {
        let state = self.market(market)?;
        let mut rungs: BTreeMap<(Side, i32), Sums> = BTreeMap::new();
        let (mut sum, mut pending) = (0i128, 0u128);
        for (id, account) in &self.accounts {
            let Some(position) = account.positions.get(&market) else { continue };
            let now = self.position_of(*id, market)?;
            let (side, tick, rung) = self.rung_of(market, position)?;
            let (_, size_dust, basis_dust) = dust::of_catch_up(position, &rung, now.member && now.size == 0);
            sum = sum.checked_add(now.size).ok_or(Error::Overflow)?;
            pending = pending.saturating_add(size_dust);
            if now.member {
                let sums = rungs.entry((side, tick)).or_default();
                sums.size += now.size.unsigned_abs();
                sums.basis += now.basis;
                sums.members += 1;
                sums.size_dust += size_dust;
                sums.basis_dust += basis_dust;
            }
        }
        let mut totals = BTreeMap::from([(Side::Long, 0u128), (Side::Short, 0u128)]);
        for side in [Side::Long, Side::Short] {
            let ladder = state.ladder(side);
            for (&tick, (rung, tally)) in &ladder.rungs {
                *totals.entry(side).or_default() += rung.size;
                let members = rungs.remove(&(side, tick)).unwrap_or_default();
                let at = (market, side, tick);
                if members.members != tally.members || (tally.members > 0) != ladder.occupied.contains(&tick)
                {
                    return Err(Discrepancy::Members { at, rung: tally.members, members: members.members });
                }
                let bound = self.dust.size_of(market).saturating_add(members.size_dust);
                if rung.size < members.size || rung.size - members.size > bound {
                    return Err(Discrepancy::RungSize { at, rung: rung.size, members: members.size, bound });
                }
                let bound = self.dust.basis_of(market).saturating_add(members.basis_dust);
                if tally.basis.abs_diff(members.basis) > bound {
                    let (rung, members) = (tally.basis, members.basis);
                    return Err(Discrepancy::RungBasis { at, rung, members, bound });
                }
            }
        }
        if let Some((&(side, tick), sums)) = rungs.first_key_value() {
            return Err(Discrepancy::Members { at: (market, side, tick), rung: 0, members: sums.members });
        }
        let (long, short) = (totals[&Side::Long], totals[&Side::Short]);
        if state.open_interest != long {
            return Err(Discrepancy::OpenInterest { market, stored: state.open_interest, rungs: long });
        }
        let left = state
            .dust
            .checked_add_unsigned(long)
            .and_then(|left| left.checked_sub_unsigned(short))
            .ok_or(Error::Overflow)?;
        if left != 0 {
            return Err(Discrepancy::Balance { market, left });
        }
        let bound = self.dust.size_of(market).saturating_add(pending);
        if sum.unsigned_abs() > bound || state.dust.unsigned_abs() > bound {
            return Err(Discrepancy::ZeroSum { market, sum, bound });
        }
        Ok(())
    }
}
