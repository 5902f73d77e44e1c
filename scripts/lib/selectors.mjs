// Selectors of functions, errors and events, and their collisions.
import { npm } from "./packages.mjs";

const keccak = (text) => npm("js-sha3").keccak256(text);

/** Canonical type of an ABI parameter: tuples spelled out. */
const canonical = ({ type, components }) =>
  components ? `(${components.map(canonical).join(",")})${type.slice("tuple".length)}` : type;

/** Canonical signature of an ABI entry. */
export const signature = ({ name, inputs }) => `${name}(${inputs.map(canonical).join(",")})`;

/** The four bytes of a function or an error, as hex. */
export const selector = (text) => keccak(text).slice(0, 8);

/** What the EVM and the SDK use themselves, so that nothing of ours may have it. */
const RESERVED = {
  function: ["stylus_constructor()"],
  error: ["Error(string)", "Panic(uint256)"],
  event: [],
};

/**
 * Clashes among the functions of each contract, and among all errors and all events: whoever decodes a revert or a log
 * sees those of several contracts at once.
 * @param {Record<string, object[]>} abis @returns {string[]}
 */
export function collisions(abis) {
  const problems = [];
  const scan = (kind, entries, hash, where) => {
    const seen = new Map(RESERVED[kind].map((text) => [hash(text), text]));
    for (const text of new Set(entries.map(signature))) {
      const key = hash(text);
      if (seen.has(key)) problems.push(`${kind}s of ${where} collide at 0x${key}: ${seen.get(key)} and ${text}`);
      seen.set(key, text);
    }
  };
  for (const [name, abi] of Object.entries(abis)) {
    scan("function", abi.filter((entry) => entry.type === "function"), selector, name);
  }
  const all = Object.values(abis).flat();
  scan("error", all.filter((entry) => entry.type === "error"), selector, "all contracts");
  scan("event", all.filter((entry) => entry.type === "event"), keccak, "all contracts");
  return problems;
}

/** Functions that more than one module exports. @param {{title: string, functions: {name: string, params: {type: string}[]}[]}[]} modules */
export function duplicates(modules) {
  const problems = [];
  const seen = new Map();
  for (const { title, functions } of modules) {
    for (const fn of functions) {
      const text = `${fn.name}(${fn.params.map((param) => param.type).join(",")})`;
      if (seen.has(text)) problems.push(`${text} is exported by ${seen.get(text)} and by ${title}`);
      seen.set(text, title);
    }
  }
  return problems;
}
