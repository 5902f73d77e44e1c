// viem and the engine by abi/json/IPlimsoll.json: deposits, a fill, margin, events, typed errors, history, batches.
import assert from "node:assert/strict";
import { createPublicClient, decodeFunctionData, getContract, http, isAddressEqual, nonceManager, parseEventLogs } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { accounts, chain, client, mined, revertOf, signers } from "./viem.mjs";
import { USD, WAD, abi, accountOf, artifact, rejection, rejections, step, world } from "./world.mjs";

const { alice, bob, carol, venue } = accounts;
const engine = getContract({ address: world.engine, abi: abi("IPlimsoll"), client: { public: client, wallet: signers.venue } });
const token = getContract({ address: world.token, abi: artifact("UsdToken").abi, client });
const btc = BigInt(world.btc);
const account = accountOf(alice.address);
const [hers, his] = [accountOf(carol.address), accountOf(bob.address)];
const PRICE = 10_000n * WAD;

await step("mint, approve, deposit, none waited for, with a nonce manager", async () => {
  const account = privateKeyToAccount(world.keys.carol, { nonceManager });
  const send = (contract, functionName, args) =>
    signers.carol.writeContract({ account, address: contract.address, abi: contract.abi, functionName, args, gas: 5_000_000n });
  const first = await client.getTransactionCount({ address: carol.address });
  // One after the other: connections of their own could overtake each other, and a nonce too high is refused.
  const sent = [
    await send(token, "mint", [carol.address, 500n * USD]),
    await send(token, "approve", [world.engine, 500n * USD]),
    await send(engine, "deposit", [hers, world.token, 500n * USD]),
    await send(engine, "approveVenue", [hers, venue.address, true]),
  ];
  const receipts = await Promise.all(sent.map(mined));
  assert.deepEqual(receipts.map(({ status }) => status), Array(4).fill("success"));
  assert.equal(await client.getTransactionCount({ address: carol.address }), first + 4);
  const [deposited] = parseEventLogs({ abi: engine.abi, eventName: "Deposited", logs: receipts[2].logs });
  assert.deepEqual(deposited.args, {
    account: hers, token: world.token, by: carol.address, amount: 500n * USD, credited: 500n * WAD,
  });
});

let fill;
await step("a fill by the venue, with estimated gas", async () => {
  // Carol buys 0.1 BTC from bob at the oracle's price.
  const fills = [{ taker: hers, maker: his, instrument: btc, size: WAD / 10n, price: PRICE }];
  const estimate = await engine.estimateGas.settle([fills], { account: venue });
  fill = await mined(engine.write.settle([fills]));
  assert.ok(fill.status === "success" && fill.gasUsed <= estimate, `${fill.gasUsed} of ${estimate}`);
  const [{ args }] = parseEventLogs({ abi: engine.abi, eventName: "Filled", logs: fill.logs });
  assert.deepEqual([args.taker, args.maker, args.instrument, args.size, args.price], [hers, his, btc, WAD / 10n, PRICE]);
});

await step("structs by name", async () => {
  const margin = await engine.read.marginOf([hers]);
  // Notional 1,000 quote: 5 % initial, 3 % maintenance, two thirds of that is the backstop.
  assert.deepEqual(
    [margin.equity, margin.initial, margin.maintenance, margin.backstop],
    [500n * WAD, 50n * WAD, 30n * WAD, 20n * WAD],
  );
  const [cash, , positions] = await engine.read.accountOf([his]);
  assert.equal(cash, 1_000n * WAD);
  assert.deepEqual(positions.map(({ instrument, size }) => [instrument, size]), [[btc, -WAD / 10n]]);
});

await step("events by filter over indexed words", async () => {
  const range = { fromBlock: BigInt(world.firstBlock) };
  const deposits = await engine.getEvents.Deposited({ account: hers }, range);
  assert.deepEqual(deposits.map(({ args }) => [args.by, args.credited]), [[carol.address, 500n * WAD]]);
  const filled = await engine.getEvents.Filled({}, range);
  assert.deepEqual(filled.map(({ transactionHash }) => transactionHash), [fill.transactionHash]);
});

