//! What a node without profiles tells: its trace of host functions.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use anyhow::{Result, anyhow, ensure};
use plimsoll_harness::chain::Chain;
use serde::Deserialize;
use serde_json::json;

use super::{
    Args,
    text::{Table, grouped},
    without_profiler,
};

/// A call of a host function as `stylusTracer` shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    name: String,
    start_ink: u64,
    end_ink: u64,
    #[serde(default)]
    steps: Option<Vec<Self>>,
}

/// Prints the table of host functions, or fails with why there is none; `error` is why there is no profile.
pub(crate) async fn show(chain: &Chain, transaction: B256, args: &Args, error: anyhow::Error) -> Result<()> {
    let question = (transaction, json!({ "tracer": "stylusTracer" }));
    let answer: Result<Vec<Step>> = chain.request("debug_traceTransaction", question).await;
    let steps = answer
        .map_err(|_| anyhow!("{} can trace no Stylus transaction: {}", chain.url(), error.root_cause()))?;
    ensure!(
        args.flame.is_none() && !args.json,
        "{}, so that there is neither flame graph nor JSON: {}",
        without_profiler(chain.url()),
        error.root_cause()
    );
    println!("transaction {transaction}");
    println!("{}; a call counts what it called too\n", without_profiler(chain.url()));
    print!("{}", render(&steps));
    Ok(())
}

fn render(steps: &[Step]) -> String {
    let mut hosts = BTreeMap::new();
    add(steps, &mut hosts);
    let mut rows: Vec<_> = hosts.into_iter().collect();
    rows.sort_by_key(|(_, (_, ink))| std::cmp::Reverse(*ink));
    let mut table = Table::new(&["HOST FUNCTION ", "CALLS", "INK"]);
    for (name, (calls, ink)) in rows {
        table.row([name.to_owned(), grouped(calls.into()), grouped(ink.into())]);
    }
    table.render()
}

/// The marks of a program's begin and end are no host functions.
const MARKS: [&str; 2] = ["user_entrypoint", "user_returned"];

fn add<'a>(steps: &'a [Step], hosts: &mut BTreeMap<&'a str, (u64, u64)>) {
    for step in steps {
        if !MARKS.contains(&step.name.as_str()) {
            let (calls, ink) = hosts.entry(step.name.as_str()).or_default();
            *calls += 1;
            *ink += step.start_ink.saturating_sub(step.end_ink);
        }
        add(step.steps.as_deref().unwrap_or_default(), hosts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render_adds_nested_steps_up() {
        let steps = r#"[
            {"name":"user_entrypoint","args":"0x","outs":"0x","startInk":100,"endInk":100},
            {"name":"call_contract","args":"0x","outs":"0x","startInk":90,"endInk":20,"address":"0x00",
             "steps":[{"name":"read_args","args":"0x","outs":"0x","startInk":50,"endInk":45}]},
            {"name":"read_args","args":"0x","outs":"0x","startInk":20,"endInk":15,"steps":null}]"#;
        let steps: Vec<Step> = serde_json::from_str(steps).unwrap();
        let expected = "HOST FUNCTION  CALLS  INK\ncall_contract      1   70\nread_args          2   10\n";
        assert_eq!(render(&steps), expected);
    }
}
