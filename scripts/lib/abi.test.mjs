// Tests of the generator's parts. Run: node --test scripts/lib
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { programs } from "./cargo.mjs";
import { bodyOf, collect, declarations } from "./declarations.mjs";
import { document } from "./function-docs.mjs";
import { camel } from "./names.mjs";
import { gaps } from "./natspec.mjs";
import { ROOT, ensurePackages } from "./packages.mjs";
import { functionsOf } from "./printed.mjs";
import { renderInterface } from "./render.mjs";
import { renderRoutes } from "./routes.mjs";
import { publicDocs } from "./rust-docs.mjs";
import { collisions, duplicates, selector, signature } from "./selectors.mjs";
import { solText } from "./sol-block.mjs";
import { compile } from "./solc.mjs";

before(ensurePackages);

const PRINTED = `
interface IFake {
    function deposit(bytes32 account, address token, uint256 max_amount) external returns (uint128);

    function checkTrade(bytes32 account, Trade[] memory trades) external view returns (bool, Margin memory);

    function rungs(bool long, uint8[3] calldata some_list) external payable;

    error NotOwner(address);
}
`;

const RUST = `
sol! {
    /// A { brace in a comment.
    #[derive(
        Debug,
        AbiType
    )]
    struct Trade {
        /// Signed; see http://plimsoll.example.
        int128 size;
    }

    // ---- events

    /// It is done.
    /// @param account Whose.
    event Done(bytes32 indexed account);
    // Not of the next one.

    event Undone();
}
fn between() {}
sol! { error NotOwner(address caller); }
`;

const LIBRARY = `
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Other} from "abi/Other.sol";

/// @title A library
library Fake {
    /// @dev A constant.
    uint8 internal constant ONE = 1;

    enum Side {
        /// Profits when the price rises.
        Long,
        Short
    }

    /// @notice Packs.
    /// @param side which
    /// @return id the word
    function pack(
        Side side, // with a comment; and a semicolon
        uint256
    ) internal pure returns (bytes32 id) {
        id = bytes32(uint256(side)); // {
    }

    function check(uint256 id) private pure {}
}
`;

const DOCUMENTED = `
#[public]
impl Fake {
    /// Puts money in,
    /// for anyone.
    ///
    /// More for readers of the source.
    ///
    /// @param max_amount at most this
    /// @return \`credited\` what arrived
    ///
    /// # Errors
    /// [\`sol::NotOwner\`], [\`Fake::set_it\`].
    #[payable]
    pub fn deposit(&mut self, max_amount: U256) -> u128 { inner() }

    /// Renamed.
    #[selector(name = "other")]
    fn original(&self) {}
}
impl Fake {
    /// Not exported.
    pub fn hidden(&self) {}
}
`;

test("functions_of_reads_what_the_sdk_prints", () => {
  const [deposit, check, rungs] = functionsOf(PRINTED);
  assert.deepEqual(deposit.params.at(-1), { type: "uint256", name: "maxAmount" });
  assert.deepEqual(deposit.returns, [{ type: "uint128", name: "" }]);
  assert.equal(check.mutability, "view");
  assert.deepEqual(check.params[1], { type: "Trade[]", name: "trades" });
  assert.deepEqual(check.returns.map(({ type }) => type), ["bool", "Margin"]);
  assert.deepEqual(rungs.params[1], { type: "uint8[3]", name: "someList" });
  assert.equal(rungs.mutability, "payable");
});

test("sol_text_drops_attributes_and_keeps_comments", () => {
  const text = solText(RUST);
  assert.ok(!text.includes("derive") && !text.includes("AbiType") && !text.includes("between"));
  assert.ok(text.startsWith("/// A { brace in a comment.\nstruct Trade {\n    /// Signed; see http://plimsoll.example.\n"));
});

test("declarations_have_their_comments_sections_and_members", () => {
  const found = declarations(solText(RUST));
  assert.deepEqual(found.map(({ kind, name, section }) => [kind, name, section]), [
    ["struct", "Trade", ""],
    ["event", "Done", "events"],
    ["event", "Undone", "events"],
    ["error", "NotOwner", "events"],
  ]);
  const [trade, done, undone, notOwner] = found;
  assert.deepEqual(trade.doc, ["A { brace in a comment."]);
  assert.deepEqual(trade.members, [{ name: "size", doc: ["Signed; see http://plimsoll.example."] }]);
  assert.deepEqual(done.members.map(({ name }) => name), ["account"]);
  assert.equal(done.text, "/// It is done.\n/// @param account Whose.\nevent Done(bytes32 indexed account);");
  assert.deepEqual(undone.doc, []);
  assert.deepEqual(undone.members, []);
  assert.equal(notOwner.members[0].name, "caller");
});

