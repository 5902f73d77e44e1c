// The pages in docs are held to the interfaces and to the files that they quote.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const read = (path) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const page = read("docs/risk-model-integration.md");
const abi = JSON.parse(read("abi/json/IPlimsollRiskModel.json"));
const entry = (name) => abi.find((one) => one.name === name);

/** The rows of the tables in a text, without heads. */
const rows = (text) =>
  text
    .split("\n")
    .filter((line) => /^\| *\d/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

test("integration_example_is_the_compiled_one", () => {
  const [, block] = page.match(/```solidity\n([^]*?)```/);
  assert.equal(block.trim(), read("tests/solidity/src/examples/CheckBeforeTrade.sol").trim());
});

test("integration_layout_is_that_of_the_abi", () => {
  const [, text] = page.match(/<!-- layout: checked[^]*?-->([^]*?)<!-- layout: end -->/);
  const members = ({ components }) =>
    components.map(({ name, type }, word) =>
      type.endsWith("[]") ? [`offset of \`${name}\``, ""] : [`\`${name}\``, `\`${type}\``],
    );
  const [portfolio] = entry("assess").inputs;
  const struct = (name) => portfolio.components.find((one) => one.name === name);
  const numbered = (list) => list.map((cells, word) => [String(word), ...cells]);
  const expected = [
    ...numbered([["offset of the portfolio: 0x20", ""], ...members(portfolio)]),
    ...numbered(members(struct("collaterals"))),
    ...numbered(members(struct("expiries"))),
  ];
  assert.deepEqual(rows(text), expected);
  assert.equal(struct("legs").type, "bytes32[]");
  const words = (name) => struct(name).components.length;
  const lengths = 3;
  const fixed = 1 + portfolio.components.length + lengths;
  assert.ok(page.includes(`4 + 32 * (${fixed} + ${words("collaterals")} collaterals + ${words("expiries")} expiries + legs) bytes`));
  assert.ok(page.includes(`${(4 + 32 * (fixed + words("expiries") + 64)).toLocaleString("en-GB")} for 64 options of one expiry`));
});

test("integration_names_every_member_of_the_answer_in_order", () => {
  const [assessment] = entry("assess").outputs;
  const names = assessment.components.map(({ name }) => `\`${name}\``).join(", ");
  assert.ok(page.replace(/\s+/g, " ").includes(`nine words: ${names}.`));
  assert.equal(assessment.components.length, 9);
});

test("integration_names_every_error", () => {
  const signatures = abi.filter(({ type }) => type === "error");
  assert.ok(signatures.length > 30);
  const flat = page.replace(/\s+/g, " ");
  for (const { name, inputs } of signatures) {
    // Those without figures of interest stand by their names alone.
    const full = `\`${name}(${inputs.map((input) => input.name).join(", ")})\``;
    assert.ok(flat.includes(full) || flat.includes(`\`${name}\``), name);
  }
});

/** The anchor that a heading gets. */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

test("integration_names_every_function", () => {
  for (const { name } of abi.filter(({ type }) => type === "function")) {
    assert.ok(new RegExp(`\\b${name}(\\(|\`)`).test(page), name);
  }
});

test("links_of_the_pages_lead_somewhere", () => {
  const anchors = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
  for (const name of ["portfolio-margin.md", "risk-model-integration.md"]) {
    const text = read(`docs/${name}`).replace(/```[^]*?```/g, "");
    const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
    assert.ok(links.length > 5);
    for (const [link, path, part] of links) {
      const target = fileURLToPath(new URL(`../../docs/${path || name}`, import.meta.url));
      assert.ok(existsSync(target), `${name}: ${link}`);
      if (part) assert.ok(anchors(readFileSync(target, "utf8")).includes(part), `${name}: ${link}`);
    }
  }
});
