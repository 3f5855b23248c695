// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Guarded, IAdminCount, Network, governor, timelockRoles } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice What must hold does not: by its number, and what was seen instead.
error InvariantBroken(uint256 number, string what);

/// @notice Takes steps on a network, each predicted by a model that knows nothing of how the contracts keep any of it,
/// and counts what it reached.
abstract contract Handler {
    string private constant FILE = ".cache/forge/reached.jsonl";
    uint64 private constant ADMIN = 0;
    uint64 private constant GUARDIAN = 1;
    uint64 private constant TREASURER = 2;
    uint256 private constant TRESPASSES = 6; // in one step
    uint256 internal constant ALL_SEATS = 3;

    Network public immutable network;
    address internal immutable STRANGER;

    uint256 public instant; // forge puts the clock back between two steps
    mapping(string kind => uint256) public reached;
    string[] private _kinds;
    uint256 private _seed;
    uint256 private _steps;
    uint256 private _draws;

    /// @dev Sets the clock, and the dice by what forge rolled.
    modifier step(uint256 seed) {
        VM.warp(instant);
        _seed = seed;
        _draws = 0;
        ++_steps;
        _;
        _count();
    }

    constructor(Network network_) {
        network = network_;
        STRANGER = network_.account(20);
        instant = block.timestamp;
        _wants("trespass");
    }

    /// @notice Writes down how often each kind of step was taken that has to be.
    function report(string memory suite) external {
        for (uint256 i; i < _kinds.length; ++i) {
            string memory kind = _kinds[i];
            string memory head = string.concat("{\"suite\": \"", suite, "\", \"kind\": \"", kind);
            VM.writeLine(FILE, string.concat(head, "\", \"times\": ", VM.toString(reached[kind]), "}"));
        }
    }

    // ---------------------------------------------------------------- a step of every suite

    /// @notice Any single keys try any functions that are kept for somebody else.
    function trespass(uint256 seed) external step(seed) {
        for (uint256 i; i < TRESPASSES; ++i) {
            Guarded memory guarded = network.guarded(_draw(network.guardedCount()));
            address key = _key();
            if (
                guarded.role == GUARDIAN && key == network.guardian()
                    || guarded.role == TREASURER && key == network.treasurer()
            ) key = network.deployer();
            _refusedTo(key, guarded.name, guarded.target, guarded.data);
            ++reached["trespass"];
        }
    }

    // ---------------------------------------------------------------- what must hold in every suite

    /// @notice 10. The timelock is the only admin, and the council the only one for which it acts.
    function checkAdmins() external view {
        (bool isAdmin,) = network.access().hasRole(ADMIN, network.timelock());
        if (!isAdmin || IAdminCount(address(network.access())).adminCount() != 1) {
            revert InvariantBroken(10, "the timelock is not the only admin");
        }
        string[4] memory roles = ["PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE", "DEFAULT_ADMIN_ROLE"];
        address[8] memory others = [
            address(0), // would be anybody
            network.deployer(),
            network.guardian(),
            network.treasurer(),
            network.founder(0),
            network.founder(1),
            network.founder(2),
            STRANGER
        ];
        for (uint256 i; i < roles.length; ++i) {
            bytes32 role = i == 3 ? bytes32(0) : keccak256(bytes(roles[i]));
            if (i != 3 && !timelockRoles(network).hasRole(role, address(network.council()))) {
                revert InvariantBroken(10, string.concat("the council has lost ", roles[i]));
            }
            for (uint256 k; k < others.length; ++k) {
                if (timelockRoles(network).hasRole(role, others[k])) {
                    revert InvariantBroken(10, string.concat("somebody else has ", roles[i]));
                }
            }
        }
    }

    // ---------------------------------------------------------------- internals

    /// @dev Takes a step that the model expects to be refused with an error, or with none not at all.
    function _attempt(
        uint256 number,
        string memory name,
        string memory expected,
        address sender,
        address target,
        bytes memory data
    ) internal returns (bool done, bytes memory answer) {
        VM.recordLogs();
        VM.prank(sender);
        (done, answer) = target.call(data);
        string memory refusal = done ? "" : network.errorIn(answer);
        if (!_same(refusal, expected)) {
            revert InvariantBroken(
                number, string.concat(name, ": ", _said(refusal), "; the model says ", _said(expected))
            );
        }
        ++reached[done ? name : string.concat(name, ": ", refusal)];
    }

    /// @dev Refuses to go on unless a key was told that it has no right.
    function _refusedTo(address key, string memory name, address target, bytes memory data) internal {
        VM.prank(key);
        (bool done, bytes memory answer) = target.call(data);
        string memory refusal = done ? "" : network.errorIn(answer);
        string[7] memory rightless = [
            "AccessManagedUnauthorized",
            "AccessManagerUnauthorizedAccount",
            "AccessControlUnauthorizedAccount",
            "GovernorOnlyExecutor",
            "FeeEscrowNotAccountHolder",
            "IdentityRegistryNotOwner",
            "IdentityRegistryNotActor"
        ];
        for (uint256 i; i < rightless.length; ++i) {
            if (_same(refusal, rightless[i])) return;
        }
        revert InvariantBroken(7, string.concat(name, " by a single key: ", _said(refusal)));
    }

    function _proposal(address[] memory targets, bytes[] memory datas, string memory description)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSignature(
            "propose(address[],uint256[],bytes[],string)", targets, new uint256[](targets.length), datas, description
        );
    }

    /// @dev The call that queues a proposal, or executes it: `step` is the function's name.
    function _carrying(string memory step, address[] memory targets, bytes[] memory datas, bytes32 description)
        internal
        pure
        returns (bytes memory)
    {
        string memory signature = string.concat(step, "(address[],uint256[],bytes[],bytes32)");
        return abi.encodeWithSignature(signature, targets, new uint256[](targets.length), datas, description);
    }

    /// @dev Brings an action before the council, lets all three founders carry it and its time in the timelock pass.
    function _vote(address target, bytes memory data) internal returns (bytes memory execution) {
        address[] memory targets = new address[](1);
        bytes[] memory datas = new bytes[](1);
        (targets[0], datas[0]) = (target, data);
        string memory description = VM.toString(_steps * 1_000 + ++_draws);
        _pass(1);
        address council = address(network.council());
        bytes memory proposal = _proposal(targets, datas, description);
        (, bytes memory answer) = _attempt(2, "decide: propose", "", network.founder(0), council, proposal);
        uint256 id = abi.decode(answer, (uint256));
        _pass(network.council().periods().votingDelay + 1);
        for (uint256 i; i < ALL_SEATS; ++i) {
            bytes memory ballot = abi.encodeWithSignature("castVote(uint256,uint8)", id, 1);
            // The first two carry what needs no opinion; then voting is over.
            if (uint8(governor(network).state(id)) == 1) {
                _attempt(2, "decide: vote", "", network.founder(i), council, ballot);
            }
        }
        _pass(network.council().periods().voting);
        bytes32 hash = keccak256(bytes(description));
        _attempt(2, "decide: queue", "", STRANGER, council, _carrying("queue", targets, datas, hash));
        _pass(_timelockSeconds());
        return _carrying("execute", targets, datas, hash);
    }

    function _timelockSeconds() internal view returns (uint256) {
        (, bytes memory answer) = network.timelock().staticcall(abi.encodeWithSignature("getMinDelay()"));
        return abi.decode(answer, (uint256));
    }

    /// @dev Lets an identity sign a version of the charter.
    function _charterSigning(uint32 version, address identity) internal view returns (bytes memory) {
        bytes memory signature = network.signature(identity, network.charter().hashCharter(version, identity));
        return abi.encodeCall(network.charter().sign, (version, identity, signature));
    }

    /// @dev Counts where a step has led.
    function _count() internal virtual { }

    /// @dev A kind of step that has to be taken.
    function _wants(string memory kind) internal {
        _kinds.push(kind);
    }

    function _pass(uint256 span) internal {
        instant += span;
        VM.warp(instant);
    }

    function _draw(uint256 sides) internal returns (uint256) {
        return uint256(keccak256(abi.encode(_seed, _steps, ++_draws))) % sides;
    }

    function _oneIn(uint256 sides) internal returns (bool) {
        return _draw(sides) == 0;
    }

    /// @dev A single key: the deployer's, the guardian's, the treasurer's, a founder's, a stranger's, or any other.
    function _key() internal returns (address) {
        uint256 which = _draw(6);
        if (which == 0) return network.deployer();
        if (which == 1) return network.guardian();
        if (which == 2) return network.treasurer();
        if (which == 3) return network.founder(_draw(ALL_SEATS));
        return which == 4 ? STRANGER : network.account(_draw(40));
    }

    function _same(string memory one, string memory other) internal pure returns (bool) {
        return keccak256(bytes(one)) == keccak256(bytes(other));
    }

    function _said(string memory refusal) private pure returns (string memory) {
        return bytes(refusal).length == 0 ? "carried out" : refusal;
    }
}
