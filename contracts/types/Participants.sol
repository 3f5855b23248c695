// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Membership of a participant, in the order in which it is lived through.
enum ParticipantStatus {
    None, // never registered
    Invited, // registered, admission pending
    Active, // may take part in new exchanges
    Suspended, // no new exchanges; what is open goes on
    Removed // no longer a member; money stays withdrawable
}

/// @notice What an exchange needs to know of a participant: one storage slot, read once.
struct Participant {
    address recruiter; // bytes  0-19: who invited it; zero when nobody did
    uint48 admittedAt; // bytes 20-25: first admission, Unix seconds; a recruiter's sunset counts from here
    bytes2 jurisdiction; // bytes 26-27: ISO 3166-1 alpha-2, upper case
    uint8 roles; // byte  28: bitmap of Roles
    ParticipantStatus status; // byte 29
    uint8 flags; // byte  30: bitmap of ParticipantFlags
}

/// @notice Bits of `Participant.roles`.
library Roles {
    uint8 internal constant CONSUMER = 1 << 0;
    uint8 internal constant PROVIDER = 1 << 1;
    uint8 internal constant COORDINATOR = 1 << 2;
    uint8 internal constant HOST = 1 << 3;
    uint8 internal constant CHANNEL_PARTNER = 1 << 4;
    uint8 internal constant REGULATOR = 1 << 5;
    uint8 internal constant ALL = (1 << 6) - 1;
}

/// @notice Bits of `Participant.flags`: each says that a second slot has to be read.
library ParticipantFlags {
    /// @dev The owner is no longer the identity's own address.
    uint8 internal constant OWNER_CHANGED = 1 << 0;
    /// @dev The DID is deactivated for good.
    uint8 internal constant DEACTIVATED = 1 << 1;
    /// @dev Removed and admitted again: what is older than `memberSince` counts no more.
    uint8 internal constant READMITTED = 1 << 2;
    /// @dev Some register has a duty to erase of it overdue: it funds nothing new.
    uint8 internal constant ERASURE_OVERDUE = 1 << 3;
    /// @dev Unless one of these is set, the identity's own key speaks for it.
    uint8 internal constant NOT_SELF_OWNED = OWNER_CHANGED | DEACTIVATED;
}

/// @notice Kinds of delegate that a backend can be (ERC-1056 `delegateType`, right-padded ASCII).
/// None of them can take money out or change keys.
library DelegateKinds {
    /// @dev Signs orders, acceptances, disputes and requests for a consumer.
    bytes32 internal constant EXCHANGE = "exchange";
    /// @dev Signs deliveries and declines for a provider.
    bytes32 internal constant DELIVERY = "delivery";
    /// @dev Pays a participant's own tokens into its prepaid balance.
    bytes32 internal constant DEPOSIT = "deposit";
}

/// @notice A `Participant` as it lies in its slot: what the path of an exchange reads, without unpacking the rest.
type PackedParticipant is uint256;

using PackedParticipants for PackedParticipant global;

/// @notice Reads the parts of a packed participant that an exchange needs.
library PackedParticipants {
    /// @notice Whether it may take part in new exchanges in a role.
    function isActive(PackedParticipant packed, uint8 role) internal pure returns (bool) {
        uint256 word = PackedParticipant.unwrap(packed);
        return uint8(word >> 232) == uint8(ParticipantStatus.Active) && uint8(word >> 224) & role != 0;
    }

    /// @notice Whether it holds a role, active or not.
    function hasRole(PackedParticipant packed, uint8 role) internal pure returns (bool) {
        return uint8(PackedParticipant.unwrap(packed) >> 224) & role != 0;
    }

    /// @notice Whether one of the given flags is set.
    function hasFlag(PackedParticipant packed, uint8 flag) internal pure returns (bool) {
        return uint8(PackedParticipant.unwrap(packed) >> 240) & flag != 0;
    }

    /// @notice When it was first admitted, if somebody recruited it; else zero.
    function recruitedAt(PackedParticipant packed) internal pure returns (uint48) {
        uint256 word = PackedParticipant.unwrap(packed);
        return address(uint160(word)) == address(0) ? 0 : uint48(word >> 160);
    }
}
