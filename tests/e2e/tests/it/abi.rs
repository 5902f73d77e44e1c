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
    risk::standard,
};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::IPlimsollErrors, IPlimsollOracle::IPlimsollOracleErrors,
        IPlimsollRiskModel::IPlimsollRiskModelErrors,
    },
    deploy::CONSTRUCTOR_SELECTOR,
    prelude::*,
};

const INTERFACES: [&str; 3] = ["IPlimsoll", "IPlimsollOracle", "IPlimsollRiskModel"];

/// Errors that no end-to-end test can provoke. A chain refuses a contract with the parameters only when it is out of gas,
/// which it then says in its own words; the native tests have a host that refuses.
const UNPROVOKED: [(&str, &str); 1] = [("IPlimsollRiskModel", "ParamsNotStored")];

/// Functions by selector.
fn functions(abi: &JsonAbi) -> BTreeMap<[u8; 4], String> {
    abi.functions().map(|f| (f.selector().0, f.signature())).collect()
}

#[test]
fn selectors_of_each_interface_are_unique_and_mean_the_same_in_all() -> Result<()> {
    let mut all = BTreeMap::new();
    for name in INTERFACES {
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

/// That a table routes exactly the functions of an interface that its contract does not have itself, and is sorted.
fn check_routes(name: &str, table: &str, own: &[&str]) -> Result<()> {
    let text = fs::read_to_string(file(table)?)?;
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
    let abi = interface(name)?;
    for own in own {
        assert!(abi.functions().any(|function| function.name == *own), "{name} has no {own}");
    }
    let mut declared = functions(&abi);
    declared.retain(|_, signature| !own.iter().any(|own| signature.split('(').next() == Some(own)));
    for (selector, signature) in &declared {
        assert!(routed.contains_key(selector), "{signature} 0x{} has no route", hex::encode(selector));
    }
    for (selector, line) in &routed {
        assert!(declared.contains_key(selector), "a route to nothing: {line}");
    }
    // the engine's router searches its table by halves
    let in_file: Vec<[u8; 4]> = text
        .lines()
        .filter_map(|line| routed.iter().find(|(_, routed)| *routed == line.trim()).map(|(s, _)| *s))
        .collect();
    assert!(in_file.is_sorted(), "{table} is not sorted");
    assert_eq!(in_file.len(), routed.len());
    Ok(())
}

#[test]
fn routes_are_the_interface_without_what_the_router_answers_itself() -> Result<()> {
    check_routes("IPlimsoll", "src/routes.rs", &["modules"])?;
    let own = ["modules", "assess", "scenarios", "assessTogether"];
    check_routes("IPlimsollRiskModel", "contracts/risk-model/router/src/routes.rs", &own)
}

#[tokio::test]
async fn every_function_of_the_interfaces_answers() -> Result<()> {
    let world = World::start().await?;
    let model = world.deploy_risk_model().await?;
    // What zeros ask about.
    let set = IPlimsollRiskModel::setParamsCall { underlying: 0, params: standard() };
    world.chain.transact(&world.owner, model, &set).await?;
    for (name, address) in INTERFACES.into_iter().zip([world.engine, world.oracle, model]) {
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
                        "IPlimsollOracle" => IPlimsollOracleErrors::abi_decode(&revert.data).is_ok(),
                        _ => IPlimsollRiskModelErrors::abi_decode(&revert.data).is_ok(),
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
    let mut tests = BTreeMap::<&str, String>::new();
    for entry in fs::read_dir(file("tests/e2e/tests/it")?)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).context("a file without a name")?;
        if path.extension().is_some_and(|e| e == "rs") && stem != "abi" && stem != "main" {
            let interface = match stem {
                "oracle" | "surfaces" => "IPlimsollOracle",
                "options_book" | "options_settlement" => "IPlimsollRiskModel",
                _ if stem.starts_with("portfolio") => "IPlimsollRiskModel",
                _ => "IPlimsoll",
            };
            tests.entry(interface).or_default().push_str(&code(&fs::read_to_string(&path)?));
        }
    }
    let mut missing = Vec::new();
    for name in INTERFACES {
        let (abi, text) = (interface(name)?, &tests[name]);
        for error in abi.errors() {
            let exempt = UNPROVOKED.contains(&(name, &error.name));
            if names(text, &error.name) == exempt {
                missing.push(format!("{name}::{}", error.name));
            }
        }
    }
    assert!(missing.is_empty(), "not named by an end-to-end test, or exempt and yet: {}", missing.join(", "));
    Ok(())
}
