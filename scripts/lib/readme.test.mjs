// The README's examples stand in files that are compiled and run; here they are held together.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const read = (path) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const readme = read("README.md");
const block = (language) => readme.match(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``))[1];

test("readme_settle_example_is_the_compiled_one", () => {
  assert.equal(block("solidity").trim(), read("tests/solidity/src/examples/HowToSettle.sol").trim());
});

test("readme_liquidator_example_is_part_of_the_compiled_one", () => {
  const dedented = read("tests/e2e/examples/liquidator.rs").replace(/^ {4}/gm, "");
  assert.ok(dedented.includes(block("rust").trim()));
});
