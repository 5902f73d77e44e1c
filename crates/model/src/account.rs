//! An account: cash, an ordered list of open markets, and a position in each.

use std::collections::BTreeMap;

use plimsoll_risk::ladder::Position;

use crate::market::MarketId;

/// The engine's id of an account: an owner's address and a subaccount, 32 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub [u8; 32]);

impl AccountId {
    /// An id for tests that need no owner: the number in the last 8 bytes.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let mut id = [0; 32];
        id[24..].copy_from_slice(&number.to_be_bytes());
        Self(id)
    }
}

/// An account as it is stored: positions as they were last touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Quote, WAD.
    pub cash: i128,
    /// Markets with a position in the order in which they were opened; a removed one is replaced by the last.
    pub markets: Vec<MarketId>,
    /// The positions of `markets`.
    pub positions: BTreeMap<MarketId, Position>,
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
    }
}

/// A position caught up with its rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Its market.
    pub market: MarketId,
    /// Signed size, units of the underlying, WAD.
    pub size: i128,
    /// Basis, quote, WAD.
    pub basis: i128,
    /// Quote that catching up brought into cash: funding and what deleveragings did. Part of [`AccountView::cash`].
    pub cash: i128,
    /// Whether its rung still counts it among its members.
    pub member: bool,
}

/// An account caught up: what a write would find now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountView {
    /// Cash with everything that catching up brings.
    pub cash: i128,
    /// Its positions in the order of its list; one that was closed out has size zero.
    pub positions: Vec<PositionView>,
}
