// Compares two files of `scripts/gas --output`, of two nodes.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Where the gas of one and the same call may differ between two nodes that are both right, and by how much at most.
 * Everything else must agree to the unit.
 * @type {{row: RegExp, most: number, why: string}[]}
 */
const KNOWN = [];

/**
 * The figures of a file by "section, function, case, column", without the gas of calldata: that follows the zero bytes
 * in addresses and signatures, which differ from chain to chain.
 * @param {string} text @returns {Map<string, number>}
 */
export function figures(text) {
  const found = new Map();
  let section = "";
  let head = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) {
      [section, head] = [line.slice(3).trim(), []];
    }
    if (!line.startsWith("|")) continue;
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (!head.length) {
      head = cells;
    } else if (!/^-+:?$/.test(cells[0])) {
      const numbers = cells.slice(2).map((cell) => Number(cell.replaceAll(",", "")));
      if (numbers.some(Number.isNaN)) throw new Error(`no figures: ${line}`);
      const calldata = head.indexOf("of it calldata") - 2;
      head.slice(2).forEach((column, i) => {
        if (i === calldata) return;
        const key = [section, cells[0].replaceAll("`", ""), cells[1], column].filter(Boolean).join(", ");
        if (found.has(key)) throw new Error(`two rows are "${key}"`);
        found.set(key, numbers[i] - (calldata >= 0 ? numbers[calldata] : 0));
      });
    }
  }
  if (!found.size) throw new Error("no table of gas");
  return found;
}

/**
 * Rows that differ, each with whether it may.
 * @param {Map<string, number>} a @param {Map<string, number>} b
 * @param {{row: RegExp, most: number, why: string}[]} known
 * @returns {{text: string, allowed: boolean}[]}
 */
export function differences(a, b, known = KNOWN) {
  const rows = [];
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [x, y] = [a.get(key), b.get(key)];
    if (x === y) continue;
    if (x === undefined || y === undefined) {
      rows.push({ text: `${key}: only in the ${x === undefined ? "second" : "first"} file`, allowed: false });
      continue;
    }
    const by = Math.abs(x - y);
    const reason = known.find(({ row, most }) => row.test(key) && by <= most);
    const sign = y > x ? "+" : "";
    const end = reason ? ` (up to ${reason.most}: ${reason.why})` : "";
    rows.push({ text: `${key}: ${x}, ${y} (${sign}${y - x})${end}`, allowed: Boolean(reason) });
  }
  return rows;
}

/** Compares two files, prints what differs, and gives the exit code. */
function main(paths) {
  if (paths.length !== 2) {
    console.error("usage: scripts/gas --compare FILE FILE");
    return 2;
  }
  const [a, b] = paths.map((path) => figures(readFileSync(path, "utf8")));
  const rows = differences(a, b);
  for (const { text, allowed } of rows) console.log(`${allowed ? "  " : "! "}${text}`);
  const bad = rows.filter(({ allowed }) => !allowed).length;
  console.log(`${a.size} figures, ${rows.length} differ, ${bad} of them may not`);
  return bad ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exit(main(process.argv.slice(2)));
  } catch (error) {
    console.error(`scripts/gas --compare: ${error.message}`);
    process.exit(1);
  }
}