test("declarations_of_a_library_are_those_in_its_body", () => {
  const [side, pack, check, ...rest] = declarations(bodyOf(LIBRARY));
  assert.deepEqual(rest, []);
  assert.deepEqual(side.members.map(({ name }) => name), ["Long", "Short"]);
  assert.deepEqual([pack.kind, pack.members.map(({ name }) => name)], ["function", ["side", ""]]);
  assert.deepEqual(pack.returns.map(({ name }) => name), ["id"]);
  assert.deepEqual([pack.hidden, check.hidden], [false, true]);
});

test("collect_takes_all_of_a_file_or_those_named", () => {
  const files = { kit: "error A();\nerror B();\nevent A();", own: "error C();" };
  const names = (sources) => {
    const { found, problems } = collect(sources, (file) => files[file]);
    return [found.map(({ file, kind, name }) => `${file} ${kind} ${name}`), problems];
  };
  assert.deepEqual(names(["own", "kit"]), [["own error C", "kit error A", "kit error B", "kit event A"], []]);
  assert.deepEqual(names([{ file: "kit", only: ["B"] }, "own"]), [["kit error B", "own error C"], []]);
  assert.deepEqual(names([{ file: "kit", only: ["B", "D"] }])[1], ["kit: nothing is named D"]);
  assert.deepEqual(names(["kit", { file: "kit", only: ["B"] }])[1], ["kit: error B stands in kit too"]);
});

test("gaps_finds_none_where_all_is_said", () => {
  const said = `
    /// @notice A struct.
    struct S {
        /// A field,
        /// on two lines.
        uint256 a;
    }
    /// An error.
    /// @param a Which,
    /// on two lines.
    /// @param b What.
    error E(uint256 a, uint256 b);
    /// A view.
    function f() external view returns (uint256);`;
  assert.deepEqual(declarations(said).flatMap(gaps), []);
});

test("gaps_names_what_has_no_words", () => {
  const of = (text) => declarations(text).flatMap(gaps);
  assert.deepEqual(of("error E();"), ["error E: no doc comment"]);
  assert.deepEqual(of("/// @dev A remark is no notice.\nerror E();"), ["error E: no doc comment"]);
  assert.deepEqual(of("/// Words.\n\nerror E();"), ["error E: no doc comment"], "a blank line ends a comment");
  assert.deepEqual(of("event E();"), ["event E: no doc comment"]);
  assert.deepEqual(of("/// Words.\nerror E(uint256 a, uint8 b);\n"), [
    "error E: parameter a has no @param line",
    "error E: parameter b has no @param line",
  ]);
  assert.deepEqual(of("/// Words.\n/// @param a\nevent E(uint256 indexed a);"), ["event E: parameter a has no @param line"]);
  assert.deepEqual(of("/// Words.\nevent E(uint256 indexed);"), ["event E: parameter 1 has no name"]);
  assert.deepEqual(of("/// Words.\n/// @param b What.\nerror E();"), ["error E: @param b names no parameter"]);
  assert.deepEqual(of("struct S {\n/// Words.\nuint8 a;\nuint8 b;\n}"), [
    "struct S: no doc comment",
    "struct S: field b has no doc comment",
  ]);
  assert.deepEqual(of("/// Words.\nstruct S {\n/// Of a alone.\nuint8 a; uint8 b;\n}"), ["struct S: field b has no doc comment"]);
  assert.deepEqual(declarations(bodyOf(LIBRARY)).flatMap(gaps), [
    "enum Side: no doc comment",
    "enum Side: variant Short has no doc comment",
    "function pack: parameter 2 has no name",
  ]);
  assert.deepEqual(of("/// Words.\n/// @return a one\nfunction f() external returns (uint8 a, uint8 b);"), [
    "function f: 1 @return lines for 2 values",
  ]);
});

test("sol_text_refuses_unbalanced_braces", () => {
  assert.throws(() => solText("sol! {\n struct A {\n}"), /unbalanced/);
});

test("public_docs_finds_public_functions_only", () => {
  assert.deepEqual([...publicDocs(DOCUMENTED).keys()], ["deposit", "other"]);
  assert.equal(camel("max_open_interest"), "maxOpenInterest");
});

test("document_orders_tags_and_names_returns", () => {
  const fn = { name: "deposit", params: [{ name: "maxAmount" }], returns: [{ type: "uint128", name: "" }], doc: [] };
  assert.deepEqual(document(fn, publicDocs(DOCUMENTED).get("deposit")), []);
  assert.deepEqual(fn.doc, [
    "@notice Puts money in,",
    "for anyone.",
    "@dev Errors: `NotOwner`, `setIt`.",
    "@param maxAmount at most this",
    "@return credited what arrived",
  ]);
  assert.equal(fn.returns[0].name, "credited");
});

