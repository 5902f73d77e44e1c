// The Nitro node without Docker, and with something in Docker's place that only remembers what it is asked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("nitro", import.meta.url));

/** Where a command of this machine is. */
const which = (name) => spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();

/** Runs the script with a PATH that has a shell and, if given, the text of a `docker`. */
function run(args, docker) {
  const bin = mkdtempSync(join(tmpdir(), "plimsoll-path-"));
  try {
    for (const name of ["bash", "cat", "dirname", "env"]) symlinkSync(which(name), join(bin, name));
    if (docker) {
      writeFileSync(join(bin, "docker"), `#!${which("bash")}\nprintf '%s\\n' "$*" >> ${bin}/asked\n${docker}\n`);
      chmodSync(join(bin, "docker"), 0o755);
    }
    const { status, stdout, stderr } = spawnSync(which("bash"), [SCRIPT, ...args], { env: { PATH: bin }, encoding: "utf8" });
    const asked = docker ? readFileSync(join(bin, "asked"), "utf8").trim().split("\n") : [];
    return { status, stdout, lines: stderr.split("\n").filter(Boolean), asked };
  } finally {
    rmSync(bin, { recursive: true });
  }
}

test("nitro_without_a_docker_command_says_so_in_one_line", () => {
  const { status, stdout, lines } = run([]);
  assert.equal(status, 1);
  assert.deepEqual(lines, ["scripts/devnode --nitro: Nitro runs in Docker, and there is no docker command here"]);
  assert.equal(stdout, "");
});

test("nitro_without_a_docker_engine_says_so_in_one_line", () => {
  // As the client of version 28 does it: its own version first, a blank line, and the reason.
  const { status, lines, asked } = run(["--port", "9"], "printf '28.2.2\\n\\nCannot connect to the engine\\n' >&2; exit 1");
  assert.equal(status, 1);
  assert.deepEqual(lines, [
    "scripts/devnode --nitro: Nitro runs in Docker, and no engine answers: Cannot connect to the engine",
  ]);
  assert.equal(asked.length, 1);
});

const docker = which("docker");
const skip = docker ? false : "there is no docker client here";

test("nitro_with_this_machines_client_and_an_engine_nowhere_fails_in_one_line", { skip }, () => {
  const env = { ...process.env, DOCKER_HOST: "unix:///nowhere.sock" };
  const { status, stderr } = spawnSync("bash", [SCRIPT], { env, encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^scripts\/devnode --nitro: Nitro runs in Docker, and no engine answers: .*nowhere\.sock.*\n$/);
});

test("nitro_help_and_wrong_options_need_no_docker", () => {
  const help = run(["--help"]);
  assert.equal(help.status, 0);
  for (const option of ["--port", "--image", "--arbos"]) assert.ok(help.stdout.includes(option), option);
  for (const wrong of [["--prot", "1"], ["--port"], ["--port", "x"], ["--arbos", "sixty"], ["--arbos", ""]]) {
    assert.equal(run(wrong).status, 2, wrong.join(" "));
  }
});
