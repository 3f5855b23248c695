// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IHostRewards } from "../../interfaces/IHostRewards.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ParticipantStatus, Roles } from "../types/Participants.sol";

/// @title Host rewards
/// @notice See IHostRewards.
/// @dev At any time, in 2^-64 of the smallest token unit:
///   accrued up to the last division = credited to hosts + owed to hosts + carry
/// where a host is owed `owedScaled + weight * (_perWeight - perWeightSeen)`. All arithmetic is checked, and out of reach
/// of its limits: one settlement accrues less than 2^104, so that 2^56 settlements accrue less than 2^160 and, scaled, less
/// than 2^224; no host is owed more than that, and a sum of 32-bit weights of fewer than 2^32 hosts fits 64 bits.
contract HostRewards is IHostRewards, AccessManaged {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @dev Binary digits kept below the smallest token unit.
    uint256 private constant FRACTION_BITS = 64;

    IIdentityRegistry private immutable IDENTITIES;
    IFeeEscrow private immutable ESCROW;

    /// @dev Two slots.
    struct Host {
        uint32 weight; // bytes 0-3
        uint224 owedScaled; // bytes 4-31: up to `perWeightSeen`, in 2^-64 of the smallest token unit
        uint256 perWeightSeen; // second slot: `_perWeight` when the host was last brought up to date
    }

    uint64 private _totalWeight; // slot 0, bytes 21-28: beside AccessManaged's authority
    uint64 private _carry; // slot 1, bytes 0-7: below `_totalWeight` at the last division, in 2^-64 of the smallest unit
    uint256 private _accrued; // slot 2: the escrow's hosts' shares up to the last division, smallest token units
    uint256 private _perWeight; // slot 3: ever divided per unit of weight, in 2^-64 of the smallest token unit
    mapping(address host => Host) private _hosts; // slot 4
    EnumerableSet.AddressSet private _weighted; // slots 5 and 6: hosts with weight, few enough to be voted one by one
    mapping(address host => address validator) private _validators; // slot 7: where it is not the host's own address
    mapping(address validator => address host) private _hostOf; // slot 8: the other way round

    constructor(address authority, IIdentityRegistry identities, IFeeEscrow escrow) AccessManaged(authority) {
        if (authority.code.length == 0) revert HostRewardsAddressInvalid(authority);
        if (address(identities).code.length == 0) revert HostRewardsAddressInvalid(address(identities));
        if (address(escrow).code.length == 0) revert HostRewardsAddressInvalid(address(escrow));
        IDENTITIES = identities;
        ESCROW = escrow;
    }

    // ---------------------------------------------------------------- writes

    /// @inheritdoc IHostRewards
    function setWeight(address host, uint32 weight) external restricted {
        if (weight != 0 && !IDENTITIES.hasActiveRole(host, Roles.HOST)) revert HostRewardsNotActiveHost(host);
        _setWeight(host, weight);
    }

    /// @inheritdoc IHostRewards
    function resign(address host) external {
        if (msg.sender != IDENTITIES.accountHolderOf(host)) revert HostRewardsNotAccountHolder(host, msg.sender);
        _setWeight(host, 0);
    }

    /// @inheritdoc IHostRewards
    function setValidator(address host, address validator) external {
        // Check
        if (msg.sender != IDENTITIES.accountHolderOf(host)) revert HostRewardsNotAccountHolder(host, msg.sender);
        if (!IDENTITIES.hasActiveRole(host, Roles.HOST)) revert HostRewardsNotActiveHost(host);
        if (validator == address(0)) revert HostRewardsAddressInvalid(validator);
        if (validator == validatorOf(host)) revert HostRewardsValidatorUnchanged(host, validator);
        address former = _hostOf[validator];
        if (
            validator != host
                && (
                    _hosts[former].weight != 0 || IDENTITIES.hasActiveRole(former, Roles.HOST)
                        || IDENTITIES.participantOf(validator).status != ParticipantStatus.None
                )
        ) revert HostRewardsValidatorTaken(validator);

        // Effect
        _forgetValidator(former);
        if (validator == host) {
            _forgetValidator(host);
        } else {
            delete _hostOf[_validators[host]];
            _validators[host] = validator;
            _hostOf[validator] = host;
            emit ValidatorSet(host, validator);
        }
    }

    /// @inheritdoc IHostRewards
    function claim(address host) external returns (uint256 amount) {
        // Effect
        _divide();
        Host memory record = _broughtUpToDate(host);
        amount = record.owedScaled >> FRACTION_BITS;
        if (amount == 0) revert HostRewardsNothingOwed(host);
        record.owedScaled -= uint224(amount << FRACTION_BITS); // at most what it was shifted from
        _hosts[host] = record;
        emit RewardsClaimed(host, amount);

        // Interaction: with the escrow that the council wired to this contract.
        ESCROW.creditHost(host, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IHostRewards
    function owedTo(address host) external view returns (uint256) {
        (, uint256 perWeight,) = _division();
        Host memory record = _hosts[host];
        return (record.owedScaled + record.weight * (perWeight - record.perWeightSeen)) >> FRACTION_BITS;
    }

    /// @inheritdoc IHostRewards
    function undivided() external view returns (uint256) {
        return _totalWeight == 0 ? ESCROW.hostsAccrued() - _accrued : 0;
    }

    /// @inheritdoc IHostRewards
    function getValidators() external view returns (address[] memory validators) {
        validators = _weighted.values();
        for (uint256 i; i < validators.length; ++i) {
            validators[i] = validatorOf(validators[i]);
        }
    }

    /// @inheritdoc IHostRewards
    function validatorOf(address host) public view returns (address) {
        address chosen = _validators[host];
        return chosen == address(0) ? host : chosen;
    }

    /// @inheritdoc IHostRewards
    function weightOf(address host) external view returns (uint32) {
        return _hosts[host].weight;
    }

    /// @inheritdoc IHostRewards
    function totalWeight() external view returns (uint64) {
        return _totalWeight;
    }

    /// @inheritdoc IHostRewards
    function divided() external view returns (uint256 accrued, uint256 perWeight, uint64 carry) {
        return (_accrued, _perWeight, _carry);
    }

    /// @inheritdoc IHostRewards
    function wiring() external view returns (address identities, address escrow) {
        return (address(IDENTITIES), address(ESCROW));
    }

    // ---------------------------------------------------------------- internals

    function _setWeight(address host, uint32 weight) private {
        // Check
        uint32 former = _hosts[host].weight;
        if (weight == former) revert HostRewardsWeightUnchanged(host, weight);

        // Effect: nobody's node is another host, and a node that validates no more is free for others to name.
        _forgetValidator(weight == 0 ? host : _hostOf[host]);

        // Effect: what accrued so far is divided by the weights so far.
        _divide();
        Host memory record = _broughtUpToDate(host);
        record.weight = weight;
        _hosts[host] = record;
        uint64 formerTotal = _totalWeight;
        uint64 total = formerTotal - former + weight;
        _totalWeight = total;
        if (weight == 0) _weighted.remove(host);
        else _weighted.add(host);
        emit HostWeightSet(host, weight, total);

        // Interaction: with the escrow that the council wired to this contract.
        if ((formerTotal == 0) != (total == 0)) ESCROW.setHostsPresent(total != 0);
    }

    /// @dev Lets a host validate under its own address again.
    function _forgetValidator(address host) private {
        address chosen = _validators[host];
        if (chosen == address(0)) return;
        delete _validators[host];
        delete _hostOf[chosen];
        emit ValidatorSet(host, host);
    }

    /// @dev Divides what accrued since the last time, if some host has weight.
    function _divide() private {
        (uint256 accrued, uint256 perWeight, uint64 carry) = _division();
        if (accrued == _accrued) return;
        _accrued = accrued;
        _perWeight = perWeight;
        _carry = carry;
        emit RewardsDivided(accrued, perWeight);
    }

    /// @dev Where a division now would lead.
    function _division() private view returns (uint256 accrued, uint256 perWeight, uint64 carry) {
        (accrued, perWeight, carry) = (_accrued, _perWeight, _carry);
        uint64 total = _totalWeight;
        if (total == 0) return (accrued, perWeight, carry);
        uint256 latest = ESCROW.hostsAccrued();
        if (latest == accrued) return (accrued, perWeight, carry);
        uint256 scaled = ((latest - accrued) << FRACTION_BITS) + carry;
        return (latest, perWeight + scaled / total, uint64(scaled % total));
    }

    /// @dev A host's record with all that was divided so far in `owedScaled`.
    function _broughtUpToDate(address host) private view returns (Host memory record) {
        record = _hosts[host];
        uint256 perWeight = _perWeight;
        record.owedScaled += SafeCast.toUint224(record.weight * (perWeight - record.perWeightSeen));
        record.perWeightSeen = perWeight;
    }
}
