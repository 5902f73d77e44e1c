//! `plimsoll margin` as people run it.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Output},
};

use anyhow::{Context, Result};
use plimsoll_harness::{margin_cases, workspace};
use serde_json::Value;

fn margin(arguments: &[&str]) -> Result<Output> {
    let binary = env!("CARGO_BIN_EXE_plimsoll");
    Command::new(binary).arg("margin").args(arguments).env_remove("PLIMSOLL_RPC_URL").output().context(binary)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file of this process's own.
fn file(name: &str, content: &str) -> Result<PathBuf> {
    let path = env::temp_dir().join(format!("plimsoll-margin-{}-{name}.json", std::process::id()));
    fs::write(&path, content)?;
    Ok(path)
}

/// A published case and, of the same with another id, one whose quote currency is worth nothing.
fn cases() -> Result<String> {
    let all = fs::read_to_string(workspace::root()?.join("tests/e2e/data/portfolio-margin.json"))?;
    let line = |id: &str| -> Result<String> {
        let line = all.lines().find(|line| line.starts_with(&format!("{{\"id\":{id},")));
        Ok(line.with_context(|| format!("no case {id}"))?.trim_end_matches(',').to_owned())
    };
    let good = line("12")?;
    let worthless = line("2")?.replacen("\"id\":2", "\"id\":\"worthless\"", 1).replacen(
        "\"stable_price\":1.00019088635",
        "\"stable_price\":0",
        1,
    );
    Ok(format!("[{good},{worthless}]"))
}

/// The digits of a number as they are printed.
fn digits<'a>(json: &'a str, name: &str) -> &'a str {
    let (_, rest) = json.split_once(&format!("\"{name}\": ")).expect(name);
    rest.split([',', '\n']).next().expect(name)
}

#[test]
fn native_and_node_give_the_same_digits_and_refusals_have_names() -> Result<()> {
    let path = file("both", &cases()?)?;
    let path = path.to_string_lossy().into_owned();
    let native = margin(&[&path, "--native"])?;
    let node = margin(&[&path])?;
    fs::remove_file(&path)?;
    let (native_json, node_json) = (text(&native.stdout), text(&node.stdout));
    // One of the cases is refused.
    assert_eq!((native.status.code(), node.status.code()), (Some(1), Some(1)), "{}", text(&node.stderr));
    assert!(text(&node.stderr).contains("1 of the cases refused"), "{}", text(&node.stderr));

    let gas = digits(&node_json, "gas").to_owned();
    assert!((15_000..200_000).contains(&gas.parse::<u64>()?), "{gas}");
    assert_eq!(native_json, node_json.replacen(&format!("\"gas\": {gas}"), "\"gas\": null", 1));
    let answers: Value = serde_json::from_str(&node_json)?;
    assert_eq!(answers["worthless"], serde_json::json!({ "error": "BadStablePrice" }));

    let cases = margin_cases::parse(&cases()?)?;
    let expected = cases[0].expected.as_ref().context("no expectation")?;
    let answer = &answers["12"];
    assert_eq!(answer["scenario_pnl"].as_array().map(Vec::len), Some(expected.profits.len()));
    assert!(answer["worst_scenario"].is_u64() || answer["worst_scenario"] == "basis", "{answer}");
    // All 18 places, and the published number to a billionth.
    let printed = digits(&node_json, "initial_margin_balance");
    assert_eq!(printed.split_once('.').map(|(_, places)| places.len()), Some(18));
    let off = margin_cases::wad(printed)?.abs_diff(expected.initial);
    assert!(off * 1_000_000_000 <= expected.initial.unsigned_abs(), "{printed}, not {}", expected.initial);
    Ok(())
}

#[test]
fn a_broken_file_is_told_by_case_and_field() -> Result<()> {
    let broken = cases()?.replacen("\"spot\":", "\"spot\":\"high\",\"was\":", 1);
    let path = file("broken", &broken)?;
    let output = margin(&[&path.to_string_lossy(), "--native"])?;
    fs::remove_file(&path)?;
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(error.contains("case 12: portfolio.spot: \"high\" is no number"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");

    let output = margin(&["/nowhere/at/all.json"])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("reading /nowhere/at/all.json"), "{}", text(&output.stderr));
    Ok(())
}

#[test]
fn help_says_what_gas_is_of() -> Result<()> {
    let help = text(&margin(&["--help"])?.stdout);
    for part in ["--native", "`assess`", "scenario_pnl", "worst_scenario"] {
        assert!(help.contains(part), "{part}: {help}");
    }
    Ok(())
}
