// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Host rewards
/// @notice Divides the hosts' share of the fees among hosts by weight. It only counts: the tokens stay in the escrow, whose
/// ledger of earnings a claim writes to.
///
/// What accrues is divided among the weights that hold at that moment, in units of 2^-64 of the token's smallest unit, so
/// that dividing loses nothing: what the weights do not divide is carried to the next division, and what a host has below
/// one smallest unit stays its own until it adds up. While no host has weight, what still accrues (from orders funded
/// before the last one resigned) waits for the next host; orders funded then have no hosts' share.
///
/// A weight is the council's word and ends by its vote or by the host's own resignation. Suspending, removing or taking the role
/// from a participant does not change its weight here: the same vote sets it to zero, or it goes on earning. Nobody
/// else ends it, and what a host has earned stays claimable whatever its standing.
interface IHostRewards {
    /// @notice A host's weight changed; what accrued before was divided by the weights before.
    /// @param weight Zero once it has none.
    /// @param totalWeight Sum of all weights after the change.
    event HostWeightSet(address indexed host, uint32 weight, uint64 totalWeight);
    /// @notice What accrued in the escrow since the last time was divided.
    /// @param accrued The escrow's hosts' shares ever accrued, smallest token units.
    /// @param perWeight Ever divided per unit of weight, in 2^-64 of the smallest token unit.
    event RewardsDivided(uint256 accrued, uint256 perWeight);
    /// @notice A host's rewards were moved to its earnings in the escrow.
    /// @param amount Smallest token units.
    event RewardsClaimed(address indexed host, uint256 amount);

    /// @notice A host said which node validates for it.
    event ValidatorSet(address indexed host, address validator);

    error HostRewardsAddressInvalid(address given);
    error HostRewardsNotActiveHost(address participant);
    error HostRewardsNotAccountHolder(address host, address caller);
    error HostRewardsWeightUnchanged(address host, uint32 weight);
    error HostRewardsNothingOwed(address host);
    error HostRewardsValidatorTaken(address validator);
    error HostRewardsValidatorUnchanged(address host, address validator);

    /// @notice Sets a host's weight; zero ends its part in what accrues from now on, and lets others name its node. A host that
    /// gets weight validates under its own address even where another had named that as its node.
    /// @dev By vote. Emits HostWeightSet, RewardsDivided when something had accrued, ValidatorSet where a node changes. Reverts
    /// HostRewardsWeightUnchanged, HostRewardsNotActiveHost (only for a weight above zero).
    function setWeight(address host, uint32 weight) external;

    /// @notice Ends a host's own part in what accrues from now on.
    /// @dev By the host's account holder, never a delegate. Emits as setWeight. Reverts HostRewardsNotAccountHolder,
    /// HostRewardsWeightUnchanged (it has no weight).
    function resign(address host) external;

    /// @notice Says which node validates for a host; until then it is the one with the host's own address.
    /// @param validator The node's address; the host's own puts that back.
    /// @dev By the host's account holder, never a delegate. Emits ValidatorSet. Reverts HostRewardsNotAccountHolder,
    /// HostRewardsNotActiveHost, HostRewardsAddressInvalid (zero), HostRewardsValidatorUnchanged,
    /// HostRewardsValidatorTaken (the node of another that has weight or is an Active host, or another participant).
    function setValidator(address host, address validator) external;

    /// @notice Moves what a host is owed to its earnings in the escrow.
    /// @dev By anyone, whatever the host's standing. Emits RewardsClaimed, and RewardsDivided when something had accrued.
    /// Reverts HostRewardsNothingOwed (less than one smallest token unit).
    /// @return amount Smallest token units.
    function claim(address host) external returns (uint256 amount);

    /// @notice What a claim would move now, smallest token units.
    function owedTo(address host) external view returns (uint256);

    /// @notice What accrued in the escrow and waits for the next host, smallest token units; zero while any has weight.
    function undivided() external view returns (uint256);

    /// @notice The nodes that validate: one for each host with weight, in no order that means anything. In the shape that a
    /// Besu QBFT node reads (contract validator selection, selector 0xb7ab4db5).
    function getValidators() external view returns (address[] memory);

    /// @notice The node that validates for a host.
    function validatorOf(address host) external view returns (address);

    /// @notice A host's weight.
    function weightOf(address host) external view returns (uint32);

    /// @notice Sum of all weights.
    function totalWeight() external view returns (uint64);

    /// @notice How far the division has come.
    /// @return accrued The escrow's `hostsAccrued` up to which it is divided, smallest token units.
    /// @return perWeight Ever divided per unit of weight, in 2^-64 of the smallest token unit.
    /// @return carry What the weights did not divide, in the same unit.
    function divided() external view returns (uint256 accrued, uint256 perWeight, uint64 carry);

    /// @notice The registry by which hosts are checked, and the escrow whose hosts' shares are divided here.
    function wiring() external view returns (address identities, address escrow);
}
