// What the scripts use of the chain's own contracts, and of the program of `src/keeper.rs`, as Solidity says it.

export const ARB_SYS = "0x0000000000000000000000000000000000000064";
export const ARB_WASM = "0x0000000000000000000000000000000000000071";

export const arbSys = ["function arbBlockNumber() view returns (uint256)", "function arbChainID() view returns (uint256)"];

export const arbWasm = [
  "event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version)",
  "error ProgramNotActivated()",
  "error ProgramNotWasm()",
  "error ProgramUpToDate()",
  "error ProgramInsufficientValue(uint256 have, uint256 want)",
  "function activateProgram(address program) payable returns (uint16 version, uint256 dataFee)",
  "function codehashVersion(bytes32 codehash) view returns (uint16 version)",
  "function programVersion(address program) view returns (uint16 version)",
];

export const keeper = [
  "event NumberSet(address indexed by, uint256 number)",
  "error ZeroNumber()",
  "function number() view returns (uint256)",
  "function setNumber(uint256 number)",
];

/** Enough for the data fee of an activation; what is too much comes back. */
export const ACTIVATION_VALUE = 10n ** 16n;
