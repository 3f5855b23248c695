// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance, Consent, OpenedConsent } from "../types/Consents.sol";

/// @notice EIP-712 struct hashes of what subjects sign, the commitments in a consent, and the ids that follow.
library ConsentDigests {
    bytes32 internal constant CONSENT_TYPEHASH = keccak256(
        "Consent(address subject,bytes32 consumer,bytes32 provider,bytes32 scope,bytes32 terms,uint48 validFrom,uint48 validUntil,uint48 eraseBy,uint32 maxUses,uint256 nonce)"
    );
    bytes32 internal constant WITHDRAWAL_TYPEHASH = keccak256("Withdrawal(bytes32 consent,address subject)");

    /// @notice Struct hash of a consent as signed.
    function structHash(Consent calldata consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSENT_TYPEHASH, consent));
    }

    /// @notice Struct hash of a consent whose commitments are opened.
    function structHash(OpenedConsent calldata opened) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CONSENT_TYPEHASH,
                opened.subject,
                partyCommitment(opened.consumer, saltOf(opened.seed, 0)),
                partyCommitment(opened.provider, saltOf(opened.seed, 1)),
                scopeCommitment(opened.schema, opened.purpose, opened.assurance, saltOf(opened.seed, 2)),
                opened.terms,
                opened.validFrom,
                opened.validUntil,
                opened.eraseBy,
                opened.maxUses,
                opened.nonce
            )
        );
    }

    /// @notice Struct hash of a subject's withdrawal of a consent.
    function withdrawalStructHash(bytes32 consentId, address subject) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAWAL_TYPEHASH, consentId, subject));
    }

    /// @notice Salt `index` (0 consumer, 1 provider, 2 scope) of a consent's seed, so that one can be told and not the others.
    function saltOf(bytes32 seed, uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode(seed, index));
    }

    /// @notice Commitment to a consumer or a provider.
    function partyCommitment(address party, bytes32 salt) internal pure returns (bytes32) {
        return keccak256(abi.encode(party, salt));
    }

    /// @notice Commitment to what is shared and why.
    function scopeCommitment(bytes32 schema, bytes32 purpose, Assurance assurance, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(schema, purpose, assurance, salt));
    }

    /// @notice Id of the exchange that is the `use`-th use (1 for the first) of a consent.
    function exchangeIdOf(bytes32 consentId, uint32 use) internal pure returns (bytes32) {
        return keccak256(abi.encode(consentId, use));
    }
}
