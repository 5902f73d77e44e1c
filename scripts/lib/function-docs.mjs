// Turns the doc comment of a Rust function into the NatSpec of the Solidity function.
import { camel } from "./names.mjs";
import { gaps } from "./natspec.mjs";

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

/** `\`size\` text` of a returned value: its name, empty where the text begins without one, and the text. */
function returned(text) {
  const [, name, words] = text.match(/^`(\w+)`:?\s*(.*)$/) ?? [, "", text];
  return { name: camel(name), text: words };
}

/**
 * Gives a function its NatSpec and the names of what it returns.
 * The first paragraph is the notice; `@param name`, `@return` and `@dev` and the sections on errors, events and rounding
 * follow; other paragraphs are for readers of the Rust source. `@return \`name\` text` names the value.
 * @param {import("./render.mjs").Fn} fn @param {string[]} doc @returns {string[]} what is wrong with the comment
 */
export function document(fn, doc) {
  if (!doc.length) return [`function ${fn.name}: no doc comment`];
  const found = parts(doc);
  const { length } = fn.returns;
  if (found.return.length && found.return.length !== length) {
    return [`function ${fn.name}: ${found.return.length} @return lines for ${length} values`];
  }
  found.return.forEach((lines, i) => {
    const { name, text } = returned(lines[0]);
    fn.returns[i].name = name;
    lines[0] = [name, text].filter(Boolean).join(" ");
  });
  if (length > 1 && fn.returns.some((value) => !value.name)) {
    return [`function ${fn.name}: returns ${length} values; name each by a line "@return \`name\` text"`];
  }
  const tagged = (tag, lines) => lines.map((line, i) => (i ? line : `@${tag} ${line}`));
  fn.doc = [
    ...tagged("notice", found.notice),
    // NatSpec takes one remark.
    ...tagged("dev", found.dev.flat()),
    ...found.param.flatMap((lines) => tagged("param", [renamed(lines[0]), ...lines.slice(1)])),
    ...found.return.flatMap((lines) => tagged("return", lines)),
  ];
  return gaps({ kind: "function", name: fn.name, doc: fn.doc, members: fn.params, returns: fn.returns });
}
