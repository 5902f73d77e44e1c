//! Who trades: a crowd drawn from a seed, one whale, market makers and keepers.

use alloy::primitives::B256;
use plimsoll_harness::{ids::WAD, key::Key};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

use super::market::{BTC_PERP, ETH_PERP, INITIAL};

/// Median and log standard deviation of the crowd's collateral, US dollars.
const COLLATERAL: (f64, f64) = (15_000.0, 1.3);
/// Smallest and largest collateral of the crowd, US dollars.
const COLLATERAL_RANGE: (f64, f64) = (500.0, 500_000.0);
/// Largest notional of one of the crowd, US dollars.
const LARGEST: f64 = 1_500_000.0;
/// Median and log standard deviation of the crowd's leverage.
const LEVERAGE: (f64, f64) = (3.0, 0.65);
/// Share of the crowd that is long, trades bitcoin, is in the market when the replay starts, takes its leave by itself.
const LONG: f64 = 0.6;
const TRADES_BTC: f64 = 0.8;
const PRESENT: f64 = 0.35;
const LEAVES: f64 = 0.25;
/// Nobody of the crowd comes after this share of the replay.
const LAST_ENTRY: f64 = 0.6;
/// The whale comes after this share of the replay and then holds on.
const WHALE_ENTRY: f64 = 0.09;
/// The whale's leverage: bankrupt about a third below its entry.
const WHALE_LEVERAGE: f64 = 3.0;
/// Number of market makers.
pub(crate) const MAKERS: usize = 6;
/// Capital of each market maker relative to all that the crowd and the whale trade.
const MAKER_CAPITAL: f64 = 0.15;

/// Somebody with a directional position.
#[derive(Clone, Debug)]
pub(crate) struct Trader {
    pub(crate) key: Key,
    pub(crate) instrument: u128,
    pub(crate) long: bool,
    /// WAD of US dollars, whole cents.
    pub(crate) collateral: u128,
    /// Notional over collateral at entry.
    pub(crate) leverage: f64,
    /// Index of the tick of the entry.
    pub(crate) enters: usize,
    /// Index of the tick after which the position is closed and the money withdrawn.
    pub(crate) leaves: Option<usize>,
    pub(crate) whale: bool,
}

impl Trader {
    pub(crate) fn account(&self) -> B256 {
        self.key.account(0)
    }

    /// Notional at entry, WAD, whole cents.
    pub(crate) fn notional(&self) -> u128 {
        cents(self.collateral as f64 / WAD as f64 * self.leverage)
    }
}

/// Everybody.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) traders: Vec<Trader>,
    pub(crate) makers: Vec<Key>,
    /// WAD of US dollars.
    pub(crate) maker_capital: u128,
    pub(crate) keepers: Vec<Key>,
    /// WAD of US dollars.
    pub(crate) keeper_capital: u128,
}

impl People {
    /// Who owns an account, in words.
    pub(crate) fn name(&self, account: B256) -> String {
        let place = |keys: &[Key]| keys.iter().position(|key| key.account(0) == account);
        if let Some(number) = place(&self.keepers) {
            return format!("keeper {}", number + 1);
        }
        if let Some(number) = place(&self.makers) {
            return format!("market maker {}", number + 1);
        }
        match self.traders.iter().position(|t| t.account() == account) {
            Some(number) if self.traders[number].whale => "the whale".into(),
            Some(number) => format!("trader {}", number + 1),
            None => account.to_string(),
        }
    }
}

/// How many there are and how large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) seed: u64,
    /// Directional accounts, the whale among them.
    pub(crate) accounts: usize,
    /// Notional of the whale, US dollars.
    pub(crate) whale: u32,
    pub(crate) keepers: usize,
    /// Capital of each keeper, US dollars.
    pub(crate) keeper_capital: u32,
    /// Ticks of the replay.
    pub(crate) ticks: usize,
}

impl Crowd {
    /// Draws everybody; the same for the same figures.
    pub(crate) fn draw(&self) -> People {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut traders: Vec<Trader> = (1..self.accounts.max(1)).map(|i| self.trader(i, &mut rng)).collect();
        traders.push(self.whale());
        let notional: f64 = traders.iter().map(|t| t.notional() as f64 / WAD as f64).sum();
        let named = |role: &str, n: usize| (0..n).map(|i| Key::named(&format!("{role} {i}"))).collect();
        People {
            traders,
            makers: named("market maker", MAKERS),
            maker_capital: cents(notional * MAKER_CAPITAL),
            keepers: named("keeper", self.keepers),
            keeper_capital: u128::from(self.keeper_capital) * WAD,
        }
    }

