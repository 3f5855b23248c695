// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Network credit
/// @notice A token (ERC-20, ERC-2612, six decimals) for members that settle by bank transfer. The treasurer issues it
/// against paid invoices, within a ceiling that the council votes, and burns what holders sent back for redemption, once
/// it has paid them out.
///
/// Who may receive it:
/// - a listed network contract (the escrow);
/// - a participant that is registered and not removed, as long as its identity's own address still is its account holder:
///   what is sent to an identity whose key was rotated away would be lost to it;
/// - from a network contract, listed now or formerly, anybody. The escrow pays to account holders and payout addresses,
///   which need not be participants, and pays removed participants; that it pays nobody else is its own rule;
/// - this contract, as the redemption account, from anybody but a network contract. Any such transfer is a request for
///   redemption by the holder whose tokens they were, so that nothing that is sent here is lost.
/// Who may send it is not limited: whoever holds credit can pay it into the escrow, to a participant, or redeem it.
///
/// A network contract that is taken off the list receives no more and can still pay out what it holds.
///
/// ERC-2612 permits take plain signatures (65 bytes, low s), valid while now is at or before the deadline; their EIP-712
/// domain has the token's name, version "1", the chain id and this address.
interface INetworkCredit {
    /// @notice Credit was issued against a paid invoice.
    /// @param participant Who paid it.
    /// @param holder Where the credit went: the participant's account holder.
    /// @param amount Smallest units, 10^-6 of a credit.
    event CreditIssued(
        address indexed participant, address indexed holder, uint256 amount, bytes32 indexed invoiceHash
    );
    /// @notice The council set how much credit may be outstanding, smallest units.
    event CeilingSet(uint128 ceiling);
    /// @notice A network contract was listed, or taken off the list.
    event NetworkContractSet(address indexed networkContract, bool listed);
    /// @notice The council moved what lay at a lost key to the participant whose it was.
    /// @param holder Where it went: the participant's account holder.
    event BalanceRecovered(address indexed lost, address indexed participant, address holder, uint256 amount);
    /// @notice A holder sent credit to redemption.
    /// @param reclaimableAt From when on it can take back what is unsettled, Unix seconds.
    event RedemptionRequested(address indexed holder, uint256 amount, uint48 reclaimableAt);
    /// @notice Credit sent to redemption was paid out and burnt.
    event RedemptionSettled(address indexed holder, uint256 amount, bytes32 indexed paymentReference);
    /// @notice A holder took back what was not settled in time.
    event RedemptionReclaimed(address indexed holder, uint256 amount);

    error NetworkCreditAddressInvalid(address given);
    error NetworkCreditAmountZero(address holder);
    error NetworkCreditReceiverRefused(address sender, address receiver);
    error NetworkCreditNotMember(address participant);
    error NetworkCreditInvoiceMissing(address participant);
    error NetworkCreditInvoiceUsed(bytes32 invoiceHash);
    error NetworkCreditCeilingExceeded(uint256 outstanding, uint256 amount, uint256 ceiling);
    error NetworkCreditCeilingUnchanged(uint128 ceiling);
    error NetworkCreditNetworkContractInvalid(address given);
    error NetworkCreditNetworkContractUnchanged(address networkContract, bool listed);
    error NetworkCreditRedemptionTooLow(address holder, uint256 requested, uint256 amount);
    error NetworkCreditPaymentReferenceMissing(address holder);
    error NetworkCreditPaymentReferenceUsed(bytes32 paymentReference);
    error NetworkCreditNothingToReclaim(address holder);
    error NetworkCreditRedemptionPending(address holder, uint48 reclaimableAt);

    /// @notice Issues credit to a participant against an invoice that it paid.
    /// @dev By the treasurer. Emits CreditIssued. Reverts NetworkCreditAmountZero, NetworkCreditInvoiceMissing,
    /// NetworkCreditInvoiceUsed, NetworkCreditNotMember (never registered, or removed), NetworkCreditCeilingExceeded,
    /// NetworkCreditReceiverRefused (the account holder is this contract).
    /// @param participant Registered and not removed; the credit goes to its account holder.
    /// @param amount Smallest units.
    /// @param invoiceHash keccak256 of the invoice; each invoice counts once. An invoice that names a person holds a random
    /// value, so that nobody finds it from its hash.
    function issue(address participant, uint256 amount, bytes32 invoiceHash) external;

    /// @notice Sets how much credit may be outstanding. Below what is outstanding it stops issuing and touches no holder.
    /// @dev By vote. Emits CeilingSet. Reverts NetworkCreditCeilingUnchanged.
    function setCeiling(uint128 newCeiling) external;

    /// @notice Lists a network contract, or takes it off the list.
    /// @dev By vote. Emits NetworkContractSet. Reverts NetworkCreditNetworkContractInvalid (no code, or this contract),
    /// NetworkCreditNetworkContractUnchanged.
    function setNetworkContract(address networkContract, bool listed) external;

    /// @notice Moves all credit of a key that was lost to the participant whose it was, after its owner was recovered.
    /// @dev By vote. Emits BalanceRecovered. Reverts NetworkCreditAddressInvalid (a network contract, past ones too, or this
    /// one), NetworkCreditNotMember, NetworkCreditAmountZero.
    /// @param lost The account that holds it.
    function recoverBalance(address lost, address participant) external;

    /// @notice Sends the caller's own credit to redemption. A plain transfer to this contract does the same.
    /// @dev By any holder, removed participants too. Emits RedemptionRequested. Reverts NetworkCreditAmountZero,
    /// NetworkCreditReceiverRefused (the holder is a network contract).
    function requestRedemption(uint256 amount) external;

    /// @notice Burns credit that a holder sent to redemption and that was paid out to it.
    /// @dev By the treasurer. Emits RedemptionSettled. Reverts NetworkCreditAmountZero, NetworkCreditRedemptionTooLow,
    /// NetworkCreditPaymentReferenceMissing, NetworkCreditPaymentReferenceUsed.
    /// @param amount Smallest units; a request can be settled in parts.
    /// @param paymentReference keccak256 of the payment's reference; each payment counts once.
    function settleRedemption(address holder, uint256 amount, bytes32 paymentReference) external;

    /// @notice Takes back what the treasurer did not settle within `redemptionSeconds` of the holder's last request.
    /// @dev By the holder, for all that is unsettled. Emits RedemptionReclaimed. Reverts NetworkCreditNothingToReclaim,
    /// NetworkCreditRedemptionPending.
    function reclaimRedemption() external;

    /// @notice What a holder sent to redemption and was not settled.
    /// @return amount Smallest units.
    /// @return reclaimableAt From when on the holder can take it back, Unix seconds; zero when there is nothing.
    function redemptionOf(address holder) external view returns (uint256 amount, uint48 reclaimableAt);

    /// @notice How long the treasurer has to settle a redemption, seconds.
    function redemptionSeconds() external view returns (uint48);

    /// @notice How much credit may be outstanding, smallest units. Outstanding is `totalSupply`: issued less burnt.
    function ceiling() external view returns (uint128);

    /// @notice Whether a contract is on the list of network contracts. Never reverts.
    function isNetworkContract(address networkContract) external view returns (bool);

    /// @notice Whether an invoice was issued against. Never reverts.
    function isInvoiceUsed(bytes32 invoiceHash) external view returns (bool);

    /// @notice Whether a payment was settled with. Never reverts.
    function isPaymentReferenceUsed(bytes32 paymentReference) external view returns (bool);

    /// @notice The registry by which holders are checked.
    function identityRegistry() external view returns (address);
}
