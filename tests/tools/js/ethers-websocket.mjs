// ethers.js over a WebSocket: requests, heads and logs as the node pushes them.
import assert from "node:assert/strict";
import { Contract, WebSocketProvider } from "ethers";
import { provider as http, wallets } from "./ethers.mjs";
import { artifact, connects, step, until, world } from "./world.mjs";

const url = world.url.replace(/^http/, "ws");
if (!(await connects(url))) {
  if (world.embedded) throw new Error(`no WebSocket at ${url}`);
  console.log(`  SKIPPED: the node takes no WebSocket at ${url}`);
  process.exit(0);
}

const { alice, bob } = wallets;
const provider = new WebSocketProvider(url);
const token = new Contract(world.token, artifact("UsdToken").abi, alice);
const watched = token.connect(provider);

await step("requests", async () => {
  assert.equal((await provider.getNetwork()).chainId, BigInt(world.chainId));
  assert.equal(await watched.decimals(), 6n);
});

await step("logs of one contract and of one indexed word, heads", async () => {
  const [all, fromBob, heads] = [[], [], []];
  await watched.on("Transfer", (from, to, value) => all.push(value));
  await watched.on(watched.filters.Transfer(bob.address), (event) => fromBob.push(event.args.value));
  await provider.on("block", (number) => heads.push(number));
  // The subscriptions go out in the background; an answered request on the same socket follows them.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await provider.getBlockNumber();

  await (await token.mint(bob.address, 5n)).wait();
  const last = await (await token.connect(bob).transfer(alice.address, 3n)).wait();
  await until("both events", () => all.length >= 2 && fromBob.length >= 1);
  await until("the last block", () => heads.includes(last.blockNumber));
  assert.deepEqual([all, fromBob], [[5n, 3n], [3n]]);
  assert.deepEqual(heads, [...heads].sort((a, b) => a - b));
  assert.equal(new Set(heads).size, heads.length);

  // What nobody listens to any more does not come.
  await watched.removeAllListeners();
  await provider.removeAllListeners();
  await provider.getBlockNumber();
  await (await token.mint(bob.address, 1n)).wait();
  await provider.getBlockNumber();
  assert.equal(all.length, 2);
});

await step("transactions are signed and waited for on the socket", async () => {
  const receipt = await (await token.connect(bob.connect(provider)).transfer(alice.address, 1n)).wait();
  assert.equal(receipt.status, 1);
});

await provider.destroy();
http.destroy();
