//! The known attacks.

use super::{MAKER, Move};

/// The known attacks, by the names of their rows.
#[must_use]
pub fn named() -> Vec<(&'static str, Vec<Move>)> {
    use Move::{Bury, Deposit, Gap, Liquidate, Outage, Pass, Report, Scale, Touch, Trade, Wait, Withdraw};
    let trade = |taker, maker, market, units: i64, price| Trade {
        taker,
        maker,
        market,
        size: units * 1_000,
        price,
        more: false,
    };
    let close =
        |taker, maker, market, price| Scale { taker, maker, market, part: -1_000_000, price, more: false };
    let with = |of: Move| match of {
        Trade { taker, maker, market, size, price, .. } => {
            Trade { taker, maker, market, size, price, more: true }
        }
        Scale { taker, maker, market, part, price, .. } => {
            Scale { taker, maker, market, part, price, more: true }
        }
        other => other,
    };
    let all = |member| Withdraw { member, part: 1_000_000 };
    let start = [
        Deposit { member: 0, amount: 2_080_000 },
        Deposit { member: 1, amount: 2_080_000 },
        trade(0, 1, 0, 400_000, 0),
    ];
    let gap = Gap { market: 0, up: true };
    let after = |rest: &[Move]| -> Vec<Move> { [&start[..], &[gap], rest].concat() };
    let rich = Deposit { member: 2, amount: 30_000_000 };
    let hop = |market, mark: i64| [trade(0, 2, market, mark, 50_000), trade(0, 2, market, -mark, -50_000)];
    let late =
        |ppm| [trade(0, MAKER, 0, -200_000, 1), Report { moves: [ppm, 0] }, trade(0, MAKER, 0, 200_000, 1)];
    vec![
        ("undodged", after(&[all(0)])),
        ("01 leaves in the second of the gap", after(&[close(0, MAKER, 0, 0), all(0)])),
        (
            "02 sells and buys back",
            after(&[with(close(0, MAKER, 0, 0)), trade(0, MAKER, 0, 400_000, 0), all(0)]),
        ),
        (
            "06 outage",
            [&start[..], &[trade(0, 1, 0, 1_000, 50_000), Outage { minutes: 4_000 }, gap]].concat(),
        ),
        (
            "14 liquidates itself",
            [
                &start[..],
                &[
                    Report { moves: [-4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Liquidate { member: 1, into: 2, market: 0, part: 1_000_000 },
                    gap,
                ],
            ]
            .concat(),
        ),
        (
            "17 hops to a friend",
            after(&[
                rich,
                close(0, MAKER, 0, 0),
                hop(0, 18_000)[0],
                hop(0, 18_000)[1],
                hop(0, 18_000)[0],
                hop(0, 18_000)[1],
                all(2),
            ]),
        ),
        (
            "17 hops to a quiet market",
            after(&[
                rich,
                close(0, MAKER, 0, 0),
                hop(1, 18_000)[0],
                hop(1, 18_000)[1],
                all(2),
                Wait { minutes: 45 },
                all(2),
            ]),
        ),
        (
            "17 hops in a safer call",
            after(&[
                rich,
                hop(1, 190_000)[0],
                hop(1, 190_000)[1],
                with(close(0, MAKER, 0, 0)),
                with(hop(1, 300_000)[0]),
                hop(1, 300_000)[1],
                all(2),
            ]),
        ),
        (
            "17 trades at the true price",
            after(&[&[close(0, MAKER, 0, 0)][..], &late(-2_000), &late(2_000), &late(-2_000)].concat()),
        ),
        (
            "17 turns around",
            after(&[
                rich,
                close(0, 2, 0, 0),
                close(2, MAKER, 0, 0),
                trade(0, MAKER, 0, -300_000, 0),
                Report { moves: [-4_000, 0] },
            ]),
        ),
        (
            "18 waits",
            after(&[
                close(0, MAKER, 0, 0),
                Bury { member: 1 },
                Outage { minutes: 60 },
                Wait { minutes: 60 },
                all(0),
            ]),
        ),
        (
            "20 its own bankrupt closes its own winner",
            after(&[Bury { member: 1 }, Pass { market: 0 }, Touch { member: 0 }, all(0)]),
        ),
        (
            "21 realises a loss beside a profit elsewhere",
            after(&[rich, trade(0, 2, 1, 40_000, 50_000), close(0, 2, 1, -50_000), all(0)]),
        ),
        (
            "22 loses in two markets",
            [
                &[
                    Deposit { member: 1, amount: 4_160_000 },
                    Deposit { member: 0, amount: 2_080_000 },
                    Deposit { member: 2, amount: 2_080_000 },
                    trade(0, 1, 0, 400_000, 0),
                    trade(2, 1, 1, 400_000, 0),
                    gap,
                    Gap { market: 1, up: true },
                ][..],
                &[all(0), all(2)],
            ]
            .concat(),
        ),
        (
            "24 adds at the mark",
            after(&[rich, Deposit { member: 0, amount: 60_000_000 }, trade(0, 2, 0, 6_000_000, 0)]),
        ),
        (
            "28 dust after each pass",
            after(&[
                close(0, MAKER, 0, 0),
                Deposit { member: 3, amount: 1 },
                trade(MAKER, 3, 0, 1, 0),
                Wait { minutes: 30 },
                Bury { member: 3 },
                Wait { minutes: 30 },
                all(0),
            ]),
        ),
        (
            "31 buries after a pass",
            [
                &start[..],
                &[
                    Deposit { member: 2, amount: 2_080_000 },
                    Deposit { member: 3, amount: 2_080_000 },
                    trade(2, 3, 1, 400_000, 0),
                    gap,
                    Pass { market: 0 },
                    Gap { market: 1, up: false },
                    Bury { member: 2 },
                    all(3),
                ],
            ]
            .concat(),
        ),
        (
            "33 hedged",
            [
                &start[..],
                &[
                    Deposit { member: 2, amount: 4_160_000 },
                    trade(2, MAKER, 0, -400_000, 0),
                    trade(2, MAKER, 1, 400_000, 0),
                    gap,
                    Report { moves: [4_000, 4_000] },
                ],
            ]
            .concat(),
        ),
        (
            "open profit leaves beside cash that waits elsewhere",
            [
                &start[..2],
                &[
                    rich,
                    trade(0, 1, 0, 1_000, 0),
                    trade(0, 2, 1, 200_000, -50_000),
                    trade(0, 2, 1, -200_000, 50_000),
                    trade(0, 2, 1, 300_000, -50_000),
                    trade(0, 2, 1, -300_000, 50_000),
                    Wait { minutes: 45 },
                    Report { moves: [0, 0] },
                    trade(0, 1, 0, 399_000, 0),
                    gap,
                    all(0),
                    Touch { member: 0 },
                    all(0),
                ][..],
            ]
            .concat(),
        ),
        (
            "second audit: profit drifts, ripens and leaves before the gap",
            [
                &start[..],
                &[
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    Report { moves: [4_000, 0] },
                    with(close(0, MAKER, 0, 0)),
                    trade(0, MAKER, 0, 400_000, 0),
                    Wait { minutes: 45 },
                    all(0),
                    gap,
                ],
            ]
            .concat(),
        ),
    ]
}
