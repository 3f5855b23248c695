// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC165 } from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IConsentEscrow } from "../../interfaces/IConsentEscrow.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ISchemaRegistry } from "../../interfaces/ISchemaRegistry.sol";
import { ConsentDigests } from "../libraries/ConsentDigests.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { PackedAccreditation } from "../types/Accreditations.sol";
import { Batch, BatchItem, PackedWindow } from "../types/Batches.sol";
import { ALLOTTED_NONCES, Assurance, Consent, ConsentFault, OpenedConsent, PackedRecord } from "../types/Consents.sol";
import { Exchange } from "../types/Exchanges.sol";
import { PackedParticipant, ParticipantFlags, Roles } from "../types/Participants.sol";

/// @title Consent tokens
/// @notice See IConsentToken.
/// @dev ERC-721's owner shares its slot with everything else that is kept of a consent, so that a use rewrites a slot
/// which the grant made instead of making one. That, and that nothing can be moved or approved, is why the few functions
/// of ERC-721 that remain are written here.
contract ConsentToken is IConsentToken, IERC721, AccessManaged, EIP712 {
    string public constant name = "Consentry Consent";
    string public constant symbol = "CONSENT";

    uint48 private constant URGENT_PAUSE_SECONDS = 72 hours;
    uint48 private constant LONGEST_PAUSE_SECONDS = 30 days;
    /// @dev Gas that the escrow gets to take note of a withdrawal: twice what returning a fee to a fresh balance takes.
    uint256 private constant NOTICE_GAS = 150_000;
    /// @dev With this much left before the call the escrow gets NOTICE_GAS in full (EIP-150 keeps back one 64th).
    uint256 private constant NOTICE_GAS_REQUIRED = 160_000;

    IIdentityRegistry private immutable IDENTITIES;
    ISchemaRegistry private immutable SCHEMAS;

    /// @dev One slot.
    struct Configuration {
        address escrow; // bytes  0-19: the escrow that takes uses
        uint8 escrowIndex; // byte  20
        uint8 escrowNote; // byte  21: what that escrow is told with every use
        uint40 grantsPausedUntil; // bytes 22-26: Unix seconds
        uint40 usesPausedUntil; // bytes 27-31: Unix seconds
    }

    mapping(bytes32 consentId => PackedRecord) private _records; // slot 3
    mapping(address subject => uint256) private _balances; // slot 4
    mapping(address allotter => mapping(uint256 word => uint256 bits)) private _spentNonces; // slot 5
    address[] private _escrows; // slot 6
    Configuration private _configuration; // slot 7
    bool private _grantsPauseSpent; // slot 8, byte 0: the guardian has paused grants since the last vote
    bool private _usesPauseSpent; // slot 8, byte 1: likewise uses

    constructor(address authority, IIdentityRegistry identities, ISchemaRegistry schemas)
        AccessManaged(authority)
        EIP712("Consentry ConsentToken", "1")
    {
        if (authority.code.length == 0) revert ConsentTokenAddressInvalid(authority);
        if (address(identities).code.length == 0) revert ConsentTokenAddressInvalid(address(identities));
        if (address(schemas).code.length == 0) revert ConsentTokenAddressInvalid(address(schemas));
        IDENTITIES = identities;
        SCHEMAS = schemas;
    }

    // ---------------------------------------------------------------- the subject's words

    /// @inheritdoc IConsentToken
    function grant(Consent calldata consent, bytes calldata signature) external returns (bytes32 consentId) {
        // Check: the network takes grants, the consent makes sense, and its subject signed it.
        uint48 pausedUntil = _configuration.grantsPausedUntil;
        if (block.timestamp < pausedUntil) revert ConsentTokenGrantsPaused(pausedUntil);
        if (consent.maxUses == 0) revert ConsentTokenUsesInvalid(0);
        if (consent.validFrom >= consent.validUntil || consent.eraseBy < consent.validUntil) {
            revert ConsentTokenWindowInvalid(consent.validFrom, consent.validUntil, consent.eraseBy);
        }
        if (consent.nonce < ALLOTTED_NONCES) revert ConsentTokenNonceAllotted(consent.nonce);
        consentId = _hashTypedDataV4(ConsentDigests.structHash(consent));
        if (block.timestamp >= consent.validUntil) revert ConsentTokenExpired(consentId, consent.validUntil);
        PackedRecord record = _records[consentId];
        if (record.withdrawnAt() != 0) revert ConsentTokenWithdrawn(consentId, record.withdrawnAt());
        if (record.subject() != address(0)) revert ConsentTokenAlreadyGranted(consentId);
        if (!Signatures.isValidPlain(consent.subject, consentId, signature)) {
            revert ConsentTokenSignatureInvalid(consentId, consent.subject);
        }

        // Effect
        _records[consentId] = record.granted(consent.subject);
        unchecked {
            ++_balances[consent.subject]; // one per grant: cannot reach 2^256
        }
        emit Transfer(address(0), consent.subject, uint256(consentId));
        emit Locked(uint256(consentId));
        emit Issued(address(this), consent.subject, uint256(consentId), BurnAuth.OwnerOnly);
    }

    /// @inheritdoc IConsentToken
    function withdraw(Consent calldata consent, Exchange calldata exchange, bytes calldata signature) external {
        // Check: it is the subject's own consent and word.
        bytes32 consentId = _hashTypedDataV4(ConsentDigests.structHash(consent));
        PackedRecord record = _records[consentId];
        if (record.withdrawnAt() != 0) revert ConsentTokenWithdrawn(consentId, record.withdrawnAt());
        if (signature.length == 0) {
            if (msg.sender != consent.subject) revert ConsentTokenNotSubject(consent.subject, msg.sender);
        } else {
            bytes32 digest = _hashTypedDataV4(ConsentDigests.withdrawalStructHash(consentId, consent.subject));
            if (!Signatures.isValidPlain(consent.subject, digest, signature)) {
                revert ConsentTokenSignatureInvalid(consentId, consent.subject);
            }
        }

        // Effect
        address owner = record.subject();
        if (owner != address(0)) {
            unchecked {
                --_balances[owner]; // was raised by the grant of this token
            }
            emit Transfer(owner, address(0), uint256(consentId));
        }
        _records[consentId] = record.withdrawn(block.timestamp);
        emit ConsentWithdrawn(consentId);

        // Interaction: with a contract that the council listed; its failure cannot undo the withdrawal.
        if (record.escrow() != 0) {
            address escrow = _escrows[record.escrow() - 1];
            if (gasleft() < NOTICE_GAS_REQUIRED) revert ConsentTokenGasTooLow(gasleft(), NOTICE_GAS_REQUIRED);
            bytes32 exchangeId = ConsentDigests.exchangeIdOf(consentId, record.uses());
            bool noted;
            // Where there is no code, `try` itself would revert, past its `catch`.
            if (escrow.code.length != 0) {
                try IConsentEscrow(escrow).onConsentWithdrawn{ gas: NOTICE_GAS }(exchangeId, exchange) {
                    noted = true;
                } catch { }
            }
            if (!noted) emit WithdrawalNoticeFailed(consentId, escrow);
        }
    }

    // ---------------------------------------------------------------- uses, by the escrow

    /// @inheritdoc IConsentToken
    function useConsent(bytes calldata signature, address coordinator, OpenedConsent calldata opened)
        external
        returns (
            bytes32 consentId,
            uint32 use,
            uint8 note,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        )
    {
        // Check
        uint8 escrow;
        (escrow, note) = _checkUse();
        consentId = _hashTypedDataV4(ConsentDigests.structHash(opened));
        PackedRecord record = _records[consentId];
        ConsentFault fault;
        (fault, ofConsumer, ofProvider, ofCoordinator) = _faultOf(consentId, record, opened, coordinator, signature);
        if (fault != ConsentFault.None) _revertWith(fault, consentId, record, opened, signature);

        // Effect
        record = record.used(escrow); // its uses are below maxUses, checked above
        _records[consentId] = record;
        use = record.uses();
    }

    /// @inheritdoc IConsentToken
    function useAllotted(Batch calldata batch, BatchItem[] calldata items)
        external
        returns (
            bytes32[] memory consentIds,
            uint256 count,
            uint8 note,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        )
    {
        // Check: the parties, once for all.
        (, note) = _checkUse();
        (address consumer, address provider) = (batch.consumer, batch.provider);
        if (consumer == provider) revert ConsentTokenSameParty(consumer);
        (ofConsumer, ofProvider, ofCoordinator) =
            IDENTITIES.packedExchangeParties(consumer, provider, batch.coordinator);
        (uint48 consumerSince, uint48 providerSince) =
            (_memberSince(consumer, ofConsumer), _memberSince(provider, ofProvider));
        ConsentFault fault = _faultOfParties(
            batch.schema, batch.purpose, batch.assurance, type(uint48).max, consumer, provider, ofConsumer, ofProvider
        );
        if (fault != ConsentFault.None) {
            _revertForParties(fault, batch.schema, batch.purpose, batch.assurance, consumer, provider);
        }

        // Check and effect: each consent.
        consentIds = new bytes32[](items.length);
        mapping(uint256 => uint256) storage spentNonces = _spentNonces[consumer];
        for (uint256 i; i < items.length; ++i) {
            BatchItem calldata item = items[i];
            bytes32 consentId = _hashTypedDataV4(ConsentDigests.structHash(batch, item));
            _checkBatched(consentId, item);
            uint64 nonce = item.window.nonce();
            (uint256 bits, uint256 bit) = (spentNonces[nonce >> 8], 1 << (nonce & 0xff));
            fault = _faultOfBatched(_records[consentId], item.window, bits & bit != 0, consumerSince, providerSince);
            if (fault == ConsentFault.None) {
                spentNonces[nonce >> 8] = bits | bit;
                consentIds[i] = consentId;
                ++count;
            } else {
                emit AllottedConsentSkipped(consentId, consumer, nonce, fault);
            }
        }
    }

    // ---------------------------------------------------------------- the council and its guardian

    /// @inheritdoc IConsentToken
    function addEscrow(address escrow) external restricted {
        // Not by `try`: it reverts, past its `catch`, where there is no code or the answer is no byte.
        (bool answered, bytes memory answer) = escrow.staticcall(abi.encodeCall(IConsentEscrow.note, ()));
        uint256 note = answered && answer.length == 32 ? uint256(bytes32(answer)) : type(uint256).max;
        if (note > type(uint8).max) revert ConsentTokenEscrowInvalid(escrow);
        uint256 length = _escrows.length;
        for (uint256 i; i < length; ++i) {
            if (_escrows[i] == escrow) revert ConsentTokenEscrowInvalid(escrow);
        }
        _escrows.push(escrow);
        uint8 index = SafeCast.toUint8(length + 1); // one vote an entry
        _configuration.escrow = escrow;
        _configuration.escrowIndex = index;
        _configuration.escrowNote = uint8(note); // checked above
        emit EscrowListed(index, escrow);
    }

    /// @inheritdoc IConsentToken
    function setEscrowNote(uint8 note) external {
        if (msg.sender != _configuration.escrow) revert ConsentTokenNotEscrow(msg.sender);
        _configuration.escrowNote = note;
    }

    /// @inheritdoc IConsentToken
    function pauseGrants() external restricted {
        if (_grantsPauseSpent) revert ConsentTokenPauseSpent();
        uint40 until = _urgentlyPausedUntil(_configuration.grantsPausedUntil);
        _configuration.grantsPausedUntil = until;
        _grantsPauseSpent = true;
        emit GrantsPaused(until, true);
    }

    /// @inheritdoc IConsentToken
    function setGrantsPausedUntil(uint48 until) external restricted {
        _configuration.grantsPausedUntil = _votedPauseUntil(until);
        _grantsPauseSpent = false;
        emit GrantsPaused(until, false);
    }

    /// @inheritdoc IConsentToken
    function pauseUses() external restricted {
        if (_usesPauseSpent) revert ConsentTokenPauseSpent();
        uint40 until = _urgentlyPausedUntil(_configuration.usesPausedUntil);
        _configuration.usesPausedUntil = until;
        _usesPauseSpent = true;
        emit UsesPaused(until, true);
    }

    /// @inheritdoc IConsentToken
    function setUsesPausedUntil(uint48 until) external restricted {
        _configuration.usesPausedUntil = _votedPauseUntil(until);
        _usesPauseSpent = false;
        emit UsesPaused(until, false);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IConsentToken
    function hashConsent(Consent calldata consent) external view returns (bytes32) {
        return _hashTypedDataV4(ConsentDigests.structHash(consent));
    }

    /// @inheritdoc IConsentToken
    function hashOpenedConsent(OpenedConsent calldata opened) external view returns (bytes32) {
        return _hashTypedDataV4(ConsentDigests.structHash(opened));
    }

    /// @inheritdoc IConsentToken
    function hashWithdrawal(bytes32 consentId, address subject) external view returns (bytes32) {
        return _hashTypedDataV4(ConsentDigests.withdrawalStructHash(consentId, subject));
    }

    /// @inheritdoc IConsentToken
    function consentFault(OpenedConsent calldata opened, bytes calldata signature)
        public
        view
        returns (ConsentFault fault)
    {
        bytes32 consentId = _hashTypedDataV4(ConsentDigests.structHash(opened));
        (fault,,,) = _faultOf(consentId, _records[consentId], opened, address(0), signature);
    }

    /// @inheritdoc IConsentToken
    function isConsentUsable(OpenedConsent calldata opened, bytes calldata signature) external view returns (bool) {
        return consentFault(opened, signature) == ConsentFault.None;
    }

    /// @inheritdoc IConsentToken
    function stateOf(bytes32 consentId)
        external
        view
        returns (address subject, uint32 uses, address escrow, uint48 withdrawnAt)
    {
        PackedRecord record = _records[consentId];
        return (record.subject(), record.uses(), escrowAt(record.escrow()), record.withdrawnAt());
    }

    /// @inheritdoc IConsentToken
    function isNonceSpent(address allotter, uint256 nonce) public view returns (bool) {
        return _spentNonces[allotter][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @inheritdoc IConsentToken
    function isWithdrawn(bytes32 consentId) external view returns (bool) {
        return _records[consentId].withdrawnAt() != 0;
    }

    /// @inheritdoc IConsentToken
    function escrowAt(uint16 index) public view returns (address) {
        return index == 0 || index > _escrows.length ? address(0) : _escrows[index - 1];
    }

    /// @inheritdoc IConsentToken
    function currentEscrow() external view returns (address escrow, uint16 index) {
        return (_configuration.escrow, _configuration.escrowIndex);
    }

    /// @inheritdoc IConsentToken
    function grantsPause() external view returns (uint48 until, bool spent) {
        return (_configuration.grantsPausedUntil, _grantsPauseSpent);
    }

    /// @inheritdoc IConsentToken
    function usesPause() external view returns (uint48 until, bool spent) {
        return (_configuration.usesPausedUntil, _usesPauseSpent);
    }

    /// @inheritdoc IConsentToken
    function registries() external view returns (address identities, address schemas) {
        return (address(IDENTITIES), address(SCHEMAS));
    }

    /// @inheritdoc IConsentToken
    function locked(uint256 tokenId) external view returns (bool) {
        ownerOf(tokenId);
        return true;
    }

    /// @inheritdoc IConsentToken
    function burnAuth(uint256 tokenId) external view returns (BurnAuth) {
        ownerOf(tokenId);
        return BurnAuth.OwnerOnly;
    }

    // ---------------------------------------------------------------- ERC-721: read only

    /// @inheritdoc IERC721
    function ownerOf(uint256 tokenId) public view returns (address owner) {
        owner = _records[bytes32(tokenId)].subject();
        if (owner == address(0)) revert ConsentTokenMissing(bytes32(tokenId));
    }

    /// @inheritdoc IERC721
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ConsentTokenOwnerZero();
        return _balances[owner];
    }

    /// @inheritdoc IERC721
    function getApproved(uint256 tokenId) external view returns (address) {
        ownerOf(tokenId);
        return address(0);
    }

    /// @inheritdoc IERC721
    function isApprovedForAll(address, address) external pure returns (bool) {
        return false;
    }

    /// @notice Always refused: a consent stays with its subject.
    function approve(address, uint256) external pure {
        revert ConsentTokenNotTransferable();
    }

    /// @notice Always refused: a consent stays with its subject.
    function setApprovalForAll(address, bool) external pure {
        revert ConsentTokenNotTransferable();
    }

    /// @notice Always refused: a consent stays with its subject.
    function transferFrom(address, address, uint256) external pure {
        revert ConsentTokenNotTransferable();
    }

    /// @notice Always refused: a consent stays with its subject.
    function safeTransferFrom(address, address, uint256) external pure {
        revert ConsentTokenNotTransferable();
    }

    /// @notice Always refused: a consent stays with its subject.
    function safeTransferFrom(address, address, uint256, bytes calldata) external pure {
        revert ConsentTokenNotTransferable();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == this.locked.selector // ERC-5192
            || interfaceId == this.burnAuth.selector // ERC-5484
            || interfaceId == type(IERC5267).interfaceId;
    }

    // ---------------------------------------------------------------- internals

    /// @dev Only the escrow listed last takes uses, and none while they are paused.
    function _checkUse() private view returns (uint8 index, uint8 note) {
        uint48 pausedUntil = _configuration.usesPausedUntil;
        if (msg.sender != _configuration.escrow) revert ConsentTokenNotEscrow(msg.sender);
        if (block.timestamp < pausedUntil) revert ConsentTokenUsesPaused(pausedUntil);
        return (_configuration.escrowIndex, _configuration.escrowNote);
    }

    /// @dev The end of a guardian's pause, which never cuts a voted one short.
    function _urgentlyPausedUntil(uint40 former) private view returns (uint40) {
        uint40 until = uint40(block.timestamp) + uint40(URGENT_PAUSE_SECONDS);
        return until < former ? former : until;
    }

    function _votedPauseUntil(uint48 until) private view returns (uint40) {
        uint48 latest = uint48(block.timestamp) + LONGEST_PAUSE_SECONDS;
        if (until > latest) revert ConsentTokenPauseTooLong(until, latest);
        return uint40(until); // near the present
    }

    /// @dev The first cause that stands in the way of a use, and the records of the parties and of the coordinator, if
    /// there is one. One place decides for uses and for questions alike. Reads nothing that the caller supplied beyond
    /// what the id commits to; the coordinator's record is for the escrow to judge.
    function _faultOf(
        bytes32 consentId,
        PackedRecord record,
        OpenedConsent calldata opened,
        address coordinator,
        bytes calldata signature
    )
        private
        view
        returns (
            ConsentFault fault,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        )
    {
        (address consumer, address provider) = (opened.consumer, opened.provider);
        fault = _faultInItself(consentId, record, opened, consumer, signature);
        if (fault == ConsentFault.None && consumer == provider) fault = ConsentFault.SameParty;
        if (fault != ConsentFault.None) return (fault, ofConsumer, ofProvider, ofCoordinator);

        (ofConsumer, ofProvider, ofCoordinator) = IDENTITIES.packedExchangeParties(consumer, provider, coordinator);
        fault = _faultOfParties(
            opened.schema,
            opened.purpose,
            opened.assurance,
            opened.validFrom,
            consumer,
            provider,
            ofConsumer,
            ofProvider
        );
    }

    /// @dev A batched consent makes sense, and its subject signed it: neither is read from state, so that no batch passes
    /// over it.
    function _checkBatched(bytes32 consentId, BatchItem calldata item) private pure {
        PackedWindow window = item.window;
        if (window.validFrom() >= window.validUntil() || window.eraseBy() < window.validUntil()) {
            revert ConsentTokenWindowInvalid(window.validFrom(), window.validUntil(), window.eraseBy());
        }
        if (!Signatures.isValidPlain(item.subject, consentId, window.v(), item.r, item.s)) {
            revert ConsentTokenSignatureInvalid(consentId, item.subject);
        }
    }

    /// @dev The first cause in the state for which a batch passes over a consent.
    function _faultOfBatched(
        PackedRecord record,
        PackedWindow window,
        bool isSpent,
        uint48 consumerSince,
        uint48 providerSince
    ) private view returns (ConsentFault) {
        if (record.withdrawnAt() != 0) return ConsentFault.Withdrawn;
        if (block.timestamp < window.validFrom()) return ConsentFault.NotYetValid;
        if (block.timestamp >= window.validUntil()) return ConsentFault.Expired;
        if (isSpent || record.uses() != 0) return ConsentFault.Exhausted;
        if (window.validFrom() < consumerSince) return ConsentFault.ConsumerNotActive;
        if (window.validFrom() < providerSince) return ConsentFault.ProviderNotActive;
        return ConsentFault.None;
    }

    /// @dev The first cause that lies in the consent, its record or its latest exchange.
    function _faultInItself(
        bytes32 consentId,
        PackedRecord record,
        OpenedConsent calldata opened,
        address consumer,
        bytes calldata signature
    ) private view returns (ConsentFault) {
        if (record.withdrawnAt() != 0) return ConsentFault.Withdrawn;
        if (record.subject() == address(0)) {
            if (!Signatures.isValidPlain(opened.subject, consentId, signature)) return ConsentFault.Missing;
            if (opened.eraseBy < opened.validUntil) return ConsentFault.WindowInvalid; // as `grant`
        }
        if (block.timestamp < opened.validFrom) return ConsentFault.NotYetValid;
        if (block.timestamp >= opened.validUntil) return ConsentFault.Expired;
        if (
            record.uses() >= opened.maxUses
                || (opened.nonce < ALLOTTED_NONCES && isNonceSpent(consumer, opened.nonce))
        ) return ConsentFault.Exhausted;
        if (record.uses() != 0 && !_isExchangeClosed(consentId, record)) return ConsentFault.ExchangeOpen;
        return ConsentFault.None;
    }

    /// @dev The first cause that lies in the parties or their accreditations.
    function _faultOfParties(
        bytes32 schema,
        bytes32 purpose,
        Assurance assurance,
        uint48 validFrom,
        address consumer,
        address provider,
        PackedParticipant ofConsumer,
        PackedParticipant ofProvider
    ) private view returns (ConsentFault) {
        // A consent from before a re-admission is not revived by it.
        uint48 consumerSince = _memberSince(consumer, ofConsumer);
        if (!ofConsumer.isActive(Roles.CONSUMER) || validFrom < consumerSince) return ConsentFault.ConsumerNotActive;
        if (ofConsumer.hasFlag(ParticipantFlags.ERASURE_OVERDUE)) return ConsentFault.ConsumerErasureOverdue;
        uint48 providerSince = _memberSince(provider, ofProvider);
        if (!ofProvider.isActive(Roles.PROVIDER) || validFrom < providerSince) return ConsentFault.ProviderNotActive;

        (PackedAccreditation consumers, PackedAccreditation providers) =
            SCHEMAS.packedAccreditations(schema, consumer, provider, purpose);
        if (!consumers.isCurrent(consumerSince)) return ConsentFault.ConsumerNotAccredited;
        if (!providers.isCurrent(providerSince) || providers.assurance() < uint8(assurance)) {
            return ConsentFault.ProviderNotAccredited;
        }
        return ConsentFault.None;
    }

    /// @dev Whether the latest exchange of a consent is past Funded. An escrow that cannot say counts as open, so that
    /// the question never reverts and the money stays with one exchange. Not by `try`: it reverts, past its `catch`,
    /// where there is no code or the answer is no bool.
    function _isExchangeClosed(bytes32 consentId, PackedRecord record) private view returns (bool) {
        bytes32 exchangeId = ConsentDigests.exchangeIdOf(consentId, record.uses());
        (bool answered, bytes memory answer) =
            _escrows[record.escrow() - 1].staticcall(abi.encodeCall(IConsentEscrow.isFunded, (exchangeId)));
        return answered && answer.length == 32 && uint256(bytes32(answer)) == 0;
    }

    /// @dev Since when it is a member again after a removal, or zero.
    function _memberSince(address identity, PackedParticipant participant) private view returns (uint48) {
        return participant.hasFlag(ParticipantFlags.READMITTED) ? IDENTITIES.memberSinceOf(identity) : 0;
    }

    /// @dev Turns the cause into its error.
    function _revertWith(
        ConsentFault fault,
        bytes32 consentId,
        PackedRecord record,
        OpenedConsent calldata opened,
        bytes calldata signature
    ) private pure {
        if (fault == ConsentFault.Missing) {
            if (signature.length != 0) revert ConsentTokenSignatureInvalid(consentId, opened.subject);
            revert ConsentTokenMissing(consentId);
        }
        if (fault == ConsentFault.Withdrawn) revert ConsentTokenWithdrawn(consentId, record.withdrawnAt());
        if (fault == ConsentFault.NotYetValid) revert ConsentTokenNotYetValid(consentId, opened.validFrom);
        if (fault == ConsentFault.Expired) revert ConsentTokenExpired(consentId, opened.validUntil);
        if (fault == ConsentFault.Exhausted) revert ConsentTokenExhausted(consentId, opened.maxUses);
        if (fault == ConsentFault.ExchangeOpen) revert ConsentTokenExchangeOpen(consentId, record.uses());
        if (fault == ConsentFault.SameParty) revert ConsentTokenSameParty(opened.consumer);
        if (fault == ConsentFault.WindowInvalid) {
            revert ConsentTokenWindowInvalid(opened.validFrom, opened.validUntil, opened.eraseBy);
        }
        _revertForParties(fault, opened.schema, opened.purpose, opened.assurance, opened.consumer, opened.provider);
    }

    /// @dev Turns a cause that lies in the parties into its error.
    function _revertForParties(
        ConsentFault fault,
        bytes32 schema,
        bytes32 purpose,
        Assurance assurance,
        address consumer,
        address provider
    ) private pure {
        if (fault == ConsentFault.ConsumerNotActive) revert ConsentTokenConsumerNotActive(consumer);
        if (fault == ConsentFault.ConsumerErasureOverdue) revert ConsentTokenErasureOverdue(consumer);
        if (fault == ConsentFault.ProviderNotActive) revert ConsentTokenProviderNotActive(provider);
        if (fault == ConsentFault.ConsumerNotAccredited) {
            revert ConsentTokenConsumerNotAccredited(consumer, schema, purpose);
        }
        revert ConsentTokenProviderNotAccredited(provider, schema, assurance);
    }
}
