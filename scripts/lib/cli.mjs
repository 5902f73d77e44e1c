// What the generating scripts share on their command line.
import { parseArgs } from "node:util";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { compare, write } from "./output.mjs";
import { ROOT } from "./packages.mjs";

/** Parses the arguments; prints the help and ends the process when it is asked for or a flag is unknown. */
export function options(help, spec = {}) {
  try {
    const { values } = parseArgs({
      options: { check: { type: "boolean" }, help: { type: "boolean", short: "h" }, ...spec },
    });
    if (!values.help) return values;
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

/** Writes or compares the generated files and says so; `stale` are files that should not be there. */
export function finish(name, files, stale, check) {
  const count = Object.keys(files).length;
  if (!check) {
    for (const path of stale) rmSync(join(ROOT, path));
    console.log(`${name}: ${count} files, ${write(files)} changed, ${stale.length} removed`);
    return;
  }
  for (const path of stale) console.error(`${path}: nothing generates this file`);
  const different = compare(files) + stale.length;
  if (different) throw new Error(`${different} files differ from what the sources give; run scripts/${name} and commit`);
  console.log(`${name}: ${count} files match their sources`);
}

/** Runs `main`, and ends with one message and exit code 1 when it fails. */
export function run(name, main) {
  try {
    main();
  } catch (error) {
    console.error(`scripts/${name}: ${error.message}`);
    process.exit(1);
  }
}
