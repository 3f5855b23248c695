// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrable } from "./IArbitrable.sol";
import { IArbitrator } from "./IArbitrator.sol";

/// @title Arbitration panel
/// @notice The council's seats as an ERC-792 arbitrator, without those that share in the fee in dispute. It costs
/// nothing, and there is no appeal.
///
/// Who may rule is asked anew with every vote: each seat that the council has at that moment, but for those that the
/// dispute named as interested, and, where the hosts share in the fee, those that are hosts with weight now or were
/// when the dispute was brought. So a dispute goes on with the seats that there are: one that comes later may vote,
/// and a vote counts while its seat has been held without a break since it was cast. A seat may change its vote. Once
/// more than half of the seats that may rule have voted for the very same ruling, it is given for good. Where no seat
/// may rule, none ever is.
///
/// A seat is an identity, and the identity's current owner speaks for it (IdentityRegistry). Who shares is known by
/// identity and not by owner: a party could hand an identity of its own to a seat's owner, and would choose who rules.
/// extraData is `abi.encode(address[] interested, bool hostsShare)`, with at most 16 interested and nothing behind it.
interface IArbitrationPanel is IArbitrator {
    /// @notice A dispute was brought: how many choices there are, and who never rules on it.
    /// @param sharers The interested, as they were named, and the seats that were hosts with weight if the hosts share.
    event SharersExcluded(uint256 indexed disputeID, uint256 choices, address[] sharers, bool hostsShare);
    /// @notice A seat voted, for the first time or again.
    event RulingVoted(uint256 indexed disputeID, address indexed seat, uint256 ruling);
    /// @notice A ruling was given, for good.
    /// @param votes Votes for it that counted.
    /// @param required Votes that it took.
    event RulingGiven(uint256 indexed disputeID, uint256 ruling, uint256 votes, uint256 required);

    error ArbitrationPanelAddressInvalid(address given);
    error ArbitrationPanelNotContract(address caller);
    error ArbitrationPanelValueRefused(uint256 value);
    error ArbitrationPanelChoicesInvalid(uint256 choices);
    error ArbitrationPanelExtraDataInvalid();
    error ArbitrationPanelDisputeUnknown(uint256 disputeID);
    error ArbitrationPanelDisputeSolved(uint256 disputeID, uint256 ruling);
    error ArbitrationPanelNotSeat(address seat, address caller);
    error ArbitrationPanelSeatShares(uint256 disputeID, address seat);
    error ArbitrationPanelRulingInvalid(uint256 ruling, uint256 choices);
    error ArbitrationPanelNoMajority(uint256 disputeID, uint256 votes, uint256 required);
    error ArbitrationPanelNoAppeal(uint256 disputeID);

    /// @notice Votes for a ruling as a seat, for the first time or again; gives the ruling that then has its votes.
    /// @dev By the owner of the seat's identity. Emits RulingVoted, and RulingGiven when it decides. Reverts
    /// ArbitrationPanelDisputeUnknown, ArbitrationPanelDisputeSolved, ArbitrationPanelRulingInvalid,
    /// ArbitrationPanelNotSeat, ArbitrationPanelSeatShares, and whatever the arbitrable contract refuses it with.
    /// @param seat For which the caller speaks; where it speaks for several, it votes for each.
    /// @param ruling Zero to refuse to rule, else one of the choices from 1 on.
    function vote(uint256 disputeID, address seat, uint256 ruling) external;

    /// @notice Counts again and gives the ruling that has its votes by now, seats having come or gone. By anyone.
    /// @dev Emits RulingGiven. Reverts ArbitrationPanelDisputeUnknown, ArbitrationPanelDisputeSolved,
    /// ArbitrationPanelNoMajority, and whatever the arbitrable contract refuses the ruling with.
    function give(uint256 disputeID) external;

    /// @notice The ruling that has the most votes now, and the rule of this moment.
    /// @param ruling Of several with as many votes, any; zero where nobody voted.
    /// @param votes Votes for it that count now.
    /// @param required Votes that it takes now.
    function leadingOf(uint256 disputeID) external view returns (uint256 ruling, uint256 votes, uint256 required);

    /// @notice Votes for a ruling that count now.
    function votesFor(uint256 disputeID, uint256 ruling) external view returns (uint256 votes);

    /// @notice A seat's vote.
    /// @return counts Whether it counts now; where nobody voted or the seat has not been held since, it does not.
    /// @return ruling What it voted for.
    function voteOf(uint256 disputeID, address seat) external view returns (bool counts, uint256 ruling);

    /// @notice The seats that may rule on a dispute now, in no order that means anything.
    function eligibleSeats(uint256 disputeID) external view returns (address[] memory);

    /// @notice Whose dispute it is, and how many choices there are beside refusing to rule.
    function disputeOf(uint256 disputeID) external view returns (IArbitrable arbitrable, uint256 choices);

    /// @notice How many disputes were ever brought; they are numbered from 1 on.
    function disputeCount() external view returns (uint256);

    /// @notice NetworkAccess, by which the identity registry knows the contracts of its network and refuses them as
    /// participants. It governs nothing here.
    function authority() external view returns (address);

    /// @notice Whose seats rule, the registry that says who speaks for them, and what says which are hosts.
    function wiring() external view returns (address council, address identities, address hostRewards);
}
