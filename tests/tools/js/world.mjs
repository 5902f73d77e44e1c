// What a script needs to know: the deployment that the Rust test made, artifacts and ABIs; and how it tells of its steps.
import { readFileSync } from "node:fs";

if (!process.env.PLIMSOLL_WORLD) throw new Error("run by cargo test -p plimsoll-tools");

/** See `src/script.rs`. */
export const world = JSON.parse(process.env.PLIMSOLL_WORLD);

const root = new URL("../../../", import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root), "utf8"));

/** A compiled Solidity contract of the tests. */
export const artifact = (name) => json(`tests/solidity/artifacts/${name}.json`);

/** A committed interface, as its users take it. */
export const abi = (name) => json(`abi/json/${name}.json`);

/** One unit of anything in WAD, and one unit of the quote token. */
export const WAD = 10n ** 18n;
export const USD = 10n ** 6n;

/** Account id of a subaccount: the owner in the high 20 bytes. */
export const accountOf = (owner, subaccount = 0n) =>
  `0x${owner.slice(2).toLowerCase()}${subaccount.toString(16).padStart(24, "0")}`;

/** Runs one step and says that it passed; a failing one ends the script with its name. */
export async function step(name, body) {
  try {
    await body();
  } catch (error) {
    console.error(`step failed: ${name}`);
    throw error;
  }
  console.log(`  ok: ${name}`);
}

/** What a promise was rejected with; an error when it was not. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected to fail, but gave ${value}`);
}

/** What each of several promises was rejected with: all are waited for at once, so that none is rejected unheard. */
export const rejections = (...promises) => Promise.all(promises.map(rejection));

/** Resolves when `condition` holds, asked every 20 ms; an error after ten seconds. */
export async function until(what, condition) {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited for ${what} in vain`);
}

/** Whether a WebSocket opens at an address. */
export async function connects(url) {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(url);
  return new Promise((resolve) => {
    socket.on("open", () => (socket.close(), resolve(true)));
    socket.on("error", () => resolve(false));
  });
}
