// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Council
/// @notice The founding members: one seat, one vote, behind a timelock of which this contract is the only proposer,
/// canceller and executor. An OpenZeppelin Governor that keeps its own seats: no vote tokens and no delegation.
/// @dev A seat is an identity; the identity's current owner speaks for it (IdentityRegistry). A vote counts while its seat
/// has been held without a break since voting began, and is counted when it is asked for: at queueing and at execution too.
/// A proposal carries with two thirds, rounded up, of the larger of two numbers: seats when voting began, and seats now.
/// Every proposal needs a regulator's opinion, unless each of its actions is exempt. With an adverse opinion, or none
/// by the end of the opinion period, it carries with all seats only. A proposal that is exempt carries as soon as it has its
/// votes, so that seats can ratify what a guardian did by votes that they sign. What was not executed 30 days after
/// the end of voting expires.
interface ICouncil {
    /// @notice What a regulator thinks of a proposal.
    enum Opinion {
        None,
        Favourable,
        Neutral,
        Adverse
    }

    /// @notice Spans in seconds.
    /// @param votingDelay From a proposal to the start of voting: 1 minute to 7 days.
    /// @param voting Length of voting: 1 hour to 30 days.
    /// @param opinion From a proposal to the last instant for opinions: 1 hour to `votingDelay + voting`.
    struct Periods {
        uint32 votingDelay;
        uint32 voting;
        uint32 opinion;
    }

    /// @notice An action that needs no opinion.
    struct Exemption {
        address target;
        bytes4 selector;
    }

    /// @notice A seat was taken.
    event SeatTaken(address indexed seat, uint256 seats);
    /// @notice A seat was lost by vote, or given back.
    event SeatLeft(address indexed seat, uint256 seats, bool byVote);
    /// @notice A proposal was made: whether it needs no opinion, and the last instant for one (Unix seconds).
    event OpinionAsked(uint256 indexed proposalId, bool exempt, uint48 opinionUntil);
    /// @notice A regulator filed its opinion; `document` is the hash of its text, `jurisdiction` ISO 3166-1 alpha-2.
    event OpinionFiled(
        uint256 indexed proposalId, address indexed regulator, Opinion opinion, bytes32 document, bytes2 jurisdiction
    );
    /// @notice The periods of later proposals were set.
    event PeriodsSet(Periods periods);
    /// @notice An action needs no opinion any more, or needs one again.
    event ExemptionSet(address indexed target, bytes4 indexed selector, bool exempt);

    error CouncilAddressInvalid(address given);
    error CouncilSeatInvalid(address seat);
    error CouncilSeatTaken(address seat);
    error CouncilSeatUnknown(address seat);
    error CouncilSeatsTooFew(uint256 seats, uint256 fewest);
    error CouncilSeatsTooMany(uint256 seats, uint256 cap);
    error CouncilCharterNotSigned(address seat, uint32 version);
    error CouncilNotSeat(address account);
    error CouncilSupportInvalid(uint8 support);
    error CouncilTargetInvalid(address target);
    error CouncilPeriodsInvalid(uint32 votingDelay, uint32 voting, uint32 opinion);
    error CouncilExemptionInvalid(address target, bytes4 selector);
    error CouncilExemptionUnchanged(address target, bytes4 selector, bool exempt);
    error CouncilFunctionDisabled(bytes4 selector);
    error CouncilProposalUnknown(uint256 proposalId);
    error CouncilOpinionNotNeeded(uint256 proposalId);
    error CouncilOpinionTooLate(uint256 proposalId, uint48 opinionUntil);
    error CouncilOpinionFiled(uint256 proposalId, address regulator, Opinion opinion);
    error CouncilOpinionMissing(uint256 proposalId, address regulator);
    error CouncilJurisdictionInvalid(bytes2 jurisdiction);
    error CouncilNotRegulator(address regulator, address caller);

    /// @notice Gives an identity a seat. By vote.
    /// @dev Emits SeatTaken. Reverts CouncilSeatInvalid (zero), CouncilSeatTaken, CouncilSeatsTooMany (the charter's cap),
    /// CouncilCharterNotSigned (the charter in force).
    function addSeat(address seat) external;

