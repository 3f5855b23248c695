// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Governor } from "@openzeppelin/contracts/governance/Governor.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { GovernorTimelockControl } from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { ICouncil } from "../../interfaces/ICouncil.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { Jurisdictions } from "../libraries/Jurisdictions.sol";
import { Roles } from "../types/Participants.sol";

/// @title Council
/// @notice See ICouncil.
contract Council is ICouncil, GovernorTimelockControl {
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant FEWEST_SEATS = 3;
    uint48 private constant EXPIRY_SECONDS = 30 days;
    uint32 private constant SHORTEST_DELAY_SECONDS = 1 minutes;
    uint32 private constant LONGEST_DELAY_SECONDS = 7 days;
    uint32 private constant SHORTEST_VOTING_SECONDS = 1 hours;
    uint32 private constant LONGEST_VOTING_SECONDS = 30 days;
    uint32 private constant SHORTEST_OPINION_SECONDS = 1 hours;

    IIdentityRegistry private immutable IDENTITIES;
    INetworkCharter private immutable CHARTER;
    address private immutable ACCESS;
    address private immutable DIRECTORY;

    /// @dev As in OpenZeppelin's simple counting.
    enum Support {
        Against,
        For,
        Abstain
    }

    /// @dev One slot.
    struct Ballot {
        bool cast; // byte  0
        Support support; // byte  1
    }

    /// @dev One slot.
    struct Opinions {
        uint48 until; // bytes 0-5: last instant for opinions, Unix seconds
        uint32 filed; // bytes 6-9
        bool adverse; // byte  10: one of them is
        bool exempt; // byte  11: none is needed
    }

    address[] private _seats;
    mapping(address seat => uint48) private _seatedSince;
    Checkpoints.Trace208 private _seatCounts; // by instant
    Periods private _periods;
    mapping(uint256 proposalId => mapping(address seat => Ballot)) private _ballots;
    mapping(uint256 proposalId => Opinions) private _opinions;
    mapping(uint256 proposalId => mapping(address regulator => Opinion)) private _opinionOf;
    mapping(address target => mapping(bytes4 selector => bool)) private _exempt;

    /// @param timelock_ Carries out what was voted.
    /// @param founders The first seats: three.
    /// @param exemptions Actions that need no opinion from the start.
    constructor(
        TimelockController timelock_,
        IIdentityRegistry identities,
        INetworkCharter charter,
        address access,
        address directory,
        address[] memory founders,
        Periods memory periods_,
        Exemption[] memory exemptions
    ) Governor("Consentry Council") GovernorTimelockControl(timelock_) {
        if (address(timelock_) == address(0)) revert CouncilAddressInvalid(address(timelock_));
        if (address(identities) == address(0)) revert CouncilAddressInvalid(address(identities));
        if (address(charter) == address(0)) revert CouncilAddressInvalid(address(charter));
        if (access == address(0)) revert CouncilAddressInvalid(access);
        if (directory == address(0)) revert CouncilAddressInvalid(directory);
        IDENTITIES = identities;
        CHARTER = charter;
        ACCESS = access;
        DIRECTORY = directory;
        if (founders.length != FEWEST_SEATS) revert CouncilSeatsTooFew(founders.length, FEWEST_SEATS);
        for (uint256 i; i < founders.length; ++i) {
            _take(founders[i]);
        }
        _setPeriods(periods_);
        for (uint256 i; i < exemptions.length; ++i) {
            _setExemption(exemptions[i].target, exemptions[i].selector, true);
        }
    }

    // ---------------------------------------------------------------- seats

    /// @inheritdoc ICouncil
    function addSeat(address seat) external onlyGovernance {
        uint256 cap = CHARTER.seatCap();
        if (_seats.length >= cap) revert CouncilSeatsTooMany(_seats.length + 1, cap);
        _checkCharterSigned(seat);
        _take(seat);
    }

    /// @inheritdoc ICouncil
    function removeSeat(address seat) external onlyGovernance {
        _leave(seat, true);
    }

    /// @inheritdoc ICouncil
    function replaceSeat(address former, address next) external onlyGovernance {
        // Check
        uint256 index = _indexOf(former);
        _checkCharterSigned(next);
        _checkSeatless(next);

        // Effect: a seat for a seat, so that there is no other count of seats to note.
        delete _seatedSince[former];
        _seatedSince[next] = uint48(block.timestamp);
        _seats[index] = next;
        emit SeatLeft(former, _seats.length - 1, true);
        emit SeatTaken(next, _seats.length);
    }

    /// @inheritdoc ICouncil
    function giveSeatBack() external {
        address seat = seatOf(msg.sender);
        if (seat == address(0)) revert CouncilNotSeat(msg.sender);
        _leave(seat, false);
    }

    // ---------------------------------------------------------------- opinions

    /// @inheritdoc ICouncil
    function fileOpinion(
        uint256 proposalId,
        address regulator,
        Opinion opinion,
        bytes32 document,
        bytes2 jurisdiction
    ) external {
        // Check
        if (
            msg.sender != IDENTITIES.identityOwner(regulator) || !IDENTITIES.hasActiveRole(regulator, Roles.REGULATOR)
        ) revert CouncilNotRegulator(regulator, msg.sender);
        Opinions memory opinions = _opinions[proposalId];
        if (opinions.until == 0) revert CouncilProposalUnknown(proposalId);
        if (opinions.exempt) revert CouncilOpinionNotNeeded(proposalId);
        if (block.timestamp > opinions.until) revert CouncilOpinionTooLate(proposalId, opinions.until);
        Opinion former = _opinionOf[proposalId][regulator];
        if (former != Opinion.None) revert CouncilOpinionFiled(proposalId, regulator, former);
        if (opinion == Opinion.None || document == 0) revert CouncilOpinionMissing(proposalId, regulator);
        if (!Jurisdictions.isValid(jurisdiction)) revert CouncilJurisdictionInvalid(jurisdiction);

        // Effect
        _opinionOf[proposalId][regulator] = opinion;
        opinions.filed += 1;
        if (opinion == Opinion.Adverse) opinions.adverse = true;
        _opinions[proposalId] = opinions;
        emit OpinionFiled(proposalId, regulator, opinion, document, jurisdiction);
    }

    // ---------------------------------------------------------------- rules, by vote

    /// @inheritdoc ICouncil
    function setPeriods(Periods calldata periods_) external onlyGovernance {
        _setPeriods(periods_);
    }

    /// @inheritdoc ICouncil
    function setExemption(address target, bytes4 selector, bool exempt) external onlyGovernance {
        _setExemption(target, selector, exempt);
    }

    /// @notice Always refused: what is relayed would escape opinion and timelock.
    function relay(address, uint256, bytes calldata) external payable override {
        revert CouncilFunctionDisabled(this.relay.selector);
    }

    /// @notice Always refused: another council is voted in with a timelock of its own.
    function updateTimelock(TimelockController) external pure override {
        revert CouncilFunctionDisabled(this.updateTimelock.selector);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ICouncil
    function seats() external view returns (address[] memory) {
        return _seats;
    }

    /// @inheritdoc ICouncil
    function seatCount() external view returns (uint256) {
        return _seats.length;
    }

    /// @inheritdoc ICouncil
    function seatedSince(address seat) external view returns (uint48) {
        return _seatedSince[seat];
    }

    /// @inheritdoc ICouncil
    function seatOf(address account) public view returns (address) {
        uint256 count = _seats.length;
        for (uint256 i; i < count; ++i) {
            if (IDENTITIES.identityOwner(_seats[i]) == account) return _seats[i];
        }
        return address(0);
    }

    /// @inheritdoc ICouncil
    function tallyOf(uint256 proposalId) public view returns (uint256 votesFor, uint256 required) {
        uint256 startedAt = proposalSnapshot(proposalId);
        if (startedAt == 0) revert CouncilProposalUnknown(proposalId);
        uint256 count = _seats.length;
        for (uint256 i; i < count; ++i) {
            address seat = _seats[i];
            Ballot memory ballot = _ballots[proposalId][seat];
            if (ballot.cast && ballot.support == Support.For && _seatedSince[seat] <= startedAt) ++votesFor;
        }
        uint256 larger = Math.max(_seatCounts.upperLookup(_instant(startedAt)), count);
        required = _needsAll(proposalId) ? larger : _twoThirds(larger);
    }

    /// @inheritdoc ICouncil
    function opinionsOn(uint256 proposalId)
        external
        view
        returns (bool exempt, uint48 opinionUntil, uint32 filed, bool adverse)
    {
        Opinions memory opinions = _opinions[proposalId];
        return (opinions.exempt, opinions.until, opinions.filed, opinions.adverse);
    }

    /// @inheritdoc ICouncil
    function opinionOf(uint256 proposalId, address regulator) external view returns (Opinion) {
        return _opinionOf[proposalId][regulator];
    }

    /// @inheritdoc ICouncil
    function periods() external view returns (Periods memory) {
        return _periods;
    }

    /// @inheritdoc ICouncil
    function isExempt(address target, bytes4 selector) external view returns (bool) {
        return _exempt[target][selector];
    }

    /// @inheritdoc ICouncil
    function wiring() external view returns (address identities, address charter) {
        return (address(IDENTITIES), address(CHARTER));
    }

    // ---------------------------------------------------------------- Governor

    /// @notice State of a proposal, by the rule of this moment.
    /// @dev An exempt proposal need not wait for the end of voting once it has its votes.
    function state(uint256 proposalId) public view override returns (ProposalState current) {
        current = super.state(proposalId);
        if (current == ProposalState.Active && _opinions[proposalId].exempt && _quorumReached(proposalId)) {
            current = proposalEta(proposalId) == 0 ? ProposalState.Succeeded : ProposalState.Queued;
        }
        if (
            (current == ProposalState.Succeeded || current == ProposalState.Queued)
                && clock() > proposalDeadline(proposalId) + EXPIRY_SECONDS
        ) current = ProposalState.Expired;
    }

    /// @notice Seats alone propose.
    function proposalThreshold() public pure override returns (uint256) {
        return 1;
    }

    /// @notice Two thirds, rounded up, of the seats at an instant.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return _twoThirds(_seatCounts.upperLookup(_instant(timepoint)));
    }

    /// @notice Seconds from a proposal to the start of voting.
    function votingDelay() public view override returns (uint256) {
        return _periods.votingDelay;
    }

    /// @notice Length of voting, seconds.
    function votingPeriod() public view override returns (uint256) {
        return _periods.voting;
    }

    /// @notice Unix seconds (ERC-6372).
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice See ERC-6372.
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Votes for and against, and abstentions; those in favour make the quorum.
    function COUNTING_MODE() external pure returns (string memory) {
        return "support=bravo&quorum=for";
    }

    /// @notice Whether the seat for which an account speaks has voted; where there are several, whether all have.
    function hasVoted(uint256 proposalId, address account) external view returns (bool) {
        (address seat, bool voted) = _ballotLeft(proposalId, account);
        return seat == address(0) && voted;
    }

    // ---------------------------------------------------------------- internals: Governor

    /// @dev Proposals whose targets are no contracts cannot do what they say.
    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256 proposalId) {
        bool exempt = true;
        for (uint256 i; i < targets.length; ++i) {
            if (targets[i].code.length == 0) revert CouncilTargetInvalid(targets[i]);
            if (i < calldatas.length) {
                exempt = exempt && calldatas[i].length >= 4 && _exempt[targets[i]][bytes4(calldatas[i])];
            }
        }
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        uint48 until = clock() + _periods.opinion;
        _opinions[proposalId] = Opinions({ until: until, filed: 0, adverse: false, exempt: exempt });
        emit OpinionAsked(proposalId, exempt, until);
    }

    function _quorumReached(uint256 proposalId) internal view override returns (bool) {
        (uint256 votesFor, uint256 required) = tallyOf(proposalId);
        return votesFor >= required;
    }

    /// @dev One question decides, and `_quorumReached` asks it.
    function _voteSucceeded(uint256) internal pure override returns (bool) {
        return true;
    }

    function _getVotes(address account, uint256 timepoint, bytes memory) internal view override returns (uint256) {
        uint256 count = _seats.length;
        for (uint256 i; i < count; ++i) {
            if (_speaks(account, _seats[i], timepoint)) return 1;
        }
        return 0;
    }

    function _countVote(uint256 proposalId, address account, uint8 support, uint256 weight, bytes memory)
        internal
        override
        returns (uint256)
    {
        if (weight == 0) revert CouncilNotSeat(account);
        if (support > uint8(type(Support).max)) revert CouncilSupportInvalid(support);
        (address seat,) = _ballotLeft(proposalId, account);
        if (seat == address(0)) revert GovernorAlreadyCastVote(account);
        _ballots[proposalId][seat] = Ballot({ cast: true, support: Support(support) });
        return weight;
    }

    /// @dev A seat for which an account speaks and which has not voted, and whether one has. A seat can be handed to an
    /// account that speaks for another: whatever has become of the one ballot, the other is left.
    function _ballotLeft(uint256 proposalId, address account) private view returns (address seat, bool voted) {
        uint256 startedAt = proposalSnapshot(proposalId);
        uint256 count = _seats.length;
        for (uint256 i; i < count; ++i) {
            if (!_speaks(account, _seats[i], startedAt)) continue;
            if (!_ballots[proposalId][_seats[i]].cast) return (_seats[i], voted);
            voted = true;
        }
    }

    /// @dev Whether an account speaks for a seat that is held since an instant.
    function _speaks(address account, address seat, uint256 since) private view returns (bool) {
        return _seatedSince[seat] <= since && IDENTITIES.identityOwner(seat) == account;
    }

    // ---------------------------------------------------------------- internals

    function _take(address seat) private {
        _checkSeatless(seat);
        _seatedSince[seat] = uint48(block.timestamp);
        _seats.push(seat);
        _seatCounts.push(uint48(block.timestamp), uint208(_seats.length));
        emit SeatTaken(seat, _seats.length);
    }

    function _leave(address seat, bool byVote) private {
        uint256 index = _indexOf(seat);
        uint256 left = _seats.length - 1;
        if (left < FEWEST_SEATS) revert CouncilSeatsTooFew(left, FEWEST_SEATS);
        delete _seatedSince[seat];
        _seats[index] = _seats[left];
        _seats.pop();
        _seatCounts.push(uint48(block.timestamp), uint208(left));
        emit SeatLeft(seat, left, byVote);
    }

    function _indexOf(address seat) private view returns (uint256 index) {
        if (_seatedSince[seat] == 0) revert CouncilSeatUnknown(seat);
        while (_seats[index] != seat) ++index;
    }

    function _checkSeatless(address identity) private view {
        if (identity == address(0) || identity == address(this)) revert CouncilSeatInvalid(identity);
        if (_seatedSince[identity] != 0) revert CouncilSeatTaken(identity);
    }

    function _checkCharterSigned(address identity) private view {
        uint32 version = CHARTER.currentVersion();
        if (!CHARTER.hasSigned(version, identity)) revert CouncilCharterNotSigned(identity, version);
    }

    function _setPeriods(Periods memory given) private {
        if (
            given.votingDelay < SHORTEST_DELAY_SECONDS || given.votingDelay > LONGEST_DELAY_SECONDS
                || given.voting < SHORTEST_VOTING_SECONDS || given.voting > LONGEST_VOTING_SECONDS
                || given.opinion < SHORTEST_OPINION_SECONDS || given.opinion > given.votingDelay + given.voting
        ) revert CouncilPeriodsInvalid(given.votingDelay, given.voting, given.opinion);
        _periods = given;
        emit PeriodsSet(given);
    }

    function _setExemption(address target, bytes4 selector, bool exempt) private {
        if (
            target == address(this) || target == timelock() || target == ACCESS || target == DIRECTORY
                || selector == Multicall.multicall.selector
        ) revert CouncilExemptionInvalid(target, selector);
        if (_exempt[target][selector] == exempt) revert CouncilExemptionUnchanged(target, selector, exempt);
        _exempt[target][selector] = exempt;
        emit ExemptionSet(target, selector, exempt);
    }

    /// @dev Adverse, or silent to the end. While opinions can still come in, voting is not over either.
    function _needsAll(uint256 proposalId) private view returns (bool) {
        Opinions memory opinions = _opinions[proposalId];
        if (opinions.exempt) return false;
        return opinions.adverse || (opinions.filed == 0 && block.timestamp > opinions.until);
    }

    function _twoThirds(uint256 count) private pure returns (uint256) {
        return (2 * count + 2) / 3; // rounded up
    }

    function _instant(uint256 timepoint) private pure returns (uint48) {
        return timepoint > type(uint48).max ? type(uint48).max : uint48(timepoint);
    }
}
