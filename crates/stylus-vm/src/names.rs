//! Names of functions, where a module has kept them.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The functions' names in the name section of a module by their index among imports and local functions, as the linker
/// wrote them. What cannot be read has no name.
#[must_use]
pub fn function_names(wasm: &[u8]) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names.into_iter().map_while(Result::ok) {
            if let Name::Function(map) = name {
                let names = map.into_iter().map_while(Result::ok);
                found.extend(names.map(|naming| (naming.index, naming.name.to_owned())));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_names_are_those_of_the_name_section() {
        let module =
            r#"(module (import "vm_hooks" "exit_early" (func $leave (param i32))) (func) (func $last))"#;
        let names = function_names(&wat::parse_str(module).unwrap());
        assert_eq!(names, BTreeMap::from([(0, "leave".to_owned()), (2, "last".to_owned())]));
    }

    #[test]
    fn function_names_of_garbage_are_none() {
        assert!(function_names(b"\0asm\x01\0\0\0\0\x07\x04name\x01\xff").is_empty());
        assert!(function_names(b"no module").is_empty());
        assert!(function_names(b"").is_empty());
    }
}
