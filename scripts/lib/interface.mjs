// Renders a Solidity interface from functions with their documentation and from the declarations of `sol!` blocks.

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

/**
 * The interface as a Solidity source.
 * @param {{name: string, doc: string[], declarations: string, sections: {title: string, functions: Fn[]}[]}} contract
 */
export function renderInterface({ name, doc, declarations, sections }) {
  const body = [...declarations.split("\n")];
  for (const section of sections) {
    body.push("", `// ---- ${section.title}`);
    for (const fn of section.functions) body.push("", ...fn.doc.map((line) => `/// ${line}`.trimEnd()), ...signatureLines(fn));
  }
  return [
    "// SPDX-License-Identifier: MIT OR Apache-2.0",
    "pragma solidity ^0.8.24;",
    "",
    ...doc.map((line) => `/// ${line}`.trimEnd()),
    `interface ${name} {`,
    ...indent(body),
    "}",
    "",
  ].join("\n");
}