    fn trader(&self, number: usize, rng: &mut ChaCha8Rng) -> Trader {
        // The engine asks for initial margin after fees and spread, so the last half a per cent is out of reach.
        let most = 0.95 * 1e6 / f64::from(INITIAL);
        let collateral = lognormal(COLLATERAL, rng).clamp(COLLATERAL_RANGE.0, COLLATERAL_RANGE.1);
        let leverage = lognormal(LEVERAGE, rng).min(LARGEST / collateral).clamp(1.0, most);
        let long = rng.random_bool(LONG);
        let instrument = if rng.random_bool(TRADES_BTC) { BTC_PERP } else { ETH_PERP };
        let present = rng.random_bool(PRESENT);
        let entry = rng.random_range(0.0..LAST_ENTRY);
        let leaves = rng.random_bool(LEAVES);
        let exit = rng.random_range(0.0..1.0);
        let ticks = self.ticks as f64;
        let enters = if present { 0 } else { (entry * ticks) as usize };
        let stay = ((self.ticks.saturating_sub(enters)) as f64 * exit) as usize;
        Trader {
            key: Key::named(&format!("trader {number} of seed {}", self.seed)),
            instrument,
            long,
            collateral: cents(collateral),
            leverage,
            enters,
            leaves: leaves.then_some(enters + stay.max(1)),
            whale: false,
        }
    }

    fn whale(&self) -> Trader {
        Trader {
            key: Key::named(&format!("whale of seed {}", self.seed)),
            instrument: BTC_PERP,
            long: true,
            collateral: cents(f64::from(self.whale) / WHALE_LEVERAGE),
            leverage: WHALE_LEVERAGE,
            enters: (WHALE_ENTRY * self.ticks as f64) as usize,
            leaves: None,
            whale: true,
        }
    }
}

fn lognormal((median, deviation): (f64, f64), rng: &mut ChaCha8Rng) -> f64 {
    // Constants above: the deviation is finite and not negative.
    LogNormal::new(median.ln(), deviation).map_or(median, |law| law.sample(rng))
}

/// Whole cents in WAD.
fn cents(dollars: f64) -> u128 {
    (dollars * 100.0).round() as u128 * (WAD / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROWD: Crowd =
        Crowd { seed: 1, accounts: 300, whale: 15_000_000, keepers: 8, keeper_capital: 50_000, ticks: 480 };

    fn fingerprint(people: &People) -> Vec<(B256, u128, usize)> {
        people.traders.iter().map(|t| (t.account(), t.notional(), t.enters)).collect()
    }

    #[test]
    fn draw_depends_on_the_seed_alone() {
        assert_eq!(fingerprint(&CROWD.draw()), fingerprint(&CROWD.draw()));
        assert_ne!(fingerprint(&CROWD.draw()), fingerprint(&Crowd { seed: 2, ..CROWD }.draw()));
    }

    #[test]
    fn draw_spreads_leverage_from_one_to_the_limit_on_both_sides() {
        let people = CROWD.draw();
        assert_eq!(people.traders.len(), 300);
        for long in [true, false] {
            let mut leverage: Vec<f64> =
                people.traders.iter().filter(|t| t.long == long && !t.whale).map(|t| t.leverage).collect();
            leverage.sort_by(f64::total_cmp);
            assert!(leverage.len() > 90, "{}", leverage.len());
            assert!(leverage[0] < 1.2 && leverage[leverage.len() - 1] > 9.0);
            let median = leverage[leverage.len() / 2];
            assert!((2.4..3.7).contains(&median), "{median}");
        }
    }

    #[test]
    fn draw_has_one_whale_larger_than_anybody() {
        let people = CROWD.draw();
        let whales: Vec<&Trader> = people.traders.iter().filter(|t| t.whale).collect();
        assert_eq!(whales.len(), 1);
        assert_eq!(whales[0].notional(), 15_000_000 * WAD);
        assert!(people.traders.iter().filter(|t| !t.whale).all(|t| t.notional() * 9 < whales[0].notional()));
    }
}
