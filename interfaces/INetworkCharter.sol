// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Network charter
/// @notice The document on which a network stands, its phase, and how a participant comes in.
/// @dev The first charter is in force once every founder has signed it: until then nobody becomes Active. A later one is
/// proposed by vote and in force once every seat of the moment has signed it within its deadline; else it lapses and
/// the old one stands. Messages are EIP-712 (plain or ERC-1271).
interface INetworkCharter {
    /// @notice How far a network has come.
    enum Phase {
        Pilot, // 3 seats
        Growth, // 3 to 7 seats
        Open // 3 to 21 seats, as voted
    }

    /// @notice A version of the charter.
    /// @param document Hash of its text: business model, economic model, rules.
    /// @param phase The network's phase under it.
    /// @param seatCap Most seats of the council under it.
    /// @param signUntil Last instant to sign it, Unix seconds; zero for the first, which has none.
    /// @param inForceAt Since when it has been in force, Unix seconds; zero when it is not.
    struct Version {
        bytes32 document;
        Phase phase;
        uint8 seatCap;
        uint48 signUntil;
        uint48 inForceAt;
    }

    /// @notice What somebody applies with.
    /// @param identity Who applies: its address.
    /// @param roles Bitmap of Roles; at least one.
    /// @param jurisdiction ISO 3166-1 alpha-2, upper case.
    /// @param legalId keccak256 of its legal entity identifier or register number.
    /// @param inviter The channel partner or coordinator that invited it, or zero.
    /// @param invitationExpiresAt Last instant of the invitation, Unix seconds.
    /// @param invitationNonce Of the invitation; unordered, used once.
    /// @param nonce Of the application itself; unordered, used once.
    struct Application {
        address identity;
        uint8 roles;
        bytes2 jurisdiction;
        bytes32 legalId;
        address inviter;
        uint48 invitationExpiresAt;
        uint256 invitationNonce;
        uint256 nonce;
    }

    /// @notice A version was proposed.
    event CharterProposed(uint32 indexed version, bytes32 document, Phase phase, uint8 seatCap, uint48 signUntil);
    /// @notice An identity signed a version.
    event CharterSigned(uint32 indexed version, address indexed identity);
    /// @notice A version is in force.
    event CharterInForce(uint32 indexed version, Phase phase, uint8 seatCap);
    /// @notice Whoever applies from now on signs this membership agreement.
    event AgreementSet(bytes32 document);
    /// @notice Somebody applied for membership; `agreement` is the hash of what it signed.
    event MembershipApplied(address indexed identity, address indexed inviter, bytes32 agreement, uint256 invitationNonce);
    /// @notice An invitation or an application used its nonce up.
    event NonceUsed(address indexed signer, uint256 nonce);
    /// @notice A signer voided nonces of its own.
    event NoncesInvalidated(address indexed signer, uint256 word, uint256 mask);

    error NetworkCharterAddressInvalid(address given);
    error NetworkCharterDocumentMissing();
    error NetworkCharterSeatCapInvalid(Phase phase, uint8 seatCap, uint256 seats);
    error NetworkCharterSigningSpanInvalid(uint32 signSeconds, uint32 shortest, uint32 longest);
    error NetworkCharterNotInForce();
    error NetworkCharterVersionUnknown(uint32 version);
    error NetworkCharterVersionPending(uint32 version, uint48 signUntil);
    error NetworkCharterVersionLapsed(uint32 version, uint48 signUntil);
    error NetworkCharterVersionPast(uint32 version);
    error NetworkCharterSigned(uint32 version, address identity);
    error NetworkCharterSignatureInvalid(address signer, bytes32 digest);
    error NetworkCharterUnsigned(uint32 version, address seat);
    error NetworkCharterInvitationExpired(uint48 expiresAt);
    error NetworkCharterNonceUsed(address signer, uint256 nonce);
    error NetworkCharterInviterInvalid(address inviter);

    /// @notice Proposes a new version. By vote.
    /// @param signSeconds How long there is to sign it: 1 hour to 90 days.
    /// @dev Emits CharterProposed. Reverts NetworkCharterNotInForce (the first one is not signed yet),
    /// NetworkCharterDocumentMissing, NetworkCharterSeatCapInvalid, NetworkCharterSigningSpanInvalid,
    /// NetworkCharterVersionPending (another one can still be signed).
    function proposeVersion(bytes32 document, Phase phase, uint8 seatCap, uint32 signSeconds) external;

