//! Empty: what the module answers is between it and the risk model, and no part of any interface.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

plimsoll_kit::main!();
