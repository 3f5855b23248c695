// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Consent } from "../contracts/types/Consents.sol";
import { ErasureState, OverdueErasure } from "../contracts/types/Erasures.sol";
import { ExchangeState } from "../contracts/types/Exchanges.sol";

/// @title Erasure register
/// @notice Keeps on record that a consumer has to erase what an exchange brought it, and that it did, or must keep it by
/// law. The duty begins once the consent is withdrawn or its retention is over, and the exchange has been delivered and is
/// over: never while it could be disputed. Anyone who knows the consumer's opening of the consent puts it on record, and
/// the time to confirm counts from there, so that nobody is overdue with what it could not see.
///
/// A duty that is not confirmed in time can be reported by anyone. While a consumer has one that was, it funds no new
/// exchange; all else goes on, and a late confirmation ends it. No pause and no standing stops any of this. A register that
/// was replaced still takes confirmations, and its blocks are its own.
interface IErasureRegister {
    /// @notice A duty is on record. It is to be confirmed up to `dueAt` (Unix seconds, inclusive).
    event ErasureDue(bytes32 indexed exchangeId, address indexed consumer, bytes32 consentId, uint48 dueAt);
    /// @notice A consumer confirmed: that it erased everything where `statement` is zero, else that it keeps it under a
    /// legal duty, by a statement with this hash.
    event ErasureConfirmed(bytes32 indexed exchangeId, address indexed consumer, bytes32 statement);
    /// @notice A duty was not confirmed in time and somebody said so.
    event ErasureReported(bytes32 indexed exchangeId, address indexed consumer);

    error ErasureRegisterAddressInvalid(address given);
    error ErasureRegisterSecondsInvalid(uint32 erasureSeconds);
    error ErasureRegisterUseInvalid(uint32 use);
    error ErasureRegisterConsumerMismatch(bytes32 consentId, address consumer);
    error ErasureRegisterNotBegun(bytes32 consentId, uint48 eraseBy);
    error ErasureRegisterExchangeNotOver(bytes32 exchangeId, address escrow, ExchangeState state);
    error ErasureRegisterEscrowUnknown(uint16 escrowIndex);
    error ErasureRegisterProofInvalid(bytes32 consentId, bytes32 batchId);
    error ErasureRegisterAlreadyOpen(bytes32 exchangeId);
    error ErasureRegisterLengthInvalid(uint256 length, uint256 most);
    error ErasureRegisterStateInvalid(bytes32 exchangeId, ErasureState state);
    error ErasureRegisterNotConsumer(bytes32 exchangeId, address consumer);
    error ErasureRegisterSignatureInvalid(address signer, bytes32 digest);
    error ErasureRegisterNotOverdue(bytes32 exchangeId, uint48 dueAt);

    /// @notice Puts a consumer's duty on record, for one use of a consent.
    /// @dev By anyone, once an exchange. Emits ErasureDue. Reverts ErasureRegisterUseInvalid,
    /// ErasureRegisterConsumerMismatch, ErasureRegisterNotBegun, ErasureRegisterAlreadyOpen, ErasureRegisterExchangeNotOver (with the escrow that says
    /// otherwise: it counts only where every escrow that was ever listed says Settled or Resolved; one that does not answer
    /// counts as None).
    /// @param consent The consent as signed.
    /// @param use Number of the use, 1 for the first.
    /// @param consumer Who got the data: what `consent.consumer` commits to.
    /// @param consumerSalt Salt 0 of the consent's seed.
    /// @return exchangeId Id of the exchange.
    function open(Consent calldata consent, uint32 use, address consumer, bytes32 consumerSalt)
        external
        returns (bytes32 exchangeId);

    /// @notice The same for a consent that a batch settled: what a batch does is final at once.
    /// @dev By anyone, once an exchange. Emits and reverts as `open`, but ErasureRegisterEscrowUnknown and
    /// ErasureRegisterProofInvalid for ErasureRegisterExchangeNotOver.
    /// @param escrowIndex Index in ConsentToken of the escrow that settled the batch, 1 for the first.
    /// @param batchId Id of the batch there.
    /// @param proof Merkle proof of the consent's id (leaf and inner nodes hashed in commutative pairs).
    function openForBatch(
        Consent calldata consent,
        address consumer,
        bytes32 consumerSalt,
        uint16 escrowIndex,
        bytes32 batchId,
        bytes32[] calldata proof
    ) external returns (bytes32 exchangeId);

    /// @notice Confirms duties of one consumer, late ones too; with the last overdue one it can fund again.
    /// @dev By the consumer's account holder (its owner; after deactivation the last), its `exchange` delegate, or anyone
    /// with the EIP-712 signature of `Confirmation` by one of them. Emits ErasureConfirmed for each. Reverts
    /// ErasureRegisterLengthInvalid, IdentityRegistryNotActor, ErasureRegisterSignatureInvalid,
    /// ErasureRegisterNotConsumer, ErasureRegisterStateInvalid (not on record, or confirmed already).
    /// @param exchanges Ids of the exchanges, 1 to 500.
    /// @param statement Zero where everything is erased; else keccak256 of a statement by which legal duty it is kept.
    /// @param signer Who confirms; zero stands for the consumer itself.
    /// @param signature Empty when the signer calls.
    function confirm(
        address consumer,
        bytes32[] calldata exchanges,
        bytes32 statement,
        address signer,
        bytes calldata signature
    ) external;

    /// @notice Says that a duty was not confirmed in time, which blocks its consumer from funding until it is.
    /// @dev By anyone. Emits ErasureReported. Reverts ErasureRegisterStateInvalid (not on record, confirmed, or reported
    /// already), ErasureRegisterNotOverdue.
    function report(bytes32 exchangeId) external;

    /// @notice A duty on record.
    /// @return consumer Whose.
    /// @return dueAt Last instant to confirm it in time, Unix seconds.
    /// @return state Where it stands.
    function dutyOf(bytes32 exchangeId) external view returns (address consumer, uint48 dueAt, ErasureState state);

    /// @notice How many duties are overdue: reported and not confirmed.
    function overdueCount() external view returns (uint256);

    /// @notice How many duties of a consumer are.
    function overdueCountOf(address consumer) external view returns (uint256);

    /// @notice Overdue duties, in no order that means anything, at most `limit` from `offset` on; limit at most 500.
    function overdueAt(uint256 offset, uint256 limit) external view returns (OverdueErasure[] memory page);

    /// @notice A consumer's time to confirm, from the instant at which a duty is put on record.
    function erasureSeconds() external view returns (uint32);

    /// @notice The registry whose participants it blocks, and the token whose consents and escrows it asks about.
    function wiring() external view returns (address identities, address consents);
}
