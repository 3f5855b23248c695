// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PackedParticipant, Participant } from "../contracts/types/Participants.sol";
import { INetworkCharter } from "./INetworkCharter.sol";

/// @title Identity registry
/// @notice The participants of the network: their roles and membership, and the keys, delegates and endpoints in their DID
/// documents. Its events and views are those of ERC-1056, so that public `did:ethr` resolvers read it as it is.
///
/// Different from ERC-1056 on purpose: only participants that are registered and not removed write (a removed one may
/// still hand its owner key on); a deactivated DID writes nothing ever again and has no owner; signed changes are EIP-712
/// messages with the chain, this contract, an unordered nonce, a deadline and the signer. Persons are never in it.
interface IIdentityRegistry {
    /// @notice What the council decides when it admits a participant.
    /// @param identity Its address; its DID is `did:ethr:<chain id>:<identity>`. Never a contract of the network itself.
    /// @param roles Bitmap of Roles; at least one.
    /// @param jurisdiction ISO 3166-1 alpha-2, upper case.
    /// @param recruiter The registered channel partner or coordinator that invited it, or zero. Read at the first
    /// admission only: attribution never moves.
    /// @param legalId keccak256 of its legal entity identifier or register number, in upper case without blanks; one
    /// participant each, unless that one's DID is deactivated and it is no member any more.
    struct Admission {
        address identity;
        uint8 roles;
        bytes2 jurisdiction;
        address recruiter;
        bytes32 legalId;
    }

    // ERC-1056, exact signatures.
    event DIDOwnerChanged(address indexed identity, address owner, uint256 previousChange);
    event DIDDelegateChanged(
        address indexed identity, bytes32 delegateType, address delegate, uint256 validTo, uint256 previousChange
    );
    event DIDAttributeChanged(
        address indexed identity, bytes32 name, bytes value, uint256 validTo, uint256 previousChange
    );

    /// @notice Somebody applied for membership, for the first time or again; admission is the council's.
    event ParticipantInvited(
        address indexed identity, uint8 roles, bytes2 jurisdiction, address recruiter, bytes32 legalId
    );
    /// @notice A participant was admitted, for the first time or again.
    event ParticipantAdmitted(
        address indexed identity, uint8 roles, bytes2 jurisdiction, address recruiter, bytes32 legalId, bool again
    );
    /// @notice The council changed a participant's roles.
    event RolesSet(address indexed identity, uint8 roles);
    /// @notice A participant was suspended. `until` is Unix seconds, or zero for as long as the council says.
    event ParticipantSuspended(address indexed identity, uint48 until);
    /// @notice A suspension ended: `byVote`, or because a guardian's 72 hours were over.
    event ParticipantReinstated(address indexed identity, bool byVote);
    /// @notice A participant was removed.
    event ParticipantRemoved(address indexed identity);
    /// @notice The council handed an identity to a new owner: its delegates from before count no more.
    event OwnerRecovered(address indexed identity, address owner);
    /// @notice A participant chose where its money is paid; zero is its owner.
    event PayoutAddressSet(address indexed identity, address payoutAddress);
    /// @notice A signed change used its nonce up.
    event NonceUsed(address indexed signer, uint256 nonce);
    /// @notice A signer voided nonces of its own.
    event NoncesInvalidated(address indexed signer, uint256 word, uint256 mask);
    /// @notice Admissions are refused before this instant (Unix seconds). `urgent` when a guardian said so without a vote.
    event AdmissionsPaused(uint48 until, bool urgent);

    /// @notice A register blocked a participant for duties to erase that are overdue there, or lifted its block.
    event ErasureOverdueSet(address indexed identity, address indexed register, bool overdue);

    /// @notice Applications come through this charter from now on.
    event CharterSet(address charter);

