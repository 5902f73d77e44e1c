//! The price path: hourly bars from a file, and the moments of each hour that are replayed.

use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::ids::WAD;

/// Seconds of a bar.
pub(crate) const HOUR: u64 = 3_600;
/// Seconds between the moments of an hour.
pub(crate) const STEP: u64 = HOUR / 4;

/// Price of ether when the replay starts, US dollars. There is no hourly ether series under a free licence in the
/// repository, so ether follows bitcoin with a constant beta in log prices; the report says so.
pub(crate) const ETH_START: f64 = 800.0;
/// Log-return of ether per log-return of bitcoin.
pub(crate) const ETH_BETA: f64 = 0.8;

/// One hour of BTC-USD. Prices in WAD of US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) time: u64,
    pub(crate) open: u128,
    pub(crate) high: u128,
    pub(crate) low: u128,
    pub(crate) close: u128,
}

/// Which moment of its hour a tick is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Open,
    High,
    Low,
    Close,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
        })
    }
}

/// A moment of the replay: both prices in WAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) time: u64,
    pub(crate) moment: Moment,
    pub(crate) btc: u128,
    pub(crate) eth: u128,
}

/// Reads `time,open,high,low,close,...` rows.
///
/// # Errors
/// Names the line that does not parse, is no possible bar, or does not follow the one before by an hour.
pub(crate) fn parse(text: &str) -> Result<Vec<Bar>> {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line);
    ensure!(
        header.starts_with("time,open,high,low,close"),
        "the first line is not \"time,open,high,low,close,...\" but {header:?}"
    );
    let mut bars: Vec<Bar> = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let bar = parse_bar(line).with_context(|| format!("line {}", number + 1))?;
        if let Some(last) = bars.last() {
            ensure!(
                bar.time == last.time + HOUR,
                "line {}: {} is not an hour after {}",
                number + 1,
                bar.time,
                last.time
            );
        }
        bars.push(bar);
    }
    ensure!(!bars.is_empty(), "there are no prices");
    Ok(bars)
}

fn parse_bar(line: &str) -> Result<Bar> {
    let mut fields = line.split(',').map(str::trim);
    let mut field = |name: &str| fields.next().with_context(|| format!("no {name}"));
    let time = field("time")?.parse().context("the time is no number")?;
    let bar = Bar {
        time,
        open: decimal(field("open")?)?,
        high: decimal(field("high")?)?,
        low: decimal(field("low")?)?,
        close: decimal(field("close")?)?,
    };
    let (bottom, top) = (bar.open.min(bar.close), bar.open.max(bar.close));
    ensure!(
        0 < bar.low && bar.low <= bottom && top <= bar.high,
        "open and close are not within low and high"
    );
    Ok(bar)
}

/// A decimal number of at most 18 digits after the point, exactly, in WAD.
fn decimal(text: &str) -> Result<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty()
        || fraction.len() > 18
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        bail!("{text:?} is no price");
    }
    let whole: u128 = whole.parse().with_context(|| format!("{text:?} is too large"))?;
    let padded = format!("{fraction:0<18}");
    let fraction: u128 = padded.parse()?;
    whole
        .checked_mul(WAD)
        .and_then(|x| x.checked_add(fraction))
        .filter(|&x| x <= plimsoll_risk::oracle::MAX_PRICE)
        .with_context(|| format!("{text:?} is too large"))
}

/// The four moments of each hour, a quarter of an hour apart.
///
/// A rising hour (close at or above open) is replayed open, low, high, close, a falling one open, high, low, close: the
/// path with the shortest way through all four prices.
pub(crate) fn ticks(bars: &[Bar]) -> Vec<Tick> {
    let start = bars.first().map_or(1.0, |bar| dollars(bar.open));
    bars.iter()
        .flat_map(|bar| {
            let (second, third) = if bar.close >= bar.open {
                ((Moment::Low, bar.low), (Moment::High, bar.high))
            } else {
                ((Moment::High, bar.high), (Moment::Low, bar.low))
            };
            let moments = [(Moment::Open, bar.open), second, third, (Moment::Close, bar.close)];
            (0_u64..).zip(moments).map(|(i, (moment, btc))| Tick {
                time: bar.time + i * STEP,
                moment,
                btc,
                eth: ether(dollars(btc) / start),
            })
        })
        .collect()
}

