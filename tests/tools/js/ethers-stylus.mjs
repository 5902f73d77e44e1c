// ethers.js and a Stylus program of its own: init code, activation through ArbWasm, then a contract like any other.
import assert from "node:assert/strict";
import { Contract, keccak256, toBeHex } from "ethers";
import { ACTIVATION_VALUE, ARB_SYS, ARB_WASM, arbSys, arbWasm, keeper } from "./arbitrum.mjs";
import { provider, wallets } from "./ethers.mjs";
import { rejection, rejections, step, world } from "./world.mjs";

const { alice, bob } = wallets;
const wasm = new Contract(ARB_WASM, arbWasm, alice);
let program;

await step("deploy the init code", async () => {
  const sent = await alice.sendTransaction({ data: world.program.initCode });
  const receipt = await sent.wait();
  program = new Contract(receipt.contractAddress, keeper, alice);
  const code = await provider.getCode(program);
  assert.equal(code, world.program.code);
  assert.equal(keccak256(code), world.program.codeHash);
});

await step("before its activation the program does not run", async () => {
  const questions = [wasm.programVersion(program), wasm.codehashVersion(world.program.codeHash)];
  for (const { revert } of await rejections(...questions)) {
    assert.equal(revert.name, "ProgramNotActivated");
  }
  // A call of it is a failure of the chain's own, which has no return data.
  const error = await rejection(program.number());
  assert.match(error.info.error.message, /not activated|ProgramNotActivated/i);
});

await step("activate with a value for the data fee", async () => {
  const short = await rejection(wasm.activateProgram.staticCall(program, { value: 1n }));
  assert.equal(short.revert.name, "ProgramInsufficientValue");
  const { have, want } = short.revert.args;
  assert.equal(have, 1n);
  assert.ok(want > 1n && want < ACTIVATION_VALUE);

  const before = await provider.getBalance(alice);
  const receipt = await (await wasm.activateProgram(program, { value: ACTIVATION_VALUE })).wait();
  const [log] = receipt.logs;
  assert.equal(log.fragment.name, "ProgramActivated");
  assert.equal(log.args.codehash, world.program.codeHash);
  assert.equal(log.args.program, await program.getAddress());
  assert.ok(log.args.version >= 1n);
  // What the activation did not need of the value came back.
  assert.equal(before - (await provider.getBalance(alice)), receipt.fee + log.args.dataFee);
  assert.equal(await wasm.programVersion(program), log.args.version);
  assert.equal(await wasm.codehashVersion(world.program.codeHash), log.args.version);

  const again = await rejection(wasm.activateProgram.staticCall(program, { value: ACTIVATION_VALUE }));
  assert.equal(again.revert.name, "ProgramUpToDate");
  const contract = await rejection(wasm.activateProgram.staticCall(world.token, { value: ACTIVATION_VALUE }));
  assert.equal(contract.revert.name, "ProgramNotWasm");
});

await step("call, write, read the event and the storage", async () => {
  assert.equal(await program.number(), 0n);
  const estimate = await program.setNumber.estimateGas(7n);
  const receipt = await (await program.setNumber(7n)).wait();
  assert.ok(receipt.gasUsed <= estimate);
  const [log] = receipt.logs;
  assert.deepEqual([log.fragment.name, log.args.by, log.args.number], ["NumberSet", alice.address, 7n]);
  await (await program.connect(bob).setNumber(2n ** 256n - 1n)).wait();
  assert.equal(await program.number(), 2n ** 256n - 1n);
  assert.equal(await program.number({ blockTag: receipt.blockNumber }), 7n);
  assert.equal(await program.number({ blockTag: receipt.blockNumber - 1 }), 0n);
  assert.equal(await provider.getStorage(program, 0), toBeHex(2n ** 256n - 1n, 32));
  assert.equal(await provider.getStorage(program, 0, receipt.blockNumber), toBeHex(7n, 32));
  const events = await program.queryFilter(program.filters.NumberSet(bob.address), receipt.blockNumber);
  assert.deepEqual(events.map(({ args }) => args.number), [2n ** 256n - 1n]);
});

await step("the program's error is decoded by name", async () => {
  const { setNumber } = program;
  for (const error of await rejections(setNumber.staticCall(0n), setNumber.estimateGas(0n), setNumber(0n))) {
    const { name } = error.revert ?? program.interface.parseError(error.data);
    assert.equal(name, "ZeroNumber");
  }
  // Three bytes are no selector that the program knows: it reverts without data.
  const error = await rejection(provider.call({ to: program, data: "0x010203" }));
  assert.deepEqual([error.code, error.data], ["CALL_EXCEPTION", "0x"]);
});

await step("Arbitrum's blocks", async () => {
  const sys = new Contract(ARB_SYS, arbSys, provider);
  assert.equal(await sys.arbChainID(), BigInt(world.chainId));
  const [asked, number] = [await provider.getBlockNumber(), await sys.arbBlockNumber()];
  assert.ok(number >= BigInt(asked));
  const raw = await provider.send("eth_getBlockByNumber", ["latest", false]);
  assert.ok(BigInt(raw.l1BlockNumber) >= 0n);
  assert.match(raw.sendRoot, /^0x[0-9a-f]{64}$/);
});

provider.destroy();
