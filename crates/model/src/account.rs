//! An account: cash, an ordered list of markets, and what it has in each.

use std::collections::BTreeMap;

use plimsoll_risk::ladder::{Held, Holding};

use crate::market::MarketId;

/// The engine's id of an account: an owner's address and a subaccount, 32 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub [u8; 32]);

impl AccountId {
    /// An id for tests: owner one, and the number as its subaccount.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let mut id = [0; 32];
        id[19] = 1;
        id[24..].copy_from_slice(&number.to_be_bytes());
        Self(id)
    }

    /// Whether nobody owns it: its owner is the zero address.
    #[must_use]
    pub fn is_ownerless(&self) -> bool {
        self.0[..20].iter().all(|&byte| byte == 0)
    }
}

/// An account as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Quote, WAD.
    pub cash: i128,
    /// Markets with a position or young profit, in the order in which they were entered; a removed one is replaced by the last.
    pub markets: Vec<MarketId>,
    /// What it has in each of `markets`.
    pub holdings: BTreeMap<MarketId, Holding>,
}

impl Account {
    /// Puts a market at the end of the list, unless it is there.
    pub(crate) fn list(&mut self, market: MarketId) {
        if !self.markets.contains(&market) {
            self.markets.push(market);
        }
    }

    /// Takes a market off the list, if it is there; the last one takes its place.
    pub(crate) fn unlist(&mut self, market: MarketId) {
        if let Some(at) = self.markets.iter().position(|&m| m == market) {
            self.markets.swap_remove(at);
        }
        self.holdings.remove(&market);
    }
}

/// What an account has in a market, caught up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionView {
    /// The market.
    pub market: MarketId,
    /// Position, young profit, and what catching up brings into cash. The latter is part of [`AccountView::cash`].
    pub held: Held,
}

/// An account caught up: what a write would find now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountView {
    /// Cash with everything that catching up brings.
    pub cash: i128,
    /// What it has in its markets, in the order of its list.
    pub positions: Vec<PositionView>,
}
