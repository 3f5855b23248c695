// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IErasureRegister } from "../../interfaces/IErasureRegister.sol";
import { IExchangeBatches } from "../../interfaces/IExchangeBatches.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ConsentDigests } from "../libraries/ConsentDigests.sol";
import { ErasureTypes } from "../libraries/ErasureTypes.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { Consent } from "../types/Consents.sol";
import { Erasure, ErasureState, OverdueErasure } from "../types/Erasures.sol";
import { ExchangeState } from "../types/Exchanges.sol";
import { DelegateKinds } from "../types/Participants.sol";

/// @title Erasure register
/// @notice See IErasureRegister.
/// @dev Nobody administers it: it stands under NetworkAccess as a contract of the network, and what it may do beyond its
/// own records is one role there, to block a consumer. It asks the network's own contracts alone; of those only the
/// registry is written to, after every effect.
contract ErasureRegister is IErasureRegister, AccessManaged, EIP712 {
    uint256 private constant MOST_CONFIRMED = 500;
    uint256 private constant LONGEST_PAGE = 500;
    uint32 private constant ONLY_USE = 1;

    IIdentityRegistry private immutable IDENTITIES;
    IConsentToken private immutable CONSENTS;
    uint32 private immutable ERASURE_SECONDS;

    mapping(bytes32 exchangeId => Erasure) private _erasures; // slot 3
    mapping(address consumer => uint256) private _overdueCounts; // slot 4
    bytes32[] private _overdue; // slot 5: exchange ids; each knows its position

    /// @param erasureSeconds_ A consumer's time to confirm.
    constructor(address authority, IIdentityRegistry identities, IConsentToken consents, uint32 erasureSeconds_)
        AccessManaged(authority)
        EIP712("Consentry ErasureRegister", "1")
    {
        if (authority.code.length == 0) revert ErasureRegisterAddressInvalid(authority);
        if (address(identities).code.length == 0) revert ErasureRegisterAddressInvalid(address(identities));
        if (address(consents).code.length == 0) revert ErasureRegisterAddressInvalid(address(consents));
        if (erasureSeconds_ == 0) revert ErasureRegisterSecondsInvalid(erasureSeconds_);
        IDENTITIES = identities;
        CONSENTS = consents;
        ERASURE_SECONDS = erasureSeconds_;
    }

    // ---------------------------------------------------------------- writes

    /// @inheritdoc IErasureRegister
    function open(Consent calldata consent, uint32 use, address consumer, bytes32 consumerSalt)
        external
        returns (bytes32 exchangeId)
    {
        // Check: it was delivered and is over, wherever it may have been.
        if (use == 0) revert ErasureRegisterUseInvalid(use);
        bytes32 consentId = CONSENTS.hashConsent(consent);
        exchangeId = ConsentDigests.exchangeIdOf(consentId, use);
        address escrow;
        for (uint16 index = 1; (escrow = CONSENTS.escrowAt(index)) != address(0); ++index) {
            ExchangeState state = _stateIn(escrow, consentId, use);
            if (state != ExchangeState.Settled && state != ExchangeState.Resolved) {
                revert ErasureRegisterExchangeNotOver(exchangeId, escrow, state);
            }
        }

        _open(exchangeId, consentId, consent, consumer, consumerSalt);
    }

    /// @inheritdoc IErasureRegister
    function openForBatch(
        Consent calldata consent,
        address consumer,
        bytes32 consumerSalt,
        uint16 escrowIndex,
        bytes32 batchId,
        bytes32[] calldata proof
    ) external returns (bytes32 exchangeId) {
        // Check: a batch of this escrow settled it. An id is no inner node of a tree: it is the hash of 66 bytes.
        address escrow = CONSENTS.escrowAt(escrowIndex);
        if (escrow == address(0)) revert ErasureRegisterEscrowUnknown(escrowIndex);
        bytes32 consentId = CONSENTS.hashConsent(consent);
        bytes32 root = _batchRootIn(escrow, batchId);
        if (root == 0 || !MerkleProof.verifyCalldata(proof, root, consentId)) {
            revert ErasureRegisterProofInvalid(consentId, batchId);
        }

        exchangeId = ConsentDigests.exchangeIdOf(consentId, ONLY_USE);
        _open(exchangeId, consentId, consent, consumer, consumerSalt);
    }

    /// @inheritdoc IErasureRegister
    function confirm(
        address consumer,
        bytes32[] calldata exchanges,
        bytes32 statement,
        address signer,
        bytes calldata signature
    ) external {
        // Check: the consumer says so.
        uint256 count = exchanges.length;
        if (count == 0 || count > MOST_CONFIRMED) revert ErasureRegisterLengthInvalid(count, MOST_CONFIRMED);
        if (signer == address(0)) signer = consumer;
        if (signer != IDENTITIES.accountHolderOf(consumer)) {
            IDENTITIES.checkActor(consumer, DelegateKinds.EXCHANGE, signer);
        }
        if (signature.length != 0 || msg.sender != signer) {
            bytes32 digest =
                _hashTypedDataV4(ErasureTypes.confirmationStructHash(consumer, exchanges, statement, signer));
            if (!Signatures.isValid(signer, digest, signature)) revert ErasureRegisterSignatureInvalid(signer, digest);
        }

        // Check and effect, one by one.
        ErasureState ended = statement == 0 ? ErasureState.Erased : ErasureState.Kept;
        uint256 overdue;
        for (uint256 i; i < count; ++i) {
            bytes32 exchangeId = exchanges[i];
            Erasure memory erasure = _erasures[exchangeId];
            if (erasure.state != ErasureState.Due && erasure.state != ErasureState.Overdue) {
                revert ErasureRegisterStateInvalid(exchangeId, erasure.state);
            }
            if (erasure.consumer != consumer) revert ErasureRegisterNotConsumer(exchangeId, erasure.consumer);
            if (erasure.state == ErasureState.Overdue) {
                _unlist(erasure.position);
                ++overdue;
            }
            erasure.state = ended;
            erasure.position = 0;
            _erasures[exchangeId] = erasure;
            emit ErasureConfirmed(exchangeId, consumer, statement);
        }
        if (overdue == 0) return;
        uint256 left = _overdueCounts[consumer] - overdue; // each was counted when it was reported
        _overdueCounts[consumer] = left;

        // Interaction: with the network's registry.
        if (left == 0) IDENTITIES.unblockForErasure(consumer);
    }

    /// @inheritdoc IErasureRegister
    function report(bytes32 exchangeId) external {
        // Check
        Erasure memory erasure = _erasures[exchangeId];
        if (erasure.state != ErasureState.Due) revert ErasureRegisterStateInvalid(exchangeId, erasure.state);
        if (block.timestamp <= erasure.dueAt) revert ErasureRegisterNotOverdue(exchangeId, erasure.dueAt);

        // Effect
        _overdue.push(exchangeId);
        erasure.state = ErasureState.Overdue;
        erasure.position = uint40(_overdue.length); // 2^40 reports cannot be paid for
        _erasures[exchangeId] = erasure;
        uint256 count = ++_overdueCounts[erasure.consumer];
        emit ErasureReported(exchangeId, erasure.consumer);

        // Interaction: with the network's registry.
        if (count == 1) IDENTITIES.blockForErasure(erasure.consumer);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IErasureRegister
    function dutyOf(bytes32 exchangeId) external view returns (address consumer, uint48 dueAt, ErasureState state) {
        Erasure memory erasure = _erasures[exchangeId];
        return (erasure.consumer, erasure.dueAt, erasure.state);
    }

    /// @inheritdoc IErasureRegister
    function overdueCount() external view returns (uint256) {
        return _overdue.length;
    }

    /// @inheritdoc IErasureRegister
    function overdueCountOf(address consumer) external view returns (uint256) {
        return _overdueCounts[consumer];
    }

    /// @inheritdoc IErasureRegister
    function overdueAt(uint256 offset, uint256 limit) external view returns (OverdueErasure[] memory page) {
        uint256 count = _overdue.length;
        if (limit > LONGEST_PAGE) limit = LONGEST_PAGE;
        if (offset >= count) return page;
        if (limit > count - offset) limit = count - offset;
        page = new OverdueErasure[](limit);
        for (uint256 i; i < limit; ++i) {
            bytes32 exchangeId = _overdue[offset + i];
            Erasure memory erasure = _erasures[exchangeId];
            page[i] = OverdueErasure({ exchangeId: exchangeId, consumer: erasure.consumer, dueAt: erasure.dueAt });
        }
    }

    /// @inheritdoc IErasureRegister
    function erasureSeconds() external view returns (uint32) {
        return ERASURE_SECONDS;
    }

    /// @inheritdoc IErasureRegister
    function wiring() external view returns (address identities, address consents) {
        return (address(IDENTITIES), address(CONSENTS));
    }

    // ---------------------------------------------------------------- internals

    /// @dev The one way by which a duty comes on record; that the exchange brought data and is over was checked.
    function _open(
        bytes32 exchangeId,
        bytes32 consentId,
        Consent calldata consent,
        address consumer,
        bytes32 consumerSalt
    ) private {
        // Check
        if (consent.consumer != ConsentDigests.partyCommitment(consumer, consumerSalt)) {
            revert ErasureRegisterConsumerMismatch(consentId, consumer);
        }
        if (block.timestamp < consent.eraseBy && !CONSENTS.isWithdrawn(consentId)) {
            revert ErasureRegisterNotBegun(consentId, consent.eraseBy);
        }
        if (_erasures[exchangeId].state != ErasureState.None) revert ErasureRegisterAlreadyOpen(exchangeId);

        // Effect
        uint48 dueAt = uint48(block.timestamp) + ERASURE_SECONDS;
        _erasures[exchangeId] = Erasure({ consumer: consumer, dueAt: dueAt, state: ErasureState.Due, position: 0 });
        emit ErasureDue(exchangeId, consumer, consentId, dueAt);
    }

    /// @dev Takes a duty off the list: the last one takes its place.
    function _unlist(uint40 position) private {
        uint256 last = _overdue.length;
        if (position != last) {
            bytes32 moved = _overdue[last - 1];
            _overdue[position - 1] = moved;
            _erasures[moved].position = position;
        }
        _overdue.pop();
    }

    /// @dev What an escrow says of a use; None where it cannot say.
    function _stateIn(address escrow, bytes32 consentId, uint32 use) private view returns (ExchangeState) {
        bytes memory answer = _answer(escrow, abi.encodeCall(IFeeEscrow.stateOf, (consentId, use)), 64);
        if (answer.length == 0) return ExchangeState.None;
        (uint256 state,) = abi.decode(answer, (uint256, uint256));
        return state > uint8(type(ExchangeState).max) ? ExchangeState.None : ExchangeState(state);
    }

    /// @dev What the contract that brings an escrow its batches says of one; zero where one of them cannot say.
    function _batchRootIn(address escrow, bytes32 batchId) private view returns (bytes32) {
        bytes memory answer = _answer(escrow, abi.encodeCall(IFeeEscrow.wiring, ()), 7 * 32);
        if (answer.length == 0) return 0;
        address batches = abi.decode(answer, (IFeeEscrow.EscrowParts)).batches;
        answer = _answer(batches, abi.encodeCall(IExchangeBatches.batchRootOf, (batchId)), 32);
        return answer.length == 0 ? bytes32(0) : bytes32(answer);
    }

    /// @dev An answer of this many bytes, or none at all. Not by `try`: it reverts, past its `catch`, where there is no code
    /// or the answer is of another type.
    function _answer(address asked, bytes memory question, uint256 length) private view returns (bytes memory) {
        (bool answered, bytes memory answer) = asked.staticcall(question);
        return answered && answer.length == length ? answer : new bytes(0);
    }
}
