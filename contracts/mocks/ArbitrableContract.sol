// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrable } from "../../interfaces/IArbitrable.sol";
import { IArbitrator } from "../../interfaces/IArbitrator.sol";

/// @notice An ERC-792 arbitrable contract of somebody else's: brings whatever disputes it is told to, and takes or
/// refuses what is ruled. For tests only.
contract ArbitrableContract is IArbitrable {
    bool private _refuses;
    bytes private _returned;

    error ArbitrableContractRefused(uint256 disputeID, uint256 ruling);

    /// @param refuses Whether it refuses every ruling.
    /// @param returned What it calls its arbitrator with before it takes a ruling; nothing for no call.
    function setAnswer(bool refuses, bytes calldata returned) external {
        (_refuses, _returned) = (refuses, returned);
    }

    /// @notice Brings a dispute, with whatever value comes along.
    function bring(IArbitrator arbitrator, uint256 choices, bytes calldata extraData)
        external
        payable
        returns (uint256 disputeID)
    {
        return arbitrator.createDispute{ value: msg.value }(choices, extraData);
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 disputeID, uint256 ruling) external {
        if (_refuses) revert ArbitrableContractRefused(disputeID, ruling);
        if (_returned.length != 0) {
            (bool done, bytes memory answer) = msg.sender.call(_returned);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
        }
        emit Ruling(IArbitrator(msg.sender), disputeID, ruling);
    }
}
