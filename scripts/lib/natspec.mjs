// Says what lacks documentation: whoever decodes a log or a revert has the interface and its NatSpec, not the source.

/** @typedef {import("./declarations.mjs").Declaration} Declaration */

/** A comment by its tags; what stands before the first tag is the notice. */
function tags(doc) {
  const found = [{ tag: "notice", text: "" }];
  for (const line of doc) {
    const [, tag, text] = line.match(/^\s*@([\w:-]+)\s*(.*)$/) ?? [];
    if (tag) found.push({ tag, text });
    else found.at(-1).text += ` ${line}`;
  }
  return found.map(({ tag, text }) => ({ tag, text: text.trim() }));
}

/** What is missing for a list of parameters: a name, or a `@param` line with words; and lines for none of them. */
function ofParameters(members, found) {
  const lines = new Map();
  for (const { tag, text } of found.filter(({ tag }) => tag === "param")) {
    const [, name, words] = text.match(/^(\w+)\s*([^]*)$/) ?? [, "", ""];
    lines.set(name, words);
  }
  const problems = members.flatMap(({ name }, place) => {
    if (!name) return [`parameter ${place + 1} has no name`];
    return lines.get(name) ? [] : [`parameter ${name} has no @param line`];
  });
  const names = new Set(members.map(({ name }) => name));
  return [...problems, ...[...lines.keys()].filter((name) => !names.has(name)).map((name) => `@param ${name} names no parameter`)];
}

/**
 * What a declaration lacks: words on itself, on each field, variant and parameter, and on what a function returns.
 * @param {Pick<Declaration, "kind" | "name" | "doc" | "members" | "returns"> & {hidden?: boolean}} declaration @returns {string[]}
 */
export function gaps({ kind, name, doc, members, returns, hidden }) {
  if (hidden) return [];
  const found = tags(doc);
  const problems = [];
  if (!found.some(({ tag, text }) => tag === "notice" && text)) problems.push("no doc comment");
  if (kind === "struct" || kind === "enum") {
    const word = kind === "struct" ? "field" : "variant";
    for (const member of members) {
      if (!member.doc.some((line) => line.trim())) problems.push(`${word} ${member.name} has no doc comment`);
    }
  } else {
    problems.push(...ofParameters(members, found));
    const said = found.filter(({ tag, text }) => tag === "return" && text).length;
    // The notice of a function that asks for one value says which.
    if ((said || returns.length > 1) && said !== returns.length) problems.push(`${said} @return lines for ${returns.length} values`);
  }
  return problems.map((problem) => `${kind} ${name}: ${problem}`);
}
