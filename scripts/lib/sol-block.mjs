// Takes the Solidity text out of the `sol! { ... }` blocks of Rust sources.

/** Index just past the brace that closes the one at `open`; strings and comments are skipped. */
export function endOfBraces(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const two = text.slice(i, i + 2);
    if (two === "//") {
      const line = text.indexOf("\n", i);
      i = line < 0 ? text.length : line;
    } else if (two === "/*") {
      const end = text.indexOf("*/", i + 2);
      i = end < 0 ? text.length : end + 1;
    } else if (text[i] === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++;
    } else if (text[i] === "{") {
      depth++;
    } else if (text[i] === "}" && --depth === 0) {
      return i + 1;
    }
  }
  throw new Error("unbalanced braces");
}

/** The bodies of all `sol!` blocks of a Rust source, in order. */
function bodies(rust) {
  const found = [];
  for (const match of rust.matchAll(/^[ \t]*(?:[\w:]+::)?sol!\s*\{/gm)) {
    const open = match.index + match[0].length - 1;
    found.push(rust.slice(open + 1, endOfBraces(rust, open) - 1));
  }
  return found;
}

/** Takes the common indentation off and drops blank lines at both ends. */
function dedent(text) {
  const lines = text.replace(/\t/g, "    ").split("\n").map((line) => line.trimEnd());
  while (lines.length && !lines[0]) lines.shift();
  while (lines.length && !lines.at(-1)) lines.pop();
  const margin = Math.min(...lines.filter(Boolean).map((line) => line.match(/^ */)[0].length));
  return lines.map((line) => line.slice(margin)).join("\n");
}

/** Drops `#[...]` and `#![...]`, also over several lines. */
function withoutAttributes(body) {
  const out = [];
  let depth = 0;
  for (const line of body.split("\n")) {
    if (depth === 0 && !/^\s*#!?\[/.test(line)) {
      out.push(line);
      continue;
    }
    for (const c of line) depth += c === "[" ? 1 : c === "]" ? -1 : 0;
  }
  return out.join("\n");
}

/** The text of every block of `rust`, dedented, without attributes: structs, events, errors, enums and comments. */
export function solText(rust) {
  return bodies(rust).map((body) => dedent(withoutAttributes(body))).join("\n\n");
}
