// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { ICouncil } from "../../interfaces/ICouncil.sol";
import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { Assurance } from "../../contracts/types/Consents.sol";
import { Roles } from "../../contracts/types/Participants.sol";
import { Handler, InvariantBroken } from "./Handler.sol";
import { Network, governor } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice Seats, votes, opinions, charters and time at random, held against a model of the council's rules.
contract CouncilHandler is Handler {
    uint256 private constant FEWEST_SEATS = 3;
    uint256 private constant SEAT_CAP = 7;
    uint256 private constant CANDIDATES = 8;
    uint256 private constant LOOKED_AT = 12; // proposals that are looked at after every step: the latest
    uint48 private constant NEVER = type(uint48).max;
    uint256 private constant EXPIRY_SECONDS = 30 days;

    enum Kind {
        Add,
        Remove,
        Replace,
        Ceiling,
        Pause,
        Mixed,
        Fee,
        Charter
    }

    struct Proposal {
        uint256 id;
        Kind kind;
        address subject;
        address successor; // of the subject, where its seat is handed on
        uint256 number;
        uint256 startsAt;
        uint256 endsAt;
        uint256 opinionUntil;
        uint256 readyAt; // zero while it is not queued
        bool isExempt;
        bool isExecuted;
        bool isHeard; // some opinion was filed
        bool isAdverse;
        address[] targets;
        bytes[] datas;
        address[] voters;
    }

    struct Version {
        uint256 seatCap;
        uint256 signUntil;
    }

    Proposal[] private _proposals;
    mapping(uint256 id => mapping(address seat => uint256)) private _ballots; // support and one
    mapping(uint256 id => mapping(address regulator => bool)) private _opinions;
    address[] private _seats;
    mapping(address seat => uint256) private _seatedAt; // zero where it has none
    uint256[2][] private _counts; // since when, how many
    uint256 private _numbers;
    mapping(uint256 version => Version) private _versions;
    mapping(uint256 version => mapping(address identity => bool)) private _signed;
    uint256 private _version = 1;
    uint256 private _latest = 1;
    uint256 private _ceiling;
    uint256 private _feeVersion;
    uint256 private _grantsPausedUntil;
    bool[3] private _isPauseSpent;
    uint256 private _pausedUntil; // the latest of all pauses

    constructor(Network network_) Handler(network_) {
        _ceiling = network.credit().ceiling();
        _feeVersion = network.schedule().currentVersion();
        _versions[1] = Version(FEWEST_SEATS, 0);
        for (uint256 i; i < FEWEST_SEATS; ++i) {
            _changeSeats(network.founder(i), true);
        }
        _found();
        _want();
    }

    /// @dev Signs the charter, admits two regulators, and lets the council grow to seven seats, all by its own ways.
    function _found() private {
        for (uint256 i; i < FEWEST_SEATS; ++i) {
            _sign(1, network.founder(i));
        }
        for (uint256 i; i < 2; ++i) {
            _admitRegulator(_regulator(i));
        }
        INetworkCharter charter = network.charter();
        bytes memory growth = abi.encodeCall(
            charter.proposeVersion, (keccak256("growth"), INetworkCharter.Phase.Growth, uint8(SEAT_CAP), 1 days)
        );
        _attempt(2, "found", "", STRANGER, address(network.council()), _vote(address(charter), growth));
        _latest = 2;
        _versions[2] = Version(SEAT_CAP, instant + 1 days);
        for (uint256 i; i < CANDIDATES; ++i) {
            _sign(2, _candidate(i));
        }
    }

    function _admitRegulator(address regulator) private {
        INetworkCharter charter = network.charter();
        bytes32 legalId = keccak256(abi.encode("regulator", regulator));
        bytes32 digest = charter.hashAgreement(
            charter.agreement(), regulator, Roles.REGULATOR, "CA", legalId, address(0), 0, regulator
        );
        INetworkCharter.Application memory application =
            INetworkCharter.Application(regulator, Roles.REGULATOR, "CA", legalId, address(0), 0, 0, 0);
        charter.applyForMembership(application, "", network.signature(regulator, digest));
        IIdentityRegistry.Admission memory admission =
            IIdentityRegistry.Admission(regulator, Roles.REGULATOR, "CA", address(0), legalId);
        bytes memory data = abi.encodeCall(network.identities().admitRegulator, (admission));
        _attempt(2, "found", "", STRANGER, address(network.council()), _vote(address(network.identities()), data));
    }

    function _want() private {
        string[45] memory kinds = [
            "propose",
            "propose: GovernorInsufficientProposerVotes",
            "vote",
            "vote: GovernorUnexpectedProposalState",
            "vote: CouncilNotSeat",
            "vote: GovernorAlreadyCastVote",
            "file opinion",
            "file opinion: CouncilNotRegulator",
            "file opinion: CouncilOpinionNotNeeded",
            "file opinion: CouncilOpinionTooLate",
            "file opinion: CouncilOpinionFiled",
            "queue",
            "queue: GovernorUnexpectedProposalState",
            "execute",
            "execute: GovernorUnexpectedProposalState",
            "execute: TimelockUnexpectedOperationState",
            "execute Add",
            "execute Remove",
            "execute Replace",
            "execute Ceiling",
            "execute Pause",
            "execute Mixed",
            "execute Fee",
            "execute Charter",
            "execute: CouncilSeatTaken",
            "execute: CouncilSeatUnknown",
            "execute: CouncilSeatsTooFew",
            "execute: CouncilCharterNotSigned",
            "give seat back",
            "give seat back while paused",
            "give seat back: CouncilNotSeat",
            "give seat back: CouncilSeatsTooFew",
            "sign charter",
            "sign charter: NetworkCharterSigned",
            "sign charter: NetworkCharterVersionPast",
            "charter in force",
            "bring into force: NetworkCharterVersionUnknown",
            "guardian pauses",
            "state Active",
            "state Pending",
            "state Defeated",
            "state Succeeded",
            "state Queued",
            "state Expired",
            "state Executed"
        ];
        for (uint256 i; i < kinds.length; ++i) {
            _wants(kinds[i]);
        }
    }

    // ---------------------------------------------------------------- steps

    /// @notice Time passes.
    function passTime(uint256 seed) external step(seed) {
        uint256[9] memory spans =
            [uint256(1), 61, 61, 61, 30 minutes, 1 hours, 1 hours, 1 days, 31 days];
        _pass(spans[_draw(spans.length)]);
    }

    /// @notice Anybody proposes anything.
    function propose(uint256 seed) external step(seed) {
        _makeProposal(_oneIn(5) ? STRANGER : _candidate(_draw(CANDIDATES)), _kind(), _candidate(_draw(CANDIDATES)));
    }

    /// @notice Takes a proposal all the way, with a seat that stays away or one that leaves before the end.
    function pushThrough(uint256 seed) external step(seed) {
        _pass(1); // whoever has a seat has had it since an earlier second
        Kind kind = _kind();
        address subject = _candidate(_draw(CANDIDATES));
        if (_seats.length < 4 && _oneIn(2)) kind = Kind.Add; // else there would soon be none to lose
        if (kind == Kind.Add && !_oneIn(5)) {
            subject = _outsider();
            if (!_signed[_version][subject] && _oneIn(2)) _sign(_version, subject);
        }
        if ((kind == Kind.Remove || kind == Kind.Replace) && _oneIn(2)) subject = _seats[_draw(_seats.length)];
        (bool isMade, uint256 index) = _makeProposal(_seats[_draw(_seats.length)], kind, subject);
        if (!isMade) return;
        if (!_oneIn(5)) _file(index, _regulator(0), _drawnOpinion());
        if (_oneIn(4)) _file(index, _regulator(0), _drawnOpinion());
        _pass(network.council().periods().votingDelay + 1);
        _cast(index, STRANGER, 1);
        _castAll(index, _oneIn(4) ? 1 : 0);
        _pass(network.council().periods().voting);
        if (_oneIn(4)) _giveBack(_candidate(_draw(CANDIDATES)));
        uint256 stop = _draw(6);
        if (stop == 0) return;
        if (!_queue(index)) return;
        _execute(index);
        if (stop == 1) return;
        _pass(_timelockSeconds());
        _execute(index);
        if (kind == Kind.Charter && !_oneIn(3)) _signAll(_latest);
    }

    /// @notice Some vote on a proposal.
    function vote(uint256 seed) external step(seed) {
        if (_proposals.length == 0) return;
        uint256 index = _some();
        for (uint256 voters = 1 + _draw(6); voters > 0; --voters) {
            uint256 support = _draw(5);
            _cast(index, _oneIn(9) ? STRANGER : _candidate(_draw(CANDIDATES)), support == 3 ? 0 : support == 4 ? 2 : 1);
        }
    }

    /// @notice A regulator, or somebody who is none, files an opinion.
    function fileOpinion(uint256 seed) external step(seed) {
        if (_proposals.length == 0) return;
        _file(_some(), _oneIn(5) ? STRANGER : _regulator(_draw(2)), _drawnOpinion());
    }

    /// @notice Somebody queues or executes a proposal, or takes on what has carried and was left.
    function takeOn(uint256 seed) external step(seed) {
        if (_proposals.length == 0) return;
        uint256 index = _some();
        if (_oneIn(4)) {
            _queue(index);
        } else if (_oneIn(3)) {
            _execute(index);
        } else {
            if (stateOf(index) == IGovernor.ProposalState.Succeeded) _queue(index);
            if (!_oneIn(3)) _pass(_timelockSeconds());
            _execute(index);
        }
    }

    /// @notice Somebody gives a seat back, pause or no pause.
    function giveSeatBack(uint256 seed) external step(seed) {
        _giveBack(_oneIn(4) ? STRANGER : _oneIn(2) ? _candidate(_draw(CANDIDATES)) : _seats[_draw(_seats.length)]);
    }

    /// @notice Somebody signs a version of the charter, or all seats sign the latest, or somebody brings it into force.
    function signCharter(uint256 seed) external step(seed) {
        if (_oneIn(3)) _tryToBringIntoForce();
        else if (_oneIn(2)) {
            _signAll(_latest);
        } else {
            _sign(_oneIn(4) ? 1 : _oneIn(2) ? _version : _latest, _candidate(_draw(CANDIDATES)));
        }
    }

    /// @notice The guardian pauses what it may pause, once until the council decides again.
    function pauseUrgently(uint256 seed) external step(seed) {
        uint256 which = _draw(3);
        address[3] memory targets =
            [address(network.consents()), address(network.consents()), address(network.identities())];
        string[3] memory calls = ["pauseGrants()", "pauseUses()", "pauseAdmissions()"];
        string[3] memory errors =
            ["ConsentTokenPauseSpent", "ConsentTokenPauseSpent", "IdentityRegistryPauseSpent"];
        (bool done,) = _attempt(
            2,
            "guardian pauses",
            _isPauseSpent[which] ? errors[which] : "",
            network.guardian(),
            targets[which],
            abi.encodeWithSignature(calls[which])
        );
        if (!done) return;
        _isPauseSpent[which] = true;
        _pausedUntil = instant + 72 hours;
        if (which == 0 && _grantsPausedUntil < _pausedUntil) _grantsPausedUntil = _pausedUntil;
    }

    // ---------------------------------------------------------------- what must hold

    /// @notice 1. Every proposal stands where the rule of this moment puts it.
    function checkStates() external {
        VM.warp(instant);
        for (uint256 i = _firstLookedAt(); i < _proposals.length; ++i) {
            uint256 id = _proposals[i].id;
            (uint256 votes, uint256 required) = network.council().tallyOf(id);
            (uint256 modelVotes, uint256 modelRequired) = votesAndRequired(i);
            if (votes != modelVotes || required != modelRequired) revert InvariantBroken(1, "votes counted");
            IGovernor.ProposalState state = governor(network).state(id);
            if (state != stateOf(i)) {
                revert InvariantBroken(
                    1, string.concat(_stateName(state), "; the model says ", _stateName(stateOf(i)))
                );
            }
        }
    }

    /// @notice 4. The seats are those that votes and resignations left, three at the least and no more than the cap.
    function checkSeats() external view {
        address[] memory found = network.council().seats();
        if (found.length != _seats.length) revert InvariantBroken(4, "another number of seats");
        for (uint256 i; i < found.length; ++i) {
            if (_seatedAt[found[i]] == 0) revert InvariantBroken(4, "another seat");
            if (network.council().seatedSince(found[i]) != _seatedAt[found[i]]) {
                revert InvariantBroken(4, "a seat since another instant");
            }
        }
        uint256 cap = network.charter().seatCap();
        if (cap != _versions[_version].seatCap) revert InvariantBroken(4, "another cap");
        if (found.length < FEWEST_SEATS || found.length > cap) revert InvariantBroken(4, "too few or too many seats");
    }

    /// @notice 7. What only the council may change is as the council's last carried word left it.
    function checkCouncilsWord() external view {
        if (network.credit().ceiling() != _ceiling) revert InvariantBroken(7, "another ceiling");
        if (network.schedule().currentVersion() != _feeVersion) revert InvariantBroken(7, "other fees");
        if (network.charter().latestVersion() != _latest || network.charter().currentVersion() != _version) {
            revert InvariantBroken(7, "another charter");
        }
        (uint256 until,) = network.consents().grantsPause();
        if (until != _grantsPausedUntil) revert InvariantBroken(7, "another pause of grants");
    }

    /// @notice Where the model puts a proposal.
    function stateOf(uint256 index) public view returns (IGovernor.ProposalState) {
        Proposal storage proposal = _proposals[index];
        if (proposal.isExecuted) return IGovernor.ProposalState.Executed;
        if (instant <= proposal.startsAt) return IGovernor.ProposalState.Pending;
        (uint256 votes, uint256 required) = votesAndRequired(index);
        if (instant <= proposal.endsAt && !(proposal.isExempt && votes >= required)) {
            return IGovernor.ProposalState.Active;
        }
        if (votes < required) return IGovernor.ProposalState.Defeated;
        if (instant > proposal.endsAt + EXPIRY_SECONDS) return IGovernor.ProposalState.Expired;
        return proposal.readyAt == 0 ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Queued;
    }

    /// @notice Votes of seats held without a break since voting began, and how many it takes at this moment.
    function votesAndRequired(uint256 index) public view returns (uint256 votes, uint256 required) {
        Proposal storage proposal = _proposals[index];
        for (uint256 i; i < proposal.voters.length; ++i) {
            address voter = proposal.voters[i];
            if (_ballots[proposal.id][voter] == 2 && _hadSeatAt(voter, proposal.startsAt)) ++votes;
        }
        uint256 larger = _seats.length;
        for (uint256 i = _counts.length; i > 0; --i) {
            if (_counts[i - 1][0] > proposal.startsAt) continue;
            if (_counts[i - 1][1] > larger) larger = _counts[i - 1][1];
            break;
        }
        bool isSilent = !proposal.isHeard && instant > proposal.opinionUntil;
        bool takesAll = !proposal.isExempt && (proposal.isAdverse || isSilent);
        required = takesAll ? larger : larger - larger / 3;
    }

    // ---------------------------------------------------------------- internals: steps

    function _makeProposal(address proposer, Kind kind, address subject) private returns (bool done, uint256 index) {
        Proposal memory proposal;
        proposal.kind = kind;
        proposal.subject = subject;
        proposal.successor = _oneIn(8) ? STRANGER : _oneIn(3) ? _candidate(_draw(CANDIDATES)) : _outsider();
        proposal.number = ++_numbers;
        (proposal.targets, proposal.datas) = _actions(proposal);
        bytes memory answer;
        {
            string memory expected = _hadSeatAt(proposer, instant - 1) ? "" : "GovernorInsufficientProposerVotes";
            bytes memory data = _proposal(proposal.targets, proposal.datas, VM.toString(proposal.number));
            (done, answer) = _attempt(2, "propose", expected, proposer, address(network.council()), data);
        }
        if (!done) return (false, 0);
        ICouncil.Periods memory periods = network.council().periods();
        proposal.id = abi.decode(answer, (uint256));
        proposal.startsAt = instant + periods.votingDelay;
        proposal.endsAt = proposal.startsAt + periods.voting;
        proposal.opinionUntil = instant + periods.opinion;
        proposal.isExempt = kind == Kind.Pause;
        _proposals.push(proposal);
        return (true, _proposals.length - 1);
    }

    function _actions(Proposal memory proposal)
        private
        view
        returns (address[] memory targets, bytes[] memory datas)
    {
        (Kind kind, address subject, uint256 number) = (proposal.kind, proposal.subject, proposal.number);
        uint256 count = kind == Kind.Mixed ? 2 : 1;
        targets = new address[](count);
        datas = new bytes[](count);
        targets[0] = address(network.council());
        if (kind == Kind.Add) datas[0] = abi.encodeCall(ICouncil.addSeat, (subject));
        if (kind == Kind.Remove) datas[0] = abi.encodeCall(ICouncil.removeSeat, (subject));
        if (kind == Kind.Replace) datas[0] = abi.encodeCall(ICouncil.replaceSeat, (subject, proposal.successor));
        if (kind == Kind.Ceiling || kind == Kind.Mixed) {
            targets[count - 1] = address(network.credit());
            datas[count - 1] = abi.encodeCall(network.credit().setCeiling, (uint128(number)));
        }
        if (kind == Kind.Pause || kind == Kind.Mixed) {
            targets[0] = address(network.consents());
            datas[0] = abi.encodeCall(network.consents().setGrantsPausedUntil, (uint48(instant + 1 days)));
        }
        if (kind == Kind.Fee) {
            IFeeSchedule.Version memory version = network.schedule().versionOf(1);
            IFeeSchedule.Price[] memory prices = new IFeeSchedule.Price[](1);
            prices[0] = IFeeSchedule.Price(keccak256("schema"), Assurance.High, uint104(number));
            IFeeSchedule.Rates memory rates = IFeeSchedule.Rates(version.shares, 0, 0, 0);
            targets[0] = address(network.schedule());
            datas[0] = abi.encodeCall(network.schedule().publish, (rates, prices));
        }
        if (kind == Kind.Charter) {
            targets[0] = address(network.charter());
            datas[0] = abi.encodeCall(
                network.charter().proposeVersion,
                (keccak256(abi.encode(number)), INetworkCharter.Phase.Growth, uint8(_capOf(number)), 1 days)
            );
        }
    }

    function _cast(uint256 index, address voter, uint8 support) private {
        Proposal storage proposal = _proposals[index];
        string memory expected;
        if (stateOf(index) != IGovernor.ProposalState.Active) expected = "GovernorUnexpectedProposalState";
        else if (!_hadSeatAt(voter, proposal.startsAt)) expected = "CouncilNotSeat";
        else if (_ballots[proposal.id][voter] != 0) expected = "GovernorAlreadyCastVote";
        bytes memory data = abi.encodeWithSignature("castVote(uint256,uint8)", proposal.id, support);
        (bool done,) = _attempt(2, "vote", expected, voter, address(network.council()), data);
        if (!done) return;
        proposal.voters.push(voter);
        _ballots[proposal.id][voter] = support + 1;
    }

    /// @dev All seats but the absent vote in favour, and then try to take it back.
    function _castAll(uint256 index, uint256 absent) private {
        for (uint256 i = absent; i < _seats.length; ++i) {
            _cast(index, _seats[i], 1);
            _cast(index, _seats[i], 0);
        }
    }

    function _file(uint256 index, address regulator, ICouncil.Opinion opinion) private {
        Proposal storage proposal = _proposals[index];
        string memory expected;
        if (regulator == STRANGER) expected = "CouncilNotRegulator";
        else if (proposal.isExempt) expected = "CouncilOpinionNotNeeded";
        else if (instant > proposal.opinionUntil) expected = "CouncilOpinionTooLate";
        else if (_opinions[proposal.id][regulator]) expected = "CouncilOpinionFiled";
        else if (opinion == ICouncil.Opinion.None) expected = "CouncilOpinionMissing";
        bytes memory data =
            abi.encodeCall(ICouncil.fileOpinion, (proposal.id, regulator, opinion, keccak256("document"), "CA"));
        (bool done,) = _attempt(2, "file opinion", expected, regulator, address(network.council()), data);
        if (!done) return;
        _opinions[proposal.id][regulator] = true;
        proposal.isHeard = true;
        if (opinion == ICouncil.Opinion.Adverse) proposal.isAdverse = true;
    }

    function _queue(uint256 index) private returns (bool done) {
        Proposal storage proposal = _proposals[index];
        string memory expected =
            stateOf(index) == IGovernor.ProposalState.Succeeded ? "" : "GovernorUnexpectedProposalState";
        bytes memory data = _carrying("queue", proposal.targets, proposal.datas, _descriptionOf(proposal));
        (done,) = _attempt(2, "queue", expected, STRANGER, address(network.council()), data);
        if (done) proposal.readyAt = instant + _timelockSeconds();
    }

    /// @dev 3. What is carried out has at this moment the votes that it takes, of two seats at the least.
    function _execute(uint256 index) private {
        Proposal storage proposal = _proposals[index];
        IGovernor.ProposalState state = stateOf(index);
        string memory expected;
        if (state != IGovernor.ProposalState.Succeeded && state != IGovernor.ProposalState.Queued) {
            expected = "GovernorUnexpectedProposalState";
        } else if (proposal.readyAt == 0 || instant < proposal.readyAt) {
            expected = "TimelockUnexpectedOperationState";
        } else {
            expected = _refusalOfAction(proposal);
        }
        (uint256 votes, uint256 required) = votesAndRequired(index);
        bytes memory data = _carrying("execute", proposal.targets, proposal.datas, _descriptionOf(proposal));
        (bool done,) = _attempt(3, "execute", expected, STRANGER, address(network.council()), data);
        if (!done) return;
        if (votes < required || required < 2) revert InvariantBroken(3, "carried out without the votes that it takes");
        proposal.isExecuted = true;
        _carryOut(proposal);
    }

    function _carryOut(Proposal storage proposal) private {
        (Kind kind, uint256 number) = (proposal.kind, proposal.number);
        string[8] memory names = ["Add", "Remove", "Replace", "Ceiling", "Pause", "Mixed", "Fee", "Charter"];
        ++reached[string.concat("execute ", names[uint256(kind)])];
        if (kind == Kind.Add) _changeSeats(proposal.subject, true);
        if (kind == Kind.Remove) _changeSeats(proposal.subject, false);
        if (kind == Kind.Replace) _replaceSeat(proposal.subject, proposal.successor);
        if (kind == Kind.Ceiling || kind == Kind.Mixed) _ceiling = number;
        if (kind == Kind.Fee) ++_feeVersion;
        if (kind == Kind.Charter) _versions[++_latest] = Version(_capOf(number), instant + 1 days);
        if (kind == Kind.Pause || kind == Kind.Mixed) {
            // It was proposed a voting delay before voting started, and said a day from then.
            _grantsPausedUntil = proposal.startsAt - network.council().periods().votingDelay + 1 days;
            _isPauseSpent[0] = false;
        }
    }

    /// @dev Why the action itself would be refused now.
    function _refusalOfAction(Proposal storage proposal) private view returns (string memory) {
        bool isSeated = _seatedAt[proposal.subject] != 0;
        if (proposal.kind == Kind.Add) {
            if (_seats.length >= _versions[_version].seatCap) return "CouncilSeatsTooMany";
            if (!_signed[_version][proposal.subject]) return "CouncilCharterNotSigned";
            return isSeated ? "CouncilSeatTaken" : "";
        }
        if (proposal.kind == Kind.Remove) {
            if (!isSeated) return "CouncilSeatUnknown";
            return _seats.length == FEWEST_SEATS ? "CouncilSeatsTooFew" : "";
        }
        if (proposal.kind == Kind.Replace) {
            if (!isSeated) return "CouncilSeatUnknown";
            if (!_signed[_version][proposal.successor]) return "CouncilCharterNotSigned";
            return _seatedAt[proposal.successor] == 0 ? "" : "CouncilSeatTaken";
        }
        if (proposal.kind == Kind.Charter) {
            if (_latest != _version && instant <= _versions[_latest].signUntil) return "NetworkCharterVersionPending";
            return _capOf(proposal.number) < _seats.length ? "NetworkCharterSeatCapInvalid" : "";
        }
        return "";
    }

    function _giveBack(address giver) private {
        string memory expected;
        if (_seatedAt[giver] == 0) expected = "CouncilNotSeat";
        else if (_seats.length == FEWEST_SEATS) expected = "CouncilSeatsTooFew";
        bytes memory data = abi.encodeCall(ICouncil.giveSeatBack, ());
        (bool done,) = _attempt(9, "give seat back", expected, giver, address(network.council()), data);
        if (!done) return;
        if (instant < _pausedUntil || instant < _grantsPausedUntil) ++reached["give seat back while paused"];
        _changeSeats(giver, false);
    }

    /// @dev All seats sign a version, or all but one.
    function _signAll(uint256 version) private {
        for (uint256 i = _oneIn(5) ? 1 : 0; i < _seats.length; ++i) {
            _sign(version, _seats[i]);
        }
    }

    function _sign(uint256 version, address identity) private {
        string memory expected;
        bool isPending = version != _version || version == 1 && !network.charter().isInForce();
        bool isLast;
        if (version < _version) {
            expected = "NetworkCharterVersionPast";
        } else if (isPending && _versions[version].signUntil != 0 && instant > _versions[version].signUntil) {
            expected = "NetworkCharterVersionLapsed";
        } else if (_signed[version][identity]) {
            expected = "NetworkCharterSigned";
        } else if (isPending) {
            _signed[version][identity] = true;
            isLast = _allSigned(version);
            _signed[version][identity] = false;
            if (isLast && _versions[version].seatCap < _seats.length) expected = "NetworkCharterSeatCapInvalid";
        }
        bytes memory data = _charterSigning(uint32(version), identity);
        (bool done,) = _attempt(2, "sign charter", expected, STRANGER, address(network.charter()), data);
        if (!done) return;
        _signed[version][identity] = true;
        if (isLast) _bringIntoForce();
    }

    function _tryToBringIntoForce() private {
        string memory expected;
        Version memory latest = _versions[_latest];
        if (_latest == _version) expected = "NetworkCharterVersionUnknown";
        else if (instant > latest.signUntil) expected = "NetworkCharterVersionLapsed";
        else if (!_allSigned(_latest)) expected = "NetworkCharterUnsigned";
        else if (latest.seatCap < _seats.length) expected = "NetworkCharterSeatCapInvalid";
        INetworkCharter charter = network.charter();
        bytes memory data = abi.encodeCall(charter.bringIntoForce, ());
        (bool done,) = _attempt(2, "bring into force", expected, STRANGER, address(charter), data);
        if (done) _bringIntoForce();
    }

    function _bringIntoForce() private {
        _version = _latest;
        ++reached["charter in force"];
    }

    function _changeSeats(address seat, bool isTaken) private {
        if (isTaken) {
            _seats.push(seat);
            _seatedAt[seat] = instant;
        } else {
            delete _seatedAt[seat];
            for (uint256 i; i < _seats.length; ++i) {
                if (_seats[i] == seat) _seats[i] = _seats[_seats.length - 1];
            }
            _seats.pop();
        }
        _counts.push([instant, _seats.length]);
    }

    function _count() internal override {
        for (uint256 i = _firstLookedAt(); i < _proposals.length; ++i) {
            ++reached[string.concat("state ", _stateName(stateOf(i)))];
        }
    }

    function _replaceSeat(address former, address next) private {
        delete _seatedAt[former];
        _seatedAt[next] = instant;
        for (uint256 i; i < _seats.length; ++i) {
            if (_seats[i] == former) _seats[i] = next;
        }
    }

    // ---------------------------------------------------------------- internals: draws and views

    /// @dev Mostly a proposal that is not over.
    function _some() private returns (uint256) {
        uint256 first = _firstLookedAt();
        uint256 any = first + _draw(_proposals.length - first);
        if (_oneIn(8)) return any;
        for (uint256 i; i < _proposals.length - first; ++i) {
            uint256 index = first + (any - first + i) % (_proposals.length - first);
            IGovernor.ProposalState state = stateOf(index);
            if (
                state == IGovernor.ProposalState.Pending || state == IGovernor.ProposalState.Active
                    || state == IGovernor.ProposalState.Succeeded || state == IGovernor.ProposalState.Queued
            ) return index;
        }
        return any;
    }

    function _kind() private returns (Kind) {
        uint256 which = _draw(15);
        if (which < 3) return Kind.Add;
        if (which < 6) return Kind.Remove;
        return which < 12 ? Kind(which - 4) : which == 12 ? Kind.Replace : which == 13 ? Kind.Ceiling : Kind.Charter;
    }

    function _drawnOpinion() private returns (ICouncil.Opinion) {
        uint256 which = _draw(8);
        return which == 0
            ? ICouncil.Opinion.None
            : which < 5 ? ICouncil.Opinion.Favourable : which < 7 ? ICouncil.Opinion.Neutral : ICouncil.Opinion.Adverse;
    }

    /// @dev A candidate that has no seat, or any when all have one.
    function _outsider() private returns (address candidate) {
        uint256 first = _draw(CANDIDATES);
        for (uint256 i; i < CANDIDATES; ++i) {
            candidate = _candidate((first + i) % CANDIDATES);
            if (_seatedAt[candidate] == 0) return candidate;
        }
    }

    function _candidate(uint256 index) private view returns (address) {
        return network.account(4 + index); // the founders first
    }

    function _regulator(uint256 index) private view returns (address) {
        return network.account(13 + index);
    }

    function _hadSeatAt(address seat, uint256 then) private view returns (bool) {
        return _seatedAt[seat] != 0 && _seatedAt[seat] <= then;
    }

    function _allSigned(uint256 version) private view returns (bool) {
        for (uint256 i; i < _seats.length; ++i) {
            if (!_signed[version][_seats[i]]) return false;
        }
        return true;
    }

    function _capOf(uint256 number) private pure returns (uint256) {
        return 5 + number % 3;
    }

    function _descriptionOf(Proposal storage proposal) private view returns (bytes32) {
        return keccak256(bytes(VM.toString(proposal.number)));
    }

    function _firstLookedAt() private view returns (uint256) {
        return _proposals.length > LOOKED_AT ? _proposals.length - LOOKED_AT : 0;
    }

    function _stateName(IGovernor.ProposalState state) private pure returns (string memory) {
        string[8] memory names =
            ["Pending", "Active", "Canceled", "Defeated", "Succeeded", "Queued", "Expired", "Executed"];
        return names[uint256(state)];
    }
}
