//! Empty: the module's only caller is the risk model, so it has no interface to print.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

plimsoll_kit::main!();
