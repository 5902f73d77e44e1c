//! Errors and events that several contracts have: of the call as such, and of ownership.

#![allow(missing_docs)]

use alloy_sol_types::sol;

sol! {
    #![sol(extra_derives(Debug, PartialEq, Eq))]

    // ---- errors: the call as such

    /// No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// The arguments do not decode, or the gas ran out inside.
    error MalformedCall(bytes4 selector);
    /// The function takes no ether.
    error NotPayable();
    /// The contract was called back while it was at work.
    error Reentered();
    /// The constructor has run already.
    error AlreadyConstructed();
    /// A result is outside the range of its type.
    error Overflow();

    // ---- ownership

    /// The owner named the next owner, who has not accepted yet.
    event OwnershipTransferStarted(address indexed owner, address indexed pending);
    /// The contract has a new owner.
    event OwnershipTransferred(address indexed previous, address indexed owner);

    /// Only the owner may call this.
    error NotOwner(address caller);
    /// Only the address that the owner named may accept the ownership.
    error NotPendingOwner(address caller);
    /// An address that must be somebody's is zero.
    error ZeroAddress();
}
