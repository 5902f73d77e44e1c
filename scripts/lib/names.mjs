// Names in Rust and in Solidity.

/** The Solidity name that the SDK gives to a Rust name. */
export const camel = (name) => name.replace(/^_+/, "").replace(/_+([a-z0-9])/g, (_, c) => c.toUpperCase());
