// Asks cargo for what the contracts say of themselves: their packages' names, and the interfaces that the SDK prints.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./packages.mjs";

/** Runs a program at the root of the repository; returns what it printed. */
function output(program, args, what) {
  const result = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.error) throw new Error(`${program} could not be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${what}:\n${result.stderr}`);
  return result.stdout;
}

/** Name of the package of a manifest; undefined where there is none. */
function named(manifest) {
  const text = existsSync(manifest) ? readFileSync(manifest, "utf8") : "";
  return text.match(/^\[package\][^[]*?^name\s*=\s*"([^"]+)"/m)?.[1];
}

/** Name of the cargo package in a folder. */
export function packageOf(folder) {
  const name = named(join(ROOT, folder, "Cargo.toml"));
  if (!name) throw new Error(`no contract in ${folder === "." ? "the root package" : folder}`);
  return name;
}

/** The Rust sources of the package in a folder, without its tests. */
export function sourcesOf(folder) {
  const source = join(ROOT, folder, "src");
  return readdirSync(source, { recursive: true })
    .filter((name) => name.endsWith(".rs") && !/(^|\/)tests?(\.rs$|\/)/.test(name))
    .sort()
    .map((name) => readFileSync(join(source, name), "utf8"));
}

/** The programs among the messages of `cargo build --message-format json`, by their packages' names. */
export function programs(messages) {
  const found = new Map();
  for (const line of messages.split("\n").filter((line) => line.startsWith("{"))) {
    const { reason, executable, manifest_path: manifest } = JSON.parse(line);
    if (reason !== "compiler-artifact" || !executable) continue;
    found.set(named(manifest), executable);
  }
  return found;
}

/**
 * The Solidity interface that the SDK prints for each package, all built by one call of cargo.
 * @param {string[]} packages @returns {Map<string, string>}
 */
export function exported(packages) {
  const built = output(
    "cargo",
    [
      ...["build", "--quiet", "--bins", "--message-format", "json-render-diagnostics"],
      ...packages.flatMap((name) => ["--package", name]),
      ...["--features", packages.map((name) => `${name}/export-abi`).join(",")],
    ],
    "the contracts do not compile with export-abi",
  );
  const found = programs(built);
  return new Map(
    packages.map((name) => {
      if (!found.has(name)) throw new Error(`${name} has no program that prints its interface`);
      return [name, output(found.get(name), ["abi"], `${name} did not print its interface`)];
    }),
  );
}
