//! The end of the demo in words.

use std::fmt::Write;

use super::{market, progress, record::Record};
use crate::figures::{dollars, exact, grouped, percent};

/// Everything that the replay led to.
pub(crate) fn text(record: &Record) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(record, &mut out);
    out.trim_end().to_owned()
}

fn write(record: &Record, out: &mut String) -> std::fmt::Result {
    let line = |out: &mut String, name: &str, value: String| writeln!(out, "  {name:<34}{value}");
    let liquidated: u128 = record.liquidations.iter().map(|l| l.notional).sum();
    let discounts: u128 = record.liquidations.iter().map(|l| l.discount).sum();
    let fees: u128 = record.liquidations.iter().map(|l| l.fee).sum();
    writeln!(out, "Summary")?;
    line(out, "positions opened, left by choice", format!("{}, {}", record.entries, record.exits))?;
    line(out, "liquidations", format!("{} of {}", record.liquidations.len(), dollars(liquidated)))?;
    line(
        out,
        "penalties",
        format!(
            "{}: {} to keepers, {} to insurance",
            dollars(discounts + fees),
            dollars(discounts),
            dollars(fees)
        ),
    )?;
    let insolvent = record.deleveragings.len();
    line(out, "accounts gapped through zero", insolvent.to_string())?;
    line(out, "deficits D", dollars(record.sum(|d| d.deficit)))?;
    line(out, "  paid by insurance I", dollars(record.sum(|d| d.insurance)))?;
    line(out, "  budget R for the ladder", dollars(record.sum(|d| d.budget)))?;
    line(out, "  taken from profits", dollars(record.sum(|d| d.taken)))?;
    line(out, "  socialised", dollars(record.sum(|d| d.socialised)))?;
    match record.largest() {
        None => line(out, "deleveraging", "profits had to pay nothing".into())?,
        Some(d) => {
            let when = record.steps.get(d.step).map_or_else(String::new, |s| progress::moment(&s.tick));
            let who = &d.who;
            writeln!(out, "Largest deleveraging: {who}, {} on {when}", market::name(d.instrument))?;
            line(out, "deficit D", dollars(d.deficit))?;
            line(out, "insurance I", dollars(d.insurance))?;
            line(out, "budget R = D - I", dollars(d.budget))?;
            line(out, "profits that could pay, U", dollars(d.capacity))?;
            line(out, "taken", dollars(d.taken))?;
            line(out, "haircut h = taken/U", percent(d.haircut))?;
            line(out, "rungs that paid, closed against", format!("{}, {}", d.payers, d.closed_rungs))?;
        }
    }
    writeln!(out, "Gas by kind of transaction{:>19}{:>12}{:>12}{:>12}", "count", "least", "mean", "most")?;
    for (kind, gas) in &record.gas {
        writeln!(
            out,
            "  {kind:<34}{:>9}{:>12}{:>12}{:>12}",
            gas.count,
            grouped(gas.least.into()),
            grouped(gas.mean().into()),
            grouped(gas.most.into())
        )?;
    }
    if !record.refused.is_empty() {
        writeln!(out, "Refused by the engine")?;
        for (what, count) in &record.refused {
            line(out, what, count.to_string())?;
        }
    }
    writeln!(out, "Identity: cash + basis + insurance + fees - bad debt = tokens, US dollars")?;
    writeln!(out, "  {:<12}{:>40}{:>40}", "", "before", "after")?;
    for (name, before, after) in identity_rows(record) {
        writeln!(out, "  {name:<12}{before:>40}{after:>40}")?;
    }
    line(
        out,
        "largest difference at any step",
        format!(
            "{} over {} steps",
            exact(i128::try_from(record.worst_difference()).unwrap_or(i128::MAX)),
            record.steps.len()
        ),
    )
}

/// The terms of the identity before and after, with all digits.
pub(crate) fn identity_rows(record: &Record) -> [(&'static str, String, String); 7] {
    let (a, b) = (&record.before, &record.after);
    let unsigned = |x: u128| exact(i128::try_from(x).unwrap_or(i128::MAX));
    [
        ("cash", exact(a.cash), exact(b.cash)),
        ("basis", exact(a.basis), exact(b.basis)),
        ("insurance", unsigned(a.insurance), unsigned(b.insurance)),
        ("fees", unsigned(a.fees), unsigned(b.fees)),
        ("bad debt", unsigned(a.bad_debt), unsigned(b.bad_debt)),
        ("tokens", unsigned(a.tokens), unsigned(b.tokens)),
        ("difference", exact(a.difference), exact(b.difference)),
    ]
}
