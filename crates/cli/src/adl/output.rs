//! Tables and JSON.

use std::fmt::Write;

use plimsoll_harness::{ids::WAD, margin_cases::decimal};

use super::policy::{Policy, Row};
use crate::figures::grouped;

/// A list with an object for each wave and policy. Numbers have all their digits, which a float has not.
pub(super) fn json(rows: &[Row]) -> String {
    let mut text = String::from("[");
    for (index, row) in rows.iter().enumerate() {
        let null = || String::from("null");
        let fields = [
            ("wave", row.wave.to_string()),
            ("policy", format!("\"{}\"", row.policy.name())),
            ("needed", decimal(row.needed)),
            ("budget", row.budget.map_or_else(null, decimal)),
            ("taken", decimal(row.taken)),
            ("overshoot", decimal(row.overshoot())),
            ("largest_share", row.share.map_or_else(null, |share| decimal(share.wad as i128))),
            ("share_of", row.share.map_or_else(null, |share| format!("\"{}\"", share.of.name()))),
            ("share_at_least", row.share.is_some_and(|share| share.at_least).to_string()),
            ("taken_source", format!("\"{}\"", row.source.name())),
            ("share_source", row.share.map_or_else(null, |share| format!("\"{}\"", share.source.name()))),
        ];
        let line: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n  {{ {} }}", line.join(", "));
    }
    text.push_str("\n]\n");
    text
}

/// Totals by policy, then every wave: what each policy took, and the largest share.
pub(super) fn tables(rows: &[Row]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_tables(&mut text, rows);
    text
}

fn write_tables(out: &mut String, rows: &[Row]) -> std::fmt::Result {
    writeln!(out, "All waves, US dollars")?;
    writeln!(
        out,
        "  {:<13}{:>12}{:>13}{:>13}{:>14}{:>15}{:>14} {:<8}{:<10}share",
        "policy", "needed", "taken", "overshoot", "|overshoot|", "largest share", "its mean", "of", "taken"
    )?;
    for policy in Policy::ALL {
        let of: Vec<&Row> = rows.iter().filter(|row| row.policy == policy).collect();
        let sum = |part: fn(&Row) -> i128| of.iter().map(|row| part(row)).sum::<i128>();
        let shares: Vec<u128> = of.iter().filter_map(|row| row.share.map(|share| share.wad)).collect();
        let mean = shares.iter().sum::<u128>() / (shares.len() as u128).max(1);
        let share = of.iter().find_map(|row| row.share);
        let mark = bound(of.iter().any(|row| row.share.is_some_and(|share| share.at_least)));
        writeln!(
            out,
            "  {:<13}{:>12}{:>13}{:>13}{:>14}{:>15}{:>14} {:<8}{:<10}{}",
            policy.title(),
            whole(sum(|row| row.needed)),
            whole(sum(|row| row.taken)),
            whole(sum(Row::overshoot)),
            whole(sum(|row| row.overshoot().abs())),
            format!("{mark}{}", percent(shares.iter().copied().max().unwrap_or(0))),
            format!("{mark}{}", percent(mean)),
            share.map_or("", |share| share.of.name()),
            of.first().map_or("", |row| row.source.name()),
            share.map_or("", |share| share.source.name()),
        )?;
    }
    let waves: Vec<&Row> = rows.iter().filter(|row| row.policy == Policy::ALL[0]).collect();
    writeln!(out, "\nTaken by wave, US dollars")?;
    head(out, "needed")?;
    for wave in &waves {
        write!(out, "  {:<5}{:<10}{:>11}", wave.wave, time(&wave.start), whole(wave.needed))?;
        for row in rows.iter().filter(|row| row.wave == wave.wave) {
            write!(out, "{:>11}", whole(row.taken))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "\nLargest share that one winner pays, per cent")?;
    head(out, "")?;
    for wave in &waves {
        write!(out, "  {:<5}{:<10}{:>11}", wave.wave, time(&wave.start), "")?;
        for row in rows.iter().filter(|row| row.wave == wave.wave) {
            let share = row.share.map_or_else(
                || "-".into(),
                |share| format!("{}{}", bound(share.at_least), digits(share.wad)),
            );
            write!(out, "{share:>11}")?;
        }
        writeln!(out)?;
    }
    out.write_str(NOTES)
}

const NOTES: &str = "
A wave spans many markets, and the file adds them up: each rule is applied to a wave as to one market.
Shares \"of profit\" are of what a winner could pay, its profit but at most its equity; \"of equity\" are of its equity.
>: at least. The file does not have every account; nobody has more than the richest, and a queue takes the first one's whole.
taken, share: rule = the function that the contract runs; computed = the policy's definition; file = as the file says.
";

fn head(out: &mut String, needed: &str) -> std::fmt::Result {
    write!(out, "  {:<5}{:<10}{needed:>11}", "wave", "UTC")?;
    for policy in Policy::ALL {
        write!(out, "{:>11}", policy.title())?;
    }
    writeln!(out)
}

const fn bound(at_least: bool) -> &'static str {
    if at_least { ">" } else { "" }
}

/// Whole dollars, to the nearest, with separators.
fn whole(wad: i128) -> String {
    let dollars = (wad.unsigned_abs() + WAD / 2) / WAD;
    format!("{}{}", if wad < 0 && dollars > 0 { "-" } else { "" }, grouped(dollars))
}

/// A share in per cent, four places.
fn digits(wad: u128) -> String {
    let parts = (wad + WAD / 2_000_000) / (WAD / 1_000_000);
    format!("{}.{:04}", parts / 10_000, parts % 10_000)
}

fn percent(wad: u128) -> String {
    format!("{} %", digits(wad))
}

/// Hours, minutes and seconds of `2025-10-10 21:16:04.831000+00:00`.
fn time(start: &str) -> &str {
    start.get(11..19).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_to_the_nearest() {
        let unit = WAD as i128;
        assert_eq!(whole(-1_234 * unit - unit / 2), "-1,235");
        assert_eq!(whole(-unit / 4), "0");
        assert_eq!(digits(WAD / 3), "33.3333");
        assert_eq!(time("2025-10-10 21:16:04.831000+00:00"), "21:16:04");
    }
}
