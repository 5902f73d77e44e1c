//! One play: the moves of the gang, what keepers do between them, and what it comes to.

use std::mem;

use plimsoll_risk::{PPM, WAD};

use super::{AGES, GANG, MAKER, MARKETS, Move, OPENING, Play, START, Setting};
use crate::{
    account::AccountId,
    action::{Action, Outcome, Step},
    book::{Book, Config, Use},
    error::Error,
    market::MarketId,
    settle::Fill,
};

/// Units of the quote token in one quote.
const TOKEN: u128 = 1_000_000;

const fn honest_account(number: u64) -> u64 {
    100 + number
}

/// A game in progress.
pub(super) struct Game<'a> {
    setting: &'a Setting,
    book: Book,
    /// All that was done, in order, where somebody wants to know.
    steps: Option<Vec<Step>>,
    put_in: i128,
    out: i128,
    /// Honest equity at the start, and what passes and burials moved of it.
    honest_start: i128,
    honest_passes: i128,
    bound: u128,
    gapped: [bool; 2],
    actions: u64,
}

fn member(number: u8) -> AccountId {
    AccountId::from_number(u64::from(number % GANG) + 1)
}

fn party(number: u8) -> AccountId {
    if number % (GANG + 1) == MAKER { AccountId::from_number(honest_account(0)) } else { member(number) }
}

fn keeper() -> AccountId {
    AccountId::from_number(honest_account(1))
}

fn market(number: u8) -> MarketId {
    MARKETS[usize::from(number % 2)]
}

impl<'a> Game<'a> {
    /// The book before the first move; `None` for a setting that no market may have.
    pub(super) fn open(setting: &'a Setting, recorded: bool) -> Option<Self> {
        let config = Config { insurance_cap: setting.insurance_cap, ..Config::default() };
        let mut book = Book::new(config, OPENING);
        for market in MARKETS {
            book.list_market(market, setting.params, AGES).ok()?;
        }
        let mut game = Self {
            setting,
            book,
            steps: recorded.then(Vec::new),
            put_in: 0,
            out: 0,
            honest_start: 0,
            honest_passes: 0,
            bound: 0,
            gapped: [false; 2],
            actions: 0,
        };
        game.apply(Action::Prices(MARKETS.map(|market| (market, START * WAD)).into())).ok()?;
        if setting.fund > 0 {
            game.apply(Action::FundInsurance { amount: setting.fund * TOKEN }).ok()?;
        }
        let honest = [0, 1, 2, 3].map(|number| AccountId::from_number(honest_account(number)));
        for account in honest {
            game.apply(Action::Deposit { account, amount: 1_000_000_000 * TOKEN }).ok()?;
        }
        if setting.honest > 0 {
            let size = i128::try_from(setting.honest * WAD).ok()?;
            let [_, _, taker, maker] = honest;
            let fill = Fill { taker, maker, market: MARKETS[0], size, price: START * WAD };
            game.apply(Action::Settle(vec![fill])).ok()?;
        }
        game.honest_start = game.honest_equity();
        Some(game)
    }

    /// Everything that happens to the book happens here.
    fn apply(&mut self, action: Action) -> Result<Outcome, Error> {
        let step = Step { now: self.book.now, action };
        let outcome = self.book.apply(&step);
        if let Some(steps) = &mut self.steps {
            steps.push(step);
        }
        outcome
    }

