//! The interfaces as JSON, and calldata made from them: well formed with zeros, and broken in every way.

use std::{fs, path::PathBuf};

use alloy::{
    json_abi::{Function, JsonAbi, Param},
    primitives::U256,
};
use anyhow::{Context, Result};
use plimsoll_harness::workspace;

/// A file of the repository.
///
/// # Errors
/// When there is no repository.
pub fn file(path: &str) -> Result<PathBuf> {
    Ok(workspace::root()?.join(path))
}

/// A committed interface by its name.
///
/// # Errors
/// When it cannot be read.
pub fn interface(name: &str) -> Result<JsonAbi> {
    let path = file("abi/json")?.join(format!("{name}.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Whether a parameter is an array, the only dynamic kind of the engine's and the oracle's interfaces.
fn is_array(param: &Param) -> bool {
    param.ty.ends_with("[]")
}

/// The types of the words that a value takes in place; of an array: of one of its elements.
fn words(param: &Param) -> Vec<String> {
    if param.components.is_empty() {
        return vec![param.ty.trim_end_matches("[]").to_owned()];
    }
    param.components.iter().flat_map(words).collect()
}

/// How many words a parameter takes in the head.
fn head_words(param: &Param) -> usize {
    if is_array(param) { 1 } else { words(param).len() }
}

/// Calldata of a function with zeros for all values and arrays of `elements` zero elements.
#[must_use]
pub fn zeros(function: &Function, elements: usize) -> Vec<u8> {
    [function.selector().to_vec(), zero_fields(&function.inputs, elements)].concat()
}

/// Whether values of a type stand behind an offset.
fn is_dynamic(ty: &str, components: &[Param]) -> bool {
    ty.ends_with("[]")
        || ty == "bytes"
        || components.iter().any(|field| is_dynamic(&field.ty, &field.components))
}

/// A value of zeros, without the offset that may lead to it.
fn zero(ty: &str, components: &[Param], elements: usize) -> Vec<u8> {
    match ty.strip_suffix("[]") {
        Some(element) => {
            let values =
                vec![(is_dynamic(element, components), zero(element, components, elements)); elements];
            [word(U256::from(elements)).to_vec(), side_by_side(&values)].concat()
        }
        None if ty == "tuple" => zero_fields(components, elements),
        None => vec![0; 32],
    }
}

fn zero_fields(fields: &[Param], elements: usize) -> Vec<u8> {
    let value = |field: &Param| {
        (is_dynamic(&field.ty, &field.components), zero(&field.ty, &field.components, elements))
    };
    side_by_side(&fields.iter().map(value).collect::<Vec<_>>())
}

/// Values one after another; of those that are dynamic, offsets first.
fn side_by_side(values: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let length: usize = values.iter().map(|(dynamic, value)| if *dynamic { 32 } else { value.len() }).sum();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for (dynamic, value) in values {
        if *dynamic {
            head.extend(word(U256::from(length + tail.len())));
            tail.extend(value);
        } else {
            head.extend(value);
        }
    }
    [head, tail].concat()
}

/// Calldata that does not decode, each with what is wrong with it. Empty for a function without arguments. Knows no arrays
/// within structs, which only the risk model has.
#[must_use]
pub fn malformed(function: &Function) -> Vec<(String, Vec<u8>)> {
    let mut cases = Vec::new();
    let good = zeros(function, 1);
    if good.len() == 4 {
        return cases;
    }
    cases.push(("no arguments".to_owned(), good[..4].to_vec()));
    cases.push(("one byte of arguments".to_owned(), good[..5].to_vec()));
    cases.push(("one byte short".to_owned(), good[..good.len() - 1].to_vec()));
    let mut at = 4;
    for param in &function.inputs {
        let start = if is_array(param) { array_cases(&good, at, param, &mut cases) } else { Some(at) };
        if let Some(start) = start {
            for (i, kind) in words(param).iter().enumerate() {
                dirty_cases(&good, start + 32 * i, kind, &mut cases);
            }
        }
        at += 32 * head_words(param);
    }
    cases
}

/// Offsets and lengths beyond the calldata, beyond 32 bits, and such that a product of 32 bits wraps; returns where the
/// first element begins unless it is a byte string.
fn array_cases(good: &[u8], at: usize, param: &Param, cases: &mut Vec<(String, Vec<u8>)>) -> Option<usize> {
    let offset = usize::try_from(read(good, at)).unwrap_or(usize::MAX);
    let length_at = 4 + offset;
    let absurd = [31, 32, 62, 63, 64, 128, 255].map(|bits| U256::from(1) << bits);
    for value in absurd.into_iter().chain([U256::MAX, U256::from(u32::MAX), U256::from(good.len())]) {
        cases.push((format!("offset {value} of {}", param.name), with(good, at, value)));
        cases.push((format!("length {value} of {}", param.name), with(good, length_at, value)));
    }
    // 32 bytes times this many words wraps to a small product in 32 bits.
    let wraps = (U256::from(1) << 32) / U256::from(32 * words(param).len()) + U256::from(1);
    cases.push((format!("length {wraps} of {}", param.name), with(good, length_at, wraps)));
    if param.ty == "bytes[]" {
        for value in [U256::MAX, U256::from(u32::MAX), U256::from(good.len())] {
            cases.push((
                format!("offset {value} of an element of {}", param.name),
                with(good, length_at + 32, value),
            ));
            cases.push((
                format!("length {value} of an element of {}", param.name),
                with(good, length_at + 64, value),
            ));
        }
        return None;
    }
    Some(length_at + 32)
}

/// Values outside the type of one word.
fn dirty_cases(good: &[u8], at: usize, kind: &str, cases: &mut Vec<(String, Vec<u8>)>) {
    let one = U256::from(1);
    let bad = match kind {
        "bytes32" | "uint256" => return,
        "bool" => vec![U256::from(2), one << 128, U256::MAX],
        "address" => vec![one << 160, one << 255],
        _ => match kind.strip_prefix("uint").map(str::parse::<usize>) {
            Some(Ok(bits)) => vec![one << bits, one << 128, one << 255],
            // int128: above the largest, below the smallest, and the sign not carried on.
            _ => vec![one << 127, (one << 255) - one, U256::MAX - (one << 127), one << 255],
        },
    };
    for value in bad {
        cases.push((format!("{value:#x} for a {kind} at byte {at}"), with(good, at, value)));
    }
}

fn word(value: U256) -> [u8; 32] {
    value.to_be_bytes()
}

fn read(data: &[u8], at: usize) -> U256 {
    U256::from_be_slice(&data[at..at + 32])
}

fn with(data: &[u8], at: usize, value: U256) -> Vec<u8> {
    let mut data = data.to_vec();
    data[at..at + 32].copy_from_slice(&word(value));
    data
}
