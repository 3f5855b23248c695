// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where a duty to erase stands.
enum ErasureState {
    None, // never opened
    Due, // opened, not confirmed
    Overdue, // reported after its deadline, not confirmed: its consumer funds nothing
    Erased, // terminal
    Kept // terminal: kept under legal duty
}

/// @notice A consumer's duty to erase what one exchange brought it: one storage slot.
struct Erasure {
    address consumer; // bytes  0-19
    uint48 dueAt; // bytes 20-25: Unix seconds, inclusive
    ErasureState state; // byte  26
    uint40 position; // bytes 27-31: in the list of overdue ones, 1 for the first; zero where it is not in it
}

/// @notice A duty in the list of overdue ones, as whoever supervises reads it.
struct OverdueErasure {
    bytes32 exchangeId;
    address consumer;
    uint48 dueAt; // Unix seconds
}
