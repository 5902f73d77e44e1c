// Clients and accounts of viem for the scripts.
import { createPublicClient, createWalletClient, defineChain, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { world } from "./world.mjs";

export const chain = defineChain({
  id: world.chainId,
  name: "Plimsoll devnode",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [world.url] } },
});

/** Nothing is kept: on a node that mines at once, a block number of a few seconds ago is too old. */
export const client = createPublicClient({ chain, transport: http(), pollingInterval: 50, cacheTime: 0 });

/** The accounts of the scenario by name, and a client that signs for each. */
export const accounts = Object.fromEntries(
  Object.entries(world.keys).map(([name, key]) => [name, privateKeyToAccount(key)]),
);
export const signers = Object.fromEntries(
  Object.entries(accounts).map(([name, account]) => [
    name,
    createWalletClient({ account, chain, transport: http(), pollingInterval: 50, cacheTime: 0 }),
  ]),
);

/** The receipt of a transaction that is under way. */
export const mined = async (hash) => client.waitForTransactionReceipt({ hash: await hash });

/** What the contract reverted with, as viem decoded it: `{ errorName, args }`. */
export const revertOf = (error) => error.walk(({ name }) => name === "ContractFunctionRevertedError")?.data;
