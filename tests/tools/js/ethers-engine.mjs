// ethers.js and the engine by abi/json/IPlimsoll.json: deposits, a fill, margin, events, typed errors, history, batches.
import assert from "node:assert/strict";
import { Contract, FetchRequest, JsonRpcProvider, NonceManager, isError } from "ethers";
import { provider, wallets } from "./ethers.mjs";
import { USD, WAD, abi, accountOf, artifact, rejection, rejections, step, world } from "./world.mjs";

const { alice, bob, carol, venue } = wallets;
const engine = new Contract(world.engine, abi("IPlimsoll"), provider);
const token = new Contract(world.token, artifact("UsdToken").abi, provider);
const btc = BigInt(world.btc);
const account = accountOf(alice.address);
const [hers, his] = [accountOf(carol.address), accountOf(bob.address)];
const PRICE = 10_000n * WAD;

await step("mint, approve, deposit", async () => {
  const signer = new NonceManager(carol);
  const [coins, plimsoll] = [token.connect(signer), engine.connect(signer)];
  // None is waited for, so the later ones, which need the earlier ones, are not estimated. One after the other all the
  // same: connections of their own could overtake each other, and a nonce too high is refused.
  const gasLimit = 5_000_000n;
  const sent = [
    await coins.mint(carol.address, 500n * USD, { gasLimit }),
    await coins.approve(world.engine, 500n * USD, { gasLimit }),
    await plimsoll.deposit(hers, world.token, 500n * USD, { gasLimit }),
    await plimsoll.approveVenue(hers, venue.address, true, { gasLimit }),
  ];
  const receipts = await Promise.all(sent.map((tx) => tx.wait()));
  assert.deepEqual(receipts.map(({ status }) => status), [1, 1, 1, 1]);
  const first = sent[0].nonce;
  assert.deepEqual(sent.map(({ nonce }) => nonce), [first, first + 1, first + 2, first + 3]);
  const deposited = receipts[2].logs.find(({ fragment }) => fragment?.name === "Deposited");
  assert.deepEqual(deposited.args.toArray(), [hers, world.token, carol.address, 500n * USD, 500n * WAD]);
});

let fill;
await step("a fill by the venue, with estimated gas", async () => {
  // Carol buys 0.1 BTC from bob at the oracle's price.
  const fills = [{ taker: hers, maker: his, instrument: btc, size: WAD / 10n, price: PRICE }];
  const settle = engine.connect(venue).settle;
  const estimate = await settle.estimateGas(fills);
  fill = await (await settle(fills)).wait();
  assert.ok(fill.gasUsed <= estimate, `${fill.gasUsed} of ${estimate}`);
  const { args } = fill.logs.find(({ fragment }) => fragment?.name === "Filled");
  assert.deepEqual([args.taker, args.maker, args.instrument, args.size, args.price], [hers, his, btc, WAD / 10n, PRICE]);
});

await step("structs by name", async () => {
  const margin = await engine.marginOf(hers);
  // Notional 1,000 quote: 5 % initial, 3 % maintenance, two thirds of that is the backstop.
  assert.equal(margin.equity, 500n * WAD);
  assert.equal(margin.initial, 50n * WAD);
  assert.equal(margin.maintenance, 30n * WAD);
  assert.equal(margin.backstop, 20n * WAD);
  const { cash, positions } = await engine.accountOf(his);
  assert.equal(cash, 1_000n * WAD);
  assert.deepEqual(positions.map(({ instrument, size }) => [instrument, size]), [[btc, -WAD / 10n]]);
});

await step("events by filter over indexed words", async () => {
  const deposits = await engine.queryFilter(engine.filters.Deposited(hers), world.firstBlock);
  assert.deepEqual(deposits.map(({ args }) => [args.by, args.credited]), [[carol.address, 500n * WAD]]);
  const filled = await engine.queryFilter("Filled", world.firstBlock);
  assert.equal(filled.length, 1);
  assert.equal(filled[0].transactionHash, fill.hash);
});

