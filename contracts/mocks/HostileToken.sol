// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A token that misbehaves as it is told, and of which anyone has as much as it likes. For tests only.
contract HostileToken is ERC20Permit {
    /// @notice What a transfer answers.
    enum Answer {
        Yes, // moves, and returns true
        Nothing, // moves, and returns no data
        No, // moves nothing, and returns false
        Word, // moves, and returns a word that is no bool
        Refusal // reverts with data
    }

    /// @notice When a transfer calls somebody, as ERC-777 does.
    enum Moment {
        Never,
        BeforeMoving,
        AfterMoving
    }

    uint256 private constant BPS = 10_000;
    uint8 private immutable DECIMALS;

    Answer private _answer;
    uint16 private _feeBps;
    mapping(address account => bool) private _blocked;
    Moment private _moment;
    address private _target;
    bytes private _data;
    bool private _hookDone;
    bytes private _hookReply;

    error HostileTokenRefused(address from, address to, uint256 amount);
    error HostileTokenBlocked(address account);

    constructor(uint8 decimals_) ERC20("Hostile Token", "HOSTILE") ERC20Permit("Hostile Token") {
        DECIMALS = decimals_;
    }

    // ---------------------------------------------------------------- how it misbehaves

    function setAnswer(Answer answer) external {
        _answer = answer;
    }

    /// @notice Keeps a part of every transfer from now on.
    /// @param feeBps Basis points of what is sent.
    function setFee(uint16 feeBps) external {
        _feeBps = feeBps;
    }

    function setBlocked(address account, bool blocked) external {
        _blocked[account] = blocked;
    }

    /// @notice Makes the next transfer call `target`, once; the transfer goes on whatever comes of it.
    function setHook(Moment moment, address target, bytes calldata data) external {
        (_moment, _target, _data) = (moment, target, data);
        (_hookDone, _hookReply) = (false, "");
    }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    /// @notice Calls a contract as this token; what it reverts with comes through.
    function execute(address target, bytes calldata data) external {
        (bool done, bytes memory reply) = target.call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(reply, 0x20), mload(reply))
            }
        }
    }

    // ---------------------------------------------------------------- ERC-20

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (_moves(msg.sender, to, amount)) super.transfer(to, amount);
        return _reply();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (_moves(from, to, amount)) super.transferFrom(from, to, amount);
        return _reply();
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    /// @notice What came of the last hook.
    /// @return done Whether the call succeeded; false as long as it was not made.
    /// @return reply What it returned or reverted with.
    function hookResult() external view returns (bool done, bytes memory reply) {
        return (_hookDone, _hookReply);
    }

    // ---------------------------------------------------------------- internals

    function _moves(address from, address to, uint256 amount) private view returns (bool) {
        if (_answer == Answer.Refusal) revert HostileTokenRefused(from, to, amount);
        return _answer != Answer.No;
    }

    function _reply() private view returns (bool) {
        if (_answer == Answer.Nothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        if (_answer == Answer.Word) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 0x20)
            }
        }
        return _answer == Answer.Yes;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_blocked[from]) revert HostileTokenBlocked(from);
        if (_blocked[to]) revert HostileTokenBlocked(to);
        if (from == address(0)) return super._update(from, to, value);
        _callHook(Moment.BeforeMoving);
        uint256 fee = value * _feeBps / BPS;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
        _callHook(Moment.AfterMoving);
    }

    function _callHook(Moment moment) private {
        if (_moment != moment) return;
        _moment = Moment.Never; // the call may lead to another transfer
        (_hookDone, _hookReply) = _target.call(_data);
    }
}