    error IdentityRegistryAddressInvalid(address given);
    error IdentityRegistryNotCharter(address caller);
    error IdentityRegistryCharterNotInForce();
    error IdentityRegistryNotApplied(address identity);
    error IdentityRegistryNothingToRatify(address identity);
    error IdentityRegistryIdentityInvalid(address identity);
    error IdentityRegistryRolesInvalid(uint8 roles);
    error IdentityRegistryJurisdictionInvalid(bytes2 jurisdiction);
    error IdentityRegistryRecruiterInvalid(address recruiter);
    error IdentityRegistryLegalIdTaken(bytes32 legalId, address holder);
    error IdentityRegistryLegalIdMissing();
    error IdentityRegistryStatusInvalid(address identity, uint8 status);
    error IdentityRegistryAdmissionsPaused(uint48 until);
    error IdentityRegistryErasureOverdue(address identity, address register);
    error IdentityRegistryErasureNotOverdue(address identity, address register);
    error IdentityRegistryPauseSpent();
    error IdentityRegistryPauseTooLong(uint48 until, uint48 latest);
    error IdentityRegistrySuspensionSpent(address identity);
    error IdentityRegistrySuspensionRunning(address identity, uint48 until);
    error IdentityRegistrySuspensionOver(address identity, uint48 until);
    error IdentityRegistryNotWriter(address identity);
    error IdentityRegistryNotOwner(address identity, address caller);
    error IdentityRegistryNotActor(address identity, bytes32 kind, address actor);
    error IdentityRegistryDeactivated(address identity);
    error IdentityRegistryOwnerInvalid(address owner);
    error IdentityRegistryDelegateInvalid(address delegate);
    error IdentityRegistryValidityInvalid(uint256 validitySeconds, uint256 longest);
    error IdentityRegistryValueLengthInvalid(uint256 length, uint256 longest);
    error IdentityRegistrySignatureInvalid(address signer, bytes32 digest);
    error IdentityRegistrySignatureExpired(uint48 deadline);
    error IdentityRegistryNonceUsed(address signer, uint256 nonce);

    // ------------------------------------------------------------ ERC-1056: changes by the owner

    /// @notice Hands the identity to another key. Signatures of the former one are worth nothing from this block on;
    /// delegates stay, as in ERC-1056.
    /// @dev By the owner, also of a removed participant. Emits DIDOwnerChanged. Reverts IdentityRegistryNotOwner,
    /// IdentityRegistryOwnerInvalid (zero: use `deactivate`), IdentityRegistryDeactivated, IdentityRegistryNotWriter.
    function changeOwner(address identity, address newOwner) external;

