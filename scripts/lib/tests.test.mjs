// No test is left out: every file below tests/it is a module of the crate's one executable, every package with tests
// builds it, and no target that is built without tests has any. And nothing is built twice for it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SKIPPED = new Set(["node_modules", "target", ".git"]);

/** The folders below one that hold a package of the workspace. */
function packages(folder = ROOT) {
  const manifest = join(folder, "Cargo.toml");
  const text = existsSync(manifest) ? readFileSync(manifest, "utf8") : "";
  // A workspace of its own runs its tests by itself.
  if (folder !== ROOT && /^\[workspace\]/m.test(text)) return [];
  const inner = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .flatMap(({ name }) => packages(join(folder, name)));
  return /^\[package\]/m.test(text) ? [{ folder, manifest: text }, ...inner] : inner;
}

/** The Rust files below a folder. */
const rust = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => name.endsWith(".rs"))
        .map((name) => join(folder, name))
    : [];

/** The files that a module's file names as its modules, and theirs. */
function modules(path, root = false) {
  const owner = /(^|\/)mod\.rs$/.test(path) || root ? dirname(path) : path.slice(0, -3);
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/^[ \t]*(?:#\[path = "([^"]+)"\]\s*)?(?:pub(?:\([^)]*\))? )?mod (\w+);/gm)].flatMap(
    ([, named, name]) => {
      const places = named ? [join(dirname(path), named)] : [join(owner, `${name}.rs`), join(owner, name, "mod.rs")];
      const found = places.find(existsSync);
      assert.ok(found, `${relative(ROOT, path)} names ${name}, which has no file`);
      return [found, ...modules(found)];
    },
  );
}

/** The sections of a manifest with a name, such as `[[bin]]`, as their text. */
const sections = (manifest, head) =>
  manifest
    .split(/^(?=\[)/m)
    .filter((section) => section.startsWith(`${head}\n`));

const all = packages();

test("every_file_of_the_tests_is_a_module_of_the_one_executable", () => {
  const with_tests = all.filter(({ folder }) => existsSync(join(folder, "tests/it")));
  assert.ok(with_tests.length > 8, "the packages are not where they were");
  for (const { folder, manifest } of with_tests) {
    const main = join(folder, "tests/it/main.rs");
    const listed = new Set([main, ...modules(main, true)]);
    const left = rust(join(folder, "tests/it")).filter((path) => !listed.has(path));
    assert.deepEqual(left.map((path) => relative(ROOT, path)), [], "no module names these files, so nothing runs them");
    assert.match(manifest, /^autotests = false$/m, `${relative(ROOT, folder)}: tests/it is named twice`);
    assert.ok(sections(manifest, "[[test]]").some((section) => /^name = "it"$/m.test(section)), folder);
  }
});

test("no_package_has_tests_beside_its_one_executable", () => {
  for (const { folder } of all) {
    const tests = join(folder, "tests");
    if (folder === ROOT || !existsSync(tests)) continue;
    const stray = readdirSync(tests).filter((name) => name.endsWith(".rs"));
    assert.deepEqual(stray, [], `${relative(ROOT, tests)}: cargo does not build these; they belong in it/`);
  }
});

test("targets_that_are_built_without_tests_have_none", () => {
  const off = (section) => /^test = false$/m.test(section);
  for (const { folder, manifest } of all) {
    const source = join(folder, "src");
    for (const section of sections(manifest, "[[bin]]").filter(off)) {
      const [, name] = section.match(/^name = "([^"]+)"$/m);
      const [, path] = section.match(/^path = "([^"]+)"$/m) ?? [];
      const places = [path, `src/bin/${name}.rs`, `src/bin/${name}/main.rs`].filter(Boolean);
      const main = places.map((place) => join(folder, place)).find(existsSync);
      assert.ok(main, `${relative(ROOT, folder)}: no file of the program ${name}`);
      untested([main, ...modules(main, true)]);
    }
    if (sections(manifest, "[lib]").some(off)) untested(rust(source).filter((path) => !path.includes("/bin/")));
  }
});

/** Fails when one of the files has a test. */
function untested(paths) {
  for (const path of paths) {
    const text = readFileSync(path, "utf8");
    assert.doesNotMatch(text, /#\[(cfg\(test\)|test|tokio::test)/, `${relative(ROOT, path)}: its target has test = false`);
  }
}

test("targets_that_are_built_without_doctests_have_none", () => {
  for (const { folder, manifest } of all) {
    if (!sections(manifest, "[lib]").some((section) => /^doctest = false$/m.test(section))) continue;
    for (const path of rust(join(folder, "src"))) {
      const fences = readFileSync(path, "utf8").match(/^\s*\/\/[/!] ```.*$/gm) ?? [];
      const opening = fences.filter((_, at) => at % 2 === 0).map((line) => line.replace(/^.*```/, ""));
      assert.deepEqual(opening.filter((kind) => kind !== "text" && kind !== "solidity"), [], relative(ROOT, path));
    }
  }
});

/** The dependencies of a selection of packages with the features that cargo gives them, one a line. */
const dependencies = (...selection) =>
  new Set(
    execFileSync("cargo", ["tree", "--locked", "-e", "normal,build,dev", "--prefix", "none", "-f", "{p} {f}", ...selection], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .split("\n")
      .map((line) => line.replace(/ \(\*\)$/, ""))
      .filter((line) => line && !line.includes(ROOT)),
  );

test("whoever_needs_the_node_gets_dependencies_with_the_same_features", () => {
  const workspace = dependencies("--workspace");
  for (const name of ["plimsoll-harness", "plimsoll-cli", "plimsoll-e2e", "plimsoll-tools"]) {
    const other = [...dependencies("-p", name)].filter((line) => !workspace.has(line));
    assert.deepEqual(other, [], `${name} builds these anew; name the features that are missing in crates/harness/Cargo.toml`);
  }
});
