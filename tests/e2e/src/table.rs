//! Committed tables of figures: written by a script, compared by CI.

use std::{
    env, fs,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::workspace;

/// Numbers with a comma every three digits.
#[must_use]
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A Markdown table whose first columns, `words` of them, are aligned left and the others right.
#[must_use]
pub fn markdown(words: usize, head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head.iter().map(|cell| (*cell).to_owned()).collect());
    text += &line(
        head.iter().enumerate().map(|(i, _)| if i < words { "---" } else { "---:" }.to_owned()).collect(),
    );
    for row in rows {
        text += &line(row.clone());
    }
    text
}

/// What the command line asks for; `None` when it asked for help and got it.
///
/// # Errors
/// On an argument that is none of `--check`, `--help`, `-h`.
pub fn wants_check(help: &str) -> Result<Option<bool>> {
    let mut check = false;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--check" => check = true,
            "-h" | "--help" => {
                // Who reads only the first lines has what it wants.
                let _ = writeln!(io::stdout(), "{help}");
                return Ok(None);
            }
            other => bail!("{other} is no option; see --help"),
        }
    }
    Ok(Some(check))
}

/// What a script ends with; says in one paragraph what went wrong.
pub fn exit(script: &str, result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scripts/{script}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes a file of the repository, or makes sure that it holds the text already.
///
/// # Errors
/// When it cannot be written, or differs.
pub fn finish(file: &str, text: &str, check: bool) -> Result<()> {
    let path = workspace::root()?.join(file);
    if !check {
        fs::write(&path, text).with_context(|| format!("writing {file}"))?;
        println!("{file} written");
        return Ok(());
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differences: Vec<String> = text
        .lines()
        .filter(|line| !committed.lines().any(|other| other == *line))
        .map(|line| format!("+ {line}"))
        .chain(
            committed
                .lines()
                .filter(|line| !text.lines().any(|o| o == *line))
                .map(|line| format!("- {line}")),
        )
        .collect();
    ensure!(committed == text, "{file} is out of date:\n{}", differences.join("\n"));
    println!("{file} is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_puts_commas() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn markdown_aligns_words_left_and_numbers_right() {
        assert_eq!(
            markdown(1, &["a", "b"], &[vec!["x".into(), "1".into()]]),
            "| a | b |\n| --- | ---: |\n| x | 1 |\n"
        );
    }
}
