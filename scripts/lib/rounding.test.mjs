// Every public function of crates/risk whose documentation speaks of rounding says in its name which way it goes.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./packages.mjs";

/** Functions that round and do not end in _floor or _ceil, by file and name, each with its reason. */
const EXCEPTIONS = {
  "black76.rs price": "to nearest; price_floor and price_ceil bound it",
  "fill.rs price_band": "both ends inward",
  "ladder/holding.rs held": "down, the size toward zero",
  "ladder/pass.rs catch_up": "what is due up",
  "ladder/pass.rs pass": "by the running sum: what is taken adds up exactly",
  "ladder/pot.rs take": "the share up, what is left down",
  "ladder/rung.rs close": "against the members, whichever side they are on",
  "ladder/rung.rs leave": "rounds nothing; returns what earlier roundings left behind",
  "ladder/rung.rs pays": "a yes or no; doubt says no",
  "ladder/rung.rs take": "the share up, the indices against the members",
  "ladder/rung.rs worth": "basis and funding down, the size toward zero",
  "liquidation.rs close": "the flow up, fee and discount down",
  "liquidation.rs takeover": "the size up to the lot, the price in the account's favour",
  "margin.rs add": "equity down, requirements up",
  "margin.rs liquidation_price": "up for a long, down for a short",
  "portfolio/liquidation.rs liquidation_probability": "to nearest",
  "position.rs trade": "the remaining basis down, so that the unit goes to cash",
  "svi/calendar.rs check_calendar": "a yes or no",
};

/** Public functions of a Rust source with their doc comments; tests do not count. */
function publicFunctions(text) {
  const found = [];
  let doc = [];
  for (const line of text.split(/^#\[cfg\(test\)\]$/m)[0].split("\n")) {
    const comment = line.match(/^\s*\/\/\/ ?(.*)/);
    const name = line.match(/^\s*pub (?:const )?fn (\w+)/);
    if (comment) doc.push(comment[1]);
    else if (name) found.push({ name: name[1], doc: doc.join(" ") });
    if (!comment && !/^\s*#\[/.test(line)) doc = [];
  }
  return found;
}

const says = (name) => /_(floor|ceil)$/.test(name);

/** What is wrong with the sources, given by path: functions without a direction, exceptions without a function. */
function problems(sources) {
  const unused = new Set(Object.keys(EXCEPTIONS));
  const wrong = [];
  for (const [path, text] of Object.entries(sources)) {
    for (const { name, doc } of publicFunctions(text)) {
      const rounds = /\bround(s|ed|ing)?\b/i.test(doc);
      const known = rounds && unused.delete(`${path} ${name}`);
      if (rounds && !says(name) && !known) wrong.push(`${path}: ${name} rounds and does not say which way`);
      if (says(name) && !rounds) wrong.push(`${path}: ${name} says which way it rounds, its documentation does not`);
    }
  }
  return [...wrong, ...[...unused].map((key) => `no function ${key} rounds`)];
}

function sources() {
  const folder = join(ROOT, "crates", "risk", "src");
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".rs"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("public functions of crates/risk that round say which way", () => {
  assert.deepEqual(problems(sources()), []);
});

test("a function that rounds without saying it is found, and so is a stale exception", () => {
  const found = { ...sources(), "new.rs": "/// A fee, rounded up.\n#[must_use]\npub const fn fee() {}\n", "fill.rs": "" };
  assert.deepEqual(problems(found), ["new.rs: fee rounds and does not say which way", "no function fill.rs price_band rounds"]);
});
