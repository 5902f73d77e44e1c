// Runs the Solidity compiler from npm, with settings that give the same bytes on every machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, SOLIDITY, npm } from "./packages.mjs";

/** Whether an import path names a file of an npm package. */
const isPackage = (path) => path.startsWith("@") || path.startsWith("solady/");

/** Where an import path is read from: the interfaces, an npm package, or the Solidity sources of the tests. */
function locate(path) {
  if (path.startsWith("abi/")) return join(ROOT, path);
  if (isPackage(path)) return join(SOLIDITY, "node_modules", path);
  return join(SOLIDITY, path);
}

/**
 * Compiles `sources` (unit name to text); imports of other units are read from disk. Warnings are errors, but for those
 * about the code of packages.
 * @param {Record<string, string>} sources
 * @returns {{contracts: Record<string, Record<string, any>>, version: string}}
 */
export function compile(sources) {
  const solc = npm("solc");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "cancun",
      // No metadata: the bytes depend on the code alone.
      metadata: { appendCBOR: false, bytecodeHash: "none" },
      outputSelection: {
        "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] },
      },
    },
  };
  const load = (path) => {
    try {
      return { contents: readFileSync(locate(path), "utf8") };
    } catch (error) {
      return { error: `cannot read ${path}: ${error.code ?? error.message}` };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load }));
  const problems = (output.errors ?? []).filter(
    (e) => e.severity === "error" || (e.severity === "warning" && !isPackage(e.sourceLocation?.file ?? "")),
  );
  if (problems.length) throw new Error(problems.map((e) => e.formattedMessage.trim()).join("\n\n"));
  return { contracts: output.contracts, version: solc.version() };
}