await step("typed errors with their arguments", async () => {
  // Of alice's 1,000 all is free.
  const call = engine.connect(alice).withdraw;
  const tooMuch = [account, world.token, 1_000n * USD + 1n, alice.address];
  for (const error of await rejections(call.staticCall(...tooMuch), call.estimateGas(...tooMuch), call(...tooMuch))) {
    assert.ok(isError(error, "CALL_EXCEPTION"));
    const { name, args } = error.revert ?? engine.interface.parseError(error.data);
    assert.equal(name, "InsufficientCollateral");
    // A unit of the token is 1e12 WAD.
    assert.deepEqual([args.account, args.amount, args.free], [account, 1_000n * WAD + 10n ** 12n, 1_000n * WAD]);
  }
  const stranger = await rejection(engine.connect(bob).withdraw.staticCall(account, world.token, 1n, bob.address));
  assert.deepEqual([stranger.revert.name, ...stranger.revert.args], ["NotAuthorized", account, bob.address]);
  const unknown = await rejection(engine.market(77n));
  assert.deepEqual([unknown.revert.name, ...unknown.revert.args], ["UnknownMarket", 77n]);
});

await step("a transaction that the engine refuses is included and keeps the reason", async () => {
  const sent = await engine.connect(alice).withdraw(account, world.token, 10_000n * USD, alice.address, { gasLimit: 5_000_000n });
  const error = await rejection(sent.wait());
  assert.equal(error.receipt.status, 0);
  // The same call at the block before it gives the reason.
  const { to, from, data } = sent;
  const replay = await rejection(provider.call({ to, from, data, blockTag: error.receipt.blockNumber - 1 }));
  assert.equal(engine.interface.parseError(replay.data).name, "InsufficientCollateral");
});

await step("calls at past blocks", async () => {
  const sizeAt = async (blockTag) => (await engine.accountOf(hers, { blockTag })).positions.length;
  assert.deepEqual(await Promise.all([sizeAt(fill.blockNumber - 1), sizeAt(fill.blockNumber), sizeAt("latest")]), [0, 1, 1]);
  assert.equal(await token.balanceOf(carol.address, { blockTag: world.firstBlock }).catch(({ code }) => code), "BAD_DATA");
});

await step("many reads are one HTTP request", async () => {
  let posts = 0;
  const request = new FetchRequest(world.url);
  request.preflightFunc = async (one) => {
    posts++;
    return one;
  };
  const batching = new JsonRpcProvider(request, world.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const reader = new Contract(world.engine, abi("IPlimsoll"), batching);
  const ids = Array.from({ length: 50 }, (_, i) => accountOf(alice.address, BigInt(i)));
  const equities = await Promise.all(ids.map(async (id) => (await reader.marginOf(id)).equity));
  assert.deepEqual(equities, ids.map((_, i) => (i === 0 ? 1_000n * WAD : 0n)));
  assert.equal(posts, 1);
  // A failing one among them does not spoil the others.
  const mixed = await Promise.allSettled([reader.marginOf(account), reader.market(77n), reader.totals()]);
  assert.deepEqual(mixed.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  assert.equal(mixed[1].reason.revert.name, "UnknownMarket");
  assert.equal(posts, 2);
  batching.destroy();
});

await step("fees", async () => {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
  const { baseFeePerGas } = await provider.getBlock("latest");
  assert.ok(gasPrice >= baseFeePerGas && maxFeePerGas >= baseFeePerGas);
  assert.equal(maxPriorityFeePerGas, 0n);
  const history = await provider.send("eth_feeHistory", ["0x4", "latest", [25, 75]]);
  assert.deepEqual([history.baseFeePerGas.length, history.gasUsedRatio.length, history.reward.length], [5, 4, 4]);
  assert.ok(history.reward.every((row) => row.length === 2));
});

await step("blocks with their transactions, receipts by block", async () => {
  const block = await provider.getBlock(fill.blockNumber, true);
  assert.equal(block.hash, fill.blockHash);
  const tx = block.prefetchedTransactions.find(({ hash }) => hash === fill.hash);
  assert.deepEqual([tx.from, tx.to, tx.chainId], [venue.address, world.engine, BigInt(world.chainId)]);
  assert.equal(engine.interface.parseTransaction(tx).name, "settle");
  const receipts = await provider.send("eth_getBlockReceipts", [`0x${fill.blockNumber.toString(16)}`]);
  assert.ok(receipts.some(({ transactionHash }) => transactionHash === fill.hash));
  assert.equal((await provider.getBlock(fill.blockHash)).number, fill.blockNumber);
  assert.equal(await provider.getBlock(10 ** 9), null);
});

provider.destroy();
