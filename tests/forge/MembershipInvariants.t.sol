// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeHandler } from "./ExchangeHandler.sol";
import { InvariantSuite } from "./InvariantSuite.sol";
import { MembershipHandler } from "./MembershipHandler.sol";
import { Network } from "./Network.sol";

/// @notice Membership, money and exchanges under random applications, votes, guardians, owners and time. What must hold
/// after every step, by number (5 to 8 as in tests/python/stateful):
///
/// 5. A participant stands where the last decision about it put it; whatever is refused is refused with the error that
///    its standing gives, and nothing else is refused.
/// 6. The counts of roles are those of the Active participants: in the model, in the registry, and in the sets that the
///    registry's events alone rebuild.
/// 7. No single key, the deployer's, a guardian's and a founder's included, gets through to a function that is the
///    council's: not to admit, promote, move money, or change a fee. Every ledger and wallet is what its owner's own
///    steps left in it.
/// 8. A recruiter never changes, and neither does the instant of the first admission.
/// 9. A pause, a suspension or a removal blocks no exit: what was funded is delivered, declined, accepted, disputed and
///    timed out; consents are withdrawn; prepaid and earned money is taken; recruiters and hosts are credited; hosts
///    resign.
/// 10. The timelock is the only admin, and the council the only one for which it acts.
/// 11. The escrow's tokens are both ledgers, what open exchanges hold, bonds, and hosts' unclaimed rewards, to the last
///     unit.
/// 12. An exchange stands where its last step put it, and one that ended keeps to that; a settled one leaves no slot, and
///     a use that a batch took counts in the token's bit alone.
///
/// 9 stands in the handler, which predicts every step and reverts where it was wrong.
contract MembershipInvariants is InvariantSuite {
    ExchangeHandler private _handler;

    function setUp() external {
        _handler = new ExchangeHandler(new Network());
        bytes4[] memory steps = new bytes4[](19);
        steps[0] = MembershipHandler.passTime.selector;
        steps[1] = MembershipHandler.join.selector;
        steps[2] = MembershipHandler.decide.selector;
        steps[3] = MembershipHandler.suspendUrgently.selector;
        steps[4] = MembershipHandler.liftSuspension.selector;
        steps[5] = MembershipHandler.changeOwner.selector;
        steps[6] = MembershipHandler.pause.selector;
        steps[7] = MembershipHandler.trespassKnowingly.selector;
        steps[8] = ExchangeHandler.deposit.selector;
        steps[9] = ExchangeHandler.accredit.selector;
        steps[10] = ExchangeHandler.grant.selector;
        steps[11] = ExchangeHandler.fund.selector;
        steps[12] = ExchangeHandler.trade.selector;
        steps[13] = ExchangeHandler.proceed.selector;
        steps[14] = ExchangeHandler.withdrawConsent.selector;
        steps[15] = ExchangeHandler.takeOut.selector;
        steps[16] = ExchangeHandler.takeOutWhateverIsPaused.selector;
        steps[17] = ExchangeHandler.exchange.selector;
        steps[18] = ExchangeHandler.exchangeBatch.selector;
        _drives(address(_handler), steps);
    }

    /// @dev One function and not one for each number: forge runs every step again for each.
    function invariant_membership() external view {
        _handler.checkStandings();
        _handler.checkRoleCounts();
        _handler.checkCouncilsWord();
        _handler.checkLedgers();
        _handler.checkExchanges();
        _handler.checkAdmins();
    }

    function afterInvariant() external {
        _handler.report("MembershipInvariants");
    }
}