    /// @notice Lets a key act for the identity in one way until it expires.
    /// @dev By the owner. Emits DIDDelegateChanged. Reverts IdentityRegistryValidityInvalid,
    /// IdentityRegistryDelegateInvalid, and as changeOwner.
    /// @param delegateType `exchange`, `delivery`, `deposit`, or what resolvers publish: `veriKey`, `sigAuth`.
    /// @param validity Seconds from now, 1 to ten years.
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) external;

    /// @notice Ends a delegate now.
    /// @dev By the owner. Emits DIDDelegateChanged.
    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external;

    /// @notice Publishes an attribute of the DID document.
    /// @dev By the owner. Emits DIDAttributeChanged; nothing else is kept. Reverts IdentityRegistryValidityInvalid,
    /// IdentityRegistryValueLengthInvalid (1 to 4,096 bytes), and as changeOwner.
    function setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity) external;

    /// @notice Ends an attribute now.
    /// @dev By the owner. Emits DIDAttributeChanged with validTo zero.
    function revokeAttribute(address identity, bytes32 name, bytes calldata value) external;

    // ------------------------------------------------------------ beyond ERC-1056

    /// @notice Chooses where the participant's money is paid; zero is its owner.
    /// @dev By the account holder, also of a removed participant. Emits PayoutAddressSet.
    function setPayoutAddress(address identity, address payoutAddress) external;

    /// @notice Ends the DID for good: no owner, nothing written. Its money stays with the last owner. Its legal id stays
    /// its own while it is a member; once the council has removed it, another identity can be admitted under it.
    /// @dev By the owner. Emits DIDOwnerChanged with owner zero.
    function deactivate(address identity) external;

    /// @notice The same changes, carried by anyone with the owner's EIP-712 signature (plain or ERC-1271).
    /// @dev Emit NonceUsed and then what the change emits. Revert as above, and IdentityRegistrySignatureExpired (valid
    /// while `block.timestamp <= deadline`), IdentityRegistryNonceUsed, IdentityRegistrySignatureInvalid.
    function changeOwnerSigned(
        address identity,
        address newOwner,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function addDelegateSigned(
        address identity,
        bytes32 delegateType,
        address delegate,
        uint256 validity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function revokeDelegateSigned(
        address identity,
        bytes32 delegateType,
        address delegate,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function setAttributeSigned(
        address identity,
        bytes32 name,
        bytes calldata value,
        uint256 validity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function revokeAttributeSigned(
        address identity,
        bytes32 name,
        bytes calldata value,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function setPayoutAddressSigned(
        address identity,
        address payoutAddress,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;
    function deactivateSigned(
        address identity,
        uint256 nonce,
        uint48 deadline,
        address signer,
        bytes calldata signature
    ) external;

    /// @notice Voids nonces of the caller: the bits of `mask` in 256-bit word `word`. Works on messages nobody has seen.
    /// @dev Emits NoncesInvalidated.
    function invalidateNonces(uint256 word, uint256 mask) external;

    // ------------------------------------------------------------ membership, by vote and in emergencies

    /// @notice Notes what somebody applied for: it may now write its DID document, and the council can admit it on just
    /// these terms. A further application takes the place of the one before. Who was removed stays so until it is admitted.
    /// @dev By NetworkCharter, which has checked its signatures. Emits ParticipantInvited. Reverts
    /// IdentityRegistryNotCharter, IdentityRegistryAdmissionsPaused and the errors that name a field.
    /// @param agreement Hash of the membership agreement that it signed: it can be admitted while that is in force.
    function enrol(Admission calldata admission, bytes32 agreement) external;

    /// @notice Admits an applicant on the terms that it applied for. Admitted again after a removal, no delegate,
    /// accreditation or consent from before comes back to life, and its first recruiter and admission time stay.
    /// @dev By vote. Emits ParticipantAdmitted. Reverts IdentityRegistryCharterNotInForce, IdentityRegistryNotApplied (not
    /// these terms, none, or another membership agreement is in force since), IdentityRegistryAdmissionsPaused and the errors that name a field.
    function admit(Admission calldata admission) external;

    /// @notice Admits an applicant as a regulator and as nothing else.
    /// @dev By vote. Emits and reverts as `admit`, and IdentityRegistryRolesInvalid.
    function admitRegulator(Admission calldata admission) external;

    /// @notice Replaces a participant's roles. By vote. Emits RolesSet.
    function setRoles(address identity, uint8 roles) external;

    /// @notice Suspends a participant until the council reinstates it. By vote. Emits ParticipantSuspended.
    function suspend(address identity) external;

    /// @notice Suspends a participant for 72 hours, once until the council decides on it again.
    /// @dev By the guardian. Emits ParticipantSuspended. Reverts IdentityRegistrySuspensionSpent.
    function suspendUrgently(address identity) external;

    /// @notice Lets a guardian's suspension that is running stand for as long as the council says.
    /// @dev By vote. Emits ParticipantSuspended. Reverts IdentityRegistryNothingToRatify, IdentityRegistrySuspensionOver
    /// (its 72 hours are over and nobody has lifted it: anyone may, and a vote that comes later suspends anew).
    function ratifySuspension(address identity) external;

    /// @notice Ends a suspension. By vote. Emits ParticipantReinstated.
    function reinstate(address identity) external;

    /// @notice Ends a guardian's suspension whose 72 hours are over. By anyone. Emits ParticipantReinstated.
    /// Until somebody does it stops new exchanges still, and nothing else: no way out ever asks for standing.
    /// @dev Reverts IdentityRegistrySuspensionRunning; `until` is zero where only the council ends it.
    function liftSuspension(address identity) external;

    /// @notice Removes a participant. Its money stays withdrawable. By vote. Emits ParticipantRemoved.
    function remove(address identity) external;

    /// @notice Hands a participant whose key is lost to a new owner; history and balances stay. Money goes to the new owner
    /// until it says otherwise, and no delegate from before acts any more: whoever has the lost key may have added it.
    /// What public resolvers read of before (attributes, published delegates) stays in the DID document until the new
    /// owner revokes it: ERC-1056's events end each by its name. By vote. Emits DIDOwnerChanged, OwnerRecovered, and
    /// PayoutAddressSet where one was set.
    function recoverOwner(address identity, address newOwner) external;

    /// @notice Blocks a participant from funding, for what is overdue in the calling register. Each register blocks for
    /// itself; no change of membership or of keys lifts a block.
    /// @dev By a contract with NetworkAccess's role for it. Emits ErasureOverdueSet. Reverts
    /// IdentityRegistryErasureOverdue (it blocks already), IdentityRegistryStatusInvalid (never registered).
    function blockForErasure(address identity) external;

    /// @notice Lifts the calling register's block; the participant funds again once no register has one.
    /// @dev By the register that blocked, whatever became of its role: what is confirmed counts. Emits ErasureOverdueSet.
    /// Reverts IdentityRegistryErasureNotOverdue.
    function unblockForErasure(address identity) external;

    /// @notice Takes applications through another charter. By vote.
    /// @dev Emits CharterSet. Reverts IdentityRegistryAddressInvalid.
    function setCharter(INetworkCharter charter) external;

    /// @notice Refuses admissions for 72 hours, once until the council decides again. A longer voted pause stays as long.
    /// @dev By the guardian. Emits AdmissionsPaused. Reverts IdentityRegistryPauseSpent.
    function pauseAdmissions() external;

    /// @notice Refuses admissions until an instant (Unix seconds; the past resumes), at most 30 days ahead. By vote.
    function setAdmissionsPausedUntil(uint48 until) external;

    // ------------------------------------------------------------ views: ERC-1056

    /// @notice Who controls an identity: itself unless changed; zero once deactivated.
    function identityOwner(address identity) external view returns (address);

    /// @notice Whether a delegate of this kind acts: it has not expired, and was added since the latest recovery and
    /// re-admission.
    function validDelegate(address identity, bytes32 delegateType, address delegate) external view returns (bool);

    /// @notice Block of the identity's latest DID event, from which a resolver walks back.
    function changed(address identity) external view returns (uint256);

    // ------------------------------------------------------------ views

    /// @notice A participant's record; all zero when it was never registered.
    function participantOf(address identity) external view returns (Participant memory);

    /// @notice The records of an exchange's parties as they lie in their slots: what the path of an exchange reads.
    function packedExchangeParties(address consumer, address provider, address coordinator)
        external
        view
        returns (PackedParticipant ofConsumer, PackedParticipant ofProvider, PackedParticipant ofCoordinator);

    /// @notice Hash of what somebody applied for, and of the agreement that it signed; zero when it was admitted or has not applied.
    function applicationOf(address identity) external view returns (bytes32);

    /// @notice The charter through which applications come.
    function charter() external view returns (address);

    /// @notice Since when a participant is a member again after a removal (Unix seconds); zero when it never was removed.
    function memberSinceOf(address identity) external view returns (uint48);

    /// @notice Reverts IdentityRegistryNotActor unless `actor` is the owner or an unexpired delegate of this kind.
    /// Membership is not asked: what was funded is also delivered by a participant that was suspended since.
    function checkActor(address identity, bytes32 kind, address actor) external view;

    /// @notice Whether a participant is Active and holds one of the roles given as a bitmap.
    function hasActiveRole(address identity, uint8 roles) external view returns (bool);

    /// @notice Who may take a participant's money out: its owner, and after deactivation the last owner.
    function accountHolderOf(address identity) external view returns (address);

    /// @notice Where a participant's money is paid: what it chose, else its account holder.
    function payoutAddressOf(address identity) external view returns (address);

    /// @notice A running suspension: when a guardian's ends (zero where only the council ends it), and whether the
    /// guardian's word on this participant is spent.
    function suspensionOf(address identity) external view returns (uint48 until, bool spent);

    /// @notice How many registers have a duty to erase of a participant overdue; it funds nothing while one has.
    function erasureBlocksOf(address identity) external view returns (uint256);

    /// @notice Whether this register is one of them.
    function isBlockedForErasure(address identity, address register) external view returns (bool);

    /// @notice Who holds a legal id, or zero.
    function holderOf(bytes32 legalId) external view returns (address);

    /// @notice How many Active participants hold a role (one bit of Roles).
    function roleCount(uint8 role) external view returns (uint256);

    /// @notice How many participants were ever registered.
    function participantCount() external view returns (uint256);

    /// @notice Participants in order of registration, at most `limit` from `offset` on; limit at most 500.
    function participantsAt(uint256 offset, uint256 limit) external view returns (address[] memory page);

    /// @notice Whether a signer's nonce is used or voided.
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool);

    /// @notice Instant before which admissions are refused (Unix seconds), and whether the guardian's pause is spent.
    function admissionsPause() external view returns (uint48 until, bool spent);
}
