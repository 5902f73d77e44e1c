// Where the gas of one and the same call may differ between two nodes that are both right, and by how much at most.
// Everything else must agree to the unit.

/** @type {{row: RegExp, most: number, why: string}[]} */
export const KNOWN = [];
