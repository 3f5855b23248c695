// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Accreditation, PackedAccreditation } from "../contracts/types/Accreditations.sol";
import { Assurance } from "../contracts/types/Consents.sol";

/// @title Schemas, purposes and accreditations
/// @notice Which facts can be exchanged (schemas), what for (purposes), which provider may vouch for a schema up to which
/// level of assurance, and which consumer may ask for a schema for which purpose.
///
/// A schema and a purpose never change once registered: a new edition has a new URI and so a new id. Ids are taken over
/// the bytes as given; whoever writes a URI normalises it first.
///
/// An accreditation holds while now is before `expiresAt` (exclusive). Granting again renews or changes it at once;
/// withdrawing sets `expiresAt` to now. Of a participant that was removed and admitted again, what was granted before
/// counts no more. Suspension does not touch accreditations: it stops their use.
interface ISchemaRegistry {
    /// @notice A registered schema: a slot for each field, and those that the two last ones fill.
    struct Schema {
        bytes32 contentHash; // keccak256 of the schema document's bytes
        uint48 registeredAt; // Unix seconds
        string uri; // where the document is found; keccak256 of it is the id
        string[] attributes; // names of the facts, in the schema's order
    }

    /// @notice A schema was registered.
    event SchemaRegistered(bytes32 indexed schema, bytes32 contentHash, string uri, string[] attributes);
    /// @notice A purpose was registered.
    event PurposeRegistered(bytes32 indexed purpose, string urn);
    /// @notice A provider was accredited for a schema, or its accreditation was renewed or changed.
    event ProviderAccredited(
        bytes32 indexed schema, address indexed provider, Assurance assurance, uint48 grantedAt, uint48 expiresAt
    );
    /// @notice A provider's accreditation ended now.
    event ProviderAccreditationWithdrawn(bytes32 indexed schema, address indexed provider, uint48 withdrawnAt);
    /// @notice A consumer was accredited for a schema and a purpose, or its accreditation was renewed.
    event ConsumerAccredited(
        bytes32 indexed schema, bytes32 indexed purpose, address indexed consumer, uint48 grantedAt, uint48 expiresAt
    );
    /// @notice A consumer's accreditation ended now.
    event ConsumerAccreditationWithdrawn(
        bytes32 indexed schema, bytes32 indexed purpose, address indexed consumer, uint48 withdrawnAt
    );

    error SchemaRegistryAddressInvalid(address given);
    error SchemaRegistryIdMismatch(bytes32 given, bytes32 expected);
    error SchemaRegistryContentHashMissing(bytes32 schema);
    error SchemaRegistryUriLengthInvalid(uint256 length, uint256 longest);
    error SchemaRegistryAttributeCountInvalid(uint256 count, uint256 most);
    error SchemaRegistryAttributeLengthInvalid(uint256 index, uint256 length, uint256 longest);
    error SchemaRegistryAttributeDuplicate(uint256 index, string attribute);
    error SchemaRegistrySchemaRegistered(bytes32 schema, uint48 registeredAt);
    error SchemaRegistrySchemaUnknown(bytes32 schema);
    error SchemaRegistryPurposeRegistered(bytes32 purpose, uint48 registeredAt);
    error SchemaRegistryPurposeUnknown(bytes32 purpose);
    error SchemaRegistryNotActive(address participant, uint8 role);
    error SchemaRegistryAssuranceMissing(bytes32 schema, address provider);
    error SchemaRegistryExpiryPast(uint48 expiresAt, uint48 currentTime);
    error SchemaRegistryProviderNotAccredited(bytes32 schema, address provider);
    error SchemaRegistryConsumerNotAccredited(bytes32 schema, bytes32 purpose, address consumer);

    /// @notice Registers a schema for good.
    /// @dev By vote. Emits SchemaRegistered. Reverts SchemaRegistryUriLengthInvalid (1 to 512 bytes),
    /// SchemaRegistryIdMismatch, SchemaRegistrySchemaRegistered, SchemaRegistryContentHashMissing,
    /// SchemaRegistryAttributeCountInvalid (1 to 64), SchemaRegistryAttributeLengthInvalid (1 to 64 bytes each),
    /// SchemaRegistryAttributeDuplicate.
    /// @param id keccak256 of `uri`.
    /// @param contentHash keccak256 of the schema document's bytes.
    /// @param uri Where the document is found.
    /// @param attributes Names of the facts, each once.
    function registerSchema(bytes32 id, bytes32 contentHash, string calldata uri, string[] calldata attributes)
        external;

