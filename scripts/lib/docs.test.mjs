// The pages in docs are held to the interfaces and to the files that they quote.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./packages.mjs";

const path = (name) => join(ROOT, name);
const read = (name) => readFileSync(path(name), "utf8");
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

/** Markdown files that link to others: those at the root, the pages in docs, and the README of every crate. */
const linking = () => [
  ...readdirSync(path(".")).filter((name) => name.endsWith(".md")),
  ...readdirSync(path("docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ...new Set([...readmes().values()].filter(Boolean)),
];

test("links_of_the_pages_lead_somewhere", () => {
  const anchors = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
  const files = linking();
  assert.ok(files.length > 10);
  for (const file of files) {
    for (const [link, to, part] of read(file).replace(/```[^]*?```/g, "").matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
      if (to.startsWith("http")) continue;
      const target = to ? join(dirname(file), to) : file;
      assert.ok(existsSync(path(target)), `${file}: ${link}`);
      if (part) assert.ok(anchors(read(target)).includes(part), `${file}: ${link}`);
    }
  }
});

/** The folders of the workspace's crates, but for the root package. */
function crates() {
  const [, list] = read("Cargo.toml").match(/^members = \[([^\]]*)\]/m);
  return [...list.matchAll(/"([^"]+)"/g)].flatMap(([, member]) => {
    if (!member.endsWith("/*")) return [member];
    const group = member.slice(0, -2);
    return readdirSync(path(group)).map((name) => `${group}/${name}`).filter((folder) => existsSync(path(`${folder}/Cargo.toml`)));
  });
}

/** The README of each crate: its own, or that of the folder of crates which it belongs to; undefined without one. */
const readmes = () =>
  new Map(
    crates().map((crate) => [
      crate,
      [crate, dirname(crate)].map((folder) => `${folder}/README.md`).find((file) => existsSync(path(file))),
    ]),
  );

test("every_crate_has_a_readme", () => {
  const found = readmes();
  assert.ok(found.size > 20);
  assert.deepEqual([...found].filter(([, readme]) => !readme).map(([crate]) => crate), []);
});

test("every_script_is_in_the_list_of_scripts", () => {
  const list = read("scripts/lib/README.md");
  const scripts = readdirSync(path("scripts/lib")).filter((name) => !name.endsWith(".test.mjs") && name !== "README.md");
  assert.deepEqual(scripts.filter((name) => !list.includes(`\`${name}\``)), []);
});

