// The comparison of two tables of gas.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { differences, figures } from "./gas.mjs";

const table = (deposit, calldata, again) => `# Gas

## Engine: transactions

| function | case | gas | of it calldata |
| --- | --- | ---: | ---: |
| \`deposit\` | into a new account | ${deposit} | ${calldata} |
| \`touch\` |  | 30,000 | 600 |

## Engine: views

| function | case | cold | again |
| --- | --- | ---: | ---: |
| \`owner\` |  | 9,000 | ${again} |
`;

test("figures_leave_out_the_gas_of_calldata", () => {
  const found = figures(table("74,676", "1,000", "4,000"));
  assert.deepEqual(Object.fromEntries(found), {
    "Engine: transactions, deposit, into a new account, gas": 73_676,
    "Engine: transactions, touch, gas": 29_400,
    "Engine: views, owner, cold": 9_000,
    "Engine: views, owner, again": 4_000,
  });
});

test("figures_of_a_file_without_tables_or_with_a_row_twice_are_refused", () => {
  assert.throws(() => figures("# Gas\n"), /no table/);
  const row = "| `a` |  | 1 |\n";
  assert.throws(() => figures(`## S\n| function | case | gas |\n| --- | --- | ---: |\n${row}${row}`), /two rows/);
  assert.throws(() => figures("## S\n| function | case | gas |\n| `a` |  | one |\n"), /no figures/);
});

test("differences_are_none_when_only_calldata_differs", () => {
  assert.deepEqual(differences(figures(table("74,676", "1,000", "4,000")), figures(table("74,688", "1,012", "4,000")), []), []);
});

test("differences_are_allowed_by_a_known_reason_up_to_its_bound", () => {
  const [a, b] = [figures(table("74,676", "1,000", "4,000")), figures(table("74,679", "1,000", "4,000"))];
  const known = (most) => [{ row: /deposit/, most, why: "test" }];
  assert.deepEqual(differences(a, b, known(3)).map(({ allowed }) => allowed), [true]);
  assert.deepEqual(differences(a, b, known(2)).map(({ allowed }) => allowed), [false]);
  assert.match(differences(b, a, known(2))[0].text, /73679, 73676 \(-3\)/);
});

test("rows_that_one_file_lacks_are_differences", () => {
  const a = figures(table("74,676", "1,000", "4,000"));
  const b = new Map([...a].slice(1));
  assert.deepEqual(differences(a, b, []).map(({ allowed }) => allowed), [false]);
  assert.deepEqual(differences(b, a, []).map(({ allowed }) => allowed), [false]);
});

test("compare_ends_with_1_on_a_difference_and_with_0_without", () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-gas-"));
  const script = fileURLToPath(new URL("../gas", import.meta.url));
  const compare = (...names) => spawnSync("bash", [script, "--compare", ...names.map((name) => join(folder, name))]).status;
  try {
    writeFileSync(join(folder, "a.md"), table("74,676", "1,000", "4,000"));
    writeFileSync(join(folder, "b.md"), table("74,676", "1,000", "4,001"));
    assert.equal(compare("a.md", "a.md"), 0);
    assert.equal(compare("a.md", "b.md"), 1);
    assert.equal(compare("a.md", "nowhere.md"), 1);
    assert.equal(compare("a.md"), 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
