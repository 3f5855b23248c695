// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice Whether a signer signed a digest. Only 65-byte signatures with low s and v 27 or 28 count as plain ones.
library Signatures {
    /// @notice Plain signature (subjects' keys), or ERC-1271 where the signer is a contract (institutions).
    /// @dev The plain form is tried first: it needs no read of the signer's code, and an account that delegates to
    /// code (EIP-7702) keeps its own signature. A signer without code (counterfactual, ERC-6492) is refused.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        return isValidPlain(signer, digest, signature)
            || SignatureChecker.isValidERC1271SignatureNow(signer, digest, signature);
    }

    /// @notice Plain signature only.
    /// @dev Plain form: ECDSA.tryRecover(digest, signature), which has it in memory first.
    function isValidPlain(address signer, bytes32 digest, bytes calldata signature) internal pure returns (bool) {
        if (signature.length != 65) return false;
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        return isValidPlain(signer, digest, v, r, s);
    }

    /// @notice Plain signature in its three parts.
    function isValidPlain(address signer, bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (bool) {
        (address recovered,,) = ECDSA.tryRecover(digest, v, r, s); // nobody where it fails
        return recovered == signer && signer != address(0);
    }
}
