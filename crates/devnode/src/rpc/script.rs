//! Tracers that clients send as JavaScript. None is run; cargo-stylus's is known by what it does.

/// Whether this is the script by which `cargo stylus trace`, `replay` and `simulate` ask a node for the host calls of
/// programs, each call with the steps of what it called: what `stylusTracer` gives natively.
pub(super) fn asks_for_host_calls(script: &str) -> bool {
    script.trim_start().starts_with('{')
        && ["\"hostio\"", "\"enter\"", "\"exit\"", "this.nests", "evm_call_contract"]
            .iter()
            .all(|part| script.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_of_another_purpose_is_not_taken_for_it() {
        let known = r#"{ "hostio": function(i) { if (this.nests.includes(i.name)) { i.name = i.name.substring(4) } },
            "enter": function(f) { this.open.push({ name: "evm_call_contract" }) }, "exit": function(r) {} }"#;
        assert!(asks_for_host_calls(known));
        for script in ["", "stylusTracer", "{ step: function() {}, result: function() { return 1 } }"] {
            assert!(!asks_for_host_calls(script), "{script}");
        }
        assert!(!asks_for_host_calls(
            r#"{ "hostio": function(i) { this.count += 1 }, "result": function() {} }"#
        ));
    }
}
