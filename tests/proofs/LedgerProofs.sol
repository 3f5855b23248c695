// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting as Accounting, ExchangeState } from "../../contracts/libraries/ExchangeAccounting.sol";

/// @notice Where the escrow's tokens are: the ledgers as totals over everybody, and one exchange, whichever. Each step is
/// proved for every state in which all is accounted for, hence for any number of steps in any order from the first on, in
/// which there is nothing. A step of another exchange moves money between the same ledgers and that exchange alone.
contract LedgerProofs {
    uint256 private _held; // the escrow's tokens
    uint256 private _prepaid;
    uint256 private _earned; // what waits for recruiters included
    uint256 private _rewards; // the hosts', not yet claimed

    ExchangeState private _state;
    uint104 private _fee;
    uint80 private _shares;
    uint256 private _bond;

    function deposit(uint256 amount) external {
        require(_isAccountedFor());
        _held += amount;
        _prepaid += amount;
        assert(_isAccountedFor());
    }

    function withdrawPrepaid(uint256 amount) external {
        require(_isAccountedFor());
        _prepaid -= amount;
        _held -= amount;
        assert(_isAccountedFor());
    }

    function withdrawEarned(uint256 amount) external {
        require(_isAccountedFor());
        _earned -= amount;
        _held -= amount;
        assert(_isAccountedFor());
    }

    function creditHost(uint256 amount) external {
        require(_isAccountedFor());
        _rewards -= amount;
        _earned += amount;
        assert(_isAccountedFor());
    }

    function fund(uint104 fee, uint80 shares) external {
        require(_isAccountedFor());
        _step(ExchangeState.Funded);
        _take(fee, shares);
        assert(_isAccountedFor());
    }

    function exchange(uint104 fee, uint80 shares, bool isAccepted) external {
        require(_isAccountedFor() && _state == ExchangeState.None);
        _step(isAccepted ? ExchangeState.Settled : ExchangeState.Delivered);
        _take(fee, shares);
        if (isAccepted) _pay(fee);
        assert(_isAccountedFor());
    }

    function deliver() external {
        require(_isAccountedFor() && _state != ExchangeState.None);
        _step(ExchangeState.Delivered);
        assert(_isAccountedFor());
    }

    function setAside() external {
        require(_isAccountedFor());
        _step(ExchangeState.RefundDue);
        assert(_isAccountedFor());
    }

    function refund() external {
        require(_isAccountedFor());
        _step(ExchangeState.Refunded);
        _prepaid += _fee;
        assert(_isAccountedFor());
    }

    function settle() external {
        require(_isAccountedFor() && _state != ExchangeState.None);
        _step(ExchangeState.Settled);
        _pay(_fee);
        assert(_isAccountedFor());
    }

    function dispute(uint104 bond) external {
        require(_isAccountedFor());
        _step(ExchangeState.Disputed);
        _prepaid -= bond;
        _bond = bond;
        assert(_isAccountedFor());
    }

    function resolve(uint256 providerBps, bool isBondForfeit) external {
        require(_isAccountedFor());
        _step(ExchangeState.Resolved);
        (uint256 toShares, uint256 toConsumer, uint256 toProvider) =
            Accounting.divide(_fee, _bond, providerBps, isBondForfeit);
        _pay(toShares);
        _prepaid += toConsumer;
        _earned += toProvider;
        assert(_isAccountedFor());
    }

    /// @dev Every unit that is held is somebody's, and only once.
    function _isAccountedFor() private view returns (bool) {
        bool isOpen = _state != ExchangeState.None && !Accounting.isTerminal(_state);
        uint256 open = isOpen ? _fee : 0;
        uint256 bonds = _state == ExchangeState.Disputed ? _bond : 0;
        return _held == _prepaid + _earned + _rewards + open + bonds;
    }

    function _step(ExchangeState to) private {
        require(Accounting.isStep(_state, to));
        _state = to;
    }

    function _take(uint104 fee, uint80 shares) private {
        _prepaid -= fee;
        (_fee, _shares) = (fee, shares);
    }

    function _pay(uint256 amount) private {
        (uint256 provider, uint256 coordinator, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            Accounting.split(amount, _shares);
        _earned += provider + coordinator + consumerRecruiter + providerRecruiter;
        _rewards += hosts;
    }
}