    /// All that has happened.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps.unwrap_or_default()
    }

    fn equity(&self, account: AccountId) -> i128 {
        self.book.margin_of(account, Use::Liquidation).map_or(0, |margin| margin.equity)
    }

    fn honest_equity(&self) -> i128 {
        (0..4).map(|number| self.equity(AccountId::from_number(honest_account(number)))).sum()
    }

    /// Something that may take from honest accounts by the ladder.
    fn ladder(&mut self, action: Action) {
        let before = self.honest_equity();
        let _ = self.apply(action);
        self.honest_passes += self.honest_equity() - before;
        self.actions += 1;
    }

    fn pass(&mut self, market: MarketId) {
        if self.book.markets[&market].estate.waits() {
            self.ladder(Action::Deleverage { market });
        }
    }

    /// Keepers liquidate whom they find below maintenance, bury whom they find below zero, touch everybody in the market of an
    /// estate and resolve it.
    fn keep(&mut self) {
        for number in 0..GANG {
            let account = member(number);
            let Ok(margin) = self.book.margin_of(account, Use::Liquidation) else { continue };
            if margin.is_liquidatable() {
                for market in self.book.account(account).markets {
                    let (into, max_size) = (keeper(), u128::MAX);
                    let _ = self.apply(Action::Liquidate { account, into, market, max_size, limit: 0 });
                    self.actions += 1;
                }
            }
        }
        // An account that waits for a pass of one market is buried after it.
        for _ in 0..2 {
            for number in 0..GANG {
                if self.equity(member(number)) < 0 {
                    self.ladder(Action::Bury { account: member(number) });
                }
            }
            let waits = MARKETS.map(|market| self.book.markets[&market].estate.waits());
            if waits == [false; 2] {
                return;
            }
            let accounts: Vec<AccountId> = self.book.accounts.keys().copied().collect();
            for account in accounts {
                if !self.book.account(account).markets.is_empty() {
                    let _ = self.apply(Action::Touch { account });
                    self.actions += 1;
                }
            }
            for market in MARKETS {
                self.pass(market);
            }
        }
    }

    /// Notional of the gang's larger side, WAD.
    fn side(&self, market: MarketId) -> u128 {
        let (mut long, mut short) = (0u128, 0u128);
        for number in 0..GANG {
            let size = self.book.held(member(number), market).map_or(0, |held| held.size);
            *if size < 0 { &mut short } else { &mut long } += size.unsigned_abs();
        }
        long.max(short) / 1_000_000 * (self.book.markets[&market].price.price / 1_000_000) / 1_000_000
    }

    /// Keepers act, then time goes by and the next report comes in. An estate that they could not resolve, because the price was
    /// not newer than a fill, they resolve with it.
    fn report(&mut self, seconds: u64, moves: [i32; 2]) {
        self.keep();
        let sides = MARKETS.map(|market| self.side(market));
        self.book.set_time(self.book.now + seconds);
        let maintenance = self.setting.params.margin.maintenance_factor;
        let mut report = Vec::with_capacity(MARKETS.len());
        for ((market, ppm), side) in MARKETS.into_iter().zip(moves).zip(sides) {
            let last = self.book.markets[&market].price.price;
            let price = last / PPM * u128::from(1_000_000u32.saturating_add_signed(ppm));
            report.push((market, price.clamp(WAD, 100_000 * WAD)));
            if ppm.unsigned_abs() > self.setting.drift {
                let beyond = (ppm.unsigned_abs() + self.setting.drift).saturating_sub(maintenance);
                self.bound += side / PPM * u128::from(beyond);
            }
        }
        let _ = self.apply(Action::Prices(report));
        for market in MARKETS {
            self.pass(market);
        }
    }

    /// The price of a fill: for the gang by itself as it likes, with the maker at the mark or at the next one.
    fn price(&self, market: MarketId, with_maker: bool, distance: i32, next: i32) -> u128 {
        let mark = self.book.markets[&market].price.price;
        let ppm = match (with_maker, distance) {
            (true, 0) => 0,
            (true, _) => next,
            (false, distance) => distance,
        };
        mark / PPM * u128::from(1_000_000u32.saturating_add_signed(ppm))
    }

    fn fill(&self, of: &Move, next: [i32; 2]) -> Option<Fill> {
        let (taker, maker, at, size, price) = match *of {
            Move::Trade { taker, maker, market: at, size, price, .. } => {
                (taker, maker, at, i128::from(size) * (WAD / 1_000).cast_signed(), price)
            }
            Move::Scale { taker, maker, market: at, part, price, .. } => {
                let held = self.book.held(member(taker), market(at)).ok()?.size;
                (taker, maker, at, held / 1_000_000 * i128::from(part), price)
            }
            _ => return None,
        };
        let (taker, maker) = (member(taker), party(maker));
        let with_maker = maker == party(MAKER);
        let price = self.price(market(at), with_maker, price, next[usize::from(at % 2)]);
        Some(Fill { taker, maker, market: market(at), size, price })
    }

    pub(super) fn play(&mut self, moves: &[Move]) {
        let mut fills = Vec::new();
        for (place, of) in moves.iter().enumerate() {
            if let Move::Trade { more, .. } | Move::Scale { more, .. } = *of {
                fills.extend(self.fill(of, self.next(&moves[place..])));
                let follows = matches!(moves.get(place + 1), Some(Move::Trade { .. } | Move::Scale { .. }));
                if !(more && follows) {
                    self.actions += fills.len() as u64;
                    let _ = self.apply(Action::Settle(mem::take(&mut fills)));
                }
            } else {
                self.act(of);
            }
        }
        for _ in 0..3 {
            self.report(61, [0; 2]);
        }
    }

    /// The moves of the next report.
    fn next(&self, moves: &[Move]) -> [i32; 2] {
        for of in moves {
            match *of {
                Move::Report { moves } => return moves.map(|ppm| self.drift(ppm)),
                // The maker does not trade ahead of a gap.
                Move::Gap { .. } | Move::Wait { .. } | Move::Outage { .. } => return [0; 2],
                _ => {}
            }
        }
        [0; 2]
    }

    fn drift(&self, ppm: i32) -> i32 {
        ppm.clamp(-self.setting.drift.cast_signed(), self.setting.drift.cast_signed())
    }

    fn act(&mut self, of: &Move) {
        self.actions += 1;
        match *of {
            Move::Deposit { member: whose, amount } => {
                let (account, amount) = (member(whose), u128::from(amount) * TOKEN);
                if self.apply(Action::Deposit { account, amount }).is_ok() {
                    self.put_in += (amount * (WAD / TOKEN)).cast_signed();
                }
            }
            Move::Withdraw { member: whose, part } => {
                let free = self.book.free_collateral(member(whose)).unwrap_or(0);
                let amount = free / PPM * u128::from(part.min(1_000_000)) / (WAD / TOKEN);
                if self.apply(Action::Withdraw { account: member(whose), amount }).is_ok() {
                    self.out += (amount * (WAD / TOKEN)).cast_signed();
                }
            }
            Move::Report { moves } => self.report(1, moves.map(|ppm| self.drift(ppm))),
            Move::Gap { market, up } => {
                let mut moves = [0; 2];
                let at = usize::from(market % 2);
                if !self.gapped[at] {
                    self.gapped[at] = true;
                    moves[at] =
                        if up { self.setting.gap.cast_signed() } else { -self.setting.gap.cast_signed() };
                }
                self.report(1, moves);
            }
            Move::Wait { minutes } => {
                for _ in 0..minutes.min(60) {
                    self.report(60, [0; 2]);
                }
            }
            Move::Outage { minutes } => self.report(u64::from(minutes) * 60 + 1, [0; 2]),
            Move::Liquidate { member: whose, into, market: at, part } => {
                let size =
                    self.book.held(member(whose), market(at)).map_or(0, |held| held.size).unsigned_abs();
                let max_size = size / PPM * u128::from(part.min(1_000_000));
                let (account, into, market) = (member(whose), member(into), market(at));
                let _ = self.apply(Action::Liquidate { account, into, market, max_size, limit: 0 });
            }
            Move::Bury { member: whose } => self.ladder(Action::Bury { account: member(whose) }),
            Move::Pass { market: at } => self.pass(market(at)),
            Move::Touch { member: whose } => {
                let _ = self.apply(Action::Touch { account: member(whose) });
            }
            Move::Trade { .. } | Move::Scale { .. } => {}
        }
    }

    pub(super) fn result(&self) -> Play {
        let unit = WAD.cast_signed();
        let left: i128 = (0..GANG).map(|number| self.equity(member(number)).max(0)).sum();
        Play {
            gain: (self.out + left - self.put_in).div_euclid(unit),
            honest_loss: (self.honest_start + self.honest_passes - self.honest_equity()).div_euclid(unit),
            bound: (self.bound / WAD).cast_signed(),
            gaps: self.gapped.iter().filter(|&&gapped| gapped).count(),
            bad_debt: self.book.bad_debt() / WAD,
            honest_paid: -self.honest_passes / unit,
            actions: self.actions,
        }
    }
}