/// Price of ether in whole cents, WAD, when bitcoin stands at `ratio` of its first price.
fn ether(ratio: f64) -> u128 {
    let cents = (ETH_START * ratio.powf(ETH_BETA) * 100.0).round();
    cents as u128 * (WAD / 100)
}

/// WAD as a number to show or to draw.
pub(crate) fn dollars(wad: u128) -> f64 {
    wad as f64 / WAD as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "time,open,high,low,close,volume_btc,volume_usd\n";

    #[test]
    fn parse_reads_prices_exactly() {
        let bars = parse(&format!("{HEADER}3600,1.5,2,0.25,1.75,9,9\n7200,1.75,1.75,1,1.01,9,9\n")).unwrap();
        assert_eq!(bars.len(), 2);
        assert_eq!(bars[0].low, WAD / 4);
        assert_eq!(bars[1].close, WAD + WAD / 100);
    }

    #[test]
    fn parse_errors_name_the_line() {
        for (row, reason) in [
            ("3600,1,2,x,1", "is no price"),
            ("3600,1,2,-1,1", "is no price"),
            ("3600,1,2", "no low"),
            ("3600,3,2,1,1", "within low and high"),
            ("3600,1,2,0,1", "within low and high"),
            ("3600,1,99999999999999999999999999999999999999999,1,1", "too large"),
            ("now,1,2,1,1", "no number"),
        ] {
            let error = format!("{:#}", parse(&format!("{HEADER}{row}\n")).unwrap_err());
            assert!(error.contains("line 2") && error.contains(reason), "{row}: {error}");
        }
    }

    #[test]
    fn parse_errors_on_a_gap() {
        let error = parse(&format!("{HEADER}3600,1,1,1,1\n10800,1,1,1,1\n")).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("not an hour after"), "{error}");
    }

    #[test]
    fn parse_errors_on_another_file() {
        assert!(parse("a,b\n1,2\n").is_err());
        assert!(parse(HEADER).is_err());
    }

    #[test]
    fn ticks_visit_the_low_first_in_a_rising_hour() {
        let bar =
            |open, close| Bar { time: 0, open: open * WAD, high: 9 * WAD, low: WAD, close: close * WAD };
        let path = |bar: Bar| ticks(&[bar]).iter().map(|t| t.btc / WAD).collect::<Vec<_>>();
        assert_eq!(path(bar(4, 6)), [4, 1, 9, 6]);
        assert_eq!(path(bar(6, 4)), [6, 9, 1, 4]);
    }

    #[test]
    fn ether_moves_by_its_beta() {
        let bar = |open, close| Bar {
            time: 0,
            open: open * WAD,
            high: open * WAD,
            low: close * WAD,
            close: close * WAD,
        };
        let eth: Vec<f64> = ticks(&[bar(16, 1)]).iter().map(|t| dollars(t.eth)).collect();
        // (1/16)^0.8 = 2^-3.2 = 0.108818...; 800 times that is 87.055...
        assert_eq!(eth, [800.0, 800.0, 87.06, 87.06]);
    }

    #[test]
    fn the_committed_extract_is_five_whole_days() {
        let path = plimsoll_harness::workspace::root().unwrap().join(crate::demo::PRICES);
        let bars = parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(bars.len(), 120);
        // 20 December 2017 00:00 UTC, and the low of the crash
        assert_eq!(bars[0].time, 1_513_728_000);
        assert_eq!(bars.iter().map(|bar| bar.low).min(), Some(10_400 * WAD));
    }
}