test("glossary_names_what_there_is", () => {
  const interfaces = readdirSync(path("abi")).filter((name) => name.endsWith(".sol")).map((name) => read(`abi/${name}`));
  const known = new Set(interfaces.join("\n").replace(/\/\/[^\n]*/g, "").match(/\w+/g));
  const rows = read("docs/glossary.md").split("\n").filter((line) => /^\| (?!term|-)/.test(line));
  assert.ok(rows.length > 60);
  for (const row of rows) {
    const cells = row.split("|").slice(1, -1).map((cell) => cell.trim());
    assert.equal(cells.length, 4, row);
    assert.match(cells[1], /\.$/, row);
    const where = cells[3].replace(/\[[^\]]*\]\([^)]*\)/g, "");
    assert.ok(cells[3], row);
    for (const [, name] of where.matchAll(/`([^`]+)`/g)) {
      for (const word of name.split(".")) assert.ok(known.has(word), `${word}: ${row}`);
    }
  }
});

/** The rows of every table with a heading among these columns, as objects by heading. */
function tables(text, wanted) {
  const found = [];
  let head;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) head = undefined;
    else if (!head) head = line.split("|").slice(1, -1).map((cell) => cell.trim());
    else if (!/^\|[\s:|-]+\|$/.test(line) && head.includes(wanted)) {
      const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
      assert.equal(cells.length, head.length, line);
      found.push(Object.fromEntries(head.map((name, at) => [name, cells[at]])));
    }
  }
  return found;
}

/** The value of a Rust constant of whole numbers: its names are looked up in the same file, then in crates/fixed and oracle.rs. */
function constant(file, name) {
  const places = [file, "crates/fixed/src/lib.rs", "crates/risk/src/oracle.rs", "crates/risk/src/svi/slice.rs", "crates/risk/src/svi/mod.rs"];
  const pattern = new RegExp(`^(?:pub(?:\\(\\w+\\))? )?const ${name}: [^=]+ = ([^;]+);`, "m");
  const [, source] = places.map((place) => read(place).match(pattern)).find(Boolean) ?? assert.fail(`no constant ${name} for ${file}`);
  const js = source
    .replace(/\s+as \w+/g, "")
    .replace(/\b\d[\d_]*\b/g, (number) => `${number.replaceAll("_", "")}n`)
    .replace(/(?:\b\w+::)*\b([A-Z][A-Z_0-9]*)\b/g, (_, other) => `(${constant(file, other)}n)`);
  assert.match(js, /^[\dn\s()*+<>\/-]+$/, `${name} = ${source}`);
  return Function(`return ${js};`)();
}

/** A number as a page prints it, times 1e18 for a WAD: `1,000`, `0.001`, `2^95`. */
function printed(value, unit) {
  const power = value.match(/^2\^(\d+)$/);
  if (power) return 1n << BigInt(power[1]);
  const [, sign, whole, part = ""] = value.match(/^(-?)([\d,]+)(?:\.(\d+))?$/) ?? assert.fail(value);
  const digits = unit.startsWith("WAD") ? 18 : 0;
  assert.ok(part.length <= digits, value);
  return BigInt(`${sign}${whole.replaceAll(",", "")}${part.padEnd(digits, "0")}`);
}

test("limits_are_those_of_the_constants", () => {
  const limits = tables(read("docs/limits.md"), "constant");
  assert.ok(limits.length > 45);
  for (const { limit, value, unit, constant: cell } of limits) {
    const [, name, link] = cell.match(/^\[`(\w+)`\]\(\.\.\/([^)]+)\)$/) ?? assert.fail(`${limit}: ${cell}`);
    assert.match(read(link), new RegExp(`^(pub(\\(\\w+\\))? )?const ${name}:`, "m"), `${limit}: ${cell}`);
    assert.equal(constant(link, name), printed(value, unit), `${limit}: ${cell}`);
  }
});

test("limits_of_a_market_are_those_that_are_checked", () => {
  const rows = tables(read("docs/limits.md"), "parameter");
  const [, , fields] = read("contracts/engine/ledger/src/encode.rs").match(/structs! \{([^]*?)MarketParams \{([^}]*)\}/);
  assert.deepEqual(rows.map(({ parameter }) => parameter), fields.split(",").map((field) => `\`${field.trim()}\``));
  const [, list] = read("crates/risk/src/market.rs").match(/let ok = \[\n([^]*?)\n {8}\];/);
  const checks = list.split("\n").map((line) => line.trim().replace(/,$/, ""));
  assert.equal(checks.length, rows.length);
  checks.forEach((check, index) => {
    assert.equal(rows[index].index, String(index));
    // Zero is a word there, and a unit of a WAD is one.
    for (const [number] of check.matchAll(/\b[1-9][\d_]*\b/g)) {
      const text = Number(number.replaceAll("_", "")).toLocaleString("en-GB");
      assert.ok(new RegExp(`(^|[^\\d,])${text}([^\\d,]|$)`).test(rows[index].bounds), `${check}: ${rows[index].bounds}`);
    }
    for (const [name] of check.matchAll(/\bMAX_\w+/g)) assert.ok(rows[index].bounds.includes(`\`${name}\``), check);
  });
});

test("walks_lead_through_functions_that_exist", () => {
  const steps = tables(read("docs/architecture.md"), "function").filter((step) => step.function);
  assert.ok(steps.length > 35);
  for (const { step, where, function: functions } of steps) {
    const files = [...where.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file]) => read(file)).join("\n");
    assert.ok(files, step);
    for (const [, name] of functions.matchAll(/`(\w+)`/g)) assert.match(files, new RegExp(`\\bfn ${name}\\b`), `${name}: ${step}`);
  }
});

test("commands_of_the_pages_run_executables_that_exist", () => {
  const named = linking().flatMap((file) => [...read(file).matchAll(/cargo test[^`\n]*? --test (\w+)/g)].map(([, name]) => name));
  assert.ok(named.length > 3);
  // A package has one integration program; `tests/it` is the folder of its sources.
  assert.deepEqual(named.filter((name) => name !== "it"), []);
});

test("crates_depend_on_those_that_the_architecture_allows", () => {
  const rows = tables(read("docs/architecture.md"), "may depend on");
  assert.ok(rows.length > 10);
  for (const { crate, "may depend on": allowed } of rows) {
    const [, section] = read(`${crate.replaceAll("`", "")}/Cargo.toml`).match(/^\[dependencies\]\n([^]*?)(?=^\[|$(?![^]))/m);
    const found = [...section.matchAll(/^(?:plimsoll-)?([\w-]+)(?:\.workspace| =)/gm)]
      .filter(([line, name]) => line.startsWith("plimsoll-") || name === "stylus-vm")
      .map(([, name]) => `\`${name}\``);
    assert.deepEqual(found.filter((name) => !allowed.split(", ").includes(name)), [], crate);
  }
});
