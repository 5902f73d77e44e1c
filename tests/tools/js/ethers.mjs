// A provider and wallets of ethers.js for the scripts.
import { JsonRpcProvider, Wallet } from "ethers";
import { world } from "./world.mjs";

/**
 * Answers are not kept: on a node that mines at once, a nonce of a quarter second ago is too old. Polls often, as nobody
 * wants to wait here.
 */
export const provider = new JsonRpcProvider(world.url, undefined, { cacheTimeout: -1, pollingInterval: 50 });

/** The wallets of the scenario by name. */
export const wallets = Object.fromEntries(
  Object.entries(world.keys).map(([name, key]) => [name, new Wallet(key, provider)]),
);
