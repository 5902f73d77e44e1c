//! Lines for the terminal.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    prices::{Tick, dollars},
    record::{Record, Step},
};

/// Ticks of an hour.
const TICKS: usize = 4;

/// Day, hour and minute in UTC.
pub(crate) fn time(seconds: u64) -> String {
    format(seconds, "%d %b %H:%M")
}

/// Day, month and year in UTC.
pub(crate) fn date(seconds: u64) -> String {
    format(seconds, "%-d %B %Y")
}

fn format(seconds: u64, pattern: &str) -> String {
    let instant = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    instant.map_or_else(String::new, |t| t.to_zoned(TimeZone::UTC).strftime(pattern).to_string())
}

/// A tick in words.
pub(crate) fn moment(tick: &Tick) -> String {
    format!("{} ({})", time(tick.time), tick.moment)
}

/// Head of the table of hours.
pub(crate) fn head() -> String {
    format!(
        "{:<13}{:>8}{:>8}{:>9}{:>10}{:>11}{:>13}{:>10}{:>13}{:>11}",
        "hour (UTC)",
        "low",
        "close",
        "OI $M",
        "at risk",
        "insolvent",
        "liquidations",
        "$k",
        "deficits $k",
        "fund $k"
    )
}

/// The last hour in one line.
pub(crate) fn hour(record: &Record) -> String {
    let first = record.steps.len().saturating_sub(TICKS);
    let steps = &record.steps[first..];
    let Some(last) = steps.last() else { return String::new() };
    let most = |part: fn(&Step) -> usize| steps.iter().map(part).max().unwrap_or(0);
    let liquidations: Vec<_> = record.liquidations.iter().filter(|l| l.step >= first).collect();
    let notional: u128 = liquidations.iter().map(|l| l.notional).sum();
    let deficits: u128 = record.burials.iter().filter(|b| b.step >= first).map(|b| b.deficit).sum();
    let low = steps.iter().map(|s| s.tick.btc).min().unwrap_or(0);
    format!(
        "{:<13}{:>8.0}{:>8.0}{:>9.1}{:>10}{:>11}{:>13}{:>10.0}{:>13.1}{:>11.0}",
        time(steps[0].tick.time),
        dollars(low),
        dollars(last.tick.btc),
        dollars(last.open_interest.iter().sum()) / 1e6,
        most(|s| s.liquidatable),
        most(|s| s.insolvent),
        liquidations.len(),
        dollars(notional) / 1e3,
        dollars(deficits) / 1e3,
        dollars(last.insurance) / 1e3,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_utc() {
        assert_eq!(time(1_513_951_200), "22 Dec 14:00");
        assert_eq!(date(1_513_951_200), "22 December 2017");
    }
}
