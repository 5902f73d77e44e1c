// Renders a Solidity interface from functions with their documentation and from declarations.

/**
 * @typedef {{type: string, name: string}} Param
 * @typedef {{name: string, params: Param[], mutability: string, returns: Param[], doc: string[]}} Fn
 */

const WIDTH = 120;

/** Whether a Solidity type needs a data location. */
const isReference = (type) => type.endsWith("]") || type === "bytes" || type === "string" || /^[A-Z]/.test(type);

const written = (param, location) =>
  [param.type, isReference(param.type) ? location : "", param.name].filter(Boolean).join(" ");

function signatureLines(fn) {
  const params = fn.params.map((param) => written(param, "calldata"));
  const returns = fn.returns.map((param) => written(param, "memory"));
  const tail = ["external", fn.mutability, returns.length ? `returns (${returns.join(", ")})` : ""]
    .filter(Boolean)
    .join(" ");
  const line = `function ${fn.name}(${params.join(", ")}) ${tail};`;
  if (line.length + 4 <= WIDTH) return [line];
  const head = `function ${fn.name}(${params.join(", ")})`;
  if (head.length + 4 <= WIDTH) return [head, `    ${tail};`];
  return [`function ${fn.name}(`, ...params.map((p, i) => `    ${p}${i + 1 < params.length ? "," : ""}`), `) ${tail};`];
}

const indent = (lines) => lines.map((line) => (line ? `    ${line}` : ""));

/** Declarations by the titles above them, each title once, in the order in which they first come. */
function titled(declarations) {
  const sections = new Map();
  for (const declaration of declarations) {
    const { section } = declaration;
    sections.set(section, [...(sections.get(section) ?? []), declaration]);
  }
  return [...sections];
}

/**
 * The interface as a Solidity source.
 * @param {object} contract
 * @param {string} contract.name
 * @param {string[]} contract.doc
 * @param {import("./declarations.mjs").Declaration[]} contract.declarations
 * @param {{title: string, functions: Fn[]}[]} contract.sections
 */
export function renderInterface({ name, doc, declarations, sections }) {
  const body = [];
  for (const [title, group] of titled(declarations)) {
    if (title) body.push("", `// ---- ${title}`);
    for (const { text } of group) body.push("", ...text.split("\n"));
  }
  for (const { title, functions } of sections) {
    body.push("", `// ---- ${title}`);
    for (const fn of functions) body.push("", ...fn.doc.map((line) => `/// ${line}`.trimEnd()), ...signatureLines(fn));
  }
  return [
    "// SPDX-License-Identifier: MIT OR Apache-2.0",
    "pragma solidity ^0.8.24;",
    "",
    ...doc.map((line) => `/// ${line}`.trimEnd()),
    `interface ${name} {`,
    ...indent(body.slice(1)),
    "}",
    "",
  ].join("\n");
}
