// Every public function of a contract has a line in the contract's table, and every line is one of those functions.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { INTERFACES } from "./interfaces.mjs";
import { ROOT } from "./packages.mjs";
import { publicDocs } from "./rust-docs.mjs";
import { endOfBraces } from "./sol-block.mjs";

/** The names in the `functions!` table of a source. */
export function listed(rust) {
  const start = rust.indexOf("functions!(");
  if (start < 0) return [];
  // The parentheses balance as braces do, and nothing else in a table has any but the types.
  const braced = rust.slice(start).replaceAll("(", "{").replaceAll(")", "}");
  const table = rust.slice(start, start + endOfBraces(braced, braced.indexOf("{")));
  return [...table.matchAll(/^\s*"(\w+)"\s+\w+\(/gm)].map(([, name]) => name);
}

test("listed_reads_a_table", () => {
  const table = `functions!(X, constructor(Vec<Address>, u8):\n    "one" one();\n    "two" two(Vec<Fill>, U256);\n);\nlet "three" three();`;
  assert.deepEqual(listed(table), ["one", "two"]);
  assert.deepEqual(listed("nothing"), []);
});

test("tables_have_a_line_for_every_public_function", () => {
  const folders = INTERFACES.flatMap(({ modules, router }) => [...modules, ...(router ? [router] : [])]);
  for (const folder of folders) {
    const rust = readFileSync(join(ROOT, folder === "." ? "src/lib.rs" : `${folder}/src/lib.rs`), "utf8");
    const functions = [...publicDocs(rust).keys()].filter((name) => name !== "constructor");
    assert.ok(functions.length, folder);
    assert.deepEqual(listed(rust).sort(), functions.sort(), folder);
  }
});
