// Pages that quote rows of SIZE.md and GAS.md: a table of theirs with the head of one of the figures' is made of its rows.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { write } from "./output.mjs";
import { ROOT } from "./packages.mjs";

const PAGES = ["README.md", "docs/portfolio-margin.md"];
const FIGURES = ["SIZE.md", "GAS.md"];

const read = (path) => readFileSync(join(ROOT, path), "utf8");
const cells = (line) => line.split("|").slice(1, -1).map((cell) => cell.trim());

/** The rows of all tables in a text, by the line of their head. @param {string} text @returns {Map<string, string[]>} */
function tables(text) {
  const found = new Map();
  let head;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) head = undefined;
    else if (head === undefined) found.set((head = line), found.get(line) ?? []);
    else if (!/^\| *:?-/.test(line)) found.get(head).push(line);
  }
  return found;
}

/** How many cells tell rows apart, by the first of the head. */
const KEYS = { contract: 1, function: 2, options: 3 };

/**
 * A page with the rows that it quotes as they stand in the figures.
 * @param {string} page @param {string} figures @returns {{text: string, quoted: number}}
 */
export function requote(page, figures) {
  const sources = tables(figures);
  let head;
  let quoted = 0;
  const lines = page.split("\n").map((line) => {
    if (!line.startsWith("|")) return (head = undefined), line;
    if (head === undefined) return (head = line);
    const rows = sources.get(head);
    if (!rows || /^\| *:?-/.test(line)) return line;
    const key = (row) => cells(row).slice(0, KEYS[cells(head)[0]]).join("|");
    const like = rows.filter((row) => key(row) === key(line));
    if (like.length !== 1) throw new Error(`${like.length} rows of the figures are like: ${line}`);
    quoted++;
    return like[0];
  });
  return { text: lines.join("\n"), quoted };
}

/** Every page, requoted. @returns {{path: string, old: string, text: string, quoted: number}[]} */
export function pages() {
  const figures = FIGURES.map(read).join("\n");
  return PAGES.map((path) => {
    const old = read(path);
    return { path, old, ...requote(old, figures) };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  write(Object.fromEntries(pages().map(({ path, text }) => [path, text])));
}
