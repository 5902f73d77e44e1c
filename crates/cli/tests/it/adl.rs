//! `plimsoll adl` as people run it.

use std::{
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context, Result};
use plimsoll_harness::workspace;
use serde_json::Value;

fn adl(waves: &Path, more: &[&str]) -> Result<Output> {
    let binary = env!("CARGO_BIN_EXE_plimsoll");
    Command::new(binary).arg("adl").arg("--waves").arg(waves).args(more).output().context(binary)
}

#[test]
fn json_has_six_figures_for_each_wave_and_policy() -> Result<()> {
    let output = adl(&workspace::root()?.join("data/adl/waves.csv"), &["--json"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    assert_eq!(list.len(), 16 * 9);
    let ours: Vec<&Value> = list.iter().filter(|row| row["policy"] == "plimsoll").collect();
    assert_eq!(ours.len(), 16);
    for row in ours {
        assert_eq!(row["taken"], row["needed"], "{row}");
        assert_eq!(row["budget"], row["needed"], "{row}");
        assert_eq!(row["overshoot"].as_f64(), Some(0.0), "{row}");
        assert!(row["largest_share"].is_number(), "{row}");
    }
    let taken = |policy: &str| -> f64 {
        list.iter().filter(|row| row["policy"] == policy).filter_map(|row| row["taken"].as_f64()).sum()
    };
    // $60.1M was taken where $15.1M was needed
    assert_eq!((taken("production").round(), taken("plimsoll").round()), (60_108_335.0, 15_079_670.0));
    Ok(())
}

#[test]
fn a_file_that_is_not_there_or_no_table_is_told_in_one_line() -> Result<()> {
    for (path, reason) in
        [("no/such/file.csv", "reading no/such/file.csv"), ("Cargo.toml", "names no column")]
    {
        let output = adl(Path::new(path), &[])?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(reason), "{said}");
    }
    Ok(())
}
