// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { ConsentCalls } from "../libraries/ConsentCalls.sol";
import { OpenedConsent } from "../types/Consents.sol";
import { PackedParticipant } from "../types/Participants.sol";

/// @notice Makes ConsentCalls callable, beside its plain twin. It stands in for the token too: it answers with the hash of
/// what it was called with and with the numbers 2 to 6, or reverts with them. For tests only.
contract ConsentCallsHarness {
    /// @notice What a use came to.
    struct Answer {
        bytes32 consentId;
        uint32 use;
        uint8 note;
        PackedParticipant ofConsumer;
        PackedParticipant ofProvider;
        PackedParticipant ofCoordinator;
    }

    /// @dev Who coordinates when the call is refused.
    address private constant REFUSED = address(1);

    error ConsentCallsHarnessRefused(bytes32 called, bytes data);

    fallback(bytes calldata data) external returns (bytes memory) {
        if (abi.decode(data[36:68], (address)) == REFUSED) revert ConsentCallsHarnessRefused(keccak256(data), data);
        return abi.encode(keccak256(data), 2, 3, 4, 5, 6);
    }

    function short(bytes calldata signature, address coordinator, OpenedConsent calldata opened)
        external
        returns (Answer memory answer)
    {
        (answer.consentId, answer.use, answer.note, answer.ofConsumer, answer.ofProvider, answer.ofCoordinator) =
            ConsentCalls.useConsent(IConsentToken(address(this)), signature, coordinator, opened);
    }

    function plain(bytes calldata signature, address coordinator, OpenedConsent calldata opened)
        external
        returns (Answer memory answer)
    {
        (answer.consentId, answer.use, answer.note, answer.ofConsumer, answer.ofProvider, answer.ofCoordinator) =
            IConsentToken(address(this)).useConsent(signature, coordinator, opened);
    }
}
