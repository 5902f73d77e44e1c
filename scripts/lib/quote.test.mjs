import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./packages.mjs";
import { pages, requote } from "./quote.mjs";

const figures = `
| function | case | gas |
| --- | --- | ---: |
| \`a\` | one | 10 |
| \`a\` | two | 20 |

| contract | bytes |
| --- | ---: |
| x | 5 |
`;

test("requote_takes_the_figures_of_each_row_that_a_page_has", () => {
  const page = "text\n\n| function | case | gas |\n| --- | --- | ---: |\n| `a` | two | 21 |\n\n| other | gas |\n| --- | --- |\n| `a` | 3 |\n";
  const { text, quoted } = requote(page, figures);
  assert.equal(text, page.replace("| 21 |", "| 20 |"));
  assert.equal(quoted, 1);
});

test("requote_refuses_a_row_that_the_figures_do_not_have", () => {
  assert.throws(() => requote("| contract | bytes |\n| --- | ---: |\n| y | 5 |", figures), /0 rows of the figures are like: \| y/);
});

test("requote_refuses_a_row_that_two_are_like", () => {
  const page = "| contract | bytes |\n| --- | ---: |\n| x | 5 |";
  assert.throws(() => requote(page, `${figures}\n${figures}`), /2 rows of the figures are like: \| x/);
});

test("readme_quotes_the_size_of_every_contract", () => {
  const contracts = (text) => [...text.matchAll(/^\| (plimsoll[\w-]*) \|/gm)].map(([, name]) => name);
  const read = (path) => readFileSync(join(ROOT, path), "utf8");
  assert.deepEqual(contracts(read("README.md")), contracts(read("SIZE.md")));
});

test("pages_quote_the_figures_as_they_stand", () => {
  const least = { "README.md": 25, "docs/portfolio-margin.md": 5 };
  for (const { path, old, text, quoted } of pages()) {
    assert.equal(old, text, `${path}: run scripts/size or scripts/gas`);
    assert.ok(quoted >= least[path], `${path} quotes ${quoted} rows`);
  }
});
