// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { IdentityTypes } from "../libraries/IdentityTypes.sol";
import { Jurisdictions } from "../libraries/Jurisdictions.sol";
import { Signatures } from "../libraries/Signatures.sol";
import {
    PackedParticipant,
    Participant,
    ParticipantFlags,
    ParticipantStatus,
    Roles
} from "../types/Participants.sol";

/// @title Identity registry
/// @notice See IIdentityRegistry.
contract IdentityRegistry is IIdentityRegistry, AccessManaged, EIP712 {
    uint48 private constant URGENT_SECONDS = 72 hours;
    uint48 private constant LONGEST_PAUSE_SECONDS = 30 days;
    uint256 private constant LONGEST_VALIDITY_SECONDS = 3_652 days; // ten years
    uint256 private constant LONGEST_VALUE_BYTES = 4_096;
    uint256 private constant LONGEST_PAGE = 500;
    uint64 private constant ADMIN_ROLE = 0; // of NetworkAccess

    /// @dev One slot.
    struct Owner {
        address account; // bytes 0-19
        uint32 recoveries; // bytes 20-23: by vote
    }

    /// @dev One slot.
    struct Delegation {
        uint48 addedAt; // bytes 0-5: Unix seconds; older than a re-admission counts no more
        uint48 validTo; // bytes 6-11: Unix seconds, inclusive
        uint32 recoveries; // bytes 12-15: the owner's by then; older than a recovery counts no more
    }

    /// @dev One slot.
    struct Suspension {
        uint48 until; // bytes 0-5: Unix seconds; zero where only the council ends it
        bool spent; // byte  6: the guardian has suspended it since the council last decided on it
    }

    /// @dev One slot.
    struct Pause {
        uint48 until; // bytes 0-5: Unix seconds
        bool spent; // byte  6: the guardian has paused since the last vote
    }

    mapping(address identity => Participant) private _participants; // slot 3
    mapping(address identity => Owner) private _owners; // slot 4: where flag OWNER_CHANGED is set
    mapping(address identity => uint48) private _memberSince; // slot 5: where flag READMITTED is set
    mapping(address identity => address) private _payoutAddresses; // slot 6
    mapping(address identity => Suspension) private _suspensions; // slot 7
    mapping(address identity => mapping(bytes32 kind => mapping(address delegate => Delegation))) private _delegations; // slot 8
    mapping(address identity => uint256 blockNumber) private _changed; // slot 9
    mapping(bytes32 legalId => address identity) private _holders; // slot 10
    mapping(address signer => mapping(uint256 word => uint256 bits)) private _nonces; // slot 11
    mapping(uint8 role => uint256) private _roleCounts; // slot 12
    address[] private _registered; // slot 13
    Pause private _pause; // slot 14
    INetworkCharter private _charter; // slot 15
    mapping(address identity => bytes32 admissionHash) private _applications; // slot 16: what it applied for last
    mapping(address identity => uint256 registers) private _erasureBlocks; // slot 17: where flag ERASURE_OVERDUE is set
    mapping(address identity => mapping(address register => bool)) private _isErasureBlock; // slot 18: those registers

    /// @param authority NetworkAccess.
    /// @param charter_ Where the charter will be.
    constructor(address authority, INetworkCharter charter_)
        AccessManaged(authority)
        EIP712("Consentry IdentityRegistry", "1")
    {
        if (authority.code.length == 0) revert IdentityRegistryAddressInvalid(authority);
        if (address(charter_) == address(0)) revert IdentityRegistryAddressInvalid(address(charter_));
        _setCharter(charter_);
    }

    // ---------------------------------------------------------------- changes by the owner

    /// @inheritdoc IIdentityRegistry
    function changeOwner(address identity, address newOwner) external {
        _checkOwner(identity, msg.sender);
        _changeOwner(identity, newOwner);
    }

    /// @inheritdoc IIdentityRegistry
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) external {
        _checkOwner(identity, msg.sender);
        _addDelegate(identity, delegateType, delegate, validity);
    }

    /// @inheritdoc IIdentityRegistry
    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external {
        _checkOwner(identity, msg.sender);
        _revokeDelegate(identity, delegateType, delegate);
    }

    /// @inheritdoc IIdentityRegistry
    function setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity) external {
        _checkOwner(identity, msg.sender);
        _setAttribute(identity, name, value, validity);
    }

    /// @inheritdoc IIdentityRegistry
    function revokeAttribute(address identity, bytes32 name, bytes calldata value) external {
        _checkOwner(identity, msg.sender);
        _revokeAttribute(identity, name, value);
    }

    /// @inheritdoc IIdentityRegistry
    function setPayoutAddress(address identity, address payoutAddress) external {
        if (msg.sender != accountHolderOf(identity)) revert IdentityRegistryNotOwner(identity, msg.sender);
        _setPayoutAddress(identity, payoutAddress);
    }

    /// @inheritdoc IIdentityRegistry
    function deactivate(address identity) external {
        _checkOwner(identity, msg.sender);
        _deactivate(identity);
    }

    // ---------------------------------------------------------------- the same, signed

    /// @inheritdoc IIdentityRegistry
    function changeOwnerSigned(
        address identity,
        address newOwner,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash =
            keccak256(abi.encode(IdentityTypes.CHANGE_OWNER_TYPEHASH, identity, newOwner, nonce, deadline, signer));
        _useSignature(structHash, nonce, deadline, signer, signature);
        _changeOwner(identity, newOwner);
    }

    /// @inheritdoc IIdentityRegistry
    function addDelegateSigned(
        address identity,
        bytes32 delegateType,
        address delegate,
        uint256 validity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash = keccak256(
            abi.encode(
                IdentityTypes.ADD_DELEGATE_TYPEHASH, identity, delegateType, delegate, validity, nonce, deadline, signer
            )
        );
        _useSignature(structHash, nonce, deadline, signer, signature);
        _addDelegate(identity, delegateType, delegate, validity);
    }

    /// @inheritdoc IIdentityRegistry
    function revokeDelegateSigned(
        address identity,
        bytes32 delegateType,
        address delegate,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash = keccak256(
            abi.encode(
                IdentityTypes.REVOKE_DELEGATE_TYPEHASH, identity, delegateType, delegate, nonce, deadline, signer
            )
        );
        _useSignature(structHash, nonce, deadline, signer, signature);
        _revokeDelegate(identity, delegateType, delegate);
    }

    /// @inheritdoc IIdentityRegistry
    function setAttributeSigned(
        address identity,
        bytes32 name,
        bytes calldata value,
        uint256 validity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash = keccak256(
            abi.encode(
                IdentityTypes.SET_ATTRIBUTE_TYPEHASH,
                identity,
                name,
                keccak256(value),
                validity,
                nonce,
                deadline,
                signer
            )
        );
        _useSignature(structHash, nonce, deadline, signer, signature);
        _setAttribute(identity, name, value, validity);
    }

    /// @inheritdoc IIdentityRegistry
    function revokeAttributeSigned(
        address identity,
        bytes32 name,
        bytes calldata value,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash = keccak256(
            abi.encode(
                IdentityTypes.REVOKE_ATTRIBUTE_TYPEHASH, identity, name, keccak256(value), nonce, deadline, signer
            )
        );
        _useSignature(structHash, nonce, deadline, signer, signature);
        _revokeAttribute(identity, name, value);
    }

    /// @inheritdoc IIdentityRegistry
    function setPayoutAddressSigned(
        address identity,
        address payoutAddress,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        if (signer != accountHolderOf(identity)) revert IdentityRegistryNotOwner(identity, signer);
        bytes32 structHash = keccak256(
            abi.encode(IdentityTypes.SET_PAYOUT_ADDRESS_TYPEHASH, identity, payoutAddress, nonce, deadline, signer)
        );
        _useSignature(structHash, nonce, deadline, signer, signature);
        _setPayoutAddress(identity, payoutAddress);
    }

    /// @inheritdoc IIdentityRegistry
    function deactivateSigned(
        address identity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external {
        _checkOwner(identity, signer);
        bytes32 structHash = keccak256(abi.encode(IdentityTypes.DEACTIVATE_TYPEHASH, identity, nonce, deadline, signer));
        _useSignature(structHash, nonce, deadline, signer, signature);
        _deactivate(identity);
    }

    /// @inheritdoc IIdentityRegistry
    function invalidateNonces(uint256 word, uint256 mask) external {
        _nonces[msg.sender][word] |= mask;
        emit NoncesInvalidated(msg.sender, word, mask);
    }

    // ---------------------------------------------------------------- membership

    /// @inheritdoc IIdentityRegistry
    function enrol(Admission calldata admission, bytes32 agreement) external {
        // Check
        if (msg.sender != address(_charter)) revert IdentityRegistryNotCharter(msg.sender);
        Participant storage participant = _participants[admission.identity];
        _checkAdmission(admission, participant);

        // Effect
        if (participant.status == ParticipantStatus.None) _registered.push(admission.identity);
        if (participant.status != ParticipantStatus.Removed) participant.status = ParticipantStatus.Invited;
        _applications[admission.identity] = _hashApplication(admission, agreement);
        emit ParticipantInvited(
            admission.identity, admission.roles, admission.jurisdiction, admission.recruiter, admission.legalId
        );
    }

    /// @inheritdoc IIdentityRegistry
    function admit(Admission calldata admission) external restricted {
        _admit(admission);
    }

    /// @inheritdoc IIdentityRegistry
    function admitRegulator(Admission calldata admission) external restricted {
        if (admission.roles != Roles.REGULATOR) revert IdentityRegistryRolesInvalid(admission.roles);
        _admit(admission);
    }

    /// @inheritdoc IIdentityRegistry
    function setRoles(address identity, uint8 roles) external restricted {
        _checkRoles(roles);
        Participant storage participant = _participants[identity];
        if (participant.status == ParticipantStatus.Active) _count(participant.roles, roles);
        else if (participant.status != ParticipantStatus.Suspended) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        participant.roles = roles;
        emit RolesSet(identity, roles);
    }

    /// @inheritdoc IIdentityRegistry
    function suspend(address identity) external restricted {
        Participant storage participant = _participants[identity];
        if (participant.status == ParticipantStatus.Active) {
            _suspend(participant);
        } else if (participant.status != ParticipantStatus.Suspended) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        delete _suspensions[identity]; // the council has spoken
        emit ParticipantSuspended(identity, 0);
    }

    /// @inheritdoc IIdentityRegistry
    function suspendUrgently(address identity) external restricted {
        Participant storage participant = _participants[identity];
        if (participant.status != ParticipantStatus.Active) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        if (_suspensions[identity].spent) revert IdentityRegistrySuspensionSpent(identity);
        uint48 until = uint48(block.timestamp) + URGENT_SECONDS;
        _suspend(participant);
        _suspensions[identity] = Suspension({ until: until, spent: true });
        emit ParticipantSuspended(identity, until);
    }

    /// @inheritdoc IIdentityRegistry
    function ratifySuspension(address identity) external restricted {
        Suspension storage suspension = _suspensions[identity];
        uint48 until = suspension.until;
        if (_participants[identity].status != ParticipantStatus.Suspended || until == 0) {
            revert IdentityRegistryNothingToRatify(identity);
        }
        if (block.timestamp >= until) revert IdentityRegistrySuspensionOver(identity, until);
        suspension.until = 0;
        suspension.spent = false; // the council has spoken
        emit ParticipantSuspended(identity, 0);
    }

    /// @inheritdoc IIdentityRegistry
    function reinstate(address identity) external restricted {
        _reinstate(identity, true);
        delete _suspensions[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function liftSuspension(address identity) external {
        uint48 until = _suspensions[identity].until;
        if (until == 0 || block.timestamp < until) revert IdentityRegistrySuspensionRunning(identity, until);
        _reinstate(identity, false);
        _suspensions[identity].until = 0; // the guardian's word stays spent
    }

    /// @inheritdoc IIdentityRegistry
    function remove(address identity) external restricted {
        Participant storage participant = _participants[identity];
        if (participant.status == ParticipantStatus.Active) _count(participant.roles, 0);
        else if (participant.status != ParticipantStatus.Suspended) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        participant.roles = 0;
        participant.status = ParticipantStatus.Removed;
        delete _suspensions[identity];
        emit ParticipantRemoved(identity);
    }

    /// @inheritdoc IIdentityRegistry
    function recoverOwner(address identity, address newOwner) external restricted {
        Participant storage participant = _participants[identity];
        if (participant.status == ParticipantStatus.None) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        if (participant.flags & ParticipantFlags.DEACTIVATED != 0) revert IdentityRegistryDeactivated(identity);
        _setOwner(identity, newOwner);
        ++_owners[identity].recoveries;
        emit OwnerRecovered(identity, newOwner);
        // Whoever had the lost key may have said where the money goes.
        if (_payoutAddresses[identity] != address(0)) _setPayoutAddress(identity, address(0));
    }

    /// @inheritdoc IIdentityRegistry
    function blockForErasure(address identity) external restricted {
        // Check
        Participant storage participant = _participants[identity];
        if (participant.status == ParticipantStatus.None) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        if (_isErasureBlock[identity][msg.sender]) revert IdentityRegistryErasureOverdue(identity, msg.sender);

        // Effect
        _isErasureBlock[identity][msg.sender] = true;
        ++_erasureBlocks[identity];
        participant.flags |= ParticipantFlags.ERASURE_OVERDUE;
        emit ErasureOverdueSet(identity, msg.sender, true);
    }

    /// @inheritdoc IIdentityRegistry
    function unblockForErasure(address identity) external {
        // Check
        if (!_isErasureBlock[identity][msg.sender]) revert IdentityRegistryErasureNotOverdue(identity, msg.sender);

        // Effect
        delete _isErasureBlock[identity][msg.sender];
        if (--_erasureBlocks[identity] == 0) _participants[identity].flags &= ~ParticipantFlags.ERASURE_OVERDUE;
        emit ErasureOverdueSet(identity, msg.sender, false);
    }

    /// @inheritdoc IIdentityRegistry
    function setCharter(INetworkCharter charter_) external restricted {
        if (address(charter_).code.length == 0) revert IdentityRegistryAddressInvalid(address(charter_));
        _setCharter(charter_);
    }

    /// @inheritdoc IIdentityRegistry
    function pauseAdmissions() external restricted {
        if (_pause.spent) revert IdentityRegistryPauseSpent();
        uint48 until = uint48(block.timestamp) + URGENT_SECONDS;
        if (until < _pause.until) until = _pause.until; // what the council decided is not cut short
        _pause = Pause({ until: until, spent: true });
        emit AdmissionsPaused(until, true);
    }

    /// @inheritdoc IIdentityRegistry
    function setAdmissionsPausedUntil(uint48 until) external restricted {
        uint48 latest = uint48(block.timestamp) + LONGEST_PAUSE_SECONDS;
        if (until > latest) revert IdentityRegistryPauseTooLong(until, latest);
        _pause = Pause({ until: until, spent: false });
        emit AdmissionsPaused(until, false);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IIdentityRegistry
    function identityOwner(address identity) public view returns (address) {
        return _ownerOf(identity, _participants[identity].flags);
    }

    /// @inheritdoc IIdentityRegistry
    function validDelegate(address identity, bytes32 delegateType, address delegate) external view returns (bool) {
        return _isDelegate(identity, _participants[identity].flags, delegateType, delegate);
    }

    /// @inheritdoc IIdentityRegistry
    function changed(address identity) external view returns (uint256) {
        return _changed[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function participantOf(address identity) external view returns (Participant memory) {
        return _participants[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function packedExchangeParties(address consumer, address provider, address coordinator)
        external
        view
        returns (PackedParticipant ofConsumer, PackedParticipant ofProvider, PackedParticipant ofCoordinator)
    {
        Participant storage consumerSlot = _participants[consumer];
        Participant storage providerSlot = _participants[provider];
        Participant storage coordinatorSlot = _participants[coordinator];
        assembly ("memory-safe") {
            ofConsumer := sload(consumerSlot.slot)
            ofProvider := sload(providerSlot.slot)
            ofCoordinator := sload(coordinatorSlot.slot)
        }
    }

    /// @inheritdoc IIdentityRegistry
    function applicationOf(address identity) external view returns (bytes32) {
        return _applications[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function charter() external view returns (address) {
        return address(_charter);
    }

    /// @inheritdoc IIdentityRegistry
    function memberSinceOf(address identity) external view returns (uint48) {
        return _memberSince[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function checkActor(address identity, bytes32 kind, address actor) external view {
        uint8 flags = _participants[identity].flags;
        if (actor != address(0) && actor == _ownerOf(identity, flags)) return;
        if (!_isDelegate(identity, flags, kind, actor)) revert IdentityRegistryNotActor(identity, kind, actor);
    }

    /// @inheritdoc IIdentityRegistry
    function hasActiveRole(address identity, uint8 roles) external view returns (bool) {
        Participant storage participant = _participants[identity];
        return participant.status == ParticipantStatus.Active && participant.roles & roles != 0;
    }

    /// @inheritdoc IIdentityRegistry
    function accountHolderOf(address identity) public view returns (address) {
        bool isOwnerChanged = _participants[identity].flags & ParticipantFlags.OWNER_CHANGED != 0;
        return isOwnerChanged ? _owners[identity].account : identity;
    }

    /// @inheritdoc IIdentityRegistry
    function payoutAddressOf(address identity) external view returns (address) {
        address chosen = _payoutAddresses[identity];
        return chosen == address(0) ? accountHolderOf(identity) : chosen;
    }

    /// @inheritdoc IIdentityRegistry
    function suspensionOf(address identity) external view returns (uint48 until, bool spent) {
        return (_suspensions[identity].until, _suspensions[identity].spent);
    }

    /// @inheritdoc IIdentityRegistry
    function erasureBlocksOf(address identity) external view returns (uint256) {
        return _erasureBlocks[identity];
    }

    /// @inheritdoc IIdentityRegistry
    function isBlockedForErasure(address identity, address register) external view returns (bool) {
        return _isErasureBlock[identity][register];
    }

    /// @inheritdoc IIdentityRegistry
    function holderOf(bytes32 legalId) external view returns (address) {
        return _holders[legalId];
    }

    /// @inheritdoc IIdentityRegistry
    function roleCount(uint8 role) external view returns (uint256) {
        return _roleCounts[role];
    }

    /// @inheritdoc IIdentityRegistry
    function participantCount() external view returns (uint256) {
        return _registered.length;
    }

    /// @inheritdoc IIdentityRegistry
    function participantsAt(uint256 offset, uint256 limit) external view returns (address[] memory page) {
        uint256 count = _registered.length;
        if (limit > LONGEST_PAGE) limit = LONGEST_PAGE;
        if (offset >= count) return page;
        if (limit > count - offset) limit = count - offset;
        page = new address[](limit);
        for (uint256 i; i < limit; ++i) {
            page[i] = _registered[offset + i];
        }
    }

    /// @inheritdoc IIdentityRegistry
    function isNonceUsed(address signer, uint256 nonce) public view returns (bool) {
        return _nonces[signer][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @inheritdoc IIdentityRegistry
    function admissionsPause() external view returns (uint48 until, bool spent) {
        return (_pause.until, _pause.spent);
    }

    // ---------------------------------------------------------------- internals: who may

    /// @dev Without OWNER_CHANGED and DEACTIVATED no second slot is read.
    function _ownerOf(address identity, uint8 flags) private view returns (address) {
        if (flags & ParticipantFlags.NOT_SELF_OWNED == 0) return identity;
        return flags & ParticipantFlags.DEACTIVATED != 0 ? address(0) : _owners[identity].account;
    }

    function _isDelegate(address identity, uint8 flags, bytes32 kind, address delegate) private view returns (bool) {
        Delegation memory delegation = _delegations[identity][kind][delegate];
        if (block.timestamp > delegation.validTo || flags & ParticipantFlags.DEACTIVATED != 0) return false;
        if (flags & ParticipantFlags.OWNER_CHANGED != 0 && delegation.recoveries != _owners[identity].recoveries) {
            return false;
        }
        return flags & ParticipantFlags.READMITTED == 0 || delegation.addedAt >= _memberSince[identity];
    }

    /// @dev `actor` owns an identity that can still be written; only handing on the owner key is open to the removed.
    function _checkOwner(address identity, address actor) private view {
        uint8 flags = _participants[identity].flags;
        if (flags & ParticipantFlags.DEACTIVATED != 0) revert IdentityRegistryDeactivated(identity);
        if (actor != _ownerOf(identity, flags)) revert IdentityRegistryNotOwner(identity, actor);
    }

    function _checkWriter(address identity) private view {
        ParticipantStatus status = _participants[identity].status;
        if (status == ParticipantStatus.None || status == ParticipantStatus.Removed) {
            revert IdentityRegistryNotWriter(identity);
        }
    }

    /// @dev A contract under the network's own authority, that authority, its admin (the timelock), or the council.
    function _isOfNetwork(address identity) private view returns (bool) {
        if (identity == authority()) return true;
        if (identity.code.length == 0) return false;
        (bool isAdmin,) = IAccessManager(authority()).hasRole(ADMIN_ROLE, identity);
        (, address council) = _charter.wiring();
        if (isAdmin || identity == council) return true;
        (bool done, bytes memory answer) = identity.staticcall(abi.encodeCall(IAccessManaged.authority, ()));
        return done && answer.length == 32 && uint256(bytes32(answer)) == uint160(authority());
    }

    /// @dev Whether somebody can be a participant in this way: asked when it applies and again when it is admitted.
    function _checkAdmission(Admission calldata admission, Participant memory participant) private view {
        address identity = admission.identity;
        if (block.timestamp < _pause.until) revert IdentityRegistryAdmissionsPaused(_pause.until);
        if (identity == address(0) || _isOfNetwork(identity)) revert IdentityRegistryIdentityInvalid(identity);
        _checkRoles(admission.roles);
        if (!Jurisdictions.isValid(admission.jurisdiction)) {
            revert IdentityRegistryJurisdictionInvalid(admission.jurisdiction);
        }
        if (participant.status == ParticipantStatus.Active || participant.status == ParticipantStatus.Suspended) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        if (participant.flags & ParticipantFlags.DEACTIVATED != 0) revert IdentityRegistryDeactivated(identity);
        if (admission.legalId == 0) revert IdentityRegistryLegalIdMissing();
        address holder = _holders[admission.legalId];
        if (holder != address(0) && holder != identity && !_isOver(holder)) {
            revert IdentityRegistryLegalIdTaken(admission.legalId, holder);
        }
        if (participant.admittedAt == 0) _checkRecruiter(identity, admission.recruiter);
    }

    function _hashApplication(Admission calldata admission, bytes32 agreement) private pure returns (bytes32) {
        return keccak256(abi.encode(admission, agreement));
    }

    function _checkRoles(uint8 roles) private pure {
        if (roles == 0 || roles & ~Roles.ALL != 0) revert IdentityRegistryRolesInvalid(roles);
    }

    /// @dev Deactivated and no member: it never comes back, and who it was may come in under another identity.
    function _isOver(address identity) private view returns (bool) {
        Participant storage participant = _participants[identity];
        return participant.flags & ParticipantFlags.DEACTIVATED != 0
            && participant.status != ParticipantStatus.Active && participant.status != ParticipantStatus.Suspended;
    }

    function _checkRecruiter(address identity, address recruiter) private view {
        if (recruiter == address(0)) return;
        Participant storage participant = _participants[recruiter];
        if (
            recruiter == identity || participant.status != ParticipantStatus.Active
                || participant.roles & (Roles.CHANNEL_PARTNER | Roles.COORDINATOR) == 0
        ) revert IdentityRegistryRecruiterInvalid(recruiter);
    }

    /// @dev Checks a signed change and uses its nonce up.
    function _useSignature(
        bytes32 structHash,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) private {
        // Check
        if (block.timestamp > deadline) revert IdentityRegistrySignatureExpired(deadline);
        if (isNonceUsed(signer, nonce)) revert IdentityRegistryNonceUsed(signer, nonce);
        bytes32 digest = _hashTypedDataV4(structHash);
        if (!Signatures.isValid(signer, digest, signature)) revert IdentityRegistrySignatureInvalid(signer, digest);

        // Effect
        _nonces[signer][nonce >> 8] |= 1 << (nonce & 0xff);
        emit NonceUsed(signer, nonce);
    }

    // ---------------------------------------------------------------- internals: effects

    function _setCharter(INetworkCharter charter_) private {
        _charter = charter_;
        emit CharterSet(address(charter_));
    }

    /// @dev The one way by which a participant becomes Active.
    function _admit(Admission calldata admission) private {
        // Check
        address identity = admission.identity;
        if (!_charter.isInForce()) revert IdentityRegistryCharterNotInForce();
        Participant memory participant = _participants[identity];
        _checkAdmission(admission, participant);
        if (_applications[identity] != _hashApplication(admission, _charter.agreement())) {
            revert IdentityRegistryNotApplied(identity);
        }

        // Effect
        bool again = participant.admittedAt != 0;
        if (again) {
            participant.flags |= ParticipantFlags.READMITTED;
            _memberSince[identity] = uint48(block.timestamp);
        } else {
            participant.recruiter = admission.recruiter;
            participant.admittedAt = uint48(block.timestamp);
        }
        participant.jurisdiction = admission.jurisdiction;
        participant.roles = admission.roles;
        participant.status = ParticipantStatus.Active;
        _participants[identity] = participant;
        _holders[admission.legalId] = identity;
        delete _applications[identity];
        delete _suspensions[identity];
        _count(0, admission.roles);
        emit ParticipantAdmitted(
            identity, admission.roles, admission.jurisdiction, participant.recruiter, admission.legalId, again
        );
    }

    function _changeOwner(address identity, address newOwner) private {
        if (_participants[identity].status == ParticipantStatus.None) revert IdentityRegistryNotWriter(identity);
        _setOwner(identity, newOwner);
    }

    function _setOwner(address identity, address newOwner) private {
        if (newOwner == address(0) || newOwner == address(this)) revert IdentityRegistryOwnerInvalid(newOwner);
        _owners[identity].account = newOwner;
        _participants[identity].flags |= ParticipantFlags.OWNER_CHANGED;
        emit DIDOwnerChanged(identity, newOwner, _changed[identity]);
        _changed[identity] = block.number;
    }

    function _addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) private {
        _checkWriter(identity);
        if (delegate == address(0)) revert IdentityRegistryDelegateInvalid(delegate);
        uint48 validTo = _validTo(validity);
        _delegations[identity][delegateType][delegate] = Delegation({
            addedAt: uint48(block.timestamp), validTo: validTo, recoveries: _owners[identity].recoveries
        });
        emit DIDDelegateChanged(identity, delegateType, delegate, validTo, _changed[identity]);
        _changed[identity] = block.number;
    }

    /// @dev Valid until the second before: a delegate that is revoked acts no more in this very block.
    function _revokeDelegate(address identity, bytes32 delegateType, address delegate) private {
        _checkWriter(identity);
        uint48 validTo = uint48(block.timestamp) - 1;
        _delegations[identity][delegateType][delegate].validTo = validTo;
        emit DIDDelegateChanged(identity, delegateType, delegate, validTo, _changed[identity]);
        _changed[identity] = block.number;
    }

    function _setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity) private {
        _checkWriter(identity);
        _checkValue(value);
        emit DIDAttributeChanged(identity, name, value, _validTo(validity), _changed[identity]);
        _changed[identity] = block.number;
    }

    function _revokeAttribute(address identity, bytes32 name, bytes calldata value) private {
        _checkWriter(identity);
        _checkValue(value);
        emit DIDAttributeChanged(identity, name, value, 0, _changed[identity]);
        _changed[identity] = block.number;
    }

    function _checkValue(bytes calldata value) private pure {
        if (value.length == 0 || value.length > LONGEST_VALUE_BYTES) {
            revert IdentityRegistryValueLengthInvalid(value.length, LONGEST_VALUE_BYTES);
        }
    }

    function _validTo(uint256 validity) private view returns (uint48) {
        if (validity == 0 || validity > LONGEST_VALIDITY_SECONDS) {
            revert IdentityRegistryValidityInvalid(validity, LONGEST_VALIDITY_SECONDS);
        }
        return uint48(block.timestamp + validity);
    }

    function _setPayoutAddress(address identity, address payoutAddress) private {
        if (_participants[identity].status == ParticipantStatus.None) revert IdentityRegistryNotWriter(identity);
        _payoutAddresses[identity] = payoutAddress;
        emit PayoutAddressSet(identity, payoutAddress);
    }

    function _deactivate(address identity) private {
        _checkWriter(identity);
        _participants[identity].flags |= ParticipantFlags.DEACTIVATED;
        emit DIDOwnerChanged(identity, address(0), _changed[identity]);
        _changed[identity] = block.number;
    }

    function _suspend(Participant storage participant) private {
        _count(participant.roles, 0);
        participant.status = ParticipantStatus.Suspended;
    }

    function _reinstate(address identity, bool byVote) private {
        Participant storage participant = _participants[identity];
        if (participant.status != ParticipantStatus.Suspended) {
            revert IdentityRegistryStatusInvalid(identity, uint8(participant.status));
        }
        participant.status = ParticipantStatus.Active;
        _count(0, participant.roles);
        emit ParticipantReinstated(identity, byVote);
    }

    /// @dev Moves the counts of Active participants from one set of roles to another.
    function _count(uint8 former, uint8 roles) private {
        for (uint8 role = 1; role <= Roles.REGULATOR; role <<= 1) {
            if (former & role != 0) --_roleCounts[role];
            if (roles & role != 0) ++_roleCounts[role];
        }
    }
}
