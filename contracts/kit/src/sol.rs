//! Errors and events that several contracts share: those of a malformed call, and those of ownership.

#![allow(missing_docs)]

use alloy_sol_types::sol;

sol! {
    #![sol(extra_derives(Debug, PartialEq, Eq))]

    // ---- ownership

    /// The owner named the next owner, who becomes it by accepting.
    /// @param owner The owner.
    /// @param pending Who may accept; zero when the transfer was called off.
    event OwnershipTransferStarted(address indexed owner, address indexed pending);

    /// The contract has another owner.
    /// @param previous The owner until now; zero at construction.
    /// @param owner The owner from now on.
    event OwnershipTransferred(address indexed previous, address indexed owner);

    // ---- errors: the call as such

    /// No function has this selector.
    /// @param selector First four bytes of the call, padded with zeros.
    error UnknownSelector(bytes4 selector);

    /// The arguments do not decode, or the gas ran out inside.
    /// @param selector Selector of the function.
    error MalformedCall(bytes4 selector);

    /// The function takes no ether.
    error NotPayable();

    /// The contract was called back while it was at work.
    error Reentered();

    /// The constructor has run already.
    error AlreadyConstructed();

    /// A result is outside the range of its type.
    error Overflow();

    // ---- errors: who may

    /// The caller is not the owner of the contract.
    /// @param caller Who called.
    error NotOwner(address caller);

    /// The owner has not named the caller as the next owner.
    /// @param caller Who called.
    error NotPendingOwner(address caller);

    /// An address is zero that may not be.
    error ZeroAddress();
}
