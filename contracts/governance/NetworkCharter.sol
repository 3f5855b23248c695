// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ICouncil } from "../../interfaces/ICouncil.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { CharterTypes } from "../libraries/CharterTypes.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { Roles } from "../types/Participants.sol";

/// @title Network charter
/// @notice See INetworkCharter.
contract NetworkCharter is INetworkCharter, AccessManaged, EIP712 {
    uint8 private constant FEWEST_SEATS = 3;
    uint8 private constant MOST_GROWTH_SEATS = 7;
    uint8 private constant MOST_SEATS = 21;
    uint32 private constant SHORTEST_SIGNING_SECONDS = 1 hours;
    uint32 private constant LONGEST_SIGNING_SECONDS = 90 days;

    IIdentityRegistry private immutable IDENTITIES;
    ICouncil private immutable COUNCIL;

    uint32 private _current; // slot 2, bytes 20-23: beside AccessManaged's authority
    uint32 private _latest; // slot 2, bytes 24-27
    bytes32 private _agreement; // slot 3
    mapping(uint32 version => Version) private _versions; // slot 4
    mapping(uint32 version => mapping(address identity => bool)) private _signed; // slot 5
    mapping(address signer => mapping(uint256 word => uint256 bits)) private _nonces; // slot 6
    mapping(address identity => bytes32) private _agreements; // slot 7

    /// @param authority NetworkAccess.
    /// @param document Hash of the first charter, which the founders sign.
    /// @param agreement_ Hash of the membership agreement that applicants sign.
    constructor(
        address authority,
        IIdentityRegistry identities,
        ICouncil council,
        bytes32 document,
        bytes32 agreement_
    ) AccessManaged(authority) EIP712("Consentry NetworkCharter", "1") {
        if (authority.code.length == 0) revert NetworkCharterAddressInvalid(authority);
        if (address(identities) == address(0)) revert NetworkCharterAddressInvalid(address(identities));
        if (address(council) == address(0)) revert NetworkCharterAddressInvalid(address(council));
        IDENTITIES = identities;
        COUNCIL = council;
        _propose(document, Phase.Pilot, FEWEST_SEATS, 0);
        _setAgreement(agreement_);
    }

    // ---------------------------------------------------------------- the charter

    /// @inheritdoc INetworkCharter
    function proposeVersion(bytes32 document, Phase phase_, uint8 seatCap_, uint32 signSeconds) external restricted {
        if (_current == 0) revert NetworkCharterNotInForce();
        Version memory latest = _versions[_latest];
        if (latest.inForceAt == 0 && block.timestamp <= latest.signUntil) {
            revert NetworkCharterVersionPending(_latest, latest.signUntil);
        }
        if (signSeconds < SHORTEST_SIGNING_SECONDS || signSeconds > LONGEST_SIGNING_SECONDS) {
            revert NetworkCharterSigningSpanInvalid(signSeconds, SHORTEST_SIGNING_SECONDS, LONGEST_SIGNING_SECONDS);
        }
        _checkSeatCap(phase_, seatCap_);
        _propose(document, phase_, seatCap_, uint48(block.timestamp) + signSeconds);
    }

    /// @inheritdoc INetworkCharter
    function sign(uint32 version, address identity, bytes calldata signature) external {
        // Check
        Version memory signed = _versions[version];
        if (signed.document == 0) revert NetworkCharterVersionUnknown(version);
        if (version < _current) revert NetworkCharterVersionPast(version);
        bool isPending = version != _current;
        if (isPending) _checkCanComeIntoForce(version, signed);
        if (_signed[version][identity]) revert NetworkCharterSigned(version, identity);
        address signer = IDENTITIES.identityOwner(identity);
        _checkSignature(signer, _charterStructHash(version, signer), signature);

        // Effect
        _signed[version][identity] = true;
        emit CharterSigned(version, identity);
        if (isPending && _firstUnsigned(version) == address(0)) _bringIntoForce(version);
    }

    /// @inheritdoc INetworkCharter
    function bringIntoForce() external {
        // Check
        uint32 version = _latest;
        if (version == _current) revert NetworkCharterVersionUnknown(version + 1);
        _checkCanComeIntoForce(version, _versions[version]);
        address unsigned = _firstUnsigned(version);
        if (unsigned != address(0)) revert NetworkCharterUnsigned(version, unsigned);

        // Effect
        _bringIntoForce(version);
    }

    /// @inheritdoc INetworkCharter
    function setAgreement(bytes32 document) external restricted {
        _setAgreement(document);
    }

    // ---------------------------------------------------------------- membership

    /// @inheritdoc INetworkCharter
    function applyForMembership(
        Application calldata application,
        bytes calldata invitationSignature,
        bytes calldata agreementSignature
    ) external {
        // Check
        if (application.inviter != address(0)) _useInvitation(application, invitationSignature);
        bytes32 document = _agreement;
        address applicant = IDENTITIES.identityOwner(application.identity);
        _useNonce(applicant, application.nonce);
        _checkSignature(
            applicant,
            _agreementStructHash(
                document,
                application.identity,
                application.roles,
                application.jurisdiction,
                application.legalId,
                application.inviter,
                application.nonce,
                applicant
            ),
            agreementSignature
        );

        // Effect
        _agreements[application.identity] = document;
        emit MembershipApplied(application.identity, application.inviter, document, application.invitationNonce);

        // Interaction: with the network's own registry.
        IDENTITIES.enrol(
            IIdentityRegistry.Admission({
                identity: application.identity,
                roles: application.roles,
                jurisdiction: application.jurisdiction,
                recruiter: application.inviter,
                legalId: application.legalId
            }),
            document
        );
    }

    /// @inheritdoc INetworkCharter
    function invalidateNonces(uint256 word, uint256 mask) external {
        _nonces[msg.sender][word] |= mask;
        emit NoncesInvalidated(msg.sender, word, mask);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc INetworkCharter
    function currentVersion() external view returns (uint32) {
        return _current;
    }

    /// @inheritdoc INetworkCharter
    function latestVersion() external view returns (uint32) {
        return _latest;
    }

    /// @inheritdoc INetworkCharter
    function versionOf(uint32 version) external view returns (Version memory found) {
        found = _versions[version];
        if (found.document == 0) revert NetworkCharterVersionUnknown(version);
    }

    /// @inheritdoc INetworkCharter
    function hasSigned(uint32 version, address identity) external view returns (bool) {
        return _signed[version][identity];
    }

    /// @inheritdoc INetworkCharter
    function isInForce() external view returns (bool) {
        return _current != 0;
    }

    /// @inheritdoc INetworkCharter
    function phase() external view returns (Phase) {
        return _versions[_current].phase;
    }

    /// @inheritdoc INetworkCharter
    function seatCap() external view returns (uint8) {
        return _versions[_current].seatCap;
    }

    /// @inheritdoc INetworkCharter
    function agreement() external view returns (bytes32) {
        return _agreement;
    }

    /// @inheritdoc INetworkCharter
    function agreementOf(address identity) external view returns (bytes32) {
        return _agreements[identity];
    }

    /// @inheritdoc INetworkCharter
    function isNonceUsed(address signer, uint256 nonce) public view returns (bool) {
        return _nonces[signer][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @inheritdoc INetworkCharter
    function hashCharter(uint32 version, address signer) external view returns (bytes32) {
        return _hashTypedDataV4(_charterStructHash(version, signer));
    }

    /// @inheritdoc INetworkCharter
    function hashAgreement(
        bytes32 document,
        address participant,
        uint8 roles,
        bytes2 jurisdiction,
        bytes32 legalId,
        address inviter,
        uint256 nonce,
        address signer
    ) external view returns (bytes32) {
        return _hashTypedDataV4(
            _agreementStructHash(document, participant, roles, jurisdiction, legalId, inviter, nonce, signer)
        );
    }

    /// @inheritdoc INetworkCharter
    function hashInvitation(
        address invitee,
        uint8 roles,
        bytes2 jurisdiction,
        address inviter,
        uint48 expiresAt,
        uint256 nonce,
        address signer
    ) external view returns (bytes32) {
        return _hashTypedDataV4(
            _invitationStructHash(invitee, roles, jurisdiction, inviter, expiresAt, nonce, signer)
        );
    }

    /// @inheritdoc INetworkCharter
    function wiring() external view returns (address identities, address council) {
        return (address(IDENTITIES), address(COUNCIL));
    }

    // ---------------------------------------------------------------- internals

    function _propose(bytes32 document, Phase phase_, uint8 seatCap_, uint48 signUntil) private {
        if (document == 0) revert NetworkCharterDocumentMissing();
        uint32 version = _latest + 1;
        _latest = version;
        _versions[version] = Version({
            document: document, phase: phase_, seatCap: seatCap_, signUntil: signUntil, inForceAt: 0
        });
        emit CharterProposed(version, document, phase_, seatCap_, signUntil);
    }

    function _bringIntoForce(uint32 version) private {
        Version storage entering = _versions[version];
        _checkSeatCap(entering.phase, entering.seatCap); // seats may have been added since it was proposed
        entering.inForceAt = uint48(block.timestamp);
        _current = version;
        emit CharterInForce(version, entering.phase, entering.seatCap);
    }

    function _setAgreement(bytes32 document) private {
        if (document == 0) revert NetworkCharterDocumentMissing();
        _agreement = document;
        emit AgreementSet(document);
    }

    /// @dev Checks an invitation and uses its nonce up.
    function _useInvitation(Application calldata application, bytes calldata signature) private {
        if (block.timestamp > application.invitationExpiresAt) {
            revert NetworkCharterInvitationExpired(application.invitationExpiresAt);
        }
        address inviter = application.inviter;
        if (!IDENTITIES.hasActiveRole(inviter, Roles.CHANNEL_PARTNER | Roles.COORDINATOR)) {
            revert NetworkCharterInviterInvalid(inviter);
        }
        address signer = IDENTITIES.identityOwner(inviter);
        uint256 nonce = application.invitationNonce;
        _useNonce(signer, nonce);
        _checkSignature(
            signer,
            _invitationStructHash(
                application.identity,
                application.roles,
                application.jurisdiction,
                inviter,
                application.invitationExpiresAt,
                nonce,
                signer
            ),
            signature
        );
    }

    function _useNonce(address signer, uint256 nonce) private {
        if (isNonceUsed(signer, nonce)) revert NetworkCharterNonceUsed(signer, nonce);
        _nonces[signer][nonce >> 8] |= 1 << (nonce & 0xff);
        emit NonceUsed(signer, nonce);
    }

    function _checkSignature(address signer, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        if (!Signatures.isValid(signer, digest, signature)) revert NetworkCharterSignatureInvalid(signer, digest);
    }

    /// @dev The first version has no deadline: without it there is no network.
    function _checkCanComeIntoForce(uint32 version, Version memory pending) private view {
        if (pending.signUntil != 0 && block.timestamp > pending.signUntil) {
            revert NetworkCharterVersionLapsed(version, pending.signUntil);
        }
    }

    function _checkSeatCap(Phase phase_, uint8 seatCap_) private view {
        uint8 most = phase_ == Phase.Pilot ? FEWEST_SEATS : phase_ == Phase.Growth ? MOST_GROWTH_SEATS : MOST_SEATS;
        uint256 seats = COUNCIL.seatCount();
        if (seatCap_ < FEWEST_SEATS || seatCap_ > most || seatCap_ < seats) {
            revert NetworkCharterSeatCapInvalid(phase_, seatCap_, seats);
        }
    }

    /// @dev A seat that has not signed a version, or zero.
    function _firstUnsigned(uint32 version) private view returns (address) {
        address[] memory seats = COUNCIL.seats();
        for (uint256 i; i < seats.length; ++i) {
            if (!_signed[version][seats[i]]) return seats[i];
        }
        return address(0);
    }

    function _charterStructHash(uint32 version, address signer) private view returns (bytes32) {
        Version memory signed = _versions[version];
        return keccak256(
            abi.encode(
                CharterTypes.CHARTER_TYPEHASH, signed.document, signed.phase, signed.seatCap, version, signer
            )
        );
    }

    function _agreementStructHash(
        bytes32 document,
        address participant,
        uint8 roles,
        bytes2 jurisdiction,
        bytes32 legalId,
        address inviter,
        uint256 nonce,
        address signer
    ) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CharterTypes.AGREEMENT_TYPEHASH,
                document,
                participant,
                roles,
                jurisdiction,
                legalId,
                inviter,
                nonce,
                signer
            )
        );
    }

    function _invitationStructHash(
        address invitee,
        uint8 roles,
        bytes2 jurisdiction,
        address inviter,
        uint48 expiresAt,
        uint256 nonce,
        address signer
    ) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CharterTypes.INVITATION_TYPEHASH, invitee, roles, jurisdiction, inviter, expiresAt, nonce, signer
            )
        );
    }
}