test("document_says_what_is_missing", () => {
  const two = () => ({ name: "f", params: [], returns: [{ type: "bool" }, { type: "uint8" }], doc: [] });
  const named = two();
  assert.deepEqual(document(named, ["Notice.", "@return `allowed` yes or no", "@return `status` the price's"]), []);
  assert.deepEqual(named.returns.map(({ name }) => name), ["allowed", "status"]);
  assert.match(document(two(), ["Notice.", "@return whether it may", "@return `status` x"])[0], /name each/);
  assert.match(document(two(), ["Notice.", "@return `allowed` only one"])[0], /1 @return lines for 2/);
  assert.deepEqual(document(two(), []), ["function f: no doc comment"]);
  const one = () => ({ name: "f", params: [{ name: "a" }], returns: [], doc: [] });
  assert.deepEqual(document(one(), ["Notice."]), ["function f: parameter a has no @param line"]);
  assert.deepEqual(document(one(), ["@param a words"]), ["function f: no doc comment"]);
});

test("interface_compiles_with_its_documentation", () => {
  const functions = functionsOf("function check(bytes32 account, Trade[] memory trades) external view returns (bool);");
  functions[0].doc = ["@notice Asks.", "@param account whose", "@param trades which"];
  const sections = [{ title: "all", functions }];
  const source = renderInterface({ name: "IFake", doc: ["@title Fake"], declarations: declarations(solText(RUST)), sections });
  const { abi, evm } = compile({ "IFake.sol": source }).contracts["IFake.sol"].IFake;
  assert.deepEqual(Object.keys(evm.methodIdentifiers), ["check(bytes32,(int128)[])"]);
  assert.equal(evm.methodIdentifiers["check(bytes32,(int128)[])"], selector("check(bytes32,(int128)[])"));
  assert.equal(signature(abi.find(({ name }) => name === "check")), "check(bytes32,(int128)[])");
});

test("interface_puts_declarations_of_one_title_together", () => {
  const kit = declarations("// ---- errors\nerror A();\n// ---- events\nevent B();");
  const own = declarations("// ---- errors\nerror C();");
  const lines = renderInterface({ name: "IFake", doc: [], declarations: [...kit, ...own], sections: [] }).split("\n");
  assert.deepEqual(lines.slice(4, -2).filter(Boolean).map((line) => line.trim()), [
    "// ---- errors",
    "error A();",
    "error C();",
    "// ---- events",
    "event B();",
  ]);
});

test("programs_are_known_by_their_packages", () => {
  const manifest = join(ROOT, "contracts", "oracle", "Cargo.toml");
  const messages = [
    { reason: "compiler-artifact", executable: null, manifest_path: manifest },
    { reason: "compiler-artifact", executable: "/target/oracle", manifest_path: manifest },
    { reason: "build-finished", success: true },
  ];
  const found = programs(messages.map((message) => JSON.stringify(message)).join("\n"));
  assert.deepEqual([...found], [["plimsoll-oracle", "/target/oracle"]]);
});

test("compile_takes_warnings_as_errors", () => {
  const head = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\n";
  const source = `${head}contract C { function f(uint256 x) external pure returns (uint256) { return 1; } }`;
  assert.throws(() => compile({ "C.sol": source }), /Unused function parameter/);
});

test("selector_has_known_values", () => {
  // ERC-20, as everywhere.
  assert.equal(selector("transfer(address,uint256)"), "a9059cbb");
  assert.equal(selector("balanceOf(address)"), "70a08231");
});

test("collisions_finds_a_known_pair", () => {
  // A well-known pair with the selector 0x42966c68.
  const entry = (type, name, ...types) => ({ type, name, inputs: types.map((t) => ({ type: t })) });
  const pair = [entry("function", "burn", "uint256"), entry("function", "collate_propagate_storage", "bytes16")];
  assert.match(collisions({ A: pair })[0], /functions of A collide at 0x42966c68/);
  assert.deepEqual(collisions({ A: [pair[0]], B: [pair[1]] }), []);
  const errors = pair.map((e) => ({ ...e, type: "error" }));
  assert.match(collisions({ A: [errors[0]], B: [errors[1]] })[0], /errors of all contracts collide/);
  assert.deepEqual(collisions({ A: [errors[0]], B: [errors[0]] }), []);
});

test("duplicates_names_both_modules", () => {
  const functions = functionsOf("function f(uint256 a) external;");
  const found = duplicates([{ title: "one", functions }, { title: "two", functions }]);
  assert.deepEqual(found, ["f(uint256) is exported by one and by two"]);
});

test("routes_are_sorted_by_selector", () => {
  const inputs = [{ type: "address" }, { type: "uint256" }];
  const abi = [
    { type: "function", name: "transfer", inputs },
    { type: "function", name: "balanceOf", inputs: [inputs[0]] },
  ];
  const modules = [
    { title: "one", functions: functionsOf("function transfer(address a, uint256 b) external;") },
    { title: "two", functions: functionsOf("function balanceOf(address a) external view returns (uint256);") },
  ];
  const lines = renderRoutes(abi, modules).split("\n").filter((line) => line.startsWith("    "));
  assert.deepEqual(lines, [
    "    ([0x70, 0xa0, 0x82, 0x31], 1), // balanceOf(address)",
    "    ([0xa9, 0x05, 0x9c, 0xbb], 0), // transfer(address,uint256)",
  ]);
});
