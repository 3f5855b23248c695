// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { Participant, ParticipantStatus } from "../types/Participants.sol";

/// @title Network credit
/// @notice See INetworkCredit.
/// @dev Balance of this contract = sum of all unsettled redemptions: `_update` books each transfer to it, and only settling
/// and reclaiming take from it. The supply never exceeds the highest ceiling voted, which 128 bits hold.
contract NetworkCredit is INetworkCredit, ERC20Permit, AccessManaged {
    uint48 private constant REDEMPTION_SECONDS = 30 days;

    /// @dev Once listed, a contract may pay out for good: what it holds is never stuck.
    enum Listing {
        Never,
        Listed,
        Former
    }

    /// @dev One slot.
    struct Redemption {
        uint128 amount; // bytes  0-15: sent and not settled, smallest units
        uint48 reclaimableAt; // bytes 16-21: Unix seconds
    }

    IIdentityRegistry private immutable IDENTITIES;

    uint128 private _ceiling; // slot 9, bytes 0-15
    mapping(address networkContract => Listing) private _networkContracts; // slot 10
    mapping(address holder => Redemption) private _redemptions; // slot 11
    mapping(bytes32 invoiceHash => bool) private _invoices; // slot 12
    mapping(bytes32 paymentReference => bool) private _payments; // slot 13

    constructor(address authority, IIdentityRegistry identities)
        ERC20("Consentry Network Credit", "CNC")
        ERC20Permit("Consentry Network Credit")
        AccessManaged(authority)
    {
        if (authority.code.length == 0) revert NetworkCreditAddressInvalid(authority);
        if (address(identities).code.length == 0) revert NetworkCreditAddressInvalid(address(identities));
        IDENTITIES = identities;
    }

    // ---------------------------------------------------------------- the treasurer and the council

    /// @inheritdoc INetworkCredit
    function issue(address participant, uint256 amount, bytes32 invoiceHash) external restricted {
        // Check
        if (amount == 0) revert NetworkCreditAmountZero(participant);
        if (invoiceHash == 0) revert NetworkCreditInvoiceMissing(participant);
        if (_invoices[invoiceHash]) revert NetworkCreditInvoiceUsed(invoiceHash);
        if (!_isMember(participant)) revert NetworkCreditNotMember(participant);
        uint256 outstanding = totalSupply();
        if (outstanding > _ceiling || amount > _ceiling - outstanding) {
            revert NetworkCreditCeilingExceeded(outstanding, amount, _ceiling);
        }

        // Effect
        _invoices[invoiceHash] = true;
        address holder = IDENTITIES.accountHolderOf(participant);
        _mint(holder, amount);
        emit CreditIssued(participant, holder, amount, invoiceHash);
    }

    /// @inheritdoc INetworkCredit
    function setCeiling(uint128 newCeiling) external restricted {
        if (newCeiling == _ceiling) revert NetworkCreditCeilingUnchanged(newCeiling);
        _ceiling = newCeiling;
        emit CeilingSet(newCeiling);
    }

    /// @inheritdoc INetworkCredit
    function setNetworkContract(address networkContract, bool listed) external restricted {
        // Check
        if (networkContract.code.length == 0 || networkContract == address(this)) {
            revert NetworkCreditNetworkContractInvalid(networkContract);
        }
        if (isNetworkContract(networkContract) == listed) {
            revert NetworkCreditNetworkContractUnchanged(networkContract, listed);
        }

        // Effect
        _networkContracts[networkContract] = listed ? Listing.Listed : Listing.Former;
        emit NetworkContractSet(networkContract, listed);
    }

    /// @inheritdoc INetworkCredit
    function recoverBalance(address lost, address participant) external restricted {
        // Check
        if (lost == address(this) || _networkContracts[lost] != Listing.Never) {
            revert NetworkCreditAddressInvalid(lost);
        }
        if (!_isMember(participant)) revert NetworkCreditNotMember(participant);
        uint256 amount = balanceOf(lost);
        if (amount == 0) revert NetworkCreditAmountZero(lost);

        // Effect
        address holder = IDENTITIES.accountHolderOf(participant);
        _burn(lost, amount);
        _mint(holder, amount);
        emit BalanceRecovered(lost, participant, holder, amount);
    }

    // ---------------------------------------------------------------- redemption

    /// @inheritdoc INetworkCredit
    function requestRedemption(uint256 amount) external {
        _transfer(msg.sender, address(this), amount); // booked in _update
    }

    /// @inheritdoc INetworkCredit
    function settleRedemption(address holder, uint256 amount, bytes32 paymentReference) external restricted {
        // Check
        if (amount == 0) revert NetworkCreditAmountZero(holder);
        if (paymentReference == 0) revert NetworkCreditPaymentReferenceMissing(holder);
        if (_payments[paymentReference]) revert NetworkCreditPaymentReferenceUsed(paymentReference);
        Redemption memory redemption = _redemptions[holder];
        if (amount > redemption.amount) revert NetworkCreditRedemptionTooLow(holder, redemption.amount, amount);

        // Effect
        _payments[paymentReference] = true;
        if (amount == redemption.amount) {
            delete _redemptions[holder];
        } else {
            _redemptions[holder].amount = redemption.amount - uint128(amount); // less than what 128 bits held
        }
        _burn(address(this), amount);
        emit RedemptionSettled(holder, amount, paymentReference);
    }

    /// @inheritdoc INetworkCredit
    function reclaimRedemption() external {
        // Check
        Redemption memory redemption = _redemptions[msg.sender];
        if (redemption.amount == 0) revert NetworkCreditNothingToReclaim(msg.sender);
        if (block.timestamp < redemption.reclaimableAt) {
            revert NetworkCreditRedemptionPending(msg.sender, redemption.reclaimableAt);
        }

        // Effect
        delete _redemptions[msg.sender];
        _transfer(address(this), msg.sender, redemption.amount);
        emit RedemptionReclaimed(msg.sender, redemption.amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc INetworkCredit
    function redemptionOf(address holder) external view returns (uint256 amount, uint48 reclaimableAt) {
        Redemption memory redemption = _redemptions[holder];
        return (redemption.amount, redemption.reclaimableAt);
    }

    /// @inheritdoc INetworkCredit
    function redemptionSeconds() external pure returns (uint48) {
        return REDEMPTION_SECONDS;
    }

    /// @inheritdoc INetworkCredit
    function ceiling() external view returns (uint128) {
        return _ceiling;
    }

    /// @inheritdoc INetworkCredit
    function isNetworkContract(address networkContract) public view returns (bool) {
        return _networkContracts[networkContract] == Listing.Listed;
    }

    /// @inheritdoc INetworkCredit
    function isInvoiceUsed(bytes32 invoiceHash) external view returns (bool) {
        return _invoices[invoiceHash];
    }

    /// @inheritdoc INetworkCredit
    function isPaymentReferenceUsed(bytes32 paymentReference) external view returns (bool) {
        return _payments[paymentReference];
    }

    /// @inheritdoc INetworkCredit
    function identityRegistry() external view returns (address) {
        return address(IDENTITIES);
    }

    /// @notice Six: amounts are in 10^-6 of a credit.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    // ---------------------------------------------------------------- internals

    /// @dev The one way by which credit moves: decides who may receive it, and books redemptions.
    function _update(address from, address to, uint256 amount) internal override {
        if (to == address(this)) {
            if (from == address(0) || _networkContracts[from] != Listing.Never) {
                revert NetworkCreditReceiverRefused(from, to);
            }
            // Anyone can move nothing from anybody (ERC-20): that must not put off the holder's right to reclaim.
            if (amount == 0) revert NetworkCreditAmountZero(from);
            super._update(from, to, amount);
            uint48 reclaimableAt = uint48(block.timestamp) + REDEMPTION_SECONDS;
            _redemptions[from] = Redemption({
                amount: _redemptions[from].amount + uint128(amount), // part of the supply, which 128 bits hold
                reclaimableAt: reclaimableAt
            });
            emit RedemptionRequested(from, amount, reclaimableAt);
            return;
        }
        // Issuing checks its receiver, burning has none, and this contract only gives back.
        if (from != address(0) && to != address(0) && from != address(this)) _checkReceiver(from, to);
        super._update(from, to, amount);
    }

    function _checkReceiver(address from, address to) private view {
        if (_networkContracts[to] == Listing.Listed || _networkContracts[from] != Listing.Never) return;
        if (!_isMember(to) || IDENTITIES.accountHolderOf(to) != to) revert NetworkCreditReceiverRefused(from, to);
    }

    /// @dev Admitted and not removed.
    function _isMember(address participant) private view returns (bool) {
        ParticipantStatus status = IDENTITIES.participantOf(participant).status;
        return status == ParticipantStatus.Active || status == ParticipantStatus.Suspended;
    }
}
