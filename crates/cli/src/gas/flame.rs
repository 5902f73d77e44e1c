//! The flame graph.

use anyhow::Result;
use inferno::flamegraph::{self, Options};
use plimsoll_harness::gas::{GasProfile, Place};

use super::known::{Known, function};

/// One line for each place: the path to it, separated by semicolons, and its own ink.
pub(crate) fn folded(profile: &GasProfile, known: &Known) -> Vec<String> {
    let mut paths: Vec<String> = Vec::with_capacity(profile.nodes.len());
    let mut lines = Vec::new();
    for node in &profile.nodes {
        let own = match &node.place {
            // the graph has a bar for the whole of its own
            Place::Transaction => String::new(),
            Place::Intrinsic => "intrinsic".to_owned(),
            Place::Start => "start of the program".to_owned(),
            Place::Frame { call, address, code_hash, .. } => {
                format!("{} {}", call.to_lowercase(), known.contract(*address, *code_hash))
            }
            Place::Function { index, name } => function(*index, name.as_deref()),
            Place::Host { name } => format!("host {name}"),
        };
        // a semicolon would begin another frame
        let own = own.replace(';', ",");
        let above = node.parent.map_or("", |parent| paths[parent].as_str());
        let path = if above.is_empty() { own } else { format!("{above};{own}") };
        // a width is nothing negative, and the whole is always more than nothing
        if node.ink > 0 && !path.is_empty() {
            lines.push(format!("{path} {}", node.ink));
        }
        paths.push(path);
    }
    lines
}

/// The flame graph as SVG.
pub(crate) fn draw(profile: &GasProfile, known: &Known, title: &str) -> Result<Vec<u8>> {
    let mut options = Options::default();
    options.title = format!("gas of {title}");
    options.subtitle = Some(format!("width is ink; {} ink are 1 gas", profile.ink_price));
    options.count_name = "ink".to_owned();
    options.name_type = "Place:".to_owned();
    // the transaction on top, what it calls below, as a stack trace reads
    options.direction = flamegraph::Direction::Inverted;
    options.image_width = Some(1_600);
    options.font_type = "monospace".to_owned();
    // same names, same colours, in every graph
    options.deterministic = true;
    let lines = folded(profile, known);
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of a program at `0x..11` whose function 7 calls itself by way of function 8, and a host function.
    const PROFILE: &str = r#"{"inkPrice":10,"gasUsed":10,"refund":0,"gas":10,"nodes":[
        {"parent":null,"kind":"transaction","calls":1,"ink":0},
        {"parent":0,"kind":"intrinsic","calls":1,"ink":20},
        {"parent":0,"kind":"frame","call":"CALL","address":"0x0000000000000000000000000000000000000011",
         "codeHash":"0x0101010101010101010101010101010101010101010101010101010101010101","program":true,"calls":1,"ink":-1},
        {"parent":2,"kind":"function","index":7,"name":"main;<T>","calls":1,"ink":6},
        {"parent":3,"kind":"function","index":8,"calls":2,"ink":15},
        {"parent":4,"kind":"function","index":7,"name":"main;<T>","calls":3,"ink":10},
        {"parent":5,"kind":"host","name":"read_args","calls":4,"ink":50}]}"#;

    #[test]
    fn folded_paths_have_own_ink_only() {
        let profile: GasProfile = serde_json::from_str(PROFILE).unwrap();
        let expected = [
            "intrinsic 20",
            "call 0x0000…0011;main,<T> 6",
            "call 0x0000…0011;main,<T>;func[8] 15",
            "call 0x0000…0011;main,<T>;func[8];main,<T> 10",
            "call 0x0000…0011;main,<T>;func[8];main,<T>;host read_args 50",
        ];
        assert_eq!(folded(&profile, &Known::default()), expected);
        let svg = String::from_utf8(draw(&profile, &Known::default(), "a transaction").unwrap()).unwrap();
        assert!(svg.contains("gas of a transaction") && svg.contains("host read_args"));
    }

    #[test]
    fn recursion_counts_once_in_totals() {
        let profile: GasProfile = serde_json::from_str(PROFILE).unwrap();
        let sums = super::super::sums::Sums::of(&profile);
        let code = alloy::primitives::B256::repeat_byte(1);
        let used = |index| sums.by_function[&(code, index)];
        // 6 + 10 of its own; 81 is all from its first call down
        assert_eq!((used(7).calls, used(7).own, used(7).total), (4, 16, 81));
        assert_eq!((used(8).calls, used(8).own, used(8).total), (2, 15, 75));
        assert_eq!((sums.functions.own, sums.hosts.own, sums.intrinsic.own, sums.rest.own), (31, 50, 20, -1));
    }
}
