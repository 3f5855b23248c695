// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance } from "./Consents.sol";

/// @notice Leave to provide a schema (up to a level of assurance) or to ask for it for a purpose: one slot.
struct Accreditation {
    uint48 grantedAt; // Unix seconds; zero when never granted
    uint48 expiresAt; // Unix seconds, exclusive; withdrawal sets it to the present
    Assurance assurance; // the highest level a provider may vouch for; None for a consumer
}
