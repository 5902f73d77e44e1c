//! The table of waves.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use plimsoll_harness::margin_cases::wad;

/// One wave, by column. Amounts in WAD of US dollars.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    pub(super) number: u32,
    /// When it began, as the file writes it.
    pub(super) start: String,
    /// What the losers' closings cost beyond what they had.
    pub(super) needed: i128,
    /// Sum over winners of what each could pay: its profit, at most its equity.
    pub(super) capacity: i128,
    values: HashMap<String, i128>,
}

impl Wave {
    /// A column's value, WAD.
    ///
    /// # Errors
    /// When the file has none for this wave.
    pub(super) fn amount(&self, column: &str) -> Result<i128> {
        self.values.get(column).copied().with_context(|| format!("no {column}"))
    }
}

/// Reads the waves; numbers exactly, as decimals.
///
/// # Errors
/// Names the line that does not parse.
pub(super) fn parse(text: &str) -> Result<Vec<Wave>> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let names: Vec<&str> =
        lines.next().map_or_else(Vec::new, |(_, line)| line.split(',').map(str::trim).collect());
    for needed in ["wave", "t_start", "budget_needed", "total_cap"] {
        ensure!(names.contains(&needed), "the first line names no column {needed}");
    }
    let waves: Vec<Wave> = lines
        .map(|(number, line)| parse_wave(&names, line).with_context(|| format!("line {}", number + 1)))
        .collect::<Result<_>>()?;
    ensure!(!waves.is_empty(), "there are no waves");
    Ok(waves)
}

fn parse_wave(names: &[&str], line: &str) -> Result<Wave> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    ensure!(cells.len() == names.len(), "{} cells for {} columns", cells.len(), names.len());
    let mut values = HashMap::new();
    let (mut number, mut start) = (None, String::new());
    for (&name, &cell) in names.iter().zip(&cells) {
        match name {
            "wave" => number = Some(cell.parse().with_context(|| format!("{cell:?} is no wave's number"))?),
            "t_start" => cell.clone_into(&mut start),
            "t_end" => {}
            // A ratio that is not defined is empty.
            _ if cell.is_empty() => {}
            _ => {
                values.insert(name.to_owned(), wad(cell).with_context(|| name.to_owned())?);
            }
        }
    }
    let wave = Wave { number: number.context("no number")?, start, needed: 0, capacity: 0, values };
    let (needed, capacity) = (wave.amount("budget_needed")?, wave.amount("total_cap")?);
    ensure!(needed >= 0 && capacity >= 0, "what is needed or could be paid is below zero");
    Ok(Wave { needed, capacity, ..wave })
}

#[cfg(test)]
mod tests {
    use plimsoll_harness::ids::WAD;

    use super::*;

    const HEAD: &str = "wave,t_start,t_end,budget_needed,total_cap,ptsr_pr\n";

    #[test]
    fn parse_reads_decimals_exactly_and_skips_what_is_empty() {
        let waves = parse(&format!("{HEAD}3,a,b,1.25,2e-3,\n")).unwrap();
        let wave = &waves[0];
        assert_eq!((wave.number, wave.start.as_str()), (3, "a"));
        assert_eq!((wave.needed, wave.capacity), (WAD as i128 * 5 / 4, WAD as i128 / 500));
        assert!(wave.amount("ptsr_pr").is_err());
    }

    #[test]
    fn parse_errors_name_the_line() {
        for (row, reason) in [
            ("3,a,b,1", "4 cells for 6 columns"),
            ("x,a,b,1,2,", "no wave's number"),
            ("3,a,b,one,2,", "budget_needed"),
            ("3,a,b,-1,2,", "below zero"),
            ("3,a,b,,2,", "no budget_needed"),
        ] {
            let error = format!("{:#}", parse(&format!("{HEAD}{row}\n")).unwrap_err());
            assert!(error.contains("line 2") && error.contains(reason), "{row}: {error}");
        }
        assert!(parse("a,b\n1,2\n").is_err());
        assert!(parse(HEAD).is_err());
    }
}
