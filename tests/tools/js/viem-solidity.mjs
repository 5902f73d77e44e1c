// viem and a contract in Solidity: deploy, read, write, events, errors, storage.
import assert from "node:assert/strict";
import { encodeAbiParameters, getContract, getContractAddress, isAddressEqual, keccak256, parseEventLogs, toHex } from "viem";
import { accounts, client, mined, revertOf, signers } from "./viem.mjs";
import { artifact, rejection, rejections, step, until, world } from "./world.mjs";

const { alice, bob } = accounts;
const { abi, bytecode } = artifact("UsdToken");
let token;

await step("chain id", async () => {
  assert.equal(await client.getChainId(), world.chainId);
});

await step("deploy with constructor arguments", async () => {
  const nonce = await client.getTransactionCount({ address: alice.address });
  const receipt = await mined(signers.alice.deployContract({ abi, bytecode, args: ["Tool dollar", "TUSD", 9] }));
  assert.equal(receipt.status, "success");
  assert.ok(isAddressEqual(receipt.contractAddress, getContractAddress({ from: alice.address, nonce: BigInt(nonce) })));
  assert.equal(receipt.to, null);
  token = getContract({ address: receipt.contractAddress, abi, client: { public: client, wallet: signers.alice } });
  // Immutable variables are written into the code, which keeps its length.
  const code = await client.getCode({ address: token.address });
  assert.equal(code.length, artifact("UsdToken").deployedBytecode.length);
  assert.equal(await client.getCode({ address: alice.address }), undefined);
});

await step("reads", async () => {
  const found = await Promise.all(["name", "symbol", "decimals", "totalSupply"].map((name) => token.read[name]()));
  assert.deepEqual(found, ["Tool dollar", "TUSD", 9, 0n]);
});

await step("transactions: simulate, estimate, write, wait", async () => {
  const { request, result } = await token.simulate.approve([bob.address, 5n], { account: alice });
  assert.equal(result, true);
  assert.equal((await mined(signers.alice.writeContract(request))).status, "success");
  assert.equal(await token.read.allowance([alice.address, bob.address]), 5n);

  const estimate = await token.estimateGas.mint([alice.address, 1_000n], { account: alice });
  const receipt = await mined(token.write.mint([alice.address, 1_000n]));
  assert.equal(receipt.type, "eip1559");
  assert.ok(receipt.gasUsed > 21_000n && receipt.gasUsed <= estimate, `${receipt.gasUsed} of ${estimate}`);
  assert.equal((await mined(token.write.mint([alice.address, 1n], { gas: estimate }))).status, "success");
  assert.equal(await token.read.balanceOf([alice.address]), 1_001n);
  const block = await client.getBlock({ blockNumber: receipt.blockNumber, includeTransactions: true });
  const found = block.transactions.find(({ hash }) => hash === receipt.transactionHash);
  assert.deepEqual([found.blockHash, found.from], [receipt.blockHash, alice.address.toLowerCase()]);
  assert.equal(receipt.effectiveGasPrice, block.baseFeePerGas);
  assert.equal(await client.getTransactionConfirmations({ hash: receipt.transactionHash }) > 0n, true);
});

await step("legacy and EIP-2930 transactions", async () => {
  const accessList = [{ address: token.address, storageKeys: [toHex(0, { size: 32 })] }];
  for (const more of [{ type: "legacy" }, { type: "eip2930", accessList }]) {
    const hash = await token.write.transfer([bob.address, 1n], more);
    assert.equal((await mined(hash)).status, "success");
    const found = await client.getTransaction({ hash });
    assert.equal(found.type, more.type);
    if (more.accessList) assert.deepEqual(found.accessList, accessList);
  }
});

