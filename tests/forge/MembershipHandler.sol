// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { Assurance } from "../../contracts/types/Consents.sol";
import { ParticipantStatus, Roles } from "../../contracts/types/Participants.sol";
import { Handler, InvariantBroken } from "./Handler.sol";
import { Network } from "./Network.sol";
import { VM, Vm } from "./Vm.sol";

/// @notice Applications, votes and guardians at random, held against a model, and against what the events tell. What is
/// voted goes through council and timelock.
abstract contract MembershipHandler is Handler {
    uint48 internal constant URGENT_SECONDS = 72 hours;
    uint256 internal constant PEOPLE = 5;
    uint256 private constant ROLES = 6;
    bytes32 internal constant SCHEMA = keccak256("urn:consentry:schema:person-identity:1");
    bytes32 internal constant PURPOSE = keccak256("urn:consentry:purpose:tenancy-screening");

    /// @dev What the model knows of a participant.
    struct Member {
        ParticipantStatus status;
        uint8 roles;
        bool hasApplied;
        uint8 rolesAppliedFor;
        address inviter; // of the latest application
        uint256 suspendedUntil; // zero where only the council ends it
        bool isSpent; // the guardian's word
        address recruiter;
        uint256 admittedAt;
        uint256 memberSince; // zero unless it was admitted again
        address owner;
        uint256 consumerAccreditedAt;
        uint256 consumerUntil;
        uint256 providerAccreditedAt;
        uint256 providerUntil;
        uint256 weight; // as a host
    }

    mapping(address identity => Member) internal _members;
    mapping(address identity => ParticipantStatus) private _toldStatus;
    mapping(address identity => uint8) private _toldRoles;
    uint256[3] internal _pausedUntil; // admissions, grants, uses
    bool[3] internal _isPauseSpent;
    uint256 internal _feeVersion;
    uint256 private _nonces;

    constructor(Network network_) Handler(network_) {
        _feeVersion = network.schedule().currentVersion();
        for (uint256 i; i < ALL_SEATS; ++i) {
            bytes memory signing = _charterSigning(1, network.founder(i));
            _attempt(5, "found", "", STRANGER, address(network.charter()), signing);
        }
        for (uint256 i; i <= PEOPLE; ++i) {
            _members[_person(i)].owner = _person(i);
        }
        _join(_recruiter(), Roles.CHANNEL_PARTNER, false);
        for (uint256 i; i < 3; ++i) {
            _join(_person(i), _usualRoles(i), true);
        }
        string[27] memory kinds = [
            "apply",
            "apply: IdentityRegistryStatusInvalid",
            "apply: IdentityRegistryAdmissionsPaused",
            "apply: NetworkCharterInviterInvalid",
            "admit",
            "admit: IdentityRegistryNotApplied",
            "admit: IdentityRegistryStatusInvalid",
            "set roles",
            "set roles: IdentityRegistryStatusInvalid",
            "suspend",
            "suspend: IdentityRegistryStatusInvalid",
            "suspend urgently",
            "suspend urgently: IdentityRegistryStatusInvalid",
            "suspend urgently: IdentityRegistrySuspensionSpent",
            "ratify",
            "ratify: IdentityRegistryNothingToRatify",
            "ratify: IdentityRegistrySuspensionOver",
            "reinstate",
            "reinstate: IdentityRegistryStatusInvalid",
            "lift",
            "lift: IdentityRegistrySuspensionRunning",
            "remove",
            "remove: IdentityRegistryStatusInvalid",
            "admit again",
            "recover owner",
            "change owner",
            "trespass knowingly"
        ];
        for (uint256 i; i < kinds.length; ++i) {
            _wants(kinds[i]);
        }
    }

    // ---------------------------------------------------------------- steps

    /// @notice Time passes.
    function passTime(uint256 seed) external step(seed) {
        uint256[4] memory spans = [uint256(1), 1 hours, URGENT_SECONDS, 3 days];
        _pass(spans[_draw(spans.length)]);
    }

    /// @notice Somebody applies, and may be admitted.
    function join(uint256 seed) external step(seed) {
        uint256 index = _draw(PEOPLE);
        address person = _person(index);
        ParticipantStatus status = _members[person].status;
        if ((status == ParticipantStatus.Active || status == ParticipantStatus.Suspended) && _oneIn(2)) {
            _decideOn("remove", person); // so that somebody joins again
        }
        if (_members[_recruiter()].status == ParticipantStatus.Removed && _oneIn(2)) {
            _join(_recruiter(), Roles.CHANNEL_PARTNER, false); // else nobody would be invited any more
        }
        _apply(person, _drawnRoles(index), !_oneIn(3));
        if (!_oneIn(4)) _admit(person, _oneIn(6));
    }

    /// @notice The council decides on somebody's standing.
    function decide(uint256 seed) external step(seed) {
        string[8] memory decisions =
            ["suspend", "reinstate", "remove", "ratify", "set roles", "set roles", "recover owner", "admit"];
        string memory decision = decisions[_draw(decisions.length)];
        address person = _oneIn(8) ? _recruiter() : _person(_draw(PEOPLE));
        if (_same(decision, "admit")) _admit(person, _oneIn(4));
        else _decideOn(decision, person);
        // What comes too late for somebody that is gone.
        if (_same(decision, "remove")) _decideOn(_oneIn(3) ? "suspend" : "set roles", person);
    }

    /// @notice The guardian suspends somebody; the council ratifies or reinstates, or its time ends and it is lifted.
    function suspendUrgently(uint256 seed) external step(seed) {
        address person = _oneIn(8) ? _recruiter() : _person(_draw(PEOPLE));
        _suspendUrgently(person);
        uint256 then = _draw(6);
        if (then == 0) {
            _decideOn("ratify", person);
        } else if (then == 1) {
            _decideOn("reinstate", person);
        } else if (then < 4) {
            _pass(URGENT_SECONDS);
            if (_oneIn(3)) _decideOn("ratify", person);
            _lift(person, _key());
            _suspendUrgently(person);
        }
    }

    /// @notice Anybody lifts a suspension whose time is over.
    function liftSuspension(uint256 seed) external step(seed) {
        _lift(_person(_draw(PEOPLE + 1)), _key());
    }

    /// @notice An owner hands its identity to another key.
    function changeOwner(uint256 seed) external step(seed) {
        address person = _person(_draw(PEOPLE));
        Member storage member = _members[person];
        address owner = _spareKey();
        string memory expected = member.status == ParticipantStatus.None ? "IdentityRegistryNotWriter" : "";
        bytes memory data = abi.encodeCall(IIdentityRegistry.changeOwner, (person, owner));
        (bool done,) = _attempt(5, "change owner", expected, member.owner, address(network.identities()), data);
        if (done) member.owner = owner;
    }

    /// @notice The guardian pauses admissions, grants or uses, or the council does, or ends it.
    function pause(uint256 seed) external step(seed) {
        uint256 which = _draw(3);
        if (_oneIn(2)) _pauseUrgently(which);
        else _pauseByVote(which, _oneIn(2));
    }

    /// @notice A single key tries, in words that would hold if it had the right, what only the council may do.
    function trespassKnowingly(uint256 seed) external step(seed) {
        address person = _person(_draw(PEOPLE));
        address key = _oneIn(2) ? network.deployer() : _oneIn(2) ? network.guardian() : _key();
        if (key == _members[person].owner) key = network.deployer();
        (string memory name, address target, bytes memory data) = _councilsWords(_draw(11), person);
        _refusedTo(key, name, target, data);
        ++reached["trespass knowingly"];
    }

    // ---------------------------------------------------------------- what must hold

    /// @notice 5. A participant stands where the last decision about it put it. 8. Its recruiter and the instant of its
    /// first admission never change.
    function checkStandings() external view {
        for (uint256 i; i <= PEOPLE; ++i) {
            address person = _person(i);
            Member storage member = _members[person];
            IIdentityRegistry identities = network.identities();
            if (identities.participantOf(person).status != member.status) revert InvariantBroken(5, "another status");
            bool isMember = member.status == ParticipantStatus.Active || member.status == ParticipantStatus.Suspended;
            if (isMember && identities.participantOf(person).roles != member.roles) {
                revert InvariantBroken(5, "other roles");
            }
            if (identities.identityOwner(person) != member.owner) revert InvariantBroken(5, "another owner");
            if (identities.memberSinceOf(person) != member.memberSince) revert InvariantBroken(5, "a member since");
            if (
                identities.participantOf(person).recruiter != member.recruiter
                    || identities.participantOf(person).admittedAt != member.admittedAt
            ) revert InvariantBroken(8, "another recruiter or first admission");
        }
    }

    /// @notice 6. The counts of roles are those of the Active participants: in the model, in the registry, and in the
    /// sets that the registry's events alone rebuild.
    function checkRoleCounts() external view {
        for (uint256 role; role < ROLES; ++role) {
            uint8 bit = uint8(1 << role);
            uint256 modelled;
            uint256 told;
            for (uint256 i; i <= PEOPLE; ++i) {
                address person = _person(i);
                Member storage member = _members[person];
                if (member.status == ParticipantStatus.Active && member.roles & bit != 0) ++modelled;
                if (_toldStatus[person] == ParticipantStatus.Active && _toldRoles[person] & bit != 0) ++told;
            }
            uint256 counted = network.identities().roleCount(bit);
            if (counted != modelled || counted != told) revert InvariantBroken(6, "another count of a role");
        }
    }

    /// @notice 7. Fees, accreditations, weights and pauses are as the council's last word, or a guardian's, left them.
    function checkCouncilsWord() external view {
        if (network.schedule().currentVersion() != _feeVersion) revert InvariantBroken(7, "other fees");
        (uint256 admissions,) = network.identities().admissionsPause();
        (uint256 grants,) = network.consents().grantsPause();
        (uint256 uses,) = network.consents().usesPause();
        if (admissions != _pausedUntil[0] || grants != _pausedUntil[1] || uses != _pausedUntil[2]) {
            revert InvariantBroken(7, "another pause");
        }
        for (uint256 i; i < PEOPLE; ++i) {
            address person = _person(i);
            if (network.rewards().weightOf(person) != _members[person].weight) revert InvariantBroken(7, "a weight");
            if (network.schemas().isConsumerAccredited(SCHEMA, PURPOSE, person) != _isConsumer(person)) {
                revert InvariantBroken(7, "a consumer's accreditation");
            }
            if (network.schemas().isProviderAccredited(SCHEMA, person, Assurance.High) != _isProvider(person)) {
                revert InvariantBroken(7, "a provider's accreditation");
            }
        }
    }

    // ---------------------------------------------------------------- internals: membership

    function _join(address person, uint8 roles, bool isInvited) internal {
        _apply(person, roles, isInvited);
        _admit(person, false);
    }

    function _apply(address person, uint8 roles, bool isInvited) private {
        Member storage member = _members[person];
        address inviter = isInvited ? _recruiter() : address(0);
        string memory expected;
        if (isInvited && !_mayInvite()) expected = "NetworkCharterInviterInvalid";
        else if (instant < _pausedUntil[0]) expected = "IdentityRegistryAdmissionsPaused";
        else if (_isMember(member)) expected = "IdentityRegistryStatusInvalid";
        bytes memory data = _application(person, roles, inviter);
        (bool done,) = _attempt(5, "apply", expected, STRANGER, address(network.charter()), data);
        _hear();
        if (!done) return;
        if (member.status != ParticipantStatus.Removed) member.status = ParticipantStatus.Invited;
        member.hasApplied = true;
        member.rolesAppliedFor = roles;
        member.inviter = inviter;
    }

    function _application(address person, uint8 roles, address inviter) private returns (bytes memory) {
        INetworkCharter.Application memory application = INetworkCharter.Application({
            identity: person,
            roles: roles,
            jurisdiction: "CA",
            legalId: _legalId(person),
            inviter: inviter,
            invitationExpiresAt: uint48(instant + 1 days),
            invitationNonce: ++_nonces,
            nonce: ++_nonces
        });
        address signer = network.identities().identityOwner(person);
        bytes memory agreement = network.signature(signer, _agreementDigest(application, signer));
        bytes memory invitation;
        if (inviter != address(0)) {
            address invites = network.identities().identityOwner(inviter);
            invitation = network.signature(invites, _invitationDigest(application, invites));
        }
        return abi.encodeCall(INetworkCharter.applyForMembership, (application, invitation, agreement));
    }

    function _agreementDigest(INetworkCharter.Application memory application, address signer)
        private
        view
        returns (bytes32)
    {
        INetworkCharter charter = network.charter();
        return charter.hashAgreement(
            charter.agreement(),
            application.identity,
            application.roles,
            application.jurisdiction,
            application.legalId,
            application.inviter,
            application.nonce,
            signer
        );
    }

    function _invitationDigest(INetworkCharter.Application memory application, address signer)
        private
        view
        returns (bytes32)
    {
        return network.charter()
            .hashInvitation(
                application.identity,
                application.roles,
                application.jurisdiction,
                application.inviter,
                application.invitationExpiresAt,
                application.invitationNonce,
                signer
            );
    }

    /// @dev The council admits somebody on the terms that it applied for, or on others.
    function _admit(address person, bool isChanged) private {
        Member storage member = _members[person];
        uint8 roles = member.hasApplied ? member.rolesAppliedFor : Roles.CONSUMER;
        if (isChanged) roles = roles == Roles.REGULATOR ? Roles.CONSUMER : roles ^ Roles.REGULATOR;
        IIdentityRegistry.Admission memory admission =
            IIdentityRegistry.Admission(person, roles, "CA", member.inviter, _legalId(person));
        bytes memory data = abi.encodeCall(IIdentityRegistry.admit, (admission));
        bytes memory execution = _vote(address(network.identities()), data);
        string memory expected;
        if (instant < _pausedUntil[0]) expected = "IdentityRegistryAdmissionsPaused";
        else if (_isMember(member)) expected = "IdentityRegistryStatusInvalid";
        else if (member.inviter != address(0) && member.admittedAt == 0 && !_mayInvite()) {
            expected = "IdentityRegistryRecruiterInvalid";
        } else if (!member.hasApplied || isChanged) {
            expected = "IdentityRegistryNotApplied";
        }
        (bool done,) = _attempt(5, "admit", expected, STRANGER, address(network.council()), execution);
        _hear();
        if (!done) return;
        (member.status, member.roles, member.hasApplied) = (ParticipantStatus.Active, roles, false);
        (member.suspendedUntil, member.isSpent) = (0, false);
        if (member.admittedAt == 0) {
            (member.recruiter, member.admittedAt) = (member.inviter, instant);
        } else {
            member.memberSince = instant;
            ++reached["admit again"];
        }
    }

    function _decideOn(string memory decision, address person) internal {
        Member storage member = _members[person];
        bytes memory data;
        address owner;
        if (_same(decision, "set roles")) {
            _setRoles(person, person == _recruiter() ? Roles.CHANNEL_PARTNER : _drawnRoles(_draw(PEOPLE)));
            return;
        }
        if (_same(decision, "recover owner")) {
            owner = _spareKey();
            data = abi.encodeCall(IIdentityRegistry.recoverOwner, (person, owner));
        } else {
            string memory name = _same(decision, "ratify") ? "ratifySuspension" : decision;
            data = abi.encodeWithSignature(string.concat(name, "(address)"), person);
        }
        bytes memory execution = _vote(address(network.identities()), data);
        string memory expected = _refusalOf(decision, member);
        (bool done,) = _attempt(5, decision, expected, STRANGER, address(network.council()), execution);
        _hear();
        if (!done) return;
        if (owner != address(0)) {
            member.owner = owner;
        } else {
            (member.suspendedUntil, member.isSpent) = (0, false);
            if (_same(decision, "reinstate")) member.status = ParticipantStatus.Active;
            if (_same(decision, "suspend")) member.status = ParticipantStatus.Suspended;
            if (_same(decision, "remove")) (member.status, member.roles) = (ParticipantStatus.Removed, 0);
        }
    }

    function _setRoles(address person, uint8 roles) internal {
        bytes memory data = abi.encodeCall(IIdentityRegistry.setRoles, (person, roles));
        bytes memory execution = _vote(address(network.identities()), data);
        string memory expected = _refusalOf("set roles", _members[person]);
        (bool done,) = _attempt(5, "set roles", expected, STRANGER, address(network.council()), execution);
        _hear();
        if (done) _members[person].roles = roles;
    }

    function _refusalOf(string memory decision, Member storage member) private view returns (string memory) {
        if (_same(decision, "ratify")) {
            bool isRunning = member.status == ParticipantStatus.Suspended && member.suspendedUntil != 0;
            if (!isRunning) return "IdentityRegistryNothingToRatify";
            return instant < member.suspendedUntil ? "" : "IdentityRegistrySuspensionOver";
        }
        bool holds = _isMember(member);
        if (_same(decision, "reinstate")) holds = member.status == ParticipantStatus.Suspended;
        if (_same(decision, "recover owner")) holds = member.status != ParticipantStatus.None;
        return holds ? "" : "IdentityRegistryStatusInvalid";
    }

    function _suspendUrgently(address person) internal {
        Member storage member = _members[person];
        string memory expected;
        if (member.status != ParticipantStatus.Active) expected = "IdentityRegistryStatusInvalid";
        else if (member.isSpent) expected = "IdentityRegistrySuspensionSpent";
        bytes memory data = abi.encodeCall(IIdentityRegistry.suspendUrgently, (person));
        (bool done,) =
            _attempt(5, "suspend urgently", expected, network.guardian(), address(network.identities()), data);
        _hear();
        if (!done) return;
        (member.status, member.suspendedUntil) = (ParticipantStatus.Suspended, instant + URGENT_SECONDS);
        member.isSpent = true;
    }

    function _lift(address person, address sender) private {
        Member storage member = _members[person];
        bool isOver = member.suspendedUntil != 0 && instant >= member.suspendedUntil;
        bytes memory data = abi.encodeCall(IIdentityRegistry.liftSuspension, (person));
        string memory expected = isOver ? "" : "IdentityRegistrySuspensionRunning";
        (bool done,) = _attempt(5, "lift", expected, sender, address(network.identities()), data);
        _hear();
        if (done) (member.status, member.suspendedUntil) = (ParticipantStatus.Active, 0);
    }

    function _pauseUrgently(uint256 which) internal {
        string[3] memory errors =
            ["IdentityRegistryPauseSpent", "ConsentTokenPauseSpent", "ConsentTokenPauseSpent"];
        string[3] memory calls = ["pauseAdmissions()", "pauseGrants()", "pauseUses()"];
        (bool done,) = _attempt(
            5,
            "pause urgently",
            _isPauseSpent[which] ? errors[which] : "",
            network.guardian(),
            _pausable(which),
            abi.encodeWithSignature(calls[which])
        );
        if (!done) return;
        _isPauseSpent[which] = true;
        if (_pausedUntil[which] < instant + URGENT_SECONDS) _pausedUntil[which] = instant + URGENT_SECONDS;
    }

    function _pauseByVote(uint256 which, bool isPaused) internal {
        string[3] memory calls =
            ["setAdmissionsPausedUntil(uint48)", "setGrantsPausedUntil(uint48)", "setUsesPausedUntil(uint48)"];
        uint256 until = isPaused ? instant + 4 days : 0;
        bytes memory execution = _vote(_pausable(which), abi.encodeWithSignature(calls[which], until));
        _attempt(5, "pause by vote", "", STRANGER, address(network.council()), execution);
        (_pausedUntil[which], _isPauseSpent[which]) = (until, false);
    }

    /// @dev Takes down what the registry's events tell, and nothing else.
    function _hear() private {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(network.identities()) || logs[i].topics.length < 2) continue;
            bytes32 topic = logs[i].topics[0];
            address identity = address(uint160(uint256(logs[i].topics[1])));
            if (topic == IIdentityRegistry.ParticipantAdmitted.selector) {
                _toldStatus[identity] = ParticipantStatus.Active;
                _toldRoles[identity] = uint8(uint256(bytes32(logs[i].data)));
            } else if (topic == IIdentityRegistry.RolesSet.selector) {
                _toldRoles[identity] = uint8(uint256(bytes32(logs[i].data)));
            } else if (topic == IIdentityRegistry.ParticipantSuspended.selector) {
                _toldStatus[identity] = ParticipantStatus.Suspended;
            } else if (topic == IIdentityRegistry.ParticipantReinstated.selector) {
                _toldStatus[identity] = ParticipantStatus.Active;
            } else if (topic == IIdentityRegistry.ParticipantRemoved.selector) {
                _toldStatus[identity] = ParticipantStatus.Removed;
            }
        }
    }

    /// @dev What the council alone may do, in words that would hold.
    function _councilsWords(uint256 which, address person)
        private
        view
        returns (string memory, address, bytes memory)
    {
        address identities = address(network.identities());
        uint48 expiry = uint48(instant + 365 days);
        if (which == 0) {
            Member storage member = _members[person];
            IIdentityRegistry.Admission memory admission = IIdentityRegistry.Admission(
                person, member.rolesAppliedFor, "CA", member.inviter, _legalId(person)
            );
            return ("admit", identities, abi.encodeCall(IIdentityRegistry.admit, (admission)));
        }
        if (which == 1) {
            return ("setRoles", identities, abi.encodeCall(IIdentityRegistry.setRoles, (person, Roles.ALL)));
        }
        if (which == 2) {
            return ("recoverOwner", identities, abi.encodeCall(IIdentityRegistry.recoverOwner, (person, STRANGER)));
        }
        if (which == 3) return ("remove", identities, abi.encodeCall(IIdentityRegistry.remove, (person)));
        if (which == 4) {
            return (
                "accreditProvider",
                address(network.schemas()),
                abi.encodeCall(network.schemas().accreditProvider, (SCHEMA, person, Assurance.High, expiry))
            );
        }
        if (which == 5) {
            return ("setWeight", address(network.rewards()), abi.encodeCall(network.rewards().setWeight, (person, 9)));
        }
        if (which == 6) {
            return (
                "setCeiling",
                address(network.credit()),
                abi.encodeCall(network.credit().setCeiling, (type(uint128).max))
            );
        }
        if (which == 7) return ("publish", address(network.schedule()), _newFees());
        if (which == 8) {
            return (
                "withdrawEarned",
                address(network.escrow()),
                abi.encodeCall(network.escrow().withdrawEarned, (person))
            );
        }
        if (which == 9) {
            return (
                "withdrawPrepaid",
                address(network.escrow()),
                abi.encodeCall(network.escrow().withdrawPrepaid, (person))
            );
        }
        return ("changeOwner", identities, abi.encodeCall(IIdentityRegistry.changeOwner, (person, STRANGER)));
    }

    /// @dev The fees in force, published once more.
    function _newFees() internal view returns (bytes memory) {
        IFeeSchedule schedule = network.schedule();
        IFeeSchedule.Version memory version = schedule.versionOf(1);
        IFeeSchedule.Price[] memory prices = new IFeeSchedule.Price[](1);
        prices[0] = IFeeSchedule.Price(SCHEMA, Assurance.High, schedule.priceOf(1, SCHEMA, Assurance.High) + 1);
        IFeeSchedule.Rates memory rates = IFeeSchedule.Rates(
            version.shares,
            version.consumerRecruiterSunsetSeconds,
            version.providerRecruiterSunsetSeconds,
            version.hostDiscountBps
        );
        return abi.encodeCall(schedule.publish, (rates, prices));
    }

    // ---------------------------------------------------------------- internals: draws and views

    function _isConsumer(address person) internal view returns (bool) {
        Member storage member = _members[person];
        return _isActive(person, Roles.CONSUMER)
            && _isCurrent(member, member.consumerAccreditedAt, member.consumerUntil);
    }

    function _isProvider(address person) internal view returns (bool) {
        Member storage member = _members[person];
        return _isActive(person, Roles.PROVIDER)
            && _isCurrent(member, member.providerAccreditedAt, member.providerUntil);
    }

    function _isCurrent(Member storage member, uint256 grantedAt, uint256 until) internal view returns (bool) {
        return grantedAt != 0 && grantedAt >= member.memberSince && instant < until;
    }

    function _isActive(address person, uint8 role) internal view returns (bool) {
        Member storage member = _members[person];
        return member.status == ParticipantStatus.Active && member.roles & role != 0;
    }

    function _isMember(Member storage member) private view returns (bool) {
        return member.status == ParticipantStatus.Active || member.status == ParticipantStatus.Suspended;
    }

    function _mayInvite() private view returns (bool) {
        return _isActive(_recruiter(), Roles.CHANNEL_PARTNER);
    }

    function _pausable(uint256 which) private view returns (address) {
        return which == 0 ? address(network.identities()) : address(network.consents());
    }

    function _usualRoles(uint256 index) internal pure returns (uint8) {
        uint8[5] memory roles = [
            Roles.CONSUMER | Roles.HOST,
            Roles.PROVIDER,
            Roles.COORDINATOR,
            Roles.CONSUMER | Roles.PROVIDER | Roles.COORDINATOR,
            Roles.PROVIDER | Roles.HOST
        ];
        return roles[index];
    }

    function _drawnRoles(uint256 index) private returns (uint8) {
        return _oneIn(5) ? uint8(1 + _draw(Roles.ALL)) : _usualRoles(index);
    }

    function _legalId(address person) private pure returns (bytes32) {
        return keccak256(abi.encode("register", person));
    }

    /// @dev The recruiter comes last.
    function _person(uint256 index) internal view returns (address) {
        return index == PEOPLE ? _recruiter() : network.account(21 + index);
    }

    function _recruiter() internal view returns (address) {
        return network.account(30);
    }

    /// @dev A key that no participant began with.
    function _spareKey() private returns (address) {
        return network.account(31 + _draw(6));
    }
}
