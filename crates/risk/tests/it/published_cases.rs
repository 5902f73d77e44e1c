//! Cases that others have published, by source. Values copied by hand.

use plimsoll_fixed::mul_div_floor;
use plimsoll_risk::{
    WAD,
    fill::{fee_ceil, flow_floor, notional_ceil},
    ladder::{Epoch, Position, Rung, Side, Tally, catch_up, deleverage, price_index_floor, tick_of},
    liquidation::notional_to_close_ceil,
    margin::{Margin, liquidation_price},
    market::MarginParams,
    position,
    waterfall::{haircut_ceil, shares},
};

use crate::support::CountedSide;

const U: i128 = WAD as i128;

/// Parameters in which only the maintenance factor (ppm) matters.
fn maintenance(factor: u32) -> MarginParams {
    MarginParams {
        initial_factor: 100_000,
        maintenance_factor: factor,
        profit_weight: 1_000_000,
        ..MarginParams::default()
    }
}

/// dYdX v4 documentation, concepts/trading/liquidations: isolated, equity 1,000, short 3 at 3,000, 5 %; and crossed, short
/// 1.5, other maintenance 175.
#[test]
fn dydx_liquidation_prices() {
    let five = maintenance(50_000);
    let price = |rest: &Margin, size: i128| {
        let basis = flow_floor(size, 3_000 * WAD).unwrap();
        liquidation_price(rest, size, basis, &five).unwrap().unwrap()
    };
    // true value: 3174.603174603174603...
    assert_eq!(price(&Margin::of_cash(1_000 * U), -3 * U), 3_174_603_174_603_174_603_174);
    // true value: 3380.952380952380952...
    let rest = Margin { maintenance: 175 * WAD, ..Margin::of_cash(1_000 * U) };
    assert_eq!(price(&rest, -3 * U / 2), 3_380_952_380_952_380_952_380);
}

/// Drift protocol-v2, math/liquidation tests (Apache-2.0): a shortage of 10, price 100, margin ratio 10 %; base to close for
/// a liquidator's fee and an insurance fee.
#[test]
fn drift_sizes_of_a_partial_close() {
    let close = |penalty: u128| {
        let margin = Margin { equity: 0, initial_equity: 0, initial: 10 * WAD, maintenance: 10 * WAD };
        let notional = notional_to_close_ceil(&margin, WAD / 10, 0, penalty, 0).unwrap().unwrap();
        notional / 100
    };
    assert_eq!(close(0), WAD); // 1.000000000
    assert_eq!(close(WAD / 100) / 1_000_000_000, 1_111_111_111); // 1 % and none
    assert_eq!(close(WAD / 50), WAD * 5 / 4); // 1 % and 1 %: 1.250000000
}

/// Drift protocol-v2, the same tests: a loss of 100 over 7 base long and 4 base short is 9.09091 quote per base.
#[test]
fn drift_socialised_loss_per_unit() {
    let parts = shares(100 * WAD, &[7 * WAD, 4 * WAD]).unwrap();
    assert_eq!(parts.iter().sum::<u128>(), 100 * WAD);
    // per base, rounded up at 1e-6: both sides bear the same
    for (part, base) in parts.iter().zip([7u128, 4]) {
        assert_eq!((part / base).div_ceil(1_000_000_000_000), 9_090_910);
    }
}

/// "Autodeleveraging: Impossibilities and Optimization" (Chitra), five accounts with profits of 8, 4 and 0.5, deficit 15 of
/// which half is to be taken: pro rata h = 0.6 takes 4.8, 2.4 and 0.3.
#[test]
fn chitra_pro_rata_of_five_accounts() {
    let profits = [8 * WAD, 4 * WAD, WAD / 2];
    assert_eq!(profits.iter().sum::<u128>(), 25 * WAD / 2); // U = 12.5
    let taken = shares(15 * WAD / 2, &profits).unwrap();
    assert_eq!(taken, [48 * WAD / 10, 24 * WAD / 10, 3 * WAD / 10]);
}

