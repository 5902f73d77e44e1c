// viem over a WebSocket: requests, heads and logs as the node pushes them.
import assert from "node:assert/strict";
import { createPublicClient, getContract, webSocket } from "viem";
import { accounts, chain, mined, signers } from "./viem.mjs";
import { artifact, connects, step, until, world } from "./world.mjs";

const url = world.url.replace(/^http/, "ws");
if (!(await connects(url))) {
  if (world.embedded) throw new Error(`no WebSocket at ${url}`);
  console.log(`  SKIPPED: the node takes no WebSocket at ${url}`);
  process.exit(0);
}

const { alice, bob } = accounts;
const client = createPublicClient({ chain, transport: webSocket(url, { reconnect: false }) });
const token = getContract({ address: world.token, abi: artifact("UsdToken").abi, client: { public: client, wallet: signers.alice } });

await step("requests", async () => {
  assert.equal(await client.getChainId(), world.chainId);
  assert.equal(await token.read.decimals(), 6);
});

await step("logs of one contract and of one indexed word, heads", async () => {
  const [all, fromBob, heads] = [[], [], []];
  const into = (list) => ({ onLogs: (logs) => list.push(...logs.map(({ args }) => args.value)) });
  const stops = [
    token.watchEvent.Transfer({}, into(all)),
    token.watchEvent.Transfer({ from: bob.address }, into(fromBob)),
    client.watchBlocks({ onBlock: ({ number }) => heads.push(number) }),
  ];
  // The subscriptions go out in the background; an answered request on the same socket follows them.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await client.getChainId();

  await mined(token.write.mint([bob.address, 5n]));
  const last = await mined(token.write.transfer([alice.address, 3n], { account: bob }));
  await until("both events", () => all.length >= 2 && fromBob.length >= 1);
  await until("the last block", () => heads.includes(last.blockNumber));
  assert.deepEqual([all, fromBob], [[5n, 3n], [3n]]);
  assert.equal(new Set(heads).size, heads.length);

  // What nobody listens to any more does not come.
  for (const stop of stops) stop();
  await client.getChainId();
  await mined(token.write.mint([bob.address, 1n]));
  await client.getChainId();
  assert.equal(all.length, 2);
});

const rpc = await client.transport.getRpcClient();
rpc.close();
