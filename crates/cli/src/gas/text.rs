//! Tables as text.

use std::fmt::Write as _;

use crate::figures;

/// Columns of a table: names are on the left, numbers on the right.
#[derive(Debug)]
pub(crate) struct Table {
    /// Whether the column is one of names.
    names: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; those that end in a blank head names.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let names = headings.iter().map(|heading| heading.ends_with(' ')).collect();
        Self { names, rows: vec![headings.iter().map(|heading| heading.trim_end().to_owned()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, two blanks between columns, no blank at a line's end.
    pub(crate) fn render(&self) -> String {
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..self.names.len()).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, width), name) in row.iter().zip(&widths).zip(&self.names) {
                let gap = if line.is_empty() { "" } else { "  " };
                let _ = match name {
                    true => write!(line, "{gap}{cell:width$}"),
                    false => write!(line, "{gap}{cell:>width$}"),
                };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Whole number with separators of thousands.
pub(crate) fn grouped(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", figures::grouped(number.unsigned_abs()))
}

/// A part of a whole in percent, one digit.
pub(crate) fn share(part: i128, whole: i128) -> String {
    if whole <= 0 {
        return "-".to_owned();
    }
    let tenths = (part.unsigned_abs() * 1_000 + whole.unsigned_abs() / 2) / whole.unsigned_abs();
    format!("{}{}.{} %", if part < 0 { "-" } else { "" }, tenths / 10, tenths % 10)
}

/// No longer than `most` characters; the middle is left out, where type parameters are.
pub(crate) fn short(name: &str, most: usize) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= most {
        return name.to_owned();
    }
    let head = most / 3;
    let tail = most - head - 1;
    let ends = chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]);
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render_aligns_names_left_and_numbers_right() {
        let mut table = Table::new(&["NAME ", "INK"]);
        table.row(["a".to_owned(), "1,000".to_owned()]);
        table.row(["a longer one".to_owned(), "7".to_owned()]);
        assert_eq!(table.render(), "NAME            INK\na             1,000\na longer one      7\n");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, -1_234, 1_000_000].map(grouped), ["0", "-1,234", "1,000,000"]);
        assert_eq!(
            [(1, 8), (2, 3), (0, 5), (5, 5)].map(|(a, b)| share(a, b)),
            ["12.5 %", "66.7 %", "0.0 %", "100.0 %"]
        );
        assert_eq!(share(-1, 4), "-25.0 %");
        assert_eq!(share(1, 0), "-");
    }

    #[test]
    fn short_keeps_both_ends() {
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefghij", 7), "ab…ghij");
    }
}
