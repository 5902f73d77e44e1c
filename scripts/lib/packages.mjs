// Paths of the repository, and the npm packages that the scripts need.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Folder of the Solidity sources and their package.json. */
export const SOLIDITY = join(ROOT, "tests", "solidity");

const require = createRequire(join(SOLIDITY, "package.json"));

/** Whether node_modules holds what the lock file asks for. npm writes its own copy of the lock after an install. */
function installed() {
  const lock = join(SOLIDITY, "package-lock.json");
  const hidden = join(SOLIDITY, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(lock, "utf8")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      !path || optional || (present[path]?.version === version && present[path]?.integrity === integrity),
  );
}

/** Installs the npm packages of tests/solidity exactly as locked, unless they are there. */
export function ensurePackages() {
  if (installed()) return;
  console.error("installing npm packages of tests/solidity");
  const run = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: SOLIDITY,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (run.error) throw new Error(`npm could not be started: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`npm ci failed in tests/solidity (exit code ${run.status})`);
}

/** Loads an npm package of tests/solidity. */
export const npm = (name) => require(name);
