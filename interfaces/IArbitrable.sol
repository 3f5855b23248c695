// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrator } from "./IArbitrator.sol";

/// @title Arbitrable (ERC-792)
/// @notice A contract with disputes that an arbitrator rules on. Names and signatures are the standard's.
interface IArbitrable {
    /// @notice A ruling came in; what follows from it is this contract's own.
    /// @param _ruling Zero where the arbitrator refused to rule, else one of the choices from 1 on.
    event Ruling(IArbitrator indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling);

    /// @notice Takes a ruling. Only by the arbitrator of the dispute.
    /// @param disputeID The dispute as its arbitrator numbers it.
    /// @param ruling Zero where the arbitrator refuses to rule, else one of the choices from 1 on.
    function rule(uint256 disputeID, uint256 ruling) external;
}
