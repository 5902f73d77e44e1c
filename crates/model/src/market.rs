//! A market: parameters, price, funding, its ladder and its estate.

use std::collections::{BTreeMap, VecDeque};

use plimsoll_risk::{
    funding::Funding,
    ladder::{Estate, Ground, GroundMut, Pot, Rung, RungKey, WINDOWS},
    market::Params,
    oracle::{Ages, Price},
    waterfall::Bucket,
};

/// A perpetual market, by its underlying.
pub type MarketId = u16;

/// The rungs and pots of a market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Every rung with members.
    pub rungs: BTreeMap<RungKey, Rung>,
    /// The keys of the same, in the order in which a pass goes through them. A removed one is replaced by the last.
    pub live: Vec<RungKey>,
    /// Every pot that was ever used, by window and generation.
    pub pots: BTreeMap<(u32, u32), Pot>,
    /// Pots that may be young, in the order in which they were first used.
    pub queue: VecDeque<(u32, u32)>,
}

impl Ground for Ladder {
    fn rung(&self, at: RungKey) -> Rung {
        self.rungs.get(&at).copied().unwrap_or_default()
    }

    fn pot(&self, window: u32, generation: u32) -> Pot {
        self.pots.get(&(window, generation)).copied().unwrap_or_default()
    }
}

impl GroundMut for Ladder {
    fn store_rung(&mut self, at: RungKey, rung: &Rung) {
        if rung.members == 0 {
            if self.rungs.remove(&at).is_some() {
                self.live.iter().position(|&key| key == at).map(|place| self.live.swap_remove(place));
            }
        } else if self.rungs.insert(at, *rung).is_none() {
            self.live.push(at);
        }
    }

    fn store_pot(&mut self, window: u32, generation: u32, pot: &Pot) {
        if self.pots.insert((window, generation), *pot).is_none() {
            // The new one's window is young: what is ripe beside it is ripe.
            while self.queue.front().is_some_and(|&(old, _)| window.saturating_sub(old) >= WINDOWS) {
                self.queue.pop_front();
            }
            self.queue.push_back((window, generation));
        }
    }
}

/// A market's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// Its parameters.
    pub params: Params,
    /// For how long its price may be used.
    pub ages: Ages,
    /// The oracle's last price.
    pub price: Price,
    /// Largest move between two reports, ppm; zero: no such rule. A report beyond it makes the price late.
    pub max_move: u32,
    /// The report that has put the last price in doubt.
    pub doubting: Price,
    /// Its funding, accrued up to its own time.
    pub funding: Funding,
    /// Seconds of the clock of young profit: usable seconds in which it ran.
    pub clock: u32,
    /// Whether the clock stands, because a sizeable estate waits.
    pub stands: bool,
    /// The generation of rungs and pots that takes newcomers.
    pub generation: u32,
    /// When a fill last happened, Unix seconds.
    pub last_fill: u64,
    /// When a pass last ran, Unix seconds.
    pub last_pass: u64,
    /// Sum of the long rungs' sizes, units of the underlying, WAD.
    pub open_interest: u128,
    /// Size that rounding left without a holder, longs positive.
    pub dust: i128,
    /// Loss that neither insurance nor profits could bear, quote, WAD.
    pub bad_debt: u128,
    /// What it has drawn of the insurance fund.
    pub bucket: Bucket,
    /// What its bankrupts left.
    pub estate: Estate,
    /// Its rungs and pots.
    pub ladder: Ladder,
}
