// The interfaces in abi/, and the contracts that stand behind each.

/**
 * Where an interface has its structs, events and errors from: a Rust file with `sol!` blocks, or some of its declarations.
 * @typedef {string | {file: string, only: string[]}} Source
 */

/**
 * @typedef {object} Interface
 * @property {string} name of the interface and of its files
 * @property {string[]} doc its NatSpec, line by line
 * @property {Source[]} declarations
 * @property {string[]} modules folders of the contracts with its functions; a module's number is its place
 * @property {string} [router] folder of the contract that calls go to, where it has functions of its own
 * @property {string} [routes] the router's table of modules, which is generated
 */

/** What every contract shares, and of it what its interface needs. */
const shared = (...more) => ({
  file: "contracts/kit/src/sol.rs",
  only: [
    "OwnershipTransferStarted",
    "OwnershipTransferred",
    "UnknownSelector",
    "MalformedCall",
    "NotPayable",
    "AlreadyConstructed",
    "NotOwner",
    "NotPendingOwner",
    "ZeroAddress",
    ...more,
  ],
});

/** @type {Interface[]} */
export const INTERFACES = [
  {
    name: "IPlimsoll",
    doc: [
      "@title Plimsoll",
      "@notice A risk engine for derivatives: collateral, positions, margin, liquidation and deleveraging behind one",
      "address.",
      "@dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the",
      "underlying, sizes in signed units of the underlying, positive for long. Factors and rates are parts per million.",
      "Ids of accounts and instruments are packed by the library `PlimsollIds`.",
    ],
    declarations: ["contracts/engine/ledger/src/sol.rs", shared("Reentered", "Overflow")],
    modules: [
      "contracts/engine/trading",
      "contracts/engine/liquidation",
      "contracts/engine/upkeep",
      "contracts/engine/resolution",
      "contracts/engine/collateral",
      "contracts/engine/lens",
      "contracts/engine/preview",
      "contracts/engine/governance",
    ],
    router: ".",
    routes: "src/routes.rs",
  },
  {
    name: "IPlimsollOracle",
    doc: [
      "@title Plimsoll oracle",
      "@notice Prices and volatilities from reports that enough of a set of signers have signed (EIP-712).",
      "@dev Prices are WAD (1e18): quote per unit of the underlying. Volatility is a slice of total variance an expiry.",
    ],
    declarations: ["contracts/oracle/src/sol.rs", shared()],
    modules: ["contracts/oracle"],
  },
  {
    name: "IPlimsollRiskModel",
    doc: [
      "@title Plimsoll risk model",
      "@notice Margin of a portfolio of options, perpetuals and collateral, over a grid of scenarios.",
      "@dev Money, prices and sizes are WAD (1e18): money in the quote currency, prices in quote per unit of the",
      "underlying, sizes in signed units of the underlying. Factors, rates, volatilities, variances and confidences are WAD",
      "too: 1e18 is one. A year has 31,536,000 seconds. Ids of instruments are packed by the library `PlimsollIds`, legs by",
      "`PlimsollLegs`. `IRiskModel` is the least that a consumer needs.",
    ],
    declarations: ["contracts/risk-model/core/src/sol.rs", shared("Overflow")],
    modules: [
      "contracts/risk-model/setup",
      "contracts/risk-model/greeks",
      "contracts/risk-model/attribution",
      "contracts/risk-model/worst",
      "contracts/risk-model/liquidation",
    ],
    router: "contracts/risk-model/router",
    routes: "contracts/risk-model/router/src/routes.rs",
  },
];
