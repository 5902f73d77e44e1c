// viem and a Stylus program of its own: init code, activation through ArbWasm, then a contract like any other.
import assert from "node:assert/strict";
import { getContract, isAddressEqual, keccak256, parseAbi, parseEventLogs, toHex } from "viem";
import { ACTIVATION_VALUE, ARB_SYS, ARB_WASM, arbSys, arbWasm, keeper } from "./arbitrum.mjs";
import { accounts, client, mined, revertOf, signers } from "./viem.mjs";
import { rejection, rejections, step, world } from "./world.mjs";

const { alice, bob } = accounts;
const clients = { public: client, wallet: signers.alice };
const wasm = getContract({ address: ARB_WASM, abi: parseAbi(arbWasm), client: clients });
let program;

await step("deploy the init code", async () => {
  const receipt = await mined(signers.alice.deployContract({ abi: [], bytecode: world.program.initCode }));
  program = getContract({ address: receipt.contractAddress, abi: parseAbi(keeper), client: clients });
  const code = await client.getCode({ address: program.address });
  assert.equal(code, world.program.code);
  assert.equal(keccak256(code), world.program.codeHash);
});

await step("before its activation the program does not run", async () => {
  const questions = [wasm.read.programVersion([program.address]), wasm.read.codehashVersion([world.program.codeHash])];
  for (const error of await rejections(...questions)) {
    assert.equal(revertOf(error).errorName, "ProgramNotActivated");
  }
  assert.match((await rejection(program.read.number())).message, /ProgramNotActivated|not activated/i);
});

await step("activate with a value for the data fee", async () => {
  const activate = (value) => wasm.simulate.activateProgram([program.address], { account: alice, value });
  const short = revertOf(await rejection(activate(1n)));
  assert.equal(short.errorName, "ProgramInsufficientValue");
  const [have, want] = short.args;
  assert.ok(have === 1n && want > 1n && want < ACTIVATION_VALUE, `${have} ${want}`);

  const { request, result } = await activate(ACTIVATION_VALUE);
  const [version] = result;
  const before = await client.getBalance({ address: alice.address });
  const receipt = await mined(signers.alice.writeContract(request));
  const [log] = parseEventLogs({ abi: wasm.abi, logs: receipt.logs });
  assert.equal(log.eventName, "ProgramActivated");
  assert.equal(log.args.codehash, world.program.codeHash);
  assert.ok(isAddressEqual(log.args.program, program.address));
  assert.equal(log.args.version, version);
  // What the activation did not need of the value came back. The data fee falls from second to second, so what it was in
  // the simulation is no measure.
  const fee = receipt.gasUsed * receipt.effectiveGasPrice;
  const paid = before - (await client.getBalance({ address: alice.address }));
  assert.ok(log.args.dataFee > 1n);
  assert.equal(paid, fee + log.args.dataFee);
  assert.equal(await wasm.read.programVersion([program.address]), version);

  assert.equal(revertOf(await rejection(activate(ACTIVATION_VALUE))).errorName, "ProgramUpToDate");
});

await step("call, write, read the event and the storage", async () => {
  assert.equal(await program.read.number(), 0n);
  const estimate = await program.estimateGas.setNumber([7n], { account: alice });
  const receipt = await mined(program.write.setNumber([7n]));
  assert.ok(receipt.gasUsed <= estimate);
  const [log] = parseEventLogs({ abi: program.abi, logs: receipt.logs });
  assert.deepEqual([log.eventName, log.args], ["NumberSet", { by: alice.address, number: 7n }]);
  await mined(program.write.setNumber([8n], { account: bob }));
  assert.equal(await program.read.number(), 8n);
  const blockNumber = receipt.blockNumber;
  assert.equal(await program.read.number({ blockNumber }), 7n);
  assert.equal(await program.read.number({ blockNumber: blockNumber - 1n }), 0n);
  const slot = { address: program.address, slot: "0x0" };
  assert.equal(await client.getStorageAt({ ...slot, blockNumber }), toHex(7n, { size: 32 }));
  assert.equal(await client.getStorageAt(slot), toHex(8n, { size: 32 }));
  const events = await program.getEvents.NumberSet({ by: bob.address }, { fromBlock: blockNumber });
  assert.deepEqual(events.map(({ args }) => args.number), [8n]);
});

await step("the program's error is decoded by name", async () => {
  for (const error of await rejections(program.simulate.setNumber([0n]), program.write.setNumber([0n]))) {
    assert.equal(revertOf(error).errorName, "ZeroNumber");
  }
});

await step("Arbitrum's blocks", async () => {
  const sys = getContract({ address: ARB_SYS, abi: parseAbi(arbSys), client });
  assert.equal(await sys.read.arbChainID(), BigInt(world.chainId));
  const asked = await client.getBlockNumber();
  assert.ok((await sys.read.arbBlockNumber()) >= asked);
  const block = await client.getBlock();
  assert.ok(BigInt(block.l1BlockNumber) >= 0n);
});
