//! The end of the demo in words.

use std::fmt::Write;

use super::{
    market, progress,
    record::{Pass, Record},
};
use crate::figures::{dollars, exact, grouped, percent};

/// The identity in words.
pub(crate) const IDENTITY: &str =
    "cash + young profit + basis + estates + insurance + fees - bad debt = quote tokens held";

/// Whose accounts lay in the estate: the first few by name.
pub(crate) fn whose(pass: &Pass) -> String {
    const NAMED: usize = 3;
    let named = pass.buried.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match pass.buried.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

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
    line(
        out,
        "left with young profit",
        format!("{} of {}, free to withdraw when ripe", dollars(record.young_at_exit), record.young_exits),
    )?;
    line(
        out,
        "accounts below zero, buried",
        format!("{} short of {}", record.burials.len(), dollars(record.sum_buried(|b| b.deficit))),
    )?;
    line(out, "  no open loss explains", dollars(record.sum_buried(|b| b.insurance + b.socialised)))?;
    line(out, "passes over estates", record.passes.len().to_string())?;
    line(out, "  deficits D", dollars(record.sum(|p| p.deficit)))?;
    line(out, "  paid by insurance I", dollars(record.sum(|p| p.insurance)))?;
    line(out, "  taken from profits", dollars(record.sum(|p| p.taken)))?;
    line(out, "  socialised", dollars(record.sum(|p| p.socialised)))?;
    line(out, "  surpluses, to insurance", dollars(record.sum(|p| p.surplus)))?;
    match record.largest() {
        None => line(out, "deleveraging", "profits had to pay nothing".into())?,
        Some(p) => {
            let when = record.steps.get(p.step).map_or_else(String::new, |s| progress::moment(&s.tick));
            let paid = |(taken, could): (u128, u128)| format!("{} of {}", dollars(taken), dollars(could));
            writeln!(
                out,
                "Largest pass: {} on {when}, the estate of {}",
                market::name(p.instrument),
                whose(p)
            )?;
            line(out, "deficit D", dollars(p.deficit))?;
            line(out, "insurance I", dollars(p.insurance))?;
            line(out, "all profits U", dollars(p.capacity))?;
            line(out, "taken R", dollars(p.taken))?;
            line(out, "  from open profits of longs", paid(p.side(true)))?;
            line(out, "  from open profits of shorts", paid(p.side(false)))?;
            line(out, "  from young profit", paid(p.young()))?;
            line(out, "socialised", dollars(p.socialised))?;
            line(out, "haircut h = R/U, for everyone", percent(p.haircut))?;
            line(
                out,
                "rungs and pots that paid",
                format!("{} and {}; {} rungs closed against", p.payers, p.paying_pots, p.closed_rungs),
            )?;
        }
    }
    line(out, "passes computed again off chain", format!("{}, every payment the same", record.passes.len()))?;
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
    writeln!(out, "Identity: {IDENTITY}, US dollars")?;
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
pub(crate) fn identity_rows(record: &Record) -> [(&'static str, String, String); 9] {
    let (a, b) = (&record.before, &record.after);
    let unsigned = |x: u128| exact(i128::try_from(x).unwrap_or(i128::MAX));
    [
        ("cash", exact(a.cash), exact(b.cash)),
        ("young", unsigned(a.young), unsigned(b.young)),
        ("basis", exact(a.basis), exact(b.basis)),
        ("estates", exact(a.estates), exact(b.estates)),
        ("insurance", unsigned(a.insurance), unsigned(b.insurance)),
        ("fees", unsigned(a.fees), unsigned(b.fees)),
        ("bad debt", unsigned(a.bad_debt), unsigned(b.bad_debt)),
        ("tokens", unsigned(a.tokens), unsigned(b.tokens)),
        ("difference", exact(a.difference), exact(b.difference)),
    ]
}