await step("events of a range, with an indexed filter", async () => {
  const receipt = await mined(token.write.transfer([bob.address, 100n]));
  const [log] = parseEventLogs({ abi, logs: receipt.logs });
  assert.deepEqual([log.eventName, log.args], ["Transfer", { from: alice.address, to: bob.address, value: 100n }]);
  const range = { fromBlock: BigInt(world.firstBlock), toBlock: "latest" };
  const all = await token.getEvents.Transfer({}, range);
  assert.deepEqual(all.map(({ args }) => args.value), [1_000n, 1n, 1n, 1n, 100n]);
  const toBob = await token.getEvents.Transfer({ to: [bob.address] }, { ...range, fromBlock: receipt.blockNumber });
  assert.deepEqual(toBob.map(({ transactionHash }) => transactionHash), [receipt.transactionHash]);
  assert.deepEqual(await token.getEvents.Transfer({ from: bob.address }, range), []);
  const inBlock = await client.getContractEvents({ abi, address: token.address, blockHash: receipt.blockHash });
  assert.deepEqual(inBlock.map(({ logIndex }) => logIndex), [log.logIndex]);
});

await step("filters on the node, and blocks and events as they happen, by polling", async () => {
  const filter = await client.createContractEventFilter({ abi, address: token.address, eventName: "Transfer" });
  const [values, blocks] = [[], []];
  const stops = [
    token.watchEvent.Transfer({ to: bob.address }, { onLogs: (logs) => values.push(...logs.map(({ args }) => args.value)) }),
    client.watchBlockNumber({ emitMissed: true, onBlockNumber: (number) => blocks.push(number) }),
  ];
  await new Promise((resolve) => setTimeout(resolve, 300));
  await mined(token.write.transfer([bob.address, 7n]));
  const last = await mined(token.write.transfer([bob.address, 8n]));
  await until("two events", () => values.length >= 2);
  await until("the last block", () => blocks.includes(last.blockNumber));
  for (const stop of stops) stop();
  assert.deepEqual(values, [7n, 8n]);
  const changes = await client.getFilterChanges({ filter });
  assert.deepEqual(changes.map(({ args }) => args.value), [7n, 8n]);
  assert.deepEqual(await client.getFilterChanges({ filter }), []);
  assert.equal(await client.uninstallFilter({ filter }), true);
});

await step("a custom error is decoded by name, by call, estimate and transaction", async () => {
  const balance = await token.read.balanceOf([alice.address]);
  const args = [bob.address, balance + 1n];
  const attempts = [
    token.simulate.transfer(args, { account: alice }),
    token.estimateGas.transfer(args, { account: alice }),
    token.write.transfer(args),
  ];
  for (const { errorName, args } of (await rejections(...attempts)).map(revertOf)) {
    assert.equal(errorName, "ERC20InsufficientBalance");
    assert.deepEqual(args, [alice.address, balance, balance + 1n]);
  }
});

await step("a transaction that fails on the chain has a receipt of status reverted", async () => {
  const receipt = await mined(token.write.transfer([bob.address, 10n ** 30n], { gas: 200_000n }));
  assert.deepEqual([receipt.status, receipt.logs], ["reverted", []]);
  assert.ok(receipt.gasUsed < 200_000n);
});

await step("storage of a mapping, overrides of it in a call", async () => {
  // ERC20 keeps balances in slot 0 and the supply in slot 2.
  const slot = keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [bob.address, 0n]));
  const balance = await token.read.balanceOf([bob.address]);
  assert.equal(await client.getStorageAt({ address: token.address, slot }), toHex(balance, { size: 32 }));
  assert.equal(await client.getStorageAt({ address: token.address, slot: "0x2" }), toHex(1_001n, { size: 32 }));
  const stateOverride = [{ address: token.address, stateDiff: [{ slot, value: toHex(77n, { size: 32 }) }] }];
  assert.equal(await token.read.balanceOf([bob.address], { stateOverride }), 77n);
  assert.equal(await token.read.balanceOf([bob.address]), balance);
});

await step("values and balances", async () => {
  const to = getContractAddress({ from: alice.address, nonce: 1_000_000n });
  const before = await client.getBalance({ address: alice.address });
  const receipt = await mined(signers.alice.sendTransaction({ to, value: 12_345n }));
  assert.equal(await client.getBalance({ address: to }), 12_345n);
  const fee = receipt.gasUsed * receipt.effectiveGasPrice;
  assert.equal(before - (await client.getBalance({ address: alice.address })), 12_345n + fee);
  const error = await rejection(signers.alice.sendTransaction({ to, value: 10n ** 30n, gas: 21_000n }));
  assert.ok(error.walk(({ name }) => name === "InsufficientFundsError"), error.message);
});
