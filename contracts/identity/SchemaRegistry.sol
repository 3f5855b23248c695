// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ISchemaRegistry } from "../../interfaces/ISchemaRegistry.sol";
import { Accreditation, PackedAccreditation } from "../types/Accreditations.sol";
import { Assurance } from "../types/Consents.sol";
import { Participant, ParticipantFlags, ParticipantStatus, Roles } from "../types/Participants.sol";

/// @title Schemas, purposes and accreditations
/// @notice See ISchemaRegistry.
contract SchemaRegistry is ISchemaRegistry, AccessManaged {
    uint256 private constant LONGEST_URI_BYTES = 512;
    uint256 private constant LONGEST_ATTRIBUTE_BYTES = 64;
    uint256 private constant MOST_ATTRIBUTES = 64;

    IIdentityRegistry private immutable IDENTITIES;

    /// @dev First slot: the instant; second: the name.
    struct Purpose {
        uint48 registeredAt; // bytes 0-5: Unix seconds
        string urn;
    }

    mapping(bytes32 id => Schema) private _schemas; // slot 1
    mapping(bytes32 id => Purpose) private _purposes; // slot 2
    mapping(bytes32 schema => mapping(address provider => Accreditation)) private _providers; // slot 3
    mapping(bytes32 schema => mapping(bytes32 purpose => mapping(address consumer => Accreditation))) private _consumers; // slot 4

    constructor(address authority, IIdentityRegistry identities) AccessManaged(authority) {
        if (authority.code.length == 0) revert SchemaRegistryAddressInvalid(authority);
        if (address(identities).code.length == 0) revert SchemaRegistryAddressInvalid(address(identities));
        IDENTITIES = identities;
    }

    // ---------------------------------------------------------------- the council

    /// @inheritdoc ISchemaRegistry
    function registerSchema(bytes32 id, bytes32 contentHash, string calldata uri, string[] calldata attributes)
        external
        restricted
    {
        // Check
        _checkName(id, uri);
        uint48 registeredAt = _schemas[id].registeredAt;
        if (registeredAt != 0) revert SchemaRegistrySchemaRegistered(id, registeredAt);
        if (contentHash == 0) revert SchemaRegistryContentHashMissing(id);
        _checkAttributes(attributes);

        // Effect
        _schemas[id] = Schema({
            contentHash: contentHash, registeredAt: uint48(block.timestamp), uri: uri, attributes: attributes
        });
        emit SchemaRegistered(id, contentHash, uri, attributes);
    }

    /// @inheritdoc ISchemaRegistry
    function registerPurpose(bytes32 id, string calldata urn) external restricted {
        // Check
        _checkName(id, urn);
        uint48 registeredAt = _purposes[id].registeredAt;
        if (registeredAt != 0) revert SchemaRegistryPurposeRegistered(id, registeredAt);

        // Effect
        _purposes[id] = Purpose({ registeredAt: uint48(block.timestamp), urn: urn });
        emit PurposeRegistered(id, urn);
    }

    /// @inheritdoc ISchemaRegistry
    function accreditProvider(bytes32 schema, address provider, Assurance assurance, uint48 expiresAt)
        external
        restricted
    {
        // Check
        if (!isSchemaRegistered(schema)) revert SchemaRegistrySchemaUnknown(schema);
        if (assurance == Assurance.None) revert SchemaRegistryAssuranceMissing(schema, provider);
        uint48 grantedAt = _checkExpiry(expiresAt);
        _checkActive(provider, Roles.PROVIDER);

        // Effect
        _providers[schema][provider] =
            Accreditation({ grantedAt: grantedAt, expiresAt: expiresAt, assurance: assurance });
        emit ProviderAccredited(schema, provider, assurance, grantedAt, expiresAt);
    }

    /// @inheritdoc ISchemaRegistry
    function withdrawProviderAccreditation(bytes32 schema, address provider) external restricted {
        // Check: there is something to end. One that was never granted expired at zero.
        Accreditation storage accreditation = _providers[schema][provider];
        if (block.timestamp >= accreditation.expiresAt) revert SchemaRegistryProviderNotAccredited(schema, provider);

        // Effect
        accreditation.expiresAt = uint48(block.timestamp);
        emit ProviderAccreditationWithdrawn(schema, provider, uint48(block.timestamp));
    }

    /// @inheritdoc ISchemaRegistry
    function accreditConsumer(bytes32 schema, bytes32 purpose, address consumer, uint48 expiresAt)
        external
        restricted
    {
        // Check
        if (!isSchemaRegistered(schema)) revert SchemaRegistrySchemaUnknown(schema);
        if (!isPurposeRegistered(purpose)) revert SchemaRegistryPurposeUnknown(purpose);
        uint48 grantedAt = _checkExpiry(expiresAt);
        _checkActive(consumer, Roles.CONSUMER);

        // Effect
        _consumers[schema][purpose][consumer] =
            Accreditation({ grantedAt: grantedAt, expiresAt: expiresAt, assurance: Assurance.None });
        emit ConsumerAccredited(schema, purpose, consumer, grantedAt, expiresAt);
    }

    /// @inheritdoc ISchemaRegistry
    function withdrawConsumerAccreditation(bytes32 schema, bytes32 purpose, address consumer) external restricted {
        // Check: there is something to end. One that was never granted expired at zero.
        Accreditation storage accreditation = _consumers[schema][purpose][consumer];
        if (block.timestamp >= accreditation.expiresAt) {
            revert SchemaRegistryConsumerNotAccredited(schema, purpose, consumer);
        }

        // Effect
        accreditation.expiresAt = uint48(block.timestamp);
        emit ConsumerAccreditationWithdrawn(schema, purpose, consumer, uint48(block.timestamp));
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc ISchemaRegistry
    function accreditationsOf(bytes32 schema, bytes32 purpose, address consumer, address provider)
        external
        view
        returns (Accreditation memory ofConsumer, Accreditation memory ofProvider)
    {
        return (_consumers[schema][purpose][consumer], _providers[schema][provider]);
    }

    /// @inheritdoc ISchemaRegistry
    function packedAccreditations(bytes32 schema, address consumer, address provider, bytes32 purpose)
        external
        view
        returns (PackedAccreditation ofConsumer, PackedAccreditation ofProvider)
    {
        Accreditation storage consumerSlot = _consumers[schema][purpose][consumer];
        Accreditation storage providerSlot = _providers[schema][provider];
        assembly ("memory-safe") {
            ofConsumer := sload(consumerSlot.slot)
            ofProvider := sload(providerSlot.slot)
        }
    }

    /// @inheritdoc ISchemaRegistry
    function isProviderAccredited(bytes32 schema, address provider, Assurance assurance) external view returns (bool) {
        Accreditation memory accreditation = _providers[schema][provider];
        return accreditation.assurance >= assurance && _isHonoured(accreditation, provider, Roles.PROVIDER);
    }

    /// @inheritdoc ISchemaRegistry
    function isConsumerAccredited(bytes32 schema, bytes32 purpose, address consumer) external view returns (bool) {
        return _isHonoured(_consumers[schema][purpose][consumer], consumer, Roles.CONSUMER);
    }

    /// @inheritdoc ISchemaRegistry
    function schemaOf(bytes32 id) external view returns (Schema memory) {
        if (!isSchemaRegistered(id)) revert SchemaRegistrySchemaUnknown(id);
        return _schemas[id];
    }

    /// @inheritdoc ISchemaRegistry
    function purposeOf(bytes32 id) external view returns (string memory urn, uint48 registeredAt) {
        if (!isPurposeRegistered(id)) revert SchemaRegistryPurposeUnknown(id);
        return (_purposes[id].urn, _purposes[id].registeredAt);
    }

    /// @inheritdoc ISchemaRegistry
    function isSchemaRegistered(bytes32 id) public view returns (bool) {
        return _schemas[id].registeredAt != 0;
    }

    /// @inheritdoc ISchemaRegistry
    function isPurposeRegistered(bytes32 id) public view returns (bool) {
        return _purposes[id].registeredAt != 0;
    }

    /// @inheritdoc ISchemaRegistry
    function identityRegistry() external view returns (address) {
        return address(IDENTITIES);
    }

    // ---------------------------------------------------------------- internals

    /// @dev A name of bounded length whose hash is the id.
    function _checkName(bytes32 id, string calldata name) private pure {
        uint256 length = bytes(name).length;
        if (length == 0 || length > LONGEST_URI_BYTES) revert SchemaRegistryUriLengthInvalid(length, LONGEST_URI_BYTES);
        bytes32 expected = keccak256(bytes(name));
        if (id != expected) revert SchemaRegistryIdMismatch(id, expected);
    }

    /// @dev At least one name, each of bounded length, none twice.
    function _checkAttributes(string[] calldata attributes) private pure {
        uint256 count = attributes.length;
        if (count == 0 || count > MOST_ATTRIBUTES) revert SchemaRegistryAttributeCountInvalid(count, MOST_ATTRIBUTES);
        bytes32[] memory seen = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            bytes calldata attribute = bytes(attributes[i]);
            if (attribute.length == 0 || attribute.length > LONGEST_ATTRIBUTE_BYTES) {
                revert SchemaRegistryAttributeLengthInvalid(i, attribute.length, LONGEST_ATTRIBUTE_BYTES);
            }
            seen[i] = keccak256(attribute);
            for (uint256 j; j < i; ++j) {
                if (seen[j] == seen[i]) revert SchemaRegistryAttributeDuplicate(i, attributes[i]);
            }
        }
    }

    /// @dev Returns the present, which `expiresAt` must lie after.
    function _checkExpiry(uint48 expiresAt) private view returns (uint48 currentTime) {
        currentTime = uint48(block.timestamp);
        if (expiresAt <= currentTime) revert SchemaRegistryExpiryPast(expiresAt, currentTime);
    }

    function _checkActive(address participant, uint8 role) private view {
        if (!IDENTITIES.hasActiveRole(participant, role)) revert SchemaRegistryNotActive(participant, role);
    }

    /// @dev Whether an accreditation counts now for a participant that is Active in the role.
    function _isHonoured(Accreditation memory accreditation, address participant, uint8 role)
        private
        view
        returns (bool)
    {
        if (accreditation.grantedAt == 0 || block.timestamp >= accreditation.expiresAt) return false;
        Participant memory record = IDENTITIES.participantOf(participant);
        if (record.status != ParticipantStatus.Active || record.roles & role == 0) return false;
        return record.flags & ParticipantFlags.READMITTED == 0
            || accreditation.grantedAt >= IDENTITIES.memberSinceOf(participant);
    }
}
