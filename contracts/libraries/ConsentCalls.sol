// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { OpenedConsent } from "../types/Consents.sol";
import { PackedParticipant } from "../types/Participants.sol";

/// @notice The escrow's call of the consent token, which hands on a consent word by word as it came.
library ConsentCalls {
    /// @notice Takes the next use of a consent.
    /// @dev Plain form: consents.useConsent(signature, coordinator, opened). `consents` must be the consent token: it checks
    /// every field, and what it answers is taken as it comes. What it reverts with comes through.
    function useConsent(
        IConsentToken consents,
        bytes calldata signature,
        address coordinator,
        OpenedConsent calldata opened
    )
        internal
        returns (
            bytes32 consentId,
            uint32 use,
            uint8 note,
            PackedParticipant ofConsumer,
            PackedParticipant ofProvider,
            PackedParticipant ofCoordinator
        )
    {
        bytes32 selector = IConsentToken.useConsent.selector;
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, selector)
            mstore(add(words, 0x04), 0x1e0) // where the signature begins: past 15 words
            mstore(add(words, 0x24), coordinator)
            calldatacopy(add(words, 0x44), opened, 0x1a0) // 13 words
            mstore(add(words, 0x1e4), signature.length)
            let end := add(add(words, 0x204), signature.length)
            calldatacopy(add(words, 0x204), signature.offset, signature.length)
            mstore(end, 0) // at most 31 bytes of it pad the signature
            let length := add(0x204, and(add(signature.length, 0x1f), not(0x1f)))
            if iszero(call(gas(), consents, 0, words, length, words, 0xc0)) {
                returndatacopy(words, 0, returndatasize())
                revert(words, returndatasize())
            }
            consentId := mload(words)
            use := mload(add(words, 0x20))
            note := mload(add(words, 0x40))
            ofConsumer := mload(add(words, 0x60))
            ofProvider := mload(add(words, 0x80))
            ofCoordinator := mload(add(words, 0xa0))
        }
    }
}
