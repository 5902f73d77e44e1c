//! `plimsoll adl`: what rules of deleveraging take from winners, on real waves of it.

mod csv;
mod output;
mod policy;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use self::policy::Row;

/// What the engine's rule and others take from winners, wave by wave, on data of a real day.
///
/// The file is a table like data/adl/waves.csv: sixteen waves of 10 October 2025, with what each wave needed, what the venue
/// took, and what other policies would have taken. The engine's rule is computed by the function that the contract runs. A
/// policy that takes exactly what is needed is computed too; the others need every account's position, which the file does
/// not have, so theirs is what the file says.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The waves
    #[arg(long, value_name = "FILE")]
    waves: PathBuf,
    /// Prints a list with an object for each wave and policy: needed, budget, taken, overshoot, largest_share
    #[arg(long)]
    json: bool,
}

/// Runs the command. What fails is said in one line, whatever the environment asks of backtraces.
pub(crate) fn run(args: &Args) -> Result<()> {
    if let Err(error) = show(args) {
        eprintln!("plimsoll adl: {error:#}");
        std::process::exit(1);
    }
    Ok(())
}

fn show(args: &Args) -> Result<()> {
    let name = args.waves.display();
    let text = fs::read_to_string(&args.waves).with_context(|| format!("reading {name}"))?;
    let rows = rows(&text).with_context(|| format!("in {name}"))?;
    print!("{}", if args.json { output::json(&rows) } else { output::tables(&rows) });
    Ok(())
}