/// The same on the ladder: profits of 8, 4 and 0.5 as one unit each, bought 8, 4 and 0.5 below a mark of 1,000. Rungs know
/// entries to 1.1 % only, so each pays for the worst entry of its rung; together they pay exactly 0.5.
#[test]
fn chitra_pro_rata_on_the_ladder() {
    let mut ladder = CountedSide::new(Side::Long);
    for profit in [400u128, 200, 25] {
        let basis = flow_floor(U, (1_000 - profit) * WAD).unwrap();
        ladder.join(tick_of(U, basis).unwrap().unwrap(), U, basis);
    }
    let capacity = plimsoll_risk::ladder::capacity_floor(&mut ladder, 1_000 * WAD).unwrap();
    // U is 625 less what the rungs' width hides: at most 1.1 % of each entry
    assert!(((625 - 7 - 9 - 11) * WAD..=625 * WAD).contains(&capacity));
    let spread = deleverage(&mut ladder, 0, 1_000 * WAD, 0, capacity * 6 / 10).unwrap();
    assert_eq!(spread.taken, capacity * 6 / 10);
    for (tick, (rung, _)) in &ladder.rungs {
        let least = plimsoll_risk::ladder::least_profit(Side::Long, *tick, 1_000 * WAD);
        let due = mul_div_floor(least, 6, 10).unwrap();
        assert!(rung.taken.abs_diff(due) <= 2, "h = 0.6: {} of {least}", rung.taken);
    }
}

/// The same paper: haircut of a deficit of 0.7054035087719298 on profits of 7.7223434343434345 is 0.0913.
#[test]
fn chitra_haircut() {
    let (deficit, profits) = (705_403_508_771_929_800u128, 7_722_343_434_343_434_500u128);
    // true value: 0.09134578315110954
    assert_eq!(haircut_ceil(deficit, profits).unwrap() / 1_000, 91_345_783_151_109);
}

/// The same paper, fees in basis points: 40 on 0.5 at 1.3 is 0.0026; 20 on the mark of 1.3 and 10 on 1.32 is 0.00196.
#[test]
fn chitra_fees() {
    let fee = |price: u128, bps: u32| fee_ceil(notional_ceil(U / 2, price).unwrap(), bps * 100).unwrap();
    let (mark, executed) = (13 * WAD / 10, 132 * WAD / 100);
    assert_eq!(fee(mark, 40), 2_600_000_000_000_000);
    assert_eq!(fee(mark, 20) + fee(executed, 10), 1_960_000_000_000_000);
}

/// The same paper, section on equity: (oracle, mark) go from (1, 1) to (1.25, 1.3). Account A holds 1 unit long from 1 with
/// 2 of cash and pays 0.4667 and 0.5720 of funding: equity 1.2613; C holds 4 short with 8/3 and receives 1.8667 and 2.2880.
#[test]
fn chitra_equity_after_funding() {
    // exactly: 7/15 and 143/250 a unit
    let paid = (7 * U / 15 + 143 * U / 250).unsigned_abs();
    let funding = price_index_floor(paid).unwrap();
    let equity = |cash: i128, size: i128| {
        let basis = flow_floor(size, WAD).unwrap();
        let (mut rung, mut tally) = (Rung::default(), Tally::default());
        rung.join(&mut tally, size, basis).unwrap();
        let placed = Position::place(size, basis, &rung, 0).unwrap();
        let now = catch_up(&placed, &rung, funding, |_| Epoch::default()).unwrap();
        cash + now.cash + position::profit_floor(now.size, now.basis, 13 * WAD / 10).unwrap()
    };
    // true value: 1.261333333333333...
    assert_eq!(equity(2 * U, U) / 1_000, 1_261_333_333_333_333);
    // true value: 5.621333333333333...; the paper prints 5.6214
    assert_eq!(equity(8 * U / 3, -4 * U) / 1_000, 5_621_333_333_333_333);
}
