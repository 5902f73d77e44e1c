//! The figures as Markdown.

use std::thread;

use plimsoll_e2e::table::{grouped, markdown};

use crate::{
    Figures, Pair,
    load::{BATCH, Rate, SMALL_BATCH},
    suite::Suite,
};

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[Rate]) -> Rate {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "rates are positive and small")]
fn whole(value: Rate) -> String {
    grouped(value.round() as u128)
}

impl Pair {
    /// Both medians, and the median of what the rounds say of how many times anvil's the embedded node's is.
    fn row(&self, what: &str) -> Vec<String> {
        let ratios: Vec<Rate> = self.ours.iter().zip(&self.anvil).map(|(ours, anvil)| ours / anvil).collect();
        let ratio = format!("{:.2}", median(&ratios));
        vec![what.to_owned(), whole(median(&self.ours)), whole(median(&self.anvil)), ratio]
    }
}

/// The file.
pub(crate) fn text(
    profile: &str,
    anvil: &str,
    load: &str,
    figures: &Figures,
    suite: Option<&Suite>,
) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let rounds = figures.settlements.len();
    let beside = format!("anvil {anvil}");
    let pairs = [
        figures.transfers.row("transfers, each sent when the last one's receipt is there, a second"),
        figures.transfers_batched.row(&format!("transfers, {SMALL_BATCH} in a request, a second")),
        figures.balances.row("`eth_call` of `balanceOf`, one by one, a second"),
        figures.balances_batched.row(&format!("`eth_call` of `balanceOf`, {BATCH} in a request, a second")),
        figures.cold.row("start of the process to its first answer, ms"),
    ];
    let engine = [
        (format!("a transfer of the token, {BATCH} in a request"), &figures.transfers_many),
        ("`settle` of one fill, each sent when the last one's receipt is there".into(), &figures.settlements),
        (format!("`settle` of one fill, {BATCH} in a request"), &figures.settlements_batched),
        ("`eth_call` of `marginOf`, one by one".into(), &figures.margins),
        (format!("`eth_call` of `marginOf`, {BATCH} in a request"), &figures.margins_batched),
    ]
    .map(|(what, rates)| vec![what, whole(median(rates))]);
    let mut text = format!(
        "# Speed\n\nWritten by `scripts/speed`; not to be edited. One machine of {cores} cores, one run, \
         with a load average of {load} when it began: what holds elsewhere are the ratios. Medians of {rounds} rounds, each with new nodes, one node after the other.\n\n\
         ## The embedded node beside anvil\n\nThe same client sends the same transactions over HTTP: transfers of an \
         ERC-20 of OpenZeppelin's from one holder to another, signed beforehand, and counted on the chain afterwards. \
         Every transaction is a block of its own on the embedded node. It is built in the {profile} profile; anvil is \
         the program that its authors publish on npm. The ratio is the median of the rounds' own.\n\n"
    );
    text += &markdown(1, &["", "embedded node", &beside, "ratio"], &pairs);
    text += "\n## The engine on the embedded node\n\nEvery transaction and call runs the router and a module in \
             WebAssembly, and the oracle's too. The transfer is there for comparison.\n\n";
    text += &markdown(1, &["", "a second"], &engine);
    if let Some(suite) = suite {
        text += &format!(
            "\n## The end-to-end tests\n\n{} tests in {} programs, one program after another as `cargo test -p \
             plimsoll-e2e` runs them, built before: {:.1} s.\n",
            suite.tests,
            suite.programs,
            suite.time.as_secs_f64()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle_or_the_mean_of_two() {
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0]), median(&[])], [2.0, 2.5, 0.0]);
    }

    #[test]
    fn row_has_the_median_of_the_ratios() {
        // 10/5, 20/5 and 90/100: the middle one is 2
        let pair = Pair { ours: vec![10.0, 20.0, 90.0], anvil: vec![5.0, 5.0, 100.0] };
        assert_eq!(pair.row("x"), ["x", "20", "5", "2.00"]);
    }
}
