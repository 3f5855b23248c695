// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Where an exchange stands; defined beside the rules for its steps.
import { ExchangeState } from "../libraries/ExchangeAccounting.sol";

/// @notice Five shares in basis points, packed: provider, coordinator, hosts, consumer's recruiter, provider's recruiter,
/// 16 bits each from the highest to the lowest; they sum to 10,000.
type Shares is uint80;

/// @notice What a consumer signs to fund one use of a consent (EIP-712 type `Order`; the consent's id and the use
/// number complete it).
struct Order {
    bytes32 recipientKeyHash; // keccak256 of the request's one-time X25519 public key
    address coordinator;
    uint32 scheduleVersion; // version of the FeeSchedule
    uint256 fee; // in the escrow token's smallest unit; what the schedule must quote
    uint48 fundBy; // Unix seconds, inclusive
    uint48 deliverBy; // Unix seconds, inclusive
    uint32 challengeSeconds; // the consumer's time to dispute, from the delivery on
    address signer; // the consumer's owner or a delegate of kind `exchange`; to `fund`, zero stands for the consumer
}

/// @notice Everything about an exchange that is fixed at funding. The chain keeps its hash; every later step brings it
/// along (it stands in the event ExchangeFunded).
/// Recruiters are not named: each waits for its share with the participant that it recruited.
struct Exchange {
    bytes32 id; // keccak256(consent id, number of the use)
    address consumer;
    address provider;
    address coordinator;
    bytes32 recipientKeyHash;
    Shares shares; // missing shares already given to the provider
    uint48 deliverBy;
    uint256 fee;
    uint32 challengeSeconds;
}
