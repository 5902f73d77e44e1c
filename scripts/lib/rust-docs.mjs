// Reads the documentation of the functions in `#[public]` impl blocks of Rust sources, and turns it into NatSpec.
import { endOfBraces } from "./sol-block.mjs";

/** The Solidity name that the SDK gives to a Rust name. */
export const camel = (name) => name.replace(/^_+/, "").replace(/_+([a-z0-9])/g, (_, c) => c.toUpperCase());

/** The first words of a sentence, which are no names of values. */
const NO_NAMES = new Set(
  "a all an and are as at by each every for how if in is it its none of on one only or same that the this those true two up what when where whether which who with zero".split(" "),
);

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

/** Sections of a Rust doc comment that Solidity callers want too. */
const SECTIONS = /^# (Errors|Events|Rounding|Access)$/;

/** [`sol::NotOwner`] and [`Oracle::set_feed`] as NatSpec: `NotOwner`, `setFeed`. */
const unlinked = (line) =>
  line.replace(/\[`(?:\w+::)*(\w+)(?:\(\))?`\](?:\([^)]*\))?/g, (_, name) => `\`${camel(name)}\``);

/** Whether the lines are a section's title alone. */
const untouched = (lines) => lines?.length === 1 && /^(Errors|Events|Rounding|Access):$/.test(lines[0]);

/** The first paragraph, the tags and the sections of a doc comment, each as lines. */
function parts(doc) {
  const found = { notice: [], dev: [], param: [], return: [] };
  let open = found.notice;
  for (const line of doc.map(unlinked)) {
    const tag = line.match(/^@(param|return|dev)\s+/);
    const section = line.match(SECTIONS);
    if (section) {
      open = [`${section[1]}:`];
      found.dev.push(open);
    } else if (tag) {
      open = [line.slice(tag[0].length)];
      found[tag[1]].push(open);
    } else if (line.startsWith("#")) {
      open = null;
    } else if (!line) {
      // A paragraph ends what it belongs to; the body of a section may follow its title after a blank line.
      if (!untouched(open)) open = null;
    } else if (untouched(open)) {
      open[0] += ` ${line}`;
    } else if (open) {
      open.push(line);
    }
  }
  return found;
}

/** `max_size text` names the argument as Solidity does. */
const renamed = (text) => text.replace(/^`?(\w+)`?/, (_, name) => camel(name));

/** The name and the text of a returned value; the name is empty where the text gives none. */
function returned(text, several) {
  const quoted = text.match(/^`(\w+)`:?\s*(.*)$/);
  if (quoted) return { name: camel(quoted[1]), text: quoted[2] };
  const word = text.match(/^([a-z]\w*)\s+(.*)$/);
  if (several && word && !NO_NAMES.has(word[1])) return { name: camel(word[1]), text: word[2] };
  return { name: "", text };
}

/**
 * Gives a function its NatSpec and the names of what it returns.
 * The first paragraph is the notice; `@param name`, `@return` and `@dev` and the sections on errors, events and rounding
 * follow; other paragraphs are for readers of the Rust source. `@return \`name\` text` names the value.
 * @param {import("./interface.mjs").Fn} fn @param {string[]} doc @returns {string[]} what is wrong with the comment
 */
export function document(fn, doc) {
  const found = parts(doc);
  if (!found.notice.length) return [`${fn.name}: no doc comment`];
  const several = fn.returns.length > 1;
  if (found.return.length && found.return.length !== fn.returns.length) {
    return [`${fn.name}: ${found.return.length} @return lines for ${fn.returns.length} values`];
  }
  found.return.forEach((lines, i) => {
    const { name, text } = returned(lines[0], several);
    fn.returns[i].name = name;
    lines[0] = [name, text].filter(Boolean).join(" ");
  });
  if (several && fn.returns.some((value) => !value.name)) {
    return [`${fn.name}: returns ${fn.returns.length} values; name each by a line "@return \`name\` text"`];
  }
  const tagged = (tag, lines) => lines.map((line, i) => (i ? line : `@${tag} ${line}`));
  fn.doc = [
    ...tagged("notice", found.notice),
    // NatSpec takes one remark.
    ...tagged("dev", found.dev.flat()),
    ...found.param.flatMap((lines) => tagged("param", [renamed(lines[0]), ...lines.slice(1)])),
    ...found.return.flatMap((lines) => tagged("return", lines)),
  ];
  return [];
}
