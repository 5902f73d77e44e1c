// Reads the declarations in Solidity text: what each is named, what it is made of, and the comments on all of it.
import { endOfBraces } from "./sol-block.mjs";

/**
 * A field, variant, parameter or returned value; a parameter's `doc` is empty, its words stand in the declaration's.
 * @typedef {{name: string, doc: string[]}} Member
 */

/**
 * @typedef {object} Declaration
 * @property {string} kind struct, enum, event, error or function
 * @property {string} name
 * @property {string[]} doc lines of the comment above it
 * @property {string} text as it stands in the source, with the comment
 * @property {string} section title of the `// ---- title` line above it; empty without one
 * @property {Member[]} members fields, variants or parameters
 * @property {Member[]} returns of a function
 * @property {boolean} hidden whether it is a private function
 */

const HEAD = /^(struct|enum|event|error|function)\s+(\w+)/;
const DOC = /^\/\/\/ ?(.*)$/;
const SECTION = /^\/\/ ---- (.*)$/;

/** The text with its comments blanked, so that every index stays. */
const blanked = (text) => text.replace(/\/\/[^\n]*/g, (comment) => " ".repeat(comment.length));

/** The fields between the braces of a struct, or the variants of an enum, each with the comment above it. */
function fields(body, separator) {
  const found = [];
  let doc = [];
  for (const line of body.split("\n").map((line) => line.trim())) {
    const comment = line.match(DOC);
    if (comment) {
      doc.push(comment[1]);
      continue;
    }
    for (const part of blanked(line).split(separator).map((part) => part.trim()).filter(Boolean)) {
      found.push({ name: part.split(/\s+/).at(-1), doc });
      doc = [];
    }
  }
  return found;
}

/** The parameters in a list; an unnamed one has an empty name. */
function parameters(list) {
  return list
    .split(",")
    .map((part) => part.trim().split(/\s+/))
    .filter(([type]) => type)
    .map((words) => ({ name: words.length > 1 ? words.at(-1) : "", doc: [] }))
    .map(({ name, doc }) => ({ name: ["indexed", "memory", "calldata", "storage"].includes(name) ? "" : name, doc }));
}

/** Index just past the statement that begins at `from`: its semicolon, or the brace that ends its body. */
function endOfStatement(text, from) {
  const end = blanked(text.slice(from)).search(/[;{]/);
  if (end < 0) throw new Error(`no end: ${text.slice(from, from + 40)}`);
  return text[from + end] === "{" ? endOfBraces(text, from + end) : from + end + 1;
}

function members(kind, text) {
  if (kind === "struct" || kind === "enum") {
    const body = text.slice(text.indexOf("{") + 1, text.lastIndexOf("}"));
    return { members: fields(body, kind === "struct" ? ";" : ","), returns: [], hidden: false };
  }
  const [, list, rest] = blanked(text).match(/\(([^)]*)\)([^{;]*)/);
  const returns = rest.match(/\breturns\s*\(([^)]*)\)/)?.[1] ?? "";
  return { members: parameters(list), returns: parameters(returns), hidden: /\bprivate\b/.test(rest) };
}

/**
 * The declarations of a text that holds nothing else, constants aside: `solText`, or the body of an interface or library.
 * @param {string} text @returns {Declaration[]}
 */
export function declarations(text) {
  const found = [];
  let [section, doc, start] = ["", [], -1];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    let next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, next).trim();
    const comment = line.match(DOC);
    if (comment) {
      if (!doc.length) start = at;
      doc.push(comment[1]);
    } else if (line && !line.startsWith("//")) {
      const from = at + text.slice(at).search(/\S/);
      next = endOfStatement(text, from);
      const [, kind, name] = line.match(HEAD) ?? [];
      if (kind) {
        const whole = text.slice(doc.length ? start : at, next).replace(/^\n+/, "");
        found.push({ kind, name, doc, text: whole, section, ...members(kind, text.slice(from, next)) });
      }
      doc = [];
    } else {
      section = line.match(SECTION)?.[1] ?? section;
      doc = [];
    }
    at = next;
  }
  return found;
}

/**
 * The declarations of an interface, each with its file, and what is wrong with the list.
 * @param {import("./interfaces.mjs").Source[]} sources @param {(file: string) => string} textOf
 * @returns {{found: (Declaration & {file: string})[], problems: string[]}}
 */
export function collect(sources, textOf) {
  const [found, problems] = [[], []];
  for (const source of sources) {
    const { file, only } = typeof source === "string" ? { file: source } : source;
    const all = declarations(textOf(file));
    for (const name of only ?? []) {
      if (!all.some((one) => one.name === name)) problems.push(`${file}: nothing is named ${name}`);
    }
    for (const one of all.filter(({ name }) => !only || only.includes(name))) {
      const twin = found.find(({ kind, name }) => kind === one.kind && name === one.name);
      if (twin) problems.push(`${file}: ${one.kind} ${one.name} stands in ${twin.file} too`);
      found.push({ ...one, file });
    }
  }
  return { found, problems };
}

/** The body of the interface or library in a Solidity source. */
export function bodyOf(solidity) {
  const head = solidity.match(/^(?:interface|library)\s[^{]*/m);
  if (!head) throw new Error("no interface and no library");
  const open = head.index + head[0].length;
  return solidity.slice(open + 1, endOfBraces(solidity, open) - 1);
}
