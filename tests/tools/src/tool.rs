//! Finding and running a program of somebody else's.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use plimsoll_harness::workspace;
use tokio::process::Command;

/// Folder of these tests.
///
/// # Errors
/// When there is no repository.
pub fn folder() -> Result<PathBuf> {
    Ok(workspace::root()?.join("tests/tools"))
}

/// The program of that name: among the npm packages of these tests, where `scripts/tools --install` puts programs, or on
/// the path. Says aloud that the test is skipped when there is none.
///
/// # Errors
/// When there is no repository.
pub fn find(name: &str) -> Result<Option<PathBuf>> {
    let local = [folder()?.join("node_modules/.bin"), workspace::target_dir()?.join("tools/bin")];
    let path = env::var_os("PATH").unwrap_or_default();
    let found = local
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|dir| dir.join(name))
        .find(|file| is_program(file));
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not installed (scripts/tools --install)");
    }
    Ok(found)
}

fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Runs to the end and gives what was printed on standard output.
///
/// # Errors
/// When it does not start, or ends with another status than zero: then with all that it printed.
pub async fn run(command: &mut Command) -> Result<String> {
    // Its environment would be in the Debug of the command, and may be long.
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let words: Vec<_> = command.as_std().get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let output = command.output().await.with_context(|| format!("starting {name}"))?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{name} {} ended with {}\n{out}\n{err}", words.join(" "), output.status);
    Ok(out.into_owned())
}
