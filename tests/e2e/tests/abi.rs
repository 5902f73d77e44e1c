//! The interfaces: selectors, the router's table, and that every function and every error is real.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use alloy::{json_abi::JsonAbi, primitives::hex, sol_types::SolInterface};
use anyhow::{Context, Result, ensure};
use plimsoll_e2e::{
    abi::{file, interface, zeros},
    engines::probe,
};
use plimsoll_harness::{
    bindings::{IPlimsoll::IPlimsollErrors, IPlimsollOracle::IPlimsollOracleErrors},
    deploy::CONSTRUCTOR_SELECTOR,
    prelude::*,
};

/// Functions by selector.
fn functions(abi: &JsonAbi) -> BTreeMap<[u8; 4], String> {
    abi.functions().map(|f| (f.selector().0, f.signature())).collect()
}

#[test]
fn selectors_of_each_interface_are_unique_and_mean_the_same_in_both() -> Result<()> {
    let mut all = BTreeMap::new();
    for name in ["IPlimsoll", "IPlimsollOracle"] {
        let abi = interface(name)?;
        assert_eq!(functions(&abi).len(), abi.functions().count(), "{name}: functions");
        let errors: BTreeSet<_> = abi.errors().map(|e| e.selector()).collect();
        assert_eq!(errors.len(), abi.errors().count(), "{name}: errors");
        let events: BTreeSet<_> = abi.events().map(|e| e.selector()).collect();
        assert_eq!(events.len(), abi.events().count(), "{name}: events");
        for (selector, signature) in functions(&abi) {
            assert_ne!(selector, CONSTRUCTOR_SELECTOR, "{name}: {signature} has the constructor's selector");
            let other = all.entry(selector).or_insert_with(|| signature.clone());
            assert_eq!(*other, signature, "one selector for two functions");
        }
    }
    Ok(())
}

#[test]
fn routes_are_the_interface_without_modules() -> Result<()> {
    let text = fs::read_to_string(file("src/routes.rs")?)?;
    let mut routed = BTreeMap::new();
    for line in text.lines().filter(|line| line.trim_start().starts_with("([")) {
        let bytes: Vec<u8> = line
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter_map(|token| token.strip_prefix("0x"))
            .map(|digits| u8::from_str_radix(digits, 16))
            .collect::<Result<_, _>>()?;
        let selector: [u8; 4] = bytes.try_into().ok().with_context(|| format!("no selector in {line}"))?;
        assert!(routed.insert(selector, line.trim().to_owned()).is_none(), "twice: {line}");
    }
    let mut declared = functions(&interface("IPlimsoll")?);
    declared.retain(|_, signature| signature != "modules()");
    for (selector, signature) in &declared {
        assert!(routed.contains_key(selector), "{signature} 0x{} has no route", hex::encode(selector));
    }
    for (selector, line) in &routed {
        assert!(declared.contains_key(selector), "a route to nothing: {line}");
    }
    // the router searches the table by halves
    let in_file: Vec<[u8; 4]> = text
        .lines()
        .filter_map(|line| routed.iter().find(|(_, routed)| *routed == line.trim()).map(|(s, _)| *s))
        .collect();
    assert!(in_file.is_sorted(), "the table is not sorted");
    assert_eq!(in_file.len(), routed.len());
    Ok(())
}

#[tokio::test]
async fn every_function_of_the_interfaces_answers() -> Result<()> {
    let world = World::start().await?;
    for (name, address) in [("IPlimsoll", world.engine), ("IPlimsollOracle", world.oracle)] {
        let abi = interface(name)?;
        let mut answered = 0;
        for function in abi.functions() {
            let signature = function.signature();
            match probe(&world, world.owner.address(), address, zeros(function, 1)).await {
                Ok(bytes) => {
                    answered += 1;
                    // as many words as it declares at the least, and nothing when it declares nothing
                    assert_eq!(bytes.is_empty(), function.outputs.is_empty(), "{signature}");
                    assert!(bytes.len() >= 32 * function.outputs.len(), "{signature}: {bytes}");
                }
                Err(Failure::Reverted(revert)) => {
                    for bad in [
                        revert.decode::<IPlimsoll::UnknownSelector>().map(|e| e.selector),
                        revert.decode::<IPlimsoll::MalformedCall>().map(|e| e.selector),
                    ] {
                        ensure!(bad.is_none(), "{signature}: {revert}");
                    }
                    let known = match name {
                        "IPlimsoll" => IPlimsollErrors::abi_decode(&revert.data).is_ok(),
                        _ => IPlimsollOracleErrors::abi_decode(&revert.data).is_ok(),
                    };
                    ensure!(known, "{signature} reverts with what {name} does not declare: {revert}");
                }
                Err(other) => return Err(other.into()),
            }
        }
        // Views of accounts and of the engine itself need no arguments that exist: more than a third must succeed.
        assert!(3 * answered > abi.functions().count(), "{name}: only {answered} functions answered");
    }
    Ok(())
}

/// Code of a test file without its comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether a text has a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

#[test]
fn every_error_of_the_interfaces_is_named_by_a_test() -> Result<()> {
    let (mut engine, mut oracle) = (String::new(), String::new());
    for entry in fs::read_dir(file("tests/e2e/tests")?)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("abi.rs") {
            let text = code(&fs::read_to_string(&path)?);
            let of_oracle = path.ends_with("oracle.rs") || path.ends_with("surfaces.rs");
            if of_oracle { &mut oracle } else { &mut engine }.push_str(&text);
        }
    }
    let mut missing = Vec::new();
    for (name, text) in [("IPlimsoll", engine), ("IPlimsollOracle", oracle)] {
        let abi = interface(name)?;
        let absent = abi.errors().filter(|error| !names(&text, &error.name));
        missing.extend(absent.map(|error| format!("{name}::{}", error.name)));
    }
    assert!(missing.is_empty(), "no end-to-end test names {}", missing.join(", "));
    Ok(())
}
