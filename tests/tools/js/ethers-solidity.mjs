// ethers.js and a contract in Solidity: deploy, read, write, events, errors, storage.
import assert from "node:assert/strict";
import { AbiCoder, Contract, ContractFactory, getCreateAddress, keccak256, toBeHex } from "ethers";
import { provider, wallets } from "./ethers.mjs";
import { artifact, rejection, step, until, world } from "./world.mjs";

const { alice, bob } = wallets;
const { abi, bytecode } = artifact("UsdToken");
let token;

await step("chain id, network", async () => {
  assert.equal((await provider.getNetwork()).chainId, BigInt(world.chainId));
  assert.equal(typeof (await provider.send("web3_clientVersion", [])), "string");
});

await step("deploy with constructor arguments", async () => {
  const nonce = await alice.getNonce();
  const deployed = await new ContractFactory(abi, bytecode, alice).deploy("Tool dollar", "TUSD", 9);
  await deployed.waitForDeployment();
  const receipt = await provider.getTransactionReceipt(deployed.deploymentTransaction().hash);
  assert.equal(receipt.contractAddress, getCreateAddress({ from: alice.address, nonce }));
  assert.equal(await deployed.getAddress(), receipt.contractAddress);
  assert.equal(receipt.to, null);
  token = new Contract(receipt.contractAddress, abi, alice);
  // Immutable variables are written into the code, which keeps its length.
  assert.equal((await provider.getCode(token)).length, artifact("UsdToken").deployedBytecode.length);
});

await step("reads", async () => {
  const [name, symbol, decimals, supply] = await Promise.all([
    token.name(), token.symbol(), token.decimals(), token.totalSupply(),
  ]);
  assert.deepEqual([name, symbol, decimals, supply], ["Tool dollar", "TUSD", 9n, 0n]);
});

await step("transactions with estimated gas", async () => {
  const estimate = await token.mint.estimateGas(alice.address, 1_000n);
  const sent = await token.mint(alice.address, 1_000n);
  const receipt = await sent.wait();
  assert.equal(receipt.status, 1);
  assert.equal(receipt.from, alice.address);
  assert.ok(receipt.gasUsed <= estimate && estimate <= sent.gasLimit, `${receipt.gasUsed} ${estimate} ${sent.gasLimit}`);
  assert.ok(receipt.gasUsed > 21_000n);
  // The estimate is enough.
  assert.equal((await (await token.mint(alice.address, 1n, { gasLimit: estimate })).wait()).status, 1);
  assert.equal(await token.balanceOf(alice.address), 1_001n);
  assert.equal(receipt.fee, receipt.gasUsed * receipt.gasPrice);
  const block = await receipt.getBlock();
  assert.ok(block.transactions.includes(sent.hash));
  assert.equal(receipt.gasPrice, block.baseFeePerGas);
});

await step("legacy and EIP-1559 transactions with an access list", async () => {
  const before = await token.balanceOf(bob.address);
  const to = bob.address;
  for (const overrides of [
    { type: 0 },
    { type: 1, accessList: [{ address: await token.getAddress(), storageKeys: [`0x${"00".repeat(32)}`] }] },
    { type: 2, accessList: [{ address: await token.getAddress(), storageKeys: [] }] },
  ]) {
    const sent = await token.transfer(to, 1n, overrides);
    const receipt = await sent.wait();
    const found = await provider.getTransaction(sent.hash);
    assert.deepEqual([receipt.type, found.type, found.from], [overrides.type, overrides.type, alice.address]);
    if (overrides.accessList) assert.deepEqual(found.accessList, overrides.accessList);
  }
  assert.equal((await token.balanceOf(to)) - before, 3n);
});

await step("events of a range, with an indexed filter", async () => {
  const receipt = await (await token.transfer(bob.address, 100n)).wait();
  const [log] = receipt.logs;
  assert.deepEqual([log.fragment.name, log.args.from, log.args.to, log.args.value], ["Transfer", alice.address, bob.address, 100n]);
  const all = await token.queryFilter("Transfer", world.firstBlock);
  assert.deepEqual(all.map(({ args }) => args.value), [1_000n, 1n, 1n, 1n, 1n, 100n]);
  const toBob = await token.queryFilter(token.filters.Transfer(null, bob.address), receipt.blockNumber, "latest");
  assert.equal(toBob.length, 1);
  assert.deepEqual([toBob[0].transactionHash, toBob[0].index], [receipt.hash, log.index]);
  assert.deepEqual(await token.queryFilter(token.filters.Transfer(bob.address), world.firstBlock), []);
});

await step("events as they happen, by polling", async () => {
  const seen = [];
  await token.on("Transfer", (from, to, value) => seen.push(value));
  // The first poll only says where to start.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await (await token.transfer(bob.address, 7n)).wait();
  await (await token.transfer(bob.address, 8n)).wait();
  await until("two events", () => seen.length >= 2);
  assert.deepEqual(seen, [7n, 8n]);
  await token.removeAllListeners();
  const block = await new Promise((resolve) => {
    provider.once("block", resolve);
    alice.sendTransaction({ to: bob.address, value: 1n });
  });
  assert.ok(block > world.firstBlock);
});

await step("a custom error is decoded by name, by call, estimate and transaction", async () => {
  const balance = await token.balanceOf(alice.address);
  const attempts = [
    () => token.transfer.staticCall(bob.address, balance + 1n),
    () => token.transfer.estimateGas(bob.address, balance + 1n),
    () => token.transfer(bob.address, balance + 1n),
  ];
  for (const attempt of attempts) {
    const error = await rejection(attempt());
    assert.equal(error.code, "CALL_EXCEPTION");
    const { name, args } = error.revert ?? token.interface.parseError(error.data);
    assert.equal(name, "ERC20InsufficientBalance");
    assert.deepEqual([...args], [alice.address, balance, balance + 1n]);
  }
});

await step("a transaction that fails on the chain has a receipt of status 0", async () => {
  const sent = await token.transfer(bob.address, 10n ** 30n, { gasLimit: 200_000 });
  const error = await rejection(sent.wait());
  assert.equal(error.code, "CALL_EXCEPTION");
  assert.equal(error.receipt.status, 0);
  assert.equal(error.receipt.hash, sent.hash);
  assert.deepEqual(error.receipt.logs, []);
  assert.ok(error.receipt.gasUsed < 200_000n);
});

await step("storage of a mapping", async () => {
  // ERC20 keeps balances in slot 0 and the supply in slot 2.
  const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [bob.address, 0]));
  assert.equal(await provider.getStorage(token, slot), toBeHex(await token.balanceOf(bob.address), 32));
  assert.equal(await provider.getStorage(token, 2), toBeHex(1_001n, 32));
});

await step("values and balances", async () => {
  const to = getCreateAddress({ from: alice.address, nonce: 10 ** 6 });
  const before = await provider.getBalance(alice);
  const receipt = await (await alice.sendTransaction({ to, value: 12_345n })).wait();
  assert.equal(await provider.getBalance(to), 12_345n);
  assert.equal(before - (await provider.getBalance(alice)), 12_345n + receipt.fee);
  const error = await rejection(alice.sendTransaction({ to, value: 10n ** 30n }));
  assert.equal(error.code, "INSUFFICIENT_FUNDS");
});

provider.destroy();