/// Every wave by every policy.
fn rows(text: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for wave in csv::parse(text)? {
        rows.extend(policy::all(&wave).with_context(|| format!("wave {}", wave.number))?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use plimsoll_harness::{ids::WAD, workspace};

    use super::{
        policy::{Policy, Source},
        *,
    };

    fn committed() -> Vec<Row> {
        let path = workspace::root().unwrap().join("data/adl/waves.csv");
        rows(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn of(rows: &[Row], policy: Policy) -> impl Iterator<Item = &Row> {
        rows.iter().filter(move |row| row.policy == policy)
    }

    /// Whole dollars, to the nearest.
    fn whole(wad: i128) -> i128 {
        let unit = WAD as i128;
        (wad + unit / 2).div_euclid(unit)
    }

    fn total(rows: &[Row], policy: Policy) -> (i128, i128, i128) {
        of(rows, policy).fold((0, 0, 0), |(taken, over, sum), row| {
            (taken + row.taken, over + row.overshoot(), sum + row.overshoot().abs())
        })
    }

    #[test]
    fn totals_are_those_of_the_study_to_the_dollar() {
        let rows = committed();
        assert_eq!(rows.len(), 16 * Policy::ALL.len());
        // Sums over the study's own table, policy_per_wave_metrics.csv: 15,079,669.61 needed.
        for (policy, taken, overshoot, absolute) in [
            (Policy::Plimsoll, 15_079_670, 0, 0),
            (Policy::Production, 60_108_335, 45_028_666, 53_782_491),
            (Policy::Queue, 15_079_670, 0, 0),
            (Policy::ContractProRata, 12_059_549, -3_020_121, 3_020_121),
            (Policy::WealthProRata, 15_079_670, 0, 0),
            (Policy::ProfitProRata, 15_079_670, 0, 0),
            (Policy::EquityProRata, 15_079_670, 0, 0),
            (Policy::MirrorDescent, 13_286_648, -1_793_022, 1_793_022),
            (Policy::MinMax, 15_171_857, 92_187, 106_206),
        ] {
            let (a, b, c) = total(&rows, policy);
            assert_eq!((whole(a), whole(b), whole(c)), (taken, overshoot, absolute), "{policy:?}");
        }
    }

    #[test]
    fn waves_are_those_of_the_study_to_the_dollar() {
        // wave, needed, taken in production, thousands of dollars: as the study prints them
        let known = [
            (1, 2_266, 414),
            (2, 1_384, 171),
            (4, 1_066, 408),
            (5, 115, 41),
            (7, 8, 9),
            (8, 1_576, 11_415),
            (9, 45, 16),
            (10, 1_622, 1_072),
            (11, 374, 1_203),
            (12, 5, 8),
            (13, 5_584, 38_449),
            (14, 1_021, 6_613),
            (17, 9, 244),
            (21, 2, 19),
            (25, 1, 18),
            (28, 1, 10),
        ];
        let rows = committed();
        let production: Vec<(u32, i128, i128)> = of(&rows, Policy::Production)
            .map(|row| (row.wave, whole(row.needed / 1_000), whole(row.taken / 1_000)))
            .collect();
        assert_eq!(production, known);
        // wave 13 by itself, to the dollar
        let thirteen = of(&rows, Policy::Production).find(|row| row.wave == 13).unwrap();
        assert_eq!(
            (whole(thirteen.needed), whole(thirteen.taken), whole(thirteen.overshoot())),
            (5_584_124, 38_449_033, 32_864_910)
        );
    }

    #[test]
    fn our_rule_takes_exactly_what_is_needed_in_every_wave() {
        let rows = committed();
        for row in of(&rows, Policy::Plimsoll) {
            assert_eq!(
                (row.taken, row.overshoot(), row.source),
                (row.needed, 0, Source::Rule),
                "wave {}",
                row.wave
            );
            // the share of everyone's own profit: at most one sixth, in the smallest market of all
            let share = row.share.unwrap().wad;
            assert!(share <= WAD / 6, "wave {}: {share}", row.wave);
        }
        // what the study calls wealth pro-rata gives the same largest share wherever somebody's equity is all profit
        let equal = of(&rows, Policy::Plimsoll)
            .zip(of(&rows, Policy::WealthProRata))
            .filter(|(ours, theirs)| ours.share.unwrap().wad.abs_diff(theirs.share.unwrap().wad) < 1_000)
            .count();
        assert_eq!(equal, 11);
    }

    #[test]
    fn computed_rows_agree_with_what_the_file_says_they_took() {
        let path = workspace::root().unwrap().join("data/adl/waves.csv");
        for wave in csv::parse(&fs::read_to_string(path).unwrap()).unwrap() {
            for column in ["pr", "pnl_pr", "eq_pr"] {
                assert_eq!(whole(wave.amount(&format!("budget_{column}")).unwrap()), whole(wave.needed));
            }
            for column in
                ["prod", "pr", "pnl_pr", "eq_pr", "vector", "contract_pr", "fixed_point_ilp_integer"]
            {
                let taken = wave.amount(&format!("budget_{column}")).unwrap();
                let said = wave.amount(&format!("overshoot_{column}")).unwrap();
                assert_eq!(whole(taken - wave.needed), whole(said), "wave {}, {column}", wave.number);
            }
        }
    }

    #[test]
    fn json_has_every_wave_and_policy() {
        let rows = committed();
        let parsed: serde_json::Value = serde_json::from_str(&output::json(&rows)).unwrap();
        let list = parsed.as_array().unwrap();
        assert_eq!(list.len(), rows.len());
        for field in [
            "wave",
            "policy",
            "needed",
            "budget",
            "taken",
            "overshoot",
            "largest_share",
            "share_of",
            "taken_source",
            "share_source",
        ] {
            assert!(list.iter().all(|row| row.get(field).is_some()), "{field}");
        }
        assert_eq!(list[0]["policy"], "plimsoll");
        assert_eq!(list[0]["overshoot"].as_f64(), Some(0.0));
    }

    #[test]
    fn tables_of_the_page_are_those_of_a_run() {
        let page = fs::read_to_string(workspace::root().unwrap().join("docs/deleveraging.md")).unwrap();
        assert!(
            page.contains(&output::tables(&committed())),
            "docs/deleveraging.md has other tables than a run prints"
        );
    }

    #[test]
    fn tables_fit_a_terminal_and_name_every_policy() {
        let text = output::tables(&committed());
        for policy in Policy::ALL {
            assert!(text.contains(policy.title()), "{policy:?}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 132), "{text}");
    }
}
