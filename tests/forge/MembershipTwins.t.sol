// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { ExchangeState } from "../../contracts/types/Exchanges.sol";
import { BrokenTwin } from "./BrokenTwin.sol";
import { ExchangeHandler } from "./ExchangeHandler.sol";
import { Handler } from "./Handler.sol";
import { MembershipHandler } from "./MembershipHandler.sol";
import { Network } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice Each invariant of membership and money, on a network where it does not hold.
contract MembershipTwins is BrokenTwin {
    Network private _network;
    address private _handler;

    function setUp() external {
        _network = new Network();
        _handler = address(new ExchangeHandler(_network));
    }

    function test_5_notices_a_suspension_that_was_not_told() external {
        _act(
            _network.guardian(),
            address(_network.identities()),
            abi.encodeCall(_network.identities().suspendUrgently, (_member()))
        );
        _noticed(5, _handler, MembershipHandler.checkStandings.selector);
    }

    function test_6_notices_a_count_that_is_off_by_one() external {
        address identities = address(_network.identities());
        bytes32 slot = keccak256(abi.encode(uint256(1), _network.slotOf("IdentityRegistry._roleCounts")));
        VM.store(identities, slot, bytes32(uint256(VM.load(identities, slot)) + 1));
        _noticed(6, _handler, MembershipHandler.checkRoleCounts.selector);
    }

    function test_7_notices_a_guardian_that_may_do_anything() external {
        _makeAdmin(_network, _network.guardian());
        _noticedInSteps(7, _handler, MembershipHandler.trespassKnowingly.selector);
    }

    function test_7_notices_money_that_its_owner_did_not_move() external {
        address escrow = address(_network.escrow());
        address credit = address(_network.credit());
        _act(_network.treasurer(), credit, abi.encodeCall(INetworkCredit.issue, (_member(), 5, bytes32("paid"))));
        _act(_member(), credit, abi.encodeCall(IERC20.approve, (escrow, 5)));
        _act(_member(), escrow, abi.encodeCall(IFeeEscrow.deposit, (_member(), 5)));
        _noticed(7, _handler, ExchangeHandler.checkLedgers.selector);
    }

    function test_7_notices_fees_that_nobody_voted_for() external {
        address schedule = address(_network.schedule());
        VM.mockCall(schedule, abi.encodeCall(IFeeSchedule.currentVersion, ()), abi.encode(2));
        _noticed(7, _handler, MembershipHandler.checkCouncilsWord.selector);
    }

    function test_8_notices_a_recruiter_that_changed() external {
        address identities = address(_network.identities());
        bytes32 slot = keccak256(abi.encode(_member(), _network.slotOf("IdentityRegistry._participants")));
        VM.store(identities, slot, bytes32(uint256(VM.load(identities, slot)) ^ 1));
        _noticed(8, _handler, MembershipHandler.checkStandings.selector);
    }

    function test_9_notices_a_pause_that_blocks_money() external {
        _block(address(_network.escrow()), IFeeEscrow.announceWithdrawal.selector);
        _noticedInSteps(9, _handler, ExchangeHandler.takeOutWhateverIsPaused.selector);
    }

    function test_9_notices_a_pause_that_blocks_a_withdrawal_of_consent() external {
        _block(address(_network.consents()), IConsentToken.withdraw.selector);
        _noticedInSteps(9, _handler, ExchangeHandler.withdrawConsent.selector);
    }

    function test_10_notices_a_second_admin() external {
        _makeAdmin(_network, _network.deployer());
        _noticed(10, _handler, Handler.checkAdmins.selector);
    }

    function test_11_notices_a_token_that_left_the_escrow() external {
        _act(address(_network.escrow()), address(_network.credit()), abi.encodeCall(IERC20.transfer, (_member(), 1)));
        _noticed(11, _handler, ExchangeHandler.checkLedgers.selector);
    }

    function test_12_notices_an_exchange_that_moved_by_itself() external {
        _make();
        VM.mockCall(
            address(_network.escrow()),
            abi.encodeWithSelector(IFeeEscrow.stateOf.selector),
            abi.encode(ExchangeState.Refunded, 1)
        );
        _noticed(12, _handler, ExchangeHandler.checkExchanges.selector);
    }

    function test_12_notices_a_slot_of_an_exchange_that_never_was() external {
        _make();
        VM.mockCall(address(_network.escrow()), abi.encodeWithSelector(IFeeEscrow.slotOf.selector), abi.encode(1));
        _noticed(12, _handler, ExchangeHandler.checkExchanges.selector);
    }

    function test_12_notices_a_nonce_that_no_batch_spent() external {
        _make();
        bytes memory question = abi.encodeWithSelector(IConsentToken.isNonceSpent.selector);
        VM.mockCall(address(_network.consents()), question, abi.encode(true));
        _noticed(12, _handler, ExchangeHandler.checkExchanges.selector);
    }

    /// @dev A consent, so that there is something to ask about.
    function _make() private {
        ExchangeHandler(_handler).grant(1);
        ExchangeHandler(_handler).checkExchanges();
    }

    /// @dev A member from before the first step, with money in the escrow.
    function _member() private view returns (address) {
        return _network.account(21);
    }

    function _block(address target, bytes4 selector) private {
        bytes memory refusal = abi.encodeWithSelector(IConsentToken.ConsentTokenUsesPaused.selector, 1);
        VM.mockCallRevert(target, abi.encodeWithSelector(selector), refusal);
    }
}
