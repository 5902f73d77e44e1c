//! The report as text.

use std::fmt::Write as _;

use alloy::primitives::B256;
use plimsoll_harness::gas::{GasProfile, Place};

use super::{
    known::{Known, function},
    sums::{Sums, Used},
    text::{Table, grouped, share, short},
};

/// Longest name of a function in the table, characters.
const NAME: usize = 84;

/// The whole report: the sum, contracts, host functions, functions.
pub(crate) fn render(
    transaction: B256,
    profile: &GasProfile,
    known: &Known,
    sums: &Sums,
    top: usize,
) -> String {
    let mut text = format!(
        "transaction {transaction}\n{} gas; 1 gas is {} ink\n\n",
        grouped(profile.gas_used.into()),
        grouped(profile.ink_price.into())
    );
    for part in [
        whole(profile, sums),
        contracts(profile, known, sums),
        hosts(&sums.by_host, profile),
        functions(profile, known, sums, top),
    ] {
        text.push_str(&part);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Ink as gas with one digit: parts are no whole numbers of gas.
fn gas(ink: i128, price: u64) -> String {
    let price = i128::from(price.max(1));
    let tenths = (ink.abs() * 10 + price / 2) / price;
    let sign = if ink < 0 && tenths > 0 { "-" } else { "" };
    format!("{sign}{}.{}", grouped(tenths / 10), tenths % 10)
}

fn spent(profile: &GasProfile) -> i128 {
    i128::from(profile.gas) * i128::from(profile.ink_price)
}

fn whole(profile: &GasProfile, sums: &Sums) -> String {
    let mut table = Table::new(&["GAS OF THE TRANSACTION ", "CALLS", "INK", "GAS", "SHARE"]);
    let parts = [
        ("intrinsic", sums.intrinsic),
        ("starts of programs", sums.starts),
        ("WASM functions", sums.functions),
        ("host functions", sums.hosts),
        ("EVM code and precompiles", sums.evm),
        ("return data, rests of gas, gas taken on failure", sums.rest),
    ];
    for (name, used) in parts {
        if used.own != 0 {
            let calls = if name.starts_with("return") { String::new() } else { grouped(used.calls.into()) };
            table.row(cells(name, Some(calls), used.own.into(), profile));
        }
    }
    table.row(cells("spent", Some(String::new()), spent(profile), profile));
    if profile.refund > 0 {
        let refund = -i128::from(profile.refund) * i128::from(profile.ink_price);
        table.row(cells("refund", Some(String::new()), refund, profile));
        let used = i128::from(profile.gas_used) * i128::from(profile.ink_price);
        table.row(cells("used", Some(String::new()), used, profile));
    }
    table.render()
}

fn cells(name: &str, calls: Option<String>, ink: i128, profile: &GasProfile) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    cells.extend(calls);
    cells.extend([grouped(ink), gas(ink, profile.ink_price), share(ink, spent(profile))]);
    cells
}

fn contracts(profile: &GasProfile, known: &Known, sums: &Sums) -> String {
    let mut table = Table::new(&["CONTRACT ", "ADDRESS ", "CALLS", "TOTAL INK", "GAS", "SHARE"]);
    let mut rows: Vec<(&B256, &Used)> = sums.by_code.iter().collect();
    rows.sort_by_key(|(_, used)| -used.total);
    for (hash, used) in rows {
        let addresses = profile.nodes.iter().filter_map(|node| match &node.place {
            Place::Frame { address, code_hash, .. } if code_hash == hash => *address,
            _ => None,
        });
        let mut addresses: Vec<_> = addresses.collect();
        addresses.sort_unstable();
        addresses.dedup();
        let address = match addresses.as_slice() {
            [one] => one.to_string(),
            many => format!("{} addresses", many.len()),
        };
        let name = known.contract(addresses.first().copied(), *hash);
        let total = i128::from(used.total);
        table.row([
            name,
            address,
            grouped(used.calls.into()),
            grouped(total),
            gas(total, profile.ink_price),
            share(total, spent(profile)),
        ]);
    }
    table.render()
}

fn hosts(by_host: &std::collections::BTreeMap<String, Used>, profile: &GasProfile) -> String {
    let mut table = Table::new(&["HOST FUNCTION ", "CALLS", "INK", "GAS", "SHARE"]);
    let mut rows: Vec<(&String, &Used)> = by_host.iter().collect();
    rows.sort_by_key(|(_, used)| -used.own);
    for (name, used) in rows {
        table.row(cells(name, Some(grouped(used.calls.into())), used.own.into(), profile));
    }
    table.render()
}

fn functions(profile: &GasProfile, known: &Known, sums: &Sums, top: usize) -> String {
    // of all functions: next to storage each of them is nothing
    let all = i128::from(sums.functions.own);
    let mut table = Table::new(&["OWN INK", "OF WASM", "TOTAL INK", "CALLS", "CONTRACT ", "WASM FUNCTION "]);
    let mut rows: Vec<(&(B256, u32), &Used)> = sums.by_function.iter().collect();
    rows.sort_by_key(|(_, used)| -used.own);
    for ((hash, index), used) in rows.iter().take(top) {
        let found = profile.nodes.iter().enumerate().find_map(|(at, node)| match &node.place {
            Place::Function { index: function, name } if function == index => {
                let (address, code) = profile.code_of(at)?;
                (code == *hash).then_some((address, name.as_deref()))
            }
            _ => None,
        });
        let (address, name) = found.unwrap_or_default();
        table.row([
            grouped(used.own.into()),
            share(used.own.into(), all),
            grouped(used.total.into()),
            grouped(used.calls.into()),
            known.contract(address, *hash),
            short(&function(*index, name), NAME),
        ]);
    }
    let mut text = table.render();
    if let Some(more) = rows.len().checked_sub(top).filter(|more| *more > 0) {
        let rest: i64 = rows.iter().skip(top).map(|(_, used)| used.own).sum();
        let _ = writeln!(text, "and {more} more functions with {} ink (--top)", grouped(rest.into()));
    }
    text
}
