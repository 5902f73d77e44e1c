// Reads the documentation of the functions in `#[public]` impl blocks of Rust sources.
import { camel } from "./names.mjs";
import { endOfBraces } from "./sol-block.mjs";

/**
 * The documented functions of a source.
 * @returns {Map<string, string[]>} Solidity name to the lines of its doc comment
 */
export function publicDocs(rust) {
  const found = new Map();
  for (const match of rust.matchAll(/^#\[public\]\s*\n(?:\s*#\[[^\n]*\]\s*\n)*\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?(?:impl|trait)\b[^{]*/gm)) {
    const open = match.index + match[0].length;
    const body = rust.slice(open, endOfBraces(rust, open));
    const pattern = /((?:^[ \t]*(?:\/\/\/[^\n]*|#\[[^\n]*\])\n)*)^[ \t]*(?:pub\s+)?fn\s+(\w+)/gm;
    for (const [, head, name] of body.matchAll(pattern)) {
      const rename = head.match(/#\[selector\(name\s*=\s*"(\w+)"/);
      const doc = [...head.matchAll(/^[ \t]*\/\/\/ ?(.*)$/gm)].map((line) => line[1].trimEnd());
      found.set(rename ? rename[1] : camel(name), doc);
    }
  }
  return found;
}
