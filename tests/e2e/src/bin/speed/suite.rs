//! The time of the end-to-end tests, built already.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::workspace;
use serde_json::Value;

/// What the suite did.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) programs: usize,
    pub(crate) tests: u64,
    pub(crate) time: Duration,
}

/// Builds the tests, then runs one program after another as `cargo test` does; building is not timed.
pub(crate) fn run() -> Result<Suite> {
    let programs = build()?;
    let folder = workspace::root()?.join("tests/e2e");
    let began = Instant::now();
    let mut tests = 0;
    for program in &programs {
        let run = Command::new(program).current_dir(&folder).stderr(Stdio::null()).output()?;
        let output = String::from_utf8_lossy(&run.stdout);
        if !run.status.success() {
            bail!("{} failed:\n{output}", program.display());
        }
        tests += passed(&output).with_context(|| format!("{} says nothing", program.display()))?;
    }
    Ok(Suite { programs: programs.len(), tests, time: began.elapsed() })
}

/// How many tests a program says that it passed.
fn passed(output: &str) -> Option<u64> {
    let line = output.lines().find_map(|line| line.strip_prefix("test result: ok. "))?;
    line.split(' ').next()?.parse().ok()
}

fn build() -> Result<Vec<PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .current_dir(workspace::root()?)
        .args(["test", "--locked", "-p", "plimsoll-e2e", "--no-run", "--message-format=json"])
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(build.status.success(), "the end-to-end tests do not build");
    let programs = String::from_utf8_lossy(&build.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["profile"]["test"] == true)
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .collect::<Vec<_>>();
    ensure!(!programs.is_empty(), "cargo built no tests");
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_reads_the_line_of_the_result() {
        let line =
            "\nrunning 4 tests\n....\ntest result: ok. 4 passed; 0 failed; 0 ignored; finished in 1.00s\n";
        assert_eq!(passed(line), Some(4));
        assert_eq!(passed("test result: FAILED. 1 passed; 3 failed"), None);
    }
}
