// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Batch, BatchItem, Word } from "../contracts/types/Batches.sol";
import { Assurance } from "../contracts/types/Consents.sol";
import { Shares } from "../contracts/types/Exchanges.sol";

/// @title Batches of exchanges
/// @notice The way in for a consumer and a provider that give each other credit: many exchanges that were delivered off chain
/// are settled at once and for good, under the rules of the FeeEscrow, which moves the money, and of the ConsentToken, which
/// checks every subject's signature. The two institutions sign once. Every consent is for one use, under a nonce that the
/// consumer allotted.
interface IExchangeBatches {
    /// @notice A batch used a consent and settled its only exchange; BatchSettled tells the rest.
    event BatchItemSettled(
        bytes32 indexed batchId,
        bytes32 indexed consent,
        uint256 nonce,
        bytes32 recipientKeyHash,
        bytes32 ciphertextHash
    );
    /// @notice A batch was settled: `count` times the same fee was credited by its shares. `root` is that of the Merkle tree
    /// over the consents used, in the order of their events (OpenZeppelin's MerkleProof; the leaves are their ids).
    event BatchSettled(
        bytes32 indexed batchId,
        address indexed consumer,
        address indexed provider,
        address coordinator,
        uint256 count,
        uint256 fee,
        Shares shares,
        bytes32 schema,
        bytes32 purpose,
        Assurance assurance,
        uint32 scheduleVersion,
        bytes32 root
    );

    error ExchangeBatchesAddressInvalid(address given);
    error ExchangeBatchesSizeInvalid(uint256 count, uint256 most);
    error ExchangeBatchesRepeated(bytes32 batchId);
    error ExchangeBatchesEmpty(bytes32 batchId);
    error ExchangeBatchesNotRelayer(address relayer, address caller);
    error ExchangeBatchesSignatureInvalid(address signer, bytes32 digest);
    error ExchangeBatchesRecipientKeyMissing(bytes32 consentId);
    error ExchangeBatchesCiphertextHashMissing(bytes32 consentId);

    /// @notice Settles a batch. An item whose consent cannot be used for a cause that stands in the state is passed over and
    /// reported (IConsentToken.useAllotted); what is wrong with the batch itself or with a signature refuses it whole.
    /// @dev By a party, its signer, or the relayer that the batch names. Emits BatchItemSettled for each, AllottedConsentSkipped
    /// (the token) for each passed over, and BatchSettled. Reverts ExchangeBatchesSizeInvalid (1 to 500),
    /// ExchangeBatchesNotRelayer, ExchangeBatchesSignatureInvalid, ExchangeBatchesRepeated, ExchangeBatchesEmpty (nothing was
    /// left to settle), ExchangeBatchesRecipientKeyMissing, ExchangeBatchesCiphertextHashMissing, IdentityRegistryNotActor,
    /// and as IFeeEscrow.settleBatch.
    /// @param batch What both sign.
    /// @param items The exchanges, each with its subject's signature.
    /// @param consumerWord The consumer's EIP-712 `Batch`, by its owner or a delegate of kind `exchange`.
    /// @param providerWord The provider's, by its owner or a delegate of kind `delivery`.
    /// @return batchId Struct hash of `Batch` with a signer of zero.
    function exchangeBatch(
        Batch calldata batch,
        BatchItem[] calldata items,
        Word calldata consumerWord,
        Word calldata providerWord
    ) external returns (bytes32 batchId);

    /// @notice Root of the Merkle tree over the consents that a batch used; zero where there is no such batch.
    function batchRootOf(bytes32 batchId) external view returns (bytes32);

    /// @notice Most items of a batch.
    function mostItems() external view returns (uint256);

    /// @notice NetworkAccess, by which the identity registry knows the contracts of its network and refuses them as
    /// participants. It governs nothing here.
    function authority() external view returns (address);

    /// @notice The contracts by which batches are checked and settled.
    function wiring() external view returns (address escrow, address identities);
}
