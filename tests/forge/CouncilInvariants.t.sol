// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { CouncilHandler } from "./CouncilHandler.sol";
import { InvariantSuite } from "./InvariantSuite.sol";
import { Network } from "./Network.sol";

/// @notice The council under random seats, votes, opinions, charters and time. What must hold after every step, by
/// number (1 to 4 and 7 as in tests/python/stateful):
///
/// 1. Every proposal stands where the rule of this moment puts it: votes of seats held without a break since voting
///    began, against the larger of the thresholds for the seats then and the seats now; all seats where an opinion is
///    adverse or none came in time; 30 days to execute.
/// 2. Whatever is refused is refused with the error that the rule of this moment gives, and nothing else is refused.
/// 3. What was carried out had, at that moment, the votes that it took, of two seats at the least.
/// 4. The seats are those that votes and resignations left, three at the least and no more than the charter's cap.
/// 7. No single key, the deployer's, a guardian's and a founder's included, gets through to a function that is the
///    council's; fees, ceiling, charter and pauses are as its last carried word left them.
/// 9. A pause keeps nobody from giving a seat back.
/// 10. The timelock is the only admin, and the council the only one for which it acts.
///
/// 2, 3 and 9 stand in the handler, which predicts every step and reverts where it was wrong.
contract CouncilInvariants is InvariantSuite {
    CouncilHandler private _handler;

    function setUp() external {
        _handler = new CouncilHandler(new Network());
        bytes4[] memory steps = new bytes4[](9);
        steps[0] = CouncilHandler.passTime.selector;
        steps[1] = CouncilHandler.propose.selector;
        steps[2] = CouncilHandler.pushThrough.selector;
        steps[3] = CouncilHandler.vote.selector;
        steps[4] = CouncilHandler.fileOpinion.selector;
        steps[5] = CouncilHandler.takeOn.selector;
        steps[6] = CouncilHandler.giveSeatBack.selector;
        steps[7] = CouncilHandler.signCharter.selector;
        steps[8] = CouncilHandler.pauseUrgently.selector;
        _drives(address(_handler), steps);
    }

    /// @dev One function and not one for each number: forge runs every step again for each.
    function invariant_council() external {
        _handler.checkStates();
        _handler.checkSeats();
        _handler.checkCouncilsWord();
        _handler.checkAdmins();
    }

    function afterInvariant() external {
        _handler.report("CouncilInvariants");
    }
}
