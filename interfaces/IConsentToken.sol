// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance, Consent, ConsentFault, OpenedConsent } from "../contracts/types/Consents.sol";
import { Batch, BatchItem } from "../contracts/types/Batches.sol";
import { Exchange } from "../contracts/types/Exchanges.sol";
import { PackedParticipant } from "../contracts/types/Participants.sol";

/// @title Consent tokens
/// @notice A person's signed consent as a token that nobody can move (ERC-721, ERC-5192, ERC-5484). The token id is the
/// EIP-712 digest of the consent; only its subject's plain signature grants or withdraws it, and nobody pays for the
/// subject to be heard. A use is taken by an escrow for the consumer and provider that the subject committed to.
///
/// Withdrawal is final at any age: before a grant, after it, used or not. Grants and uses can be paused, each by itself; withdrawals never.
/// Signatures of subjects are plain ECDSA (65 bytes, low s, v 27 or 28); contracts cannot be subjects.
/// `validFrom` is inclusive and `validUntil` exclusive, everywhere. A consent is of the time from its `validFrom` on,
/// whenever it was signed: one that begins before a party was admitted again is not revived, and one that its subject let
/// begin later holds.
interface IConsentToken {
    /// @notice Who may burn a token (ERC-5484). Always OwnerOnly here.
    enum BurnAuth {
        IssuerOnly,
        OwnerOnly,
        Both,
        Neither
    }

    /// @notice A token was locked for good (ERC-5192).
    event Locked(uint256 tokenId);
    /// @notice A token was issued (ERC-5484); `from` is this contract.
    event Issued(address indexed from, address indexed to, uint256 indexed tokenId, BurnAuth burnAuth);
    /// @notice A batch passed over a consent under a nonce that its consumer allotted, for a cause that stands in the state.
    event AllottedConsentSkipped(
        bytes32 indexed consentId, address indexed allotter, uint256 nonce, ConsentFault fault
    );
    /// @notice A consent was withdrawn by its subject.
    event ConsentWithdrawn(bytes32 indexed consentId);
    /// @notice The escrow failed to take note of a withdrawal; the fee can be returned by `refundWithdrawn` there.
    event WithdrawalNoticeFailed(bytes32 indexed consentId, address indexed escrow);
    /// @notice An escrow was listed and is from now on the only one that takes uses.
    event EscrowListed(uint16 indexed index, address indexed escrow);
    /// @notice Grants are refused before this instant (Unix seconds). `urgent` when a guardian said so without a vote.
    event GrantsPaused(uint48 until, bool urgent);

    /// @notice Uses of consents, and with them funding on every way, are refused before this instant (Unix seconds). `urgent`
    /// when a guardian said so without a vote.
    event UsesPaused(uint48 until, bool urgent);

    error ConsentTokenAddressInvalid(address given);
    error ConsentTokenSignatureInvalid(bytes32 consentId, address subject);
    error ConsentTokenWindowInvalid(uint48 validFrom, uint48 validUntil, uint48 eraseBy);
    error ConsentTokenUsesInvalid(uint32 maxUses);
    error ConsentTokenNonceAllotted(uint256 nonce);
    error ConsentTokenAlreadyGranted(bytes32 consentId);
    error ConsentTokenMissing(bytes32 consentId);
    error ConsentTokenNotYetValid(bytes32 consentId, uint48 validFrom);
    error ConsentTokenExpired(bytes32 consentId, uint48 validUntil);
    error ConsentTokenExhausted(bytes32 consentId, uint32 maxUses);
    error ConsentTokenWithdrawn(bytes32 consentId, uint48 withdrawnAt);
    error ConsentTokenSameParty(address participant);
    error ConsentTokenConsumerNotActive(address consumer);
    error ConsentTokenProviderNotActive(address provider);
    error ConsentTokenConsumerNotAccredited(address consumer, bytes32 schema, bytes32 purpose);
    error ConsentTokenProviderNotAccredited(address provider, bytes32 schema, Assurance assurance);
    error ConsentTokenExchangeOpen(bytes32 consentId, uint32 use);
    error ConsentTokenErasureOverdue(address consumer);
    error ConsentTokenNotSubject(address subject, address caller);
    error ConsentTokenNotEscrow(address caller);
    error ConsentTokenNotTransferable();
    error ConsentTokenGrantsPaused(uint48 until);
    error ConsentTokenUsesPaused(uint48 until);
    error ConsentTokenPauseSpent();
    error ConsentTokenPauseTooLong(uint48 until, uint48 latest);
    error ConsentTokenEscrowInvalid(address escrow);
    error ConsentTokenGasTooLow(uint256 available, uint256 required);
    error ConsentTokenOwnerZero();