    /// @notice Takes a seat from an identity. By vote.
    /// @dev Emits SeatLeft. Reverts CouncilSeatUnknown, CouncilSeatsTooFew (three stay).
    function removeSeat(address seat) external;

    /// @notice Takes a seat from one identity and gives it to another: there are as many seats as before, so that it can
    /// be done where the charter's cap is also the fewest. By vote.
    /// @param former Its ballots count no more.
    /// @param next Its tenure begins in this second: it has no say in what was being voted on before.
    /// @dev Emits SeatLeft and SeatTaken. Reverts CouncilSeatUnknown (`former`), CouncilCharterNotSigned (the charter
    /// in force), CouncilSeatTaken.
    function replaceSeat(address former, address next) external;

    /// @notice Gives the caller's own seat back.
    /// @dev Emits SeatLeft. Reverts CouncilNotSeat, CouncilSeatsTooFew (three stay).
    function giveSeatBack() external;

    /// @notice Files a regulator's opinion on a proposal, once. By the owner of an Active regulator.
    /// @param document Hash of the opinion's text.
    /// @param jurisdiction ISO 3166-1 alpha-2, upper case.
    /// @dev Emits OpinionFiled. Reverts CouncilNotRegulator, CouncilProposalUnknown, CouncilOpinionNotNeeded,
    /// CouncilOpinionTooLate (in time while `block.timestamp <= opinionUntil`), CouncilOpinionFiled,
    /// CouncilOpinionMissing (no opinion, or no document), CouncilJurisdictionInvalid.
    function fileOpinion(
        uint256 proposalId,
        address regulator,
        Opinion opinion,
        bytes32 document,
        bytes2 jurisdiction
    ) external;

    /// @notice Sets the periods of later proposals. By vote.
    /// @dev Emits PeriodsSet. Reverts CouncilPeriodsInvalid.
    function setPeriods(Periods calldata periods) external;

    /// @notice Says whether an action needs no opinion. By vote.
    /// @dev Emits ExemptionSet. Reverts CouncilExemptionInvalid for what could carry another action with it: this
    /// contract, its timelock, the access manager, the directory, and `multicall` of anything; CouncilExemptionUnchanged.
    function setExemption(address target, bytes4 selector, bool exempt) external;

    /// @notice All seats, in no order that means anything.
    function seats() external view returns (address[] memory);

    /// @notice How many seats there are.
    function seatCount() external view returns (uint256);

    /// @notice Since when an identity has held its seat without a break, Unix seconds; zero when it has none.
    function seatedSince(address seat) external view returns (uint48);

    /// @notice The seat for which an account speaks, or zero. Where an account owns the identities of several, the first of
    /// them; it then votes once for each. A seat is its holder's whatever its standing as a participant: the council takes it
    /// back by a vote of its own.
    function seatOf(address account) external view returns (address);

    /// @notice Votes that a proposal has now, and how many it takes: the rule of this moment.
    /// @param votesFor Votes in favour that count now.
    /// @param required Votes in favour that it takes now.
    function tallyOf(uint256 proposalId) external view returns (uint256 votesFor, uint256 required);

    /// @notice What is known of the opinions on a proposal.
    /// @param exempt Whether it needs none.
    /// @param opinionUntil Last instant for opinions, Unix seconds.
    /// @param filed Opinions filed.
    /// @param adverse Whether one of them is adverse.
    function opinionsOn(uint256 proposalId)
        external
        view
        returns (bool exempt, uint48 opinionUntil, uint32 filed, bool adverse);

    /// @notice A regulator's opinion on a proposal.
    function opinionOf(uint256 proposalId, address regulator) external view returns (Opinion);

    /// @notice The periods of a proposal that is made now.
    function periods() external view returns (Periods memory);

    /// @notice Whether an action needs no opinion.
    function isExempt(address target, bytes4 selector) external view returns (bool);

    /// @notice Identity registry and charter.
    function wiring() external view returns (address identities, address charter);
}
