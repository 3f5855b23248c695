// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IArbitrable } from "../../interfaces/IArbitrable.sol";
import { IArbitrationPanel } from "../../interfaces/IArbitrationPanel.sol";
import { IArbitrator } from "../../interfaces/IArbitrator.sol";
import { ICouncil } from "../../interfaces/ICouncil.sol";
import { IHostRewards } from "../../interfaces/IHostRewards.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";

/// @title Arbitration panel
/// @notice See IArbitrationPanel.
/// @dev Whoever brings a dispute brings its own: the panel keeps what it is told, and gives the ruling to whoever
/// brought it. Seats are as few as the charter lets them be, so that counting them all is cheap.
contract ArbitrationPanel is IArbitrationPanel {
    uint256 private constant MOST_INTERESTED = 16;
    /// @dev Words of extraData before the interested: where they begin, whether hosts share, how many they are.
    uint256 private constant HEAD_WORDS = 3;

    ICouncil private immutable COUNCIL;
    IIdentityRegistry private immutable IDENTITIES;
    IHostRewards private immutable HOST_REWARDS;

    /// @dev Three slots.
    struct Matter {
        IArbitrable arbitrable; // bytes 0-19: who brought it
        bool hostsShare; // byte  20
        bool isSolved; // byte  21
        uint256 choices; // second slot: below 2^208
        uint256 ruling; // third slot: once it is solved
    }

    /// @dev One slot.
    struct Ballot {
        uint48 seatedSince; // bytes 0-5: of the seat when it voted, Unix seconds; zero where it has not
        uint208 ruling; // bytes 6-31
    }

    uint256 private _disputeCount; // slot 0
    mapping(uint256 disputeID => Matter) private _matters; // slot 1
    mapping(uint256 disputeID => mapping(address identity => bool)) private _sharers; // slot 2: when it was brought
    mapping(uint256 disputeID => mapping(address seat => Ballot)) private _ballots; // slot 3

    constructor(ICouncil council, IIdentityRegistry identities, IHostRewards hostRewards) {
        _checkContract(address(council));
        _checkContract(address(identities));
        _checkContract(address(hostRewards));
        COUNCIL = council;
        IDENTITIES = identities;
        HOST_REWARDS = hostRewards;
    }

    // ---------------------------------------------------------------- disputes and rulings

    /// @inheritdoc IArbitrator
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeID) {
        // Check
        if (msg.sender.code.length == 0) revert ArbitrationPanelNotContract(msg.sender);
        if (msg.value != 0) revert ArbitrationPanelValueRefused(msg.value);
        if (choices == 0 || choices > type(uint208).max) revert ArbitrationPanelChoicesInvalid(choices);
        _checkExtraData(extraData);
        (address[] memory interested, bool hostsShare) = abi.decode(extraData, (address[], bool));

        // Effect
        disputeID = ++_disputeCount;
        Matter storage matter = _matters[disputeID];
        matter.arbitrable = IArbitrable(msg.sender);
        matter.hostsShare = hostsShare;
        matter.choices = choices;
        address[] memory sharers = _withHosts(interested, hostsShare);
        for (uint256 i; i < sharers.length; ++i) {
            _sharers[disputeID][sharers[i]] = true;
        }
        emit DisputeCreation(disputeID, IArbitrable(msg.sender));
        emit SharersExcluded(disputeID, choices, sharers, hostsShare);
    }

    /// @inheritdoc IArbitrationPanel
    function vote(uint256 disputeID, address seat, uint256 ruling) external {
        // Check
        Matter storage matter = _checkWaiting(disputeID);
        if (ruling > matter.choices) revert ArbitrationPanelRulingInvalid(ruling, matter.choices);
        uint48 seatedSince = COUNCIL.seatedSince(seat);
        if (seatedSince == 0 || IDENTITIES.identityOwner(seat) != msg.sender) {
            revert ArbitrationPanelNotSeat(seat, msg.sender);
        }
        if (_shares(disputeID, seat)) revert ArbitrationPanelSeatShares(disputeID, seat);

        // Effect
        // At most the choices, which 208 bits hold.
        _ballots[disputeID][seat] = Ballot({ seatedSince: seatedSince, ruling: uint208(ruling) });
        emit RulingVoted(disputeID, seat, ruling);
        (uint256 leading, uint256 votes, uint256 required) = leadingOf(disputeID);
        if (votes >= required) _give(disputeID, leading, votes, required);
    }

    /// @inheritdoc IArbitrationPanel
    function give(uint256 disputeID) external {
        _checkWaiting(disputeID);
        (uint256 ruling, uint256 votes, uint256 required) = leadingOf(disputeID);
        if (votes < required) revert ArbitrationPanelNoMajority(disputeID, votes, required);
        _give(disputeID, ruling, votes, required);
    }

    /// @inheritdoc IArbitrator
    /// @dev Always refused: a ruling is given for good.
    function appeal(uint256 disputeID, bytes calldata) external payable {
        revert ArbitrationPanelNoAppeal(disputeID);
    }

    // ---------------------------------------------------------------- views: ERC-792

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata) external pure returns (uint256 cost) {
        return 0;
    }

    /// @inheritdoc IArbitrator
    /// @dev More than anybody has, and little enough to be added to.
    function appealCost(uint256 disputeID, bytes calldata) external view returns (uint256 cost) {
        _checkKnown(disputeID);
        return type(uint256).max / 2;
    }

    /// @inheritdoc IArbitrator
    function appealPeriod(uint256 disputeID) external view returns (uint256 start, uint256 end) {
        _checkKnown(disputeID);
        return (0, 0);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 disputeID) external view returns (DisputeStatus status) {
        return _checkKnown(disputeID).isSolved ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    /// @inheritdoc IArbitrator
    function currentRuling(uint256 disputeID) external view returns (uint256 ruling) {
        return _checkKnown(disputeID).ruling;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IArbitrationPanel
    function leadingOf(uint256 disputeID) public view returns (uint256 ruling, uint256 votes, uint256 required) {
        address[] memory seats = eligibleSeats(disputeID);
        for (uint256 i; i < seats.length; ++i) {
            (bool counts, uint256 candidate) = voteOf(disputeID, seats[i]);
            if (!counts) continue;
            uint256 found = _count(disputeID, seats, candidate);
            if (found > votes) (ruling, votes) = (candidate, found);
        }
        required = seats.length / 2 + 1;
    }

    /// @inheritdoc IArbitrationPanel
    function votesFor(uint256 disputeID, uint256 ruling) external view returns (uint256 votes) {
        return _count(disputeID, eligibleSeats(disputeID), ruling);
    }

    /// @inheritdoc IArbitrationPanel
    function voteOf(uint256 disputeID, address seat) public view returns (bool counts, uint256 ruling) {
        Ballot memory ballot = _ballots[disputeID][seat];
        bool isHeldSince = ballot.seatedSince != 0 && ballot.seatedSince == COUNCIL.seatedSince(seat);
        counts = isHeldSince && !_shares(disputeID, seat);
        return (counts, ballot.ruling);
    }

    /// @inheritdoc IArbitrationPanel
    function eligibleSeats(uint256 disputeID) public view returns (address[] memory) {
        _checkKnown(disputeID);
        address[] memory seats = COUNCIL.seats();
        uint256 count;
        for (uint256 i; i < seats.length; ++i) {
            if (!_shares(disputeID, seats[i])) seats[count++] = seats[i];
        }
        return _first(seats, count);
    }

    /// @inheritdoc IArbitrationPanel
    function disputeOf(uint256 disputeID) external view returns (IArbitrable arbitrable, uint256 choices) {
        Matter storage matter = _checkKnown(disputeID);
        return (matter.arbitrable, matter.choices);
    }

    /// @inheritdoc IArbitrationPanel
    function disputeCount() external view returns (uint256) {
        return _disputeCount;
    }

    /// @inheritdoc IArbitrationPanel
    function authority() external view returns (address) {
        return IAccessManaged(address(IDENTITIES)).authority();
    }

    /// @inheritdoc IArbitrationPanel
    function wiring() external view returns (address council, address identities, address hostRewards) {
        return (address(COUNCIL), address(IDENTITIES), address(HOST_REWARDS));
    }

    // ---------------------------------------------------------------- internals

    function _give(uint256 disputeID, uint256 ruling, uint256 votes, uint256 required) private {
        // Effect: solved once, also where the arbitrable contract calls back.
        Matter storage matter = _matters[disputeID];
        matter.isSolved = true;
        matter.ruling = ruling;
        emit RulingGiven(disputeID, ruling, votes, required);

        // Interaction: what it refuses is not given.
        matter.arbitrable.rule(disputeID, ruling);
    }

    /// @dev Whether a seat shares in the fee: as it was when the dispute was brought, or by the weight that it has now.
    function _shares(uint256 disputeID, address seat) private view returns (bool) {
        return _sharers[disputeID][seat] || (_matters[disputeID].hostsShare && HOST_REWARDS.weightOf(seat) != 0);
    }

    function _count(uint256 disputeID, address[] memory seats, uint256 ruling) private view returns (uint256 votes) {
        for (uint256 i; i < seats.length; ++i) {
            (bool counts, uint256 candidate) = voteOf(disputeID, seats[i]);
            if (counts && candidate == ruling) ++votes;
        }
    }

    /// @dev The interested, and the seats that have weight now if the hosts share.
    function _withHosts(address[] memory interested, bool hostsShare) private view returns (address[] memory) {
        if (!hostsShare) return interested;
        address[] memory seats = COUNCIL.seats();
        address[] memory sharers = new address[](interested.length + seats.length);
        uint256 count;
        for (; count < interested.length; ++count) {
            sharers[count] = interested[count];
        }
        for (uint256 i; i < seats.length; ++i) {
            if (HOST_REWARDS.weightOf(seats[i]) != 0) sharers[count++] = seats[i];
        }
        return _first(sharers, count);
    }

    function _checkKnown(uint256 disputeID) private view returns (Matter storage matter) {
        matter = _matters[disputeID];
        if (address(matter.arbitrable) == address(0)) revert ArbitrationPanelDisputeUnknown(disputeID);
    }

    function _checkWaiting(uint256 disputeID) private view returns (Matter storage matter) {
        matter = _checkKnown(disputeID);
        if (matter.isSolved) revert ArbitrationPanelDisputeSolved(disputeID, matter.ruling);
    }

    function _checkContract(address given) private view {
        if (given.code.length == 0) revert ArbitrationPanelAddressInvalid(given);
    }

    /// @dev It is what `abi.encode` makes of addresses and a bool, so that decoding it cannot fail.
    function _checkExtraData(bytes calldata extraData) private pure {
        uint256 words = extraData.length / 32;
        bool isWhole = extraData.length % 32 == 0 && words >= HEAD_WORDS && words <= HEAD_WORDS + MOST_INTERESTED;
        if (
            !isWhole || _word(extraData, 0) != 64 || _word(extraData, 1) > 1
                || _word(extraData, 2) != words - HEAD_WORDS
        ) revert ArbitrationPanelExtraDataInvalid();
        for (uint256 i = HEAD_WORDS; i < words; ++i) {
            if (_word(extraData, i) > type(uint160).max) revert ArbitrationPanelExtraDataInvalid();
        }
    }

    function _word(bytes calldata data, uint256 index) private pure returns (uint256) {
        return uint256(bytes32(data[32 * index:]));
    }

    function _first(address[] memory list, uint256 count) private pure returns (address[] memory cut) {
        cut = new address[](count);
        for (uint256 i; i < count; ++i) {
            cut[i] = list[i];
        }
    }
}
