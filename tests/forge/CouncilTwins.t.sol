// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ICouncil } from "../../interfaces/ICouncil.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { BrokenTwin } from "./BrokenTwin.sol";
import { CouncilHandler } from "./CouncilHandler.sol";
import { Handler } from "./Handler.sol";
import { Network } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice Each of the council's invariants, on a network where it does not hold.
contract CouncilTwins is BrokenTwin {
    Network private _network;
    address private _handler;

    function setUp() external {
        _network = new Network();
        _handler = address(new CouncilHandler(_network));
    }

    function test_1_notices_a_proposal_that_takes_other_votes() external {
        for (uint256 seed; CouncilHandler(_handler).reached("propose") == 0; ++seed) {
            CouncilHandler(_handler).propose(seed);
        }
        _seatSomebodyUnheard();
        _noticed(1, _handler, CouncilHandler.checkStates.selector);
    }

    function test_2_notices_a_refusal_that_no_rule_gives() external {
        bytes4 propose = bytes4(keccak256("propose(address[],uint256[],bytes[],string)"));
        VM.mockCallRevert(address(_network.council()), abi.encodeWithSelector(propose), "");
        _noticedInSteps(2, _handler, CouncilHandler.propose.selector);
    }

    function test_3_notices_an_execution_without_the_votes() external {
        bytes4 execute = bytes4(keccak256("execute(address[],uint256[],bytes[],bytes32)"));
        VM.mockCall(address(_network.council()), abi.encodeWithSelector(execute), abi.encode(1));
        for (uint256 seed; CouncilHandler(_handler).reached("propose") == 0; ++seed) {
            CouncilHandler(_handler).propose(seed);
        }
        _noticedInSteps(3, _handler, CouncilHandler.takeOn.selector);
    }

    function test_4_notices_a_seat_that_nobody_voted_for() external {
        _seatSomebodyUnheard();
        _noticed(4, _handler, CouncilHandler.checkSeats.selector);
    }

    function test_7_notices_a_deployer_that_kept_its_powers() external {
        _makeAdmin(_network, _network.deployer());
        _noticedInSteps(7, _handler, Handler.trespass.selector);
    }

    function test_7_notices_a_ceiling_that_nobody_voted_for() external {
        _act(_network.timelock(), address(_network.credit()), abi.encodeCall(INetworkCredit.setCeiling, (1)));
        _noticed(7, _handler, CouncilHandler.checkCouncilsWord.selector);
    }

    function test_9_notices_a_seat_that_cannot_be_given_back() external {
        VM.mockCallRevert(address(_network.council()), abi.encodeCall(ICouncil.giveSeatBack, ()), "");
        _noticedInSteps(9, _handler, CouncilHandler.giveSeatBack.selector);
    }

    function test_10_notices_a_second_admin() external {
        _makeAdmin(_network, _network.guardian());
        _noticed(10, _handler, Handler.checkAdmins.selector);
    }

    /// @dev Writes a fourth seat where the council keeps its seats.
    function _seatSomebodyUnheard() private {
        address council = address(_network.council());
        uint256 slot = _network.slotOf("Council._seats");
        uint256 seats = uint256(VM.load(council, bytes32(slot)));
        VM.store(council, bytes32(slot), bytes32(seats + 1));
        bytes32 last = bytes32(uint256(keccak256(abi.encode(slot))) + seats);
        VM.store(council, last, bytes32(uint256(uint160(_network.account(8)))));
    }
}
