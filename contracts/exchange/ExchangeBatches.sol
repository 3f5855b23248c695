// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IExchangeBatches } from "../../interfaces/IExchangeBatches.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ExchangeDigests } from "../libraries/ExchangeDigests.sol";
import { MerkleRoots } from "../libraries/MerkleRoots.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { Batch, BatchItem, Word } from "../types/Batches.sol";
import { Shares } from "../types/Exchanges.sol";
import { DelegateKinds } from "../types/Participants.sol";

/// @title Batches of exchanges
/// @notice See IExchangeBatches.
contract ExchangeBatches is IExchangeBatches, EIP712 {
    /// @dev About 7 million gas: a quarter of a 30 million block.
    uint256 private constant MOST_ITEMS = 500;

    IFeeEscrow private immutable ESCROW;
    IIdentityRegistry private immutable IDENTITIES;

    mapping(bytes32 batchId => bytes32 root) private _roots; // slot 2

    constructor(IFeeEscrow escrow, IIdentityRegistry identities) EIP712("Consentry ExchangeBatches", "1") {
        if (address(escrow).code.length == 0) revert ExchangeBatchesAddressInvalid(address(escrow));
        if (address(identities).code.length == 0) revert ExchangeBatchesAddressInvalid(address(identities));
        ESCROW = escrow;
        IDENTITIES = identities;
    }

    /// @inheritdoc IExchangeBatches
    function exchangeBatch(
        Batch calldata batch,
        BatchItem[] calldata items,
        Word calldata consumerWord,
        Word calldata providerWord
    ) external returns (bytes32 batchId) {
        // Check: the batch itself, who signed it, and who brings it.
        if (items.length == 0 || items.length > MOST_ITEMS) {
            revert ExchangeBatchesSizeInvalid(items.length, MOST_ITEMS);
        }
        bytes32 itemsHash = ExchangeDigests.itemsHash(items);
        batchId = ExchangeDigests.batchStructHash(batch, itemsHash, address(0));
        if (_roots[batchId] != 0) revert ExchangeBatchesRepeated(batchId);
        address consumerSigner = _checkWord(batch, itemsHash, batch.consumer, DelegateKinds.EXCHANGE, consumerWord);
        address providerSigner = _checkWord(batch, itemsHash, batch.provider, DelegateKinds.DELIVERY, providerWord);
        if (msg.sender != batch.relayer && msg.sender != consumerSigner && msg.sender != providerSigner) {
            revert ExchangeBatchesNotRelayer(batch.relayer, msg.sender);
        }

        // Check and effect, in the escrow and the token: the consents, the parties, the price, and the money.
        (bytes32[] memory consentIds, uint256 count, Shares shares) = ESCROW.settleBatch(batch, items);
        if (count == 0) revert ExchangeBatchesEmpty(batchId);

        // Effect
        _report(batchId, items, consentIds);
        bytes32 root = MerkleRoots.rootOf(consentIds, count);
        _roots[batchId] = root;
        emit BatchSettled(
            batchId,
            batch.consumer,
            batch.provider,
            batch.coordinator,
            count,
            batch.fee,
            shares,
            batch.schema,
            batch.purpose,
            batch.assurance,
            batch.scheduleVersion,
            root
        );
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IExchangeBatches
    function batchRootOf(bytes32 batchId) external view returns (bytes32) {
        return _roots[batchId];
    }

    /// @inheritdoc IExchangeBatches
    function mostItems() external pure returns (uint256) {
        return MOST_ITEMS;
    }

    /// @inheritdoc IExchangeBatches
    function authority() external view returns (address) {
        return IAccessManaged(address(IDENTITIES)).authority();
    }

    /// @inheritdoc IExchangeBatches
    function wiring() external view returns (address escrow, address identities) {
        return (address(ESCROW), address(IDENTITIES));
    }

    // ---------------------------------------------------------------- internals

    /// @dev A party signed the batch, or calls; tells who speaks for it.
    function _checkWord(
        Batch calldata batch,
        bytes32 itemsHash,
        address participant,
        bytes32 kind,
        Word calldata word
    ) private view returns (address signer) {
        signer = word.signer == address(0) ? participant : word.signer;
        IDENTITIES.checkActor(participant, kind, signer);
        if (word.signature.length == 0 && msg.sender == signer) return signer;
        bytes32 digest = _hashTypedDataV4(ExchangeDigests.batchStructHash(batch, itemsHash, signer));
        if (!Signatures.isValid(signer, digest, word.signature)) {
            revert ExchangeBatchesSignatureInvalid(signer, digest);
        }
    }

    /// @dev Tells of each item that was not passed over, and moves their consents' ids to the front.
    function _report(bytes32 batchId, BatchItem[] calldata items, bytes32[] memory consentIds) private {
        uint256 count;
        for (uint256 i; i < items.length; ++i) {
            bytes32 consentId = consentIds[i];
            if (consentId == 0) continue;
            BatchItem calldata item = items[i];
            if (item.recipientKeyHash == 0) revert ExchangeBatchesRecipientKeyMissing(consentId);
            if (item.ciphertextHash == 0) revert ExchangeBatchesCiphertextHashMissing(consentId);
            consentIds[count++] = consentId;
            emit BatchItemSettled(
                batchId, consentId, item.window.nonce(), item.recipientKeyHash, item.ciphertextHash
            );
        }
    }
}
