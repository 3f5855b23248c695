// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A contract that signs by ERC-1271 with its owner's key, and calls whatever its owner says. For tests only.
contract ContractWallet is IERC1271 {
    address public owner;

    error ContractWalletNotOwner(address caller);

    constructor(address firstOwner) {
        owner = firstOwner;
    }

    /// @notice Hands the wallet on: what the former owner signed is no longer valid.
    function setOwner(address newOwner) external {
        if (msg.sender != owner) revert ContractWalletNotOwner(msg.sender);
        owner = newOwner;
    }

    /// @notice Calls a contract as this wallet; what it reverts with comes through.
    function execute(address target, bytes calldata data) external returns (bytes memory) {
        if (msg.sender != owner) revert ContractWalletNotOwner(msg.sender);
        (bool done, bytes memory answer) = target.call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address recovered, ECDSA.RecoverError fault,) = ECDSA.tryRecover(digest, signature);
        return fault == ECDSA.RecoverError.NoError && recovered == owner
            ? IERC1271.isValidSignature.selector
            : bytes4(0xffffffff);
    }
}
