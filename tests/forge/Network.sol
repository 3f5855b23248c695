// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { ICouncil } from "../../interfaces/ICouncil.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { IHostRewards } from "../../interfaces/IHostRewards.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCharter } from "../../interfaces/INetworkCharter.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { ISchemaRegistry } from "../../interfaces/ISchemaRegistry.sol";
import { VM } from "./Vm.sol";

/// @notice What the tests ask of CouncilTimelock and NetworkAccess beside their interfaces.
interface IAdminCount {
    function adminCount() external view returns (uint256);
}

/// @notice A function that is kept for a role, and a call of it with the simplest arguments.
struct Guarded {
    string name;
    address target;
    bytes data;
    uint256 role; // of NetworkAccess
}

/// @notice A network as the package deploys it: every transaction of its plan, sent again by its deployer.
contract Network {
    string private constant FILE = ".cache/forge/network.json";
    uint256 private constant GENESIS_AT = 1_800_000_000;

    IAccessManager public immutable access;
    ICouncil public immutable council;
    address public immutable timelock;
    INetworkCharter public immutable charter;
    IIdentityRegistry public immutable identities;
    ISchemaRegistry public immutable schemas;
    IConsentToken public immutable consents;
    IFeeSchedule public immutable schedule;
    IFeeEscrow public immutable escrow;
    IHostRewards public immutable rewards;
    INetworkCredit public immutable credit;
    address public immutable deployer;
    address public immutable guardian;
    address public immutable treasurer;

    mapping(address account => uint256) public keyOf;
    address[] private _accounts;
    address[] private _founders;
    Guarded[] private _guarded;
    mapping(bytes4 selector => string) private _errors;

    error NetworkStepFailed(uint256 step, bytes reason);

    constructor() {
        VM.warp(GENESIS_AT);
        string memory json = VM.readFile(FILE);
        deployer = VM.parseJsonAddress(json, ".deployer");
        guardian = VM.parseJsonAddress(json, ".guardian");
        treasurer = VM.parseJsonAddress(json, ".treasurer");
        access = IAccessManager(VM.parseJsonAddress(json, ".addresses.NetworkAccess"));
        council = ICouncil(VM.parseJsonAddress(json, ".addresses.Council"));
        timelock = VM.parseJsonAddress(json, ".addresses.CouncilTimelock");
        charter = INetworkCharter(VM.parseJsonAddress(json, ".addresses.NetworkCharter"));
        identities = IIdentityRegistry(VM.parseJsonAddress(json, ".addresses.IdentityRegistry"));
        schemas = ISchemaRegistry(VM.parseJsonAddress(json, ".addresses.SchemaRegistry"));
        consents = IConsentToken(VM.parseJsonAddress(json, ".addresses.ConsentToken"));
        schedule = IFeeSchedule(VM.parseJsonAddress(json, ".addresses.FeeSchedule"));
        escrow = IFeeEscrow(VM.parseJsonAddress(json, ".addresses.FeeEscrow"));
        rewards = IHostRewards(VM.parseJsonAddress(json, ".addresses.HostRewards"));
        credit = INetworkCredit(VM.parseJsonAddress(json, ".addresses.NetworkCredit"));
        _readAccounts(json);
        _readGuarded(json);
        _readErrors(json);
        _deploy(json, VM.parseJsonAddress(json, ".deployer"));
    }

    /// @notice A development account by its number.
    function account(uint256 index) external view returns (address) {
        return _accounts[index];
    }

    /// @notice One of the three first seats.
    function founder(uint256 index) external view returns (address) {
        return _founders[index];
    }

    /// @notice How many functions are kept for a role.
    function guardedCount() external view returns (uint256) {
        return _guarded.length;
    }

    /// @notice A function that is kept for a role.
    function guarded(uint256 index) external view returns (Guarded memory) {
        return _guarded[index];
    }

    /// @notice Where a contract keeps a variable: `Council._seats`.
    function slotOf(string calldata variable) external view returns (uint256) {
        return VM.parseJsonUint(VM.readFile(FILE), string.concat(".slots.", variable));
    }

    /// @notice Name of the error that a refusal's data begins with; the selector's digits where nothing declares it.
    function errorIn(bytes calldata data) external view returns (string memory name) {
        if (data.length < 4) return "no error";
        name = _errors[bytes4(data)];
        if (bytes(name).length == 0) return VM.toString(uint256(uint32(bytes4(data))));
    }

    /// @notice What a development account signs of a digest.
    function signature(address signer, bytes32 digest) external view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keyOf[signer], digest);
        return abi.encodePacked(r, s, v);
    }

    function _readAccounts(string memory json) private {
        uint256[] memory keys = VM.parseJsonUintArray(json, ".keys");
        for (uint256 i; i < keys.length; ++i) {
            address account_ = VM.addr(keys[i]);
            keyOf[account_] = keys[i];
            _accounts.push(account_);
        }
        _founders = VM.parseJsonAddressArray(json, ".founders");
    }

    function _readGuarded(string memory json) private {
        string[] memory names = VM.parseJsonStringArray(json, ".guardedNames");
        address[] memory targets = VM.parseJsonAddressArray(json, ".guardedTargets");
        bytes[] memory calls = VM.parseJsonBytesArray(json, ".guardedCalls");
        uint256[] memory roles = VM.parseJsonUintArray(json, ".guardedRoles");
        for (uint256 i; i < names.length; ++i) {
            _guarded.push(Guarded(names[i], targets[i], calls[i], roles[i]));
        }
    }

    function _readErrors(string memory json) private {
        bytes32[] memory selectors = VM.parseJsonBytes32Array(json, ".errorSelectors");
        string[] memory names = VM.parseJsonStringArray(json, ".errorNames");
        for (uint256 i; i < names.length; ++i) {
            _errors[bytes4(selectors[i])] = names[i];
        }
    }

    function _deploy(string memory json, address sender) private {
        address[] memory targets = VM.parseJsonAddressArray(json, ".targets");
        bytes[] memory datas = VM.parseJsonBytesArray(json, ".datas");
        bool[] memory creates = VM.parseJsonBoolArray(json, ".creates");
        VM.startPrank(sender);
        for (uint256 i; i < targets.length; ++i) {
            bytes memory data = datas[i];
            if (creates[i]) {
                address created;
                assembly ("memory-safe") {
                    created := create(0, add(data, 0x20), mload(data))
                }
                if (created != targets[i]) revert NetworkStepFailed(i, abi.encode(created));
            } else {
                (bool done, bytes memory reason) = targets[i].call(data);
                if (!done) revert NetworkStepFailed(i, reason);
            }
        }
        VM.stopPrank();
    }
}

/// @notice The council as a Governor.
function governor(Network network) view returns (IGovernor) {
    return IGovernor(address(network.council()));
}

/// @notice Network credit as a token.
function token(Network network) view returns (IERC20) {
    return IERC20(address(network.credit()));
}

/// @notice The timelock's own roles.
function timelockRoles(Network network) view returns (IAccessControl) {
    return IAccessControl(network.timelock());
}
