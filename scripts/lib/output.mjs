// Writes generated files, or compares them with what stands in the repository.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "./packages.mjs";

/** Writes files (path from the root to text); returns how many changed. */
export function write(files) {
  let changed = 0;
  for (const [path, text] of Object.entries(files)) {
    const full = join(ROOT, path);
    if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    changed++;
  }
  return changed;
}

/** Files of a folder that are generated, but by nothing any more. */
export function strays(folder, files) {
  const full = join(ROOT, folder);
  if (!existsSync(full)) return [];
  return readdirSync(full)
    .filter((name) => name.endsWith(".json"))
    .map((name) => `${folder}/${name}`)
    .filter((path) => !(path in files));
}

/** Compares files with the repository; prints every difference and returns how many files differ. */
export function compare(files) {
  const temp = mkdtempSync(join(tmpdir(), "plimsoll-"));
  let different = 0;
  try {
    for (const [path, text] of Object.entries(files)) {
      const full = join(ROOT, path);
      if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
      different++;
      const fresh = join(temp, path);
      mkdirSync(dirname(fresh), { recursive: true });
      writeFileSync(fresh, text);
      const old = existsSync(full) ? full : "/dev/null";
      const diff = spawnSync("diff", ["-u", "--label", `${path} (committed)`, "--label", `${path} (regenerated)`, old, fresh]);
      const lines = (diff.stdout?.toString() || `${path} differs`).split("\n");
      console.error(lines.slice(0, 60).map((line) => line.slice(0, 200)).join("\n"));
    }
  } finally {
    rmSync(temp, { recursive: true });
  }
  return different;
}
