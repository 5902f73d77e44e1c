//! Cases that others have published, by source. Values copied by hand.

use plimsoll_fixed::mul_div_floor;
use plimsoll_risk::{
    WAD,
    fill::{fee_ceil, flow_floor, notional_ceil},
    ladder::{Estate, FUNDING_ONE, Indices, Member, Rung, RungKey, Side, Standing, pass, tick_of},
    liquidation::notional_to_close_ceil,
    margin::{Margin, liquidation_price},
    market::MarginParams,
    position,
    waterfall::{haircut_ceil, shares},
};

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
        let margin = Margin { initial: 10 * WAD, maintenance: 10 * WAD, ..Margin::default() };
        let notional = notional_to_close_ceil(&margin, WAD / 10, 0, penalty).unwrap().unwrap();
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

/// The same on the ladder: one unit each, bought 400, 200 and 25 below a mark of 1,000. An estate lacks 375 of the 625: every
/// rung pays 0.6 of its own profit.
#[test]
fn chitra_pro_rata_on_the_ladder() {
    let mut rungs: Vec<Standing> = [400u128, 200, 25]
        .map(|profit| {
            let basis = flow_floor(U, (1_000 - profit) * WAD).unwrap();
            let at = RungKey { side: Side::Long, tick: tick_of(U, basis).unwrap().unwrap(), generation: 0 };
            let mut rung = Rung::default();
            rung.join(U, basis).unwrap();
            Standing { at, rung }
        })
        .to_vec();
    let estate = Estate { cash: -375 * U, ..Estate::default() };
    let done = pass(&estate, 0, 1_000 * WAD, 0, &mut rungs, &mut []).unwrap();
    assert_eq!((done.deficit, done.capacity, done.taken), (375 * WAD, 625 * WAD, 375 * WAD));
    for (standing, left) in rungs.iter().zip([160u128, 80, 10]) {
        let now = standing.rung.profit_floor(Side::Long, standing.at.tick, 1_000 * WAD).unwrap();
        assert!(now.abs_diff(left * WAD) <= 1, "{now}");
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
    let funding = i128::try_from(mul_div_floor(paid, FUNDING_ONE, WAD).unwrap()).unwrap();
    let equity = |cash: i128, size: i128| {
        let basis = flow_floor(size, WAD).unwrap();
        let member = Member { size, basis, ..Member::default() };
        let now = Indices::default().worth(&member, funding).unwrap();
        cash + now.funding + position::profit_floor(now.size, now.basis, 13 * WAD / 10).unwrap()
    };
    // true value: 1.261333333333333...
    assert_eq!(equity(2 * U, U) / 1_000, 1_261_333_333_333_333);
    // true value: 5.621333333333333...; the paper prints 5.6214
    assert_eq!(equity(8 * U / 3, -4 * U) / 1_000, 5_621_333_333_333_333);
}
