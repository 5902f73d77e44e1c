// Writes the Solidity interfaces, the JSON ABIs and the routers' tables from the contracts.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { exported, packageOf, sourcesOf } from "./cargo.mjs";
import { finish, options, run } from "./cli.mjs";
import { bodyOf, collect, declarations } from "./declarations.mjs";
import { document } from "./function-docs.mjs";
import { INTERFACES } from "./interfaces.mjs";
import { gaps } from "./natspec.mjs";
import { strays, write } from "./output.mjs";
import { ROOT, ensurePackages } from "./packages.mjs";
import { functionsOf } from "./printed.mjs";
import { renderInterface } from "./render.mjs";
import { renderRoutes } from "./routes.mjs";
import { publicDocs } from "./rust-docs.mjs";
import { collisions, duplicates } from "./selectors.mjs";
import { solText } from "./sol-block.mjs";
import { compile } from "./solc.mjs";

const HELP = `scripts/abi [--check] [--only NAME]

Writes abi/*.sol, abi/json/*.json and the routers' tables from the contracts: functions from what the SDK exports, NatSpec
from the doc comments of the #[public] functions, structs, events and errors from the sol! blocks. Fails where a function,
struct, field, event, error or parameter has no NatSpec.

  --check      write nothing; fail when a file differs from what the contracts give
  --only NAME  one interface alone: ${INTERFACES.map(({ name }) => name).join(", ")}
  -h, --help   this text`;

const read = (path) => readFileSync(join(ROOT, path), "utf8");

/** Ends with all problems at once, if there are any. */
function stopAt(problems) {
  if (problems.length) throw new Error(problems.join("\n"));
}

/** The Solidity files in abi/ that nothing generates. */
const byHand = () =>
  readdirSync(join(ROOT, "abi"))
    .filter((file) => file.endsWith(".sol") && !INTERFACES.some(({ name }) => file === `${name}.sol`))
    .map((file) => `abi/${file}`);

/** A contract's functions with their NatSpec; `text` is what the SDK prints of it. Problems are appended. */
function load(folder, text, known, problems) {
  const docs = new Map(sourcesOf(folder).flatMap((source) => [...publicDocs(source)]));
  const functions = functionsOf(text);
  const where = folder === "." ? "src" : folder;
  for (const fn of functions) {
    problems.push(...document(fn, docs.get(fn.name) ?? []).map((problem) => `${where}: ${problem}`));
  }
  for (const [, kind, item] of text.matchAll(/^\s*(error|struct)\s+(\w+)/gm)) {
    if (!known.has(`${kind} ${item}`)) problems.push(`${where}: ${kind} ${item} is not among the interface's declarations`);
  }
  return { title: folder === "." ? "router" : folder.split("/").at(-1), functions };
}

/** The declarations of an interface, all of them documented. */
function declared({ declarations: sources }) {
  const { found, problems } = collect(sources, (file) => solText(read(file)));
  stopAt([...problems, ...found.flatMap((one) => gaps(one).map((gap) => `${one.file}: ${gap}`))]);
  return found;
}

/** The files of one interface, by their path from the root, and its ABI. @param {Map<string, string>} printed by folder */
function generate({ name, doc, modules: folders, router, routes }, items, printed) {
  const problems = [];
  const known = new Set(items.map(({ kind, name }) => `${kind} ${name}`));
  const modules = folders.map((folder) => load(folder, printed.get(folder), known, problems));
  const sections = router ? [...modules, load(router, printed.get(router), known, problems)] : modules;
  stopAt([...problems, ...duplicates(sections)]);

  const path = `abi/${name}.sol`;
  const source = renderInterface({ name, doc, declarations: items, sections });
  const { abi } = compile({ [path]: source }).contracts[path][name];
  const files = { [path]: source, [`abi/json/${name}.json`]: `${JSON.stringify(abi, null, 2)}\n` };
  if (routes) files[routes] = renderRoutes(abi, modules);
  return { files, abi };
}

/** What the SDK prints of each contract, by its folder. */
function printedBy(folders) {
  const names = folders.map(packageOf);
  console.error(`abi: building ${names.length} contracts`);
  const texts = exported(names);
  return new Map(folders.map((folder, i) => [folder, texts.get(names[i])]));
}

function main() {
  const { check, only } = options(HELP, { only: { type: "string" } });
  const wanted = INTERFACES.filter(({ name }) => !only || name === only);
  if (!wanted.length) throw new Error(`no interface ${only}; there are ${INTERFACES.map(({ name }) => name).join(", ")}`);
  ensurePackages();
  // What can be told without building is told first.
  stopAt(byHand().flatMap((path) => declarations(bodyOf(read(path))).flatMap(gaps).map((gap) => `${path}: ${gap}`)));
  const items = wanted.map(declared);

  // A router prints the same whatever its table holds, but it compiles only with one.
  const missing = wanted.filter(({ routes }) => routes && !existsSync(join(ROOT, routes)));
  if (!check) write(Object.fromEntries(missing.map(({ routes }) => [routes, renderRoutes([], [])])));
  const printed = printedBy(wanted.flatMap(({ modules, router }) => (router ? [...modules, router] : modules)));

  const made = wanted.map((contract, i) => generate(contract, items[i], printed));
  const files = Object.assign({}, ...made.map((one) => one.files));
  stopAt(collisions(Object.fromEntries(wanted.map(({ name }, i) => [name, made[i].abi]))));
  finish("abi", files, only ? [] : strays("abi/json", files), check);
}

run("abi", main);