    /// @notice Records a subject's consent and issues its token.
    /// @dev By anyone. Emits Transfer, Locked and Issued. Reverts ConsentTokenGrantsPaused, ConsentTokenUsesInvalid,
    /// ConsentTokenWindowInvalid, ConsentTokenNonceAllotted, ConsentTokenExpired, ConsentTokenWithdrawn,
    /// ConsentTokenAlreadyGranted (the goal is reached: nothing is lost by coming second), ConsentTokenSignatureInvalid.
    /// @param consent The consent as signed. A nonce that a consumer allotted for a batch cannot be granted: its
    /// signature comes along with the use.
    /// @param signature The subject's EIP-712 signature.
    /// @return consentId EIP-712 digest of the consent.
    function grant(Consent calldata consent, bytes calldata signature) external returns (bytes32 consentId);

    /// @notice Withdraws a consent for good and burns its token, if there is one. If its latest exchange is Funded, it is
    /// stopped and, when `exchange` describes it, its fee is back with the consumer when this returns.
    /// @dev By the subject, or by anyone with the subject's signature of `Withdrawal` (it has no deadline and can be kept).
    /// Emits ConsentWithdrawn, and Transfer when granted. Reverts ConsentTokenWithdrawn, ConsentTokenNotSubject,
    /// ConsentTokenSignatureInvalid, ConsentTokenGasTooLow (so that no relayer can starve the refund).
    /// @param consent The consent as signed.
    /// @param exchange Description of its latest exchange from ExchangeFunded; anything when there is none.
    /// @param signature Empty when the subject calls.
    function withdraw(Consent calldata consent, Exchange calldata exchange, bytes calldata signature) external;

    /// @notice Takes the next use of a consent.
    /// @dev Only by the escrow listed last, whose ExchangeFunded tells of it. Reverts with the one named error of the ConsentFault that
    /// stands in the way, ConsentTokenNotEscrow and ConsentTokenUsesPaused.
    /// @param signature The subject's signature; may be empty when the consent was granted.
    /// @param coordinator Who coordinates the exchange: its record is read along with the parties', and not judged.
    /// @param opened The consent with its commitments opened.
    /// @return consentId EIP-712 digest of the consent.
    /// @return use 1 for the first.
    /// @return note What the escrow left here (`setEscrowNote`).
    /// @return ofConsumer The consumer's record.
    /// @return ofProvider The provider's record.
    /// @return ofCoordinator The coordinator's record.
    function useConsent(bytes calldata signature, address coordinator, OpenedConsent calldata opened)
        external
        returns (
            bytes32 consentId,
            uint32 use,
            uint8 note,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        );

    /// @notice Takes the only use of each consent of a batch: one bit under the nonce that the consumer allotted, no slot of
    /// its own. A consent that cannot be used for a cause that stands in the state (withdrawn, not yet valid, expired,
    /// used, or of a time before a party was admitted again) is passed over and reported.
    /// @dev Only by the escrow listed last, whose BatchItemSettled tells of each use. Emits AllottedConsentSkipped. Reverts
    /// ConsentTokenNotEscrow, ConsentTokenUsesPaused, the parties' errors as useConsent, ConsentTokenWindowInvalid, ConsentTokenSignatureInvalid.
    /// @param batch Parties, schema, purpose and level that every consent was given for.
    /// @param items The consents.
    /// @return consentIds EIP-712 digest of each, in the order of the items; zero for one that was passed over.
    /// @return count How many were used.
    /// @return note What the escrow left here (`setEscrowNote`).
    /// @return ofConsumer The consumer's record.
    /// @return ofProvider The provider's record.
    /// @return ofCoordinator The coordinator's record, not judged.
    function useAllotted(Batch calldata batch, BatchItem[] calldata items)
        external
        returns (
            bytes32[] memory consentIds,
            uint256 count,
            uint8 note,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        );