    /// @notice Registers a purpose for good.
    /// @dev By vote. Emits PurposeRegistered. Reverts SchemaRegistryUriLengthInvalid (1 to 512 bytes),
    /// SchemaRegistryIdMismatch, SchemaRegistryPurposeRegistered.
    /// @param id keccak256 of `urn`.
    /// @param urn Name of the purpose.
    function registerPurpose(bytes32 id, string calldata urn) external;

    /// @notice Lets an Active provider vouch for a schema. Replaces what it had for it.
    /// @dev By vote. Emits ProviderAccredited. Reverts SchemaRegistrySchemaUnknown, SchemaRegistryAssuranceMissing,
    /// SchemaRegistryExpiryPast, SchemaRegistryNotActive.
    /// @param assurance The highest level it may vouch for; not None.
    /// @param expiresAt Unix seconds, exclusive, in the future.
    function accreditProvider(bytes32 schema, address provider, Assurance assurance, uint48 expiresAt) external;

    /// @notice Ends a provider's accreditation now, whatever its standing.
    /// @dev By vote. Emits ProviderAccreditationWithdrawn. Reverts SchemaRegistryProviderNotAccredited (never was, or it
    /// has ended).
    function withdrawProviderAccreditation(bytes32 schema, address provider) external;

    /// @notice Lets an Active consumer ask for a schema for a purpose. Replaces what it had for both.
    /// @dev By vote. Emits ConsumerAccredited. Reverts SchemaRegistrySchemaUnknown, SchemaRegistryPurposeUnknown,
    /// SchemaRegistryExpiryPast, SchemaRegistryNotActive.
    /// @param expiresAt Unix seconds, exclusive, in the future.
    function accreditConsumer(bytes32 schema, bytes32 purpose, address consumer, uint48 expiresAt) external;

    /// @notice Ends a consumer's accreditation now, whatever its standing.
    /// @dev By vote. Emits ConsumerAccreditationWithdrawn. Reverts SchemaRegistryConsumerNotAccredited (never was, or it
    /// has ended).
    function withdrawConsumerAccreditation(bytes32 schema, bytes32 purpose, address consumer) external;

    /// @notice Both parties' accreditations as kept: what has ended, or counts no more, is in them too. Reads two slots.
    /// @return ofConsumer For the schema and the purpose; all zero when never granted.
    /// @return ofProvider For the schema; all zero when never granted.
    function accreditationsOf(bytes32 schema, bytes32 purpose, address consumer, address provider)
        external
        view
        returns (Accreditation memory ofConsumer, Accreditation memory ofProvider);

    /// @notice The same two accreditations as they lie in their slots: what the path of an exchange reads.
    function packedAccreditations(bytes32 schema, address consumer, address provider, bytes32 purpose)
        external
        view
        returns (PackedAccreditation ofConsumer, PackedAccreditation ofProvider);

    /// @notice Whether a provider may vouch for a schema at this level in a new exchange: Active in that role, accredited
    /// at least so high, not ended, and granted in its present membership. Never reverts.
    function isProviderAccredited(bytes32 schema, address provider, Assurance assurance) external view returns (bool);

    /// @notice Whether a consumer may ask for a schema for a purpose in a new exchange: Active in that role, accredited,
    /// not ended, and granted in its present membership. Never reverts.
    function isConsumerAccredited(bytes32 schema, bytes32 purpose, address consumer) external view returns (bool);

    /// @notice A registered schema. Reverts SchemaRegistrySchemaUnknown.
    function schemaOf(bytes32 id) external view returns (Schema memory);

    /// @notice A registered purpose. Reverts SchemaRegistryPurposeUnknown.
    /// @return urn Its name.
    /// @return registeredAt Unix seconds.
    function purposeOf(bytes32 id) external view returns (string memory urn, uint48 registeredAt);

    /// @notice Whether a schema is registered. Never reverts.
    function isSchemaRegistered(bytes32 id) external view returns (bool);

    /// @notice Whether a purpose is registered. Never reverts.
    function isPurposeRegistered(bytes32 id) external view returns (bool);

    /// @notice The registry by which participants are checked.
    function identityRegistry() external view returns (address);
}
