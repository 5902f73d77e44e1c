//! Tables of a page in Markdown.

#![allow(dead_code)] // each test takes what it needs
#![allow(clippy::float_arithmetic)]

use std::collections::BTreeMap;

/// A file of the repository.
pub(crate) fn text(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between two marks, each of which stands once.
pub(crate) fn section<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    assert_eq!((page.matches(from).count(), page.matches(to).count()), (1, 1), "{from} {to}");
    let (_, rest) = page.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

/// The cells of a table's row; `None` for any other line.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?.replace("\\|", "\u{1}");
    Some(inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

/// Whether a row is the line below a table's head.
fn is_rule(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.starts_with('-') || cell.starts_with(':'))
}

/// The rows of the only table of a text, without its head.
pub(crate) fn table(text: &str) -> Vec<Vec<String>> {
    let rows: Vec<_> = text.lines().filter_map(cells).collect();
    assert!(is_rule(&rows[1]));
    rows.into_iter().skip(2).collect()
}

/// The numbers of a row as they are printed.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    numbers: Vec<String>,
}

impl Row {
    /// Whether each number is printed as it would be rounded to its places.
    pub(crate) fn check(&self, whose: &str, wanted: &[f64]) {
        assert_eq!(self.numbers.len(), wanted.len(), "{}", self.name);
        for (printed, wanted) in self.numbers.iter().zip(wanted) {
            let places = printed.split_once('.').map_or(0, |(_, places)| places.len());
            let number: f64 = printed.parse().unwrap_or_else(|_| panic!("{}: {printed}", self.name));
            // Half a unit of the last place, and what the floats lose where that is met exactly.
            let slack = 0.5 * 0.1f64.powi(places as i32) + 1e-9 * wanted.abs();
            assert!(places >= 2, "{}: {printed} has too few places", self.name);
            assert!(
                (number - wanted).abs() <= slack,
                "{}: {printed} in the page, {whose} {wanted}",
                self.name
            );
        }
    }
}

/// Rows by the heading that they stand under and their first cell; the second is a formula, the others are numbers.
pub(crate) struct Rows {
    rows: BTreeMap<(String, String), Row>,
}

impl Rows {
    pub(crate) fn of(text: &str) -> Self {
        let (mut rows, mut heading) = (BTreeMap::new(), String::new());
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("#### ") {
                heading = name.to_owned();
            }
            let Some(cells) = cells(line).filter(|cells| !is_rule(cells)) else { continue };
            let [name, _, numbers @ ..] = &cells[..] else { panic!("{line}") };
            // Heads have an empty first cell.
            if name.is_empty() {
                continue;
            }
            let row = Row { name: format!("{heading}: {name}"), numbers: numbers.to_vec() };
            let twice = rows.insert((heading.clone(), name.clone()), row);
            assert!(twice.is_none(), "{heading}: {name} comes twice");
        }
        Self { rows }
    }

    /// A row, which nobody has taken before.
    pub(crate) fn take(&mut self, heading: &str, name: &str) -> Row {
        let row = self.rows.remove(&(heading.to_owned(), name.to_owned()));
        row.unwrap_or_else(|| panic!("no row {heading}: {name}"))
    }

    /// Whether every row was taken: none stands in the page unchecked.
    pub(crate) fn all_taken(&self) {
        assert!(self.rows.is_empty(), "not checked: {:?}", self.rows);
    }
}