    /// @notice Signs a version for an identity: the one in force, or the one that can come into force; carried by anyone.
    /// The last signature that is needed brings it into force.
    /// @param signature Of Charter, by the identity's owner.
    /// @dev Emits CharterSigned, CharterInForce. Reverts NetworkCharterVersionUnknown, NetworkCharterVersionPast,
    /// NetworkCharterVersionLapsed, NetworkCharterSigned, NetworkCharterSignatureInvalid.
    function sign(uint32 version, address identity, bytes calldata signature) external;

    /// @notice Brings the pending version into force when every seat has signed it; needed where a seat left meanwhile.
    /// @dev Emits CharterInForce. Reverts NetworkCharterVersionUnknown, NetworkCharterVersionLapsed,
    /// NetworkCharterUnsigned.
    function bringIntoForce() external;

    /// @notice Sets the membership agreement that applicants sign. By vote.
    /// @dev Emits AgreementSet. Reverts NetworkCharterDocumentMissing.
    function setAgreement(bytes32 document) external;

    /// @notice Applies for membership; carried by anyone. The council decides by vote (IdentityRegistry.admit).
    /// @param invitationSignature The inviter's owner's signature of Invitation; empty where nobody invited.
    /// @param agreementSignature The applicant's owner's signature of Agreement on the agreement in force and on all that it
    /// applies for.
    /// @dev Emits NonceUsed for each signature, MembershipApplied, and what IdentityRegistry.enrol emits. Reverts
    /// NetworkCharterInvitationExpired, NetworkCharterNonceUsed, NetworkCharterInviterInvalid,
    /// NetworkCharterSignatureInvalid, and as enrol does.
    function applyForMembership(
        Application calldata application,
        bytes calldata invitationSignature,
        bytes calldata agreementSignature
    ) external;

    /// @notice Voids invitations and applications that the caller signed by their nonces, seen or unseen.
    /// @param word Which 256 nonces: `nonce >> 8`.
    /// @param mask A bit for each nonce to void.
    /// @dev Emits NoncesInvalidated. The caller is the owner at the time of signing: nonces are kept by signer.
    function invalidateNonces(uint256 word, uint256 mask) external;

    /// @notice Number of the version in force; zero while there is none.
    function currentVersion() external view returns (uint32);

    /// @notice Number of the version proposed last.
    function latestVersion() external view returns (uint32);

    /// @notice A version.
    function versionOf(uint32 version) external view returns (Version memory);

    /// @notice Whether an identity signed a version.
    function hasSigned(uint32 version, address identity) external view returns (bool);

    /// @notice Whether a charter is in force.
    function isInForce() external view returns (bool);

    /// @notice The network's phase.
    function phase() external view returns (Phase);

    /// @notice Most seats that the council may have; zero while no charter is in force.
    function seatCap() external view returns (uint8);

    /// @notice Hash of the membership agreement that applicants sign.
    function agreement() external view returns (bytes32);

    /// @notice Hash of the membership agreement that a participant signed last; zero when none.
    function agreementOf(address identity) external view returns (bytes32);

    /// @notice Whether the nonce of an invitation or application was used or voided.
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool);

    /// @notice Digest that a signer of a charter signs.
    function hashCharter(uint32 version, address signer) external view returns (bytes32);

    /// @notice Digest that an applicant signs.
    function hashAgreement(
        bytes32 document,
        address participant,
        uint8 roles,
        bytes2 jurisdiction,
        bytes32 legalId,
        address inviter,
        uint256 nonce,
        address signer
    ) external view returns (bytes32);

    /// @notice Digest that an inviter signs.
    function hashInvitation(
        address invitee,
        uint8 roles,
        bytes2 jurisdiction,
        address inviter,
        uint48 expiresAt,
        uint256 nonce,
        address signer
    ) external view returns (bytes32);

    /// @notice Identity registry and council.
    function wiring() external view returns (address identities, address council);
}
