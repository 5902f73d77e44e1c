// Compiles the Solidity contracts of the tests and writes their artifacts.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { finish, options, run } from "./cli.mjs";
import { strays } from "./output.mjs";
import { SOLIDITY, ensurePackages, npm } from "./packages.mjs";
import { compile } from "./solc.mjs";

const HELP = `scripts/solidity [--check]

Compiles tests/solidity/src with the solc that tests/solidity/package-lock.json names, and writes one artifact a contract
into tests/solidity/artifacts: contractName, source, compiler, abi, bytecode, deployedBytecode.

  --check     write nothing; fail when an artifact differs from what the sources give
  -h, --help  this text`;

const ARTIFACTS = "tests/solidity/artifacts";

/** The Solidity files below src, by their path from tests/solidity. */
function sources() {
  const names = readdirSync(join(SOLIDITY, "src"), { recursive: true }).filter((name) => name.endsWith(".sol"));
  return Object.fromEntries(names.sort().map((name) => [`src/${name}`, readFileSync(join(SOLIDITY, "src", name), "utf8")]));
}

/** What a contract that lives elsewhere deploys to by CREATE2 must be where everyone expects it. */
function checkCreate2({ contractName, bytecode, create2: { factory, salt, address } }) {
  const bytes = (hex) => Buffer.from(hex.replace(/^0x/, ""), "hex");
  const hash = (data) => bytes(npm("js-sha3").keccak256(data));
  const preimage = Buffer.concat([bytes("ff"), bytes(factory), bytes(salt), hash(bytes(bytecode))]);
  const found = `0x${hash(preimage).subarray(12).toString("hex")}`;
  if (found !== address.toLowerCase()) throw new Error(`${contractName} deploys to ${found}, not to ${address}`);
}

function main() {
  const { check } = options(HELP);
  ensurePackages();
  const input = sources();
  console.error(`solidity: compiling ${Object.keys(input).length} files`);
  const { contracts, version } = compile(input);

  const files = {};
  const add = (name, artifact) => {
    const path = `${ARTIFACTS}/${name}.json`;
    if (path in files) throw new Error(`two contracts are named ${name}`);
    files[path] = `${JSON.stringify(artifact, null, 2)}\n`;
  };
  for (const source of Object.keys(input)) {
    for (const [contractName, { abi, evm }] of Object.entries(contracts[source] ?? {})) {
      // Interfaces and abstract contracts have no code to deploy.
      if (!evm.bytecode.object) continue;
      const [bytecode, deployedBytecode] = [evm.bytecode, evm.deployedBytecode].map(({ object }) => `0x${object}`);
      add(contractName, { contractName, source, compiler: version, abi, bytecode, deployedBytecode });
    }
  }
  for (const name of readdirSync(join(SOLIDITY, "prebuilt"))) {
    const artifact = JSON.parse(readFileSync(join(SOLIDITY, "prebuilt", name), "utf8"));
    checkCreate2(artifact);
    add(artifact.contractName, artifact);
  }
  finish("solidity", files, strays(ARTIFACTS, files), check);
}

run("solidity", main);