await step("typed errors with their arguments", async () => {
  // Of alice's 1,000 all is free.
  const tooMuch = [account, world.token, 1_000n * USD + 1n, alice.address];
  const attempts = [
    engine.simulate.withdraw(tooMuch, { account: alice }),
    engine.estimateGas.withdraw(tooMuch, { account: alice }),
    engine.write.withdraw(tooMuch, { account: alice }),
  ];
  for (const { errorName, args } of (await rejections(...attempts)).map(revertOf)) {
    assert.equal(errorName, "InsufficientCollateral");
    // A unit of the token is 1e12 WAD.
    assert.deepEqual(args, [account, 1_000n * WAD + 10n ** 12n, 1_000n * WAD]);
  }
  const stranger = revertOf(await rejection(engine.simulate.withdraw([account, world.token, 1n, bob.address], { account: bob })));
  assert.deepEqual([stranger.errorName, stranger.args], ["NotAuthorized", [account, bob.address]]);
  const unknown = revertOf(await rejection(engine.read.market([77n])));
  assert.deepEqual([unknown.errorName, unknown.args], ["UnknownMarket", [77n]]);
});

await step("calls at past blocks", async () => {
  const sizeAt = async (at) => (await engine.read.accountOf([hers], at))[2].length;
  const [before, then, now] = await Promise.all([
    sizeAt({ blockNumber: fill.blockNumber - 1n }), sizeAt({ blockNumber: fill.blockNumber }), sizeAt({ blockTag: "latest" }),
  ]);
  assert.deepEqual([before, then, now], [0, 1, 1]);
});

await step("many reads are one HTTP request", async () => {
  let posts = 0;
  const transport = http(world.url, { batch: true, onFetchRequest: () => void posts++ });
  const batching = createPublicClient({ chain, transport });
  const reader = getContract({ address: world.engine, abi: engine.abi, client: batching });
  const ids = Array.from({ length: 50 }, (_, i) => accountOf(alice.address, BigInt(i)));
  const equities = await Promise.all(ids.map(async (id) => (await reader.read.marginOf([id])).equity));
  assert.deepEqual(equities, ids.map((_, i) => (i === 0 ? 1_000n * WAD : 0n)));
  assert.equal(posts, 1);
  // A failing one among them does not spoil the others.
  const mixed = await Promise.allSettled([reader.read.marginOf([account]), reader.read.market([77n]), reader.read.totals()]);
  assert.deepEqual(mixed.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  assert.equal(revertOf(mixed[1].reason).errorName, "UnknownMarket");
  assert.equal(posts, 2);
});

await step("many reads are one call: init code that asks the engine and is never deployed", async () => {
  const contracts = [alice, bob, carol].map(({ address }) => ({
    address: world.engine, abi: engine.abi, functionName: "freeCollateral", args: [accountOf(address)],
  }));
  contracts.push({ address: world.engine, abi: engine.abi, functionName: "market", args: [77n] });
  const found = await client.multicall({ contracts, deployless: true });
  // Carol and bob hold 0.1 BTC on 50 of initial margin each.
  assert.deepEqual(found.slice(0, 3).map(({ result }) => result), [1_000n * WAD, 950n * WAD, 450n * WAD]);
  assert.equal(found[3].status, "failure");
  assert.equal(revertOf(found[3].error).errorName, "UnknownMarket");
});

await step("fees", async () => {
  const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas();
  const { baseFeePerGas } = await client.getBlock();
  assert.ok(maxFeePerGas >= baseFeePerGas);
  assert.equal(maxPriorityFeePerGas, 0n);
  assert.ok((await client.getGasPrice()) >= baseFeePerGas);
  const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [25, 75] });
  assert.deepEqual([history.baseFeePerGas.length, history.gasUsedRatio.length, history.reward.length], [5, 4, 4]);
  assert.ok(history.reward.every((row) => row.length === 2));
});

await step("blocks with their transactions", async () => {
  const block = await client.getBlock({ blockHash: fill.blockHash, includeTransactions: true });
  assert.equal(block.number, fill.blockNumber);
  const tx = block.transactions.find(({ hash }) => hash === fill.transactionHash);
  assert.ok(isAddressEqual(tx.from, venue.address) && isAddressEqual(tx.to, world.engine));
  assert.equal(decodeFunctionData({ abi: engine.abi, data: tx.input }).functionName, "settle");
  assert.equal(tx.chainId, world.chainId);
  const error = await rejection(client.getBlock({ blockNumber: 10n ** 9n }));
  assert.equal(error.name, "BlockNotFoundError");
});
