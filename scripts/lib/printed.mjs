// Reads the functions out of the Solidity interface that the SDK prints for a contract.
import { camel } from "./names.mjs";

/** A list of parameters without data locations; the names as Solidity writes them. */
function params(text) {
  return text
    .split(",")
    .map((part) => part.trim().split(/\s+/).filter((word) => !["memory", "calldata", "storage"].includes(word)))
    .filter(([type]) => type)
    .map(([type, name = ""]) => ({ type, name: camel(name) }));
}

/** The functions of a printed interface. */
export function functionsOf(text) {
  const pattern = /function\s+(\w+)\(([^)]*)\)\s+external(?:\s+(view|pure|payable))?(?:\s+returns\s*\(([^)]*)\))?\s*;/g;
  return [...text.matchAll(pattern)].map(([, name, args, mutability = "", returns = ""]) => ({
    name,
    params: params(args),
    mutability,
    returns: params(returns),
    doc: [],
  }));
}
