// Writes the Solidity interfaces, the JSON ABIs and the router's table from the contracts.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { finish, options, run } from "./cli.mjs";
import { functionsOf } from "./exported.mjs";
import { renderInterface } from "./interface.mjs";
import { strays, write } from "./output.mjs";
import { ROOT, ensurePackages } from "./packages.mjs";
import { document, publicDocs } from "./rust-docs.mjs";
import { collisions, duplicates, renderRoutes } from "./selectors.mjs";
import { declarations, solText } from "./sol-block.mjs";
import { compile } from "./solc.mjs";

const HELP = `scripts/abi [--check] [--only NAME]

Writes abi/*.sol, abi/json/*.json and src/routes.rs from the contracts: functions from what the SDK exports, NatSpec
from the doc comments of the #[public] functions, structs, events and errors from the sol! blocks.

  --check      write nothing; fail when a file differs from what the contracts give
  --only NAME  one interface alone: IPlimsoll, IPlimsollOracle or IPlimsollRiskModel
  -h, --help   this text`;

/** The contracts behind each interface. Module numbers follow the order; `router` has functions of its own. */
const INTERFACES = [
  {
    name: "IPlimsoll",
    doc: [
      "@title Plimsoll",
      "@notice A risk engine for derivatives: collateral, positions, margin, liquidation and deleveraging behind one",
      "address.",
      "@dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the",
      "underlying, sizes in signed units of the underlying, positive for long. Factors and rates are parts per million.",
      "Ids of accounts and instruments are packed by the library `PlimsollIds`.",
    ],
    declarations: ["contracts/engine/ledger/src/sol.rs"],
    modules: ["contracts/engine/trading", "contracts/engine/liquidation", "contracts/engine/collateral", "contracts/engine/lens", "contracts/engine/governance"],
    router: ".",
    routes: "src/routes.rs",
  },
  {
    name: "IPlimsollOracle",
    doc: [
      "@title Plimsoll oracle",
      "@notice Prices and volatilities from reports that enough of a set of signers have signed (EIP-712).",
      "@dev Prices are WAD (1e18): quote per unit of the underlying. Volatility is a slice of total variance an expiry.",
    ],
    declarations: ["contracts/oracle/src"],
    modules: ["contracts/oracle"],
  },
  {
    name: "IPlimsollRiskModel",
    doc: [
      "@title Plimsoll risk model",
      "@notice Margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.",
      "@dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the",
      "underlying, sizes in signed units of the underlying. Factors, rates, volatilities, variances and confidences are WAD",
      "too: 1e18 is one. A year has 31,536,000 seconds. Ids of instruments are packed by the library `PlimsollIds`, legs by",
      "`PlimsollLegs`. `IRiskModel` is the least that a consumer needs.",
    ],
    declarations: ["contracts/risk-model/core/src/sol.rs"],
    modules: [
      "contracts/risk-model/setup",
      "contracts/risk-model/greeks",
      "contracts/risk-model/attribution",
      "contracts/risk-model/worst",
      "contracts/risk-model/liquidation",
    ],
    router: "contracts/risk-model/router",
    routes: "contracts/risk-model/router/src/routes.rs",
  },
];

/** The Rust sources below a path from the root, or the file itself; tests do not count. */
function rustFiles(path) {
  const full = join(ROOT, path);
  if (path.endsWith(".rs")) return [full];
  return readdirSync(full, { recursive: true })
    .filter((name) => name.endsWith(".rs") && !/(^|\/)tests?(\.rs$|\/)/.test(name))
    .sort()
    .map((name) => join(full, name));
}

const read = (path) => readFileSync(path, "utf8");

/** Name of the cargo package in a folder. */
function packageOf(folder) {
  const manifest = join(ROOT, folder, "Cargo.toml");
  const text = existsSync(manifest) ? read(manifest) : "";
  const name = text.match(/^\[package\][^[]*?^name\s*=\s*"([^"]+)"/m);
  if (!name) throw new Error(`no contract in ${folder === "." ? "the root package" : folder}`);
  return name[1];
}

/** The Solidity interface that the SDK prints for a package. */
function exported(name) {
  const result = spawnSync("cargo", ["run", "-q", "-p", name, "--features", "export-abi", "--", "abi"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.error) throw new Error(`cargo could not be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${name} did not export its interface:\n${result.stderr}`);
  return result.stdout;
}

/** A module: its functions with their NatSpec. Problems are appended to `problems`. */
function loadModule(folder, known, problems) {
  const name = packageOf(folder);
  console.error(`abi: ${name}`);
  const text = exported(name);
  const docs = new Map(rustFiles(folder === "." ? "src" : `${folder}/src`).flatMap((path) => [...publicDocs(read(path))]));
  const functions = functionsOf(text);
  for (const fn of functions) {
    problems.push(...document(fn, docs.get(fn.name) ?? []).map((problem) => `${folder}: ${problem}`));
  }
  for (const [, kind, item] of text.matchAll(/^\s*(error|struct)\s+(\w+)/gm)) {
    if (!known.has(`${kind} ${item}`)) problems.push(`${folder}: ${kind} ${item} stands in no sol! block of the interface`);
  }
  return { title: folder === "." ? "router" : folder.split("/").at(-1), functions };
}

/** The files of one interface, by their path from the root, and its ABI. */
function generate(contract, check) {
  const text = contract.declarations.flatMap(rustFiles).map((path) => solText(read(path))).filter(Boolean).join("\n\n");
  const known = new Set(declarations(text).map(({ kind, name }) => `${kind} ${name}`));
  const problems = [];
  const stop = () => {
    if (problems.length) throw new Error(problems.join("\n"));
  };
  const compiled = (sections) => {
    const path = `abi/${contract.name}.sol`;
    const source = renderInterface({ name: contract.name, doc: contract.doc, declarations: text, sections });
    return { path, source, abi: compile({ [path]: source }).contracts[path][contract.name].abi };
  };

  const files = {};
  const modules = contract.modules.map((folder) => loadModule(folder, known, problems));
  problems.push(...duplicates(modules));
  stop();
  const sections = [...modules];
  if (contract.router) {
    files[contract.routes] = renderRoutes(compiled(modules).abi, modules);
    // The router includes its table, so the first one has to stand before the router compiles.
    if (!check) write({ [contract.routes]: files[contract.routes] });
    sections.push(loadModule(contract.router, known, problems));
    problems.push(...duplicates(sections));
    stop();
  }
  const { path, source, abi } = compiled(sections);
  files[path] = source;
  files[`abi/json/${contract.name}.json`] = `${JSON.stringify(abi, null, 2)}\n`;
  return { files, abi };
}

function main() {
  const { check, only } = options(HELP, { only: { type: "string" } });
  const wanted = INTERFACES.filter(({ name }) => !only || name === only);
  if (!wanted.length) throw new Error(`no interface ${only}; there are ${INTERFACES.map(({ name }) => name).join(", ")}`);
  ensurePackages();
  const files = {};
  const abis = {};
  for (const contract of wanted) {
    const made = generate(contract, check);
    Object.assign(files, made.files);
    abis[contract.name] = made.abi;
  }
  const clashes = collisions(abis);
  if (clashes.length) throw new Error(clashes.join("\n"));
  finish("abi", files, only ? [] : strays("abi/json", files), check);
}

run("abi", main);
