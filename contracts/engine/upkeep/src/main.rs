//! Prints the module's Solidity interface when built with `export-abi`; empty otherwise.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

plimsoll_kit::main!(plimsoll_upkeep);