    /// @notice Lists an escrow; it alone takes uses from now on, the earlier ones still hear of withdrawals.
    /// @dev By vote. Emits EscrowListed. Reverts ConsentTokenEscrowInvalid (it does not tell its note, or is listed
    /// already).
    function addEscrow(address escrow) external;

    /// @notice Keeps a note for the escrow listed last, and hands it back with every use: it shares the slot that is read
    /// for the escrow itself, which spares an exchange a read. This contract makes nothing of it.
    /// @dev Only by that escrow, which tells in its own events what it notes. Reverts ConsentTokenNotEscrow.
    function setEscrowNote(uint8 note) external;

    /// @notice Refuses grants for 72 hours, once until the council decides again. A longer voted pause stays as long.
    /// @dev By the guardian. Emits GrantsPaused. Reverts ConsentTokenPauseSpent.
    function pauseGrants() external;

    /// @notice Refuses grants until an instant (Unix seconds; the past resumes), at most 30 days ahead.
    /// @dev By vote. Emits GrantsPaused. Reverts ConsentTokenPauseTooLong.
    function setGrantsPausedUntil(uint48 until) external;

    /// @notice Refuses uses of consents for 72 hours, once until the council decides again: nothing is funded. What is open
    /// goes on. A longer voted pause stays as long.
    /// @dev By the guardian. Emits UsesPaused. Reverts ConsentTokenPauseSpent.
    function pauseUses() external;

    /// @notice Refuses uses until an instant (Unix seconds; the past resumes), at most 30 days ahead.
    /// @dev By vote. Emits UsesPaused. Reverts ConsentTokenPauseTooLong.
    function setUsesPausedUntil(uint48 until) external;

    /// @notice EIP-712 digest of a consent: its id and token id.
    function hashConsent(Consent calldata consent) external view returns (bytes32);

    /// @notice EIP-712 digest of an opened consent.
    function hashOpenedConsent(OpenedConsent calldata opened) external view returns (bytes32);

    /// @notice EIP-712 digest of a subject's withdrawal.
    function hashWithdrawal(bytes32 consentId, address subject) external view returns (bytes32);

    /// @notice The one cause for which a consent cannot be used now, or None. Never reverts; what has a field outside its
    /// type (a level above High, an address of more than 20 bytes) is no consent and may be refused as malformed.
    /// @param opened The consent with its commitments opened: by a wrong opening it is Missing.
    /// @param signature The subject's signature, or empty to rely on a grant.
    function consentFault(OpenedConsent calldata opened, bytes calldata signature) external view returns (ConsentFault);

    /// @notice Whether a use of a consent could be taken now. Never reverts.
    function isConsentUsable(OpenedConsent calldata opened, bytes calldata signature) external view returns (bool);

    /// @notice Everything that is kept of a consent.
    /// @return subject Zero unless granted and not withdrawn.
    /// @return uses Uses taken, batches apart.
    /// @return escrow The escrow that took the latest use, or zero.
    /// @return withdrawnAt Unix seconds, or zero.
    function stateOf(bytes32 consentId)
        external
        view
        returns (address subject, uint32 uses, address escrow, uint48 withdrawnAt);

    /// @notice Whether a consumer's allotted nonce is spent.
    function isNonceSpent(address allotter, uint256 nonce) external view returns (bool);

    /// @notice Whether a consent was withdrawn.
    function isWithdrawn(bytes32 consentId) external view returns (bool);

    /// @notice Escrow by its index, 1 for the first listed; zero beyond.
    function escrowAt(uint16 index) external view returns (address);

    /// @notice The escrow that takes uses, and its index.
    function currentEscrow() external view returns (address escrow, uint16 index);

    /// @notice Instant before which grants are refused (Unix seconds), and whether the guardian's pause is spent.
    function grantsPause() external view returns (uint48 until, bool spent);

    /// @notice Instant before which uses are refused (Unix seconds), and whether the guardian's pause is spent.
    function usesPause() external view returns (uint48 until, bool spent);

    /// @notice The registries by which uses are checked.
    function registries() external view returns (address identities, address schemas);

    /// @notice True for every token (ERC-5192). Reverts ConsentTokenMissing where there is none.
    function locked(uint256 tokenId) external view returns (bool);

    /// @notice OwnerOnly for every token (ERC-5484). Reverts ConsentTokenMissing where there is none.
    function burnAuth(uint256 tokenId) external view returns (BurnAuth);
}
