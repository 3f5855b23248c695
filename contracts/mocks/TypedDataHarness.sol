// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OpenedConsent } from "../types/Consents.sol";

/// @notice Hashes every type that is signed in a Consentry network by the letter of EIP-712, with nothing but `abi.encode`:
/// the plain twin of the libraries, and of what other languages compute. For tests only.
contract TypedDataHarness {
    // ---------------------------------------------------------------- messages, fields as in their types

    struct Request {
        address consumer;
        bytes32 schema;
        string[] attributes;
        bytes32 purpose;
        uint8 assurance;
        string notice;
        bytes32 noticeHash;
        string jurisdiction;
        uint48 validFrom;
        uint48 validUntil;
        uint48 eraseBy;
        uint32 maxUses;
        bytes32 details;
        bytes32 recipientKey;
        address coordinator;
        uint32 scheduleVersion;
        uint256 fee;
        uint48 expiresAt;
        uint256 nonce;
        address signer;
    }

    struct Consent {
        address subject;
        bytes32 consumer;
        bytes32 provider;
        bytes32 scope;
        bytes32 terms;
        uint48 validFrom;
        uint48 validUntil;
        uint48 eraseBy;
        uint32 maxUses;
        uint256 nonce;
    }

    struct Withdrawal {
        bytes32 consent;
        address subject;
    }

    struct Order {
        bytes32 consent;
        uint32 use;
        bytes32 recipientKeyHash;
        address coordinator;
        uint32 scheduleVersion;
        uint256 fee;
        uint48 fundBy;
        uint48 deliverBy;
        uint32 challengeSeconds;
        address signer;
    }

    struct Delivery {
        bytes32 exchange;
        bytes32 ciphertextHash;
        bytes32 recipientKeyHash;
        address coordinator;
        address signer;
    }

    struct Decline {
        bytes32 exchange;
        bytes32 reason;
        address signer;
    }

    struct Acceptance {
        bytes32 exchange;
        bytes32 ciphertextHash;
        address signer;
    }

    struct Dispute {
        bytes32 exchange;
        bytes32 ciphertextHash;
        bytes32 reason;
        address signer;
    }

    struct Batch {
        address consumer;
        address provider;
        address coordinator;
        bytes32 schema;
        bytes32 purpose;
        uint8 assurance;
        uint32 scheduleVersion;
        uint256 fee;
        bytes32 items;
        address relayer;
        uint48 deadline;
        uint256 nonce;
        address signer;
    }

    struct Confirmation {
        address consumer;
        bytes32[] exchanges;
        bytes32 statement;
        address signer;
    }

    struct Charter {
        bytes32 document;
        uint8 phase;
        uint8 seats;
        uint32 version;
        address signer;
    }

    struct Agreement {
        bytes32 document;
        address participant;
        uint8 roles;
        bytes2 jurisdiction;
        bytes32 legalId;
        address inviter;
        uint256 nonce;
        address signer;
    }

    struct Invitation {
        address invitee;
        uint8 roles;
        bytes2 jurisdiction;
        address inviter;
        uint48 expiresAt;
        uint256 nonce;
        address signer;
    }

    struct ChangeOwner {
        address identity;
        address newOwner;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct AddDelegate {
        address identity;
        bytes32 delegateType;
        address delegate;
        uint256 validity;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct RevokeDelegate {
        address identity;
        bytes32 delegateType;
        address delegate;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct SetAttribute {
        address identity;
        bytes32 name;
        bytes value;
        uint256 validity;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct RevokeAttribute {
        address identity;
        bytes32 name;
        bytes value;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct SetPayoutAddress {
        address identity;
        address payoutAddress;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    struct Deactivate {
        address identity;
        uint256 nonce;
        uint48 deadline;
        address signer;
    }

    // ---------------------------------------------------------------- domain and digest

    function domainSeparator(string calldata name, string calldata version, uint256 chainId, address verifyingContract)
        external
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifyingContract
            )
        );
    }

    function digestOf(bytes32 separator, bytes32 structHash) external pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes2(0x1901), separator, structHash));
    }

    // ---------------------------------------------------------------- struct hashes, one function a type

    function hashRequest(Request calldata message) external pure returns (bytes32) {
        bytes32[] memory attributes = new bytes32[](message.attributes.length);
        for (uint256 i; i < attributes.length; ++i) {
            attributes[i] = keccak256(bytes(message.attributes[i]));
        }
        // In two parts: all fields at once are more than the stack holds.
        bytes memory first = abi.encode(
            keccak256(
                "Request(address consumer,bytes32 schema,string[] attributes,bytes32 purpose,uint8 assurance,string notice,bytes32 noticeHash,string jurisdiction,uint48 validFrom,uint48 validUntil,uint48 eraseBy,uint32 maxUses,bytes32 details,bytes32 recipientKey,address coordinator,uint32 scheduleVersion,uint256 fee,uint48 expiresAt,uint256 nonce,address signer)"
            ),
            message.consumer,
            message.schema,
            keccak256(abi.encodePacked(attributes)),
            message.purpose,
            message.assurance,
            keccak256(bytes(message.notice)),
            message.noticeHash,
            keccak256(bytes(message.jurisdiction))
        );
        bytes memory rest = abi.encode(
            message.validFrom,
            message.validUntil,
            message.eraseBy,
            message.maxUses,
            message.details,
            message.recipientKey,
            message.coordinator,
            message.scheduleVersion,
            message.fee,
            message.expiresAt,
            message.nonce,
            message.signer
        );
        return keccak256(bytes.concat(first, rest));
    }

    function hashConsent(Consent calldata message) public pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Consent(address subject,bytes32 consumer,bytes32 provider,bytes32 scope,bytes32 terms,uint48 validFrom,uint48 validUntil,uint48 eraseBy,uint32 maxUses,uint256 nonce)"
                ),
                message
            )
        );
    }

    function hashConsents(Consent[] calldata messages) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](messages.length);
        for (uint256 i; i < messages.length; ++i) {
            hashes[i] = hashConsent(messages[i]);
        }
    }

    function hashWithdrawal(Withdrawal calldata message) external pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("Withdrawal(bytes32 consent,address subject)"), message));
    }

    function hashOrder(Order calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Order(bytes32 consent,uint32 use,bytes32 recipientKeyHash,address coordinator,uint32 scheduleVersion,uint256 fee,uint48 fundBy,uint48 deliverBy,uint32 challengeSeconds,address signer)"
                ),
                message
            )
        );
    }

    function hashDelivery(Delivery calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Delivery(bytes32 exchange,bytes32 ciphertextHash,bytes32 recipientKeyHash,address coordinator,address signer)"
                ),
                message
            )
        );
    }

    function hashDecline(Decline calldata message) external pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("Decline(bytes32 exchange,bytes32 reason,address signer)"), message));
    }

    function hashAcceptance(Acceptance calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("Acceptance(bytes32 exchange,bytes32 ciphertextHash,address signer)"), message)
        );
    }

    function hashDispute(Dispute calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("Dispute(bytes32 exchange,bytes32 ciphertextHash,bytes32 reason,address signer)"), message
            )
        );
    }

    function hashBatch(Batch calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Batch(address consumer,address provider,address coordinator,bytes32 schema,bytes32 purpose,uint8 assurance,uint32 scheduleVersion,uint256 fee,bytes32 items,address relayer,uint48 deadline,uint256 nonce,address signer)"
                ),
                message
            )
        );
    }

    function hashConfirmation(Confirmation calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("Confirmation(address consumer,bytes32[] exchanges,bytes32 statement,address signer)"),
                message.consumer,
                keccak256(abi.encodePacked(message.exchanges)),
                message.statement,
                message.signer
            )
        );
    }

    function hashCharter(Charter calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("Charter(bytes32 document,uint8 phase,uint8 seats,uint32 version,address signer)"), message
            )
        );
    }

    function hashAgreement(Agreement calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Agreement(bytes32 document,address participant,uint8 roles,bytes2 jurisdiction,bytes32 legalId,address inviter,uint256 nonce,address signer)"
                ),
                message
            )
        );
    }

    function hashInvitation(Invitation calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Invitation(address invitee,uint8 roles,bytes2 jurisdiction,address inviter,uint48 expiresAt,uint256 nonce,address signer)"
                ),
                message
            )
        );
    }

    function hashChangeOwner(ChangeOwner calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("ChangeOwner(address identity,address newOwner,uint256 nonce,uint48 deadline,address signer)"),
                message
            )
        );
    }

    function hashAddDelegate(AddDelegate calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "AddDelegate(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce,uint48 deadline,address signer)"
                ),
                message
            )
        );
    }

    function hashRevokeDelegate(RevokeDelegate calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "RevokeDelegate(address identity,bytes32 delegateType,address delegate,uint256 nonce,uint48 deadline,address signer)"
                ),
                message
            )
        );
    }

    function hashSetAttribute(SetAttribute calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "SetAttribute(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address signer)"
                ),
                message.identity,
                message.name,
                keccak256(message.value),
                message.validity,
                message.nonce,
                message.deadline,
                message.signer
            )
        );
    }

    function hashRevokeAttribute(RevokeAttribute calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "RevokeAttribute(address identity,bytes32 name,bytes value,uint256 nonce,uint48 deadline,address signer)"
                ),
                message.identity,
                message.name,
                keccak256(message.value),
                message.nonce,
                message.deadline,
                message.signer
            )
        );
    }

    function hashSetPayoutAddress(SetPayoutAddress calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "SetPayoutAddress(address identity,address payoutAddress,uint256 nonce,uint48 deadline,address signer)"
                ),
                message
            )
        );
    }

    function hashDeactivate(Deactivate calldata message) external pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("Deactivate(address identity,uint256 nonce,uint48 deadline,address signer)"), message)
        );
    }

    // ---------------------------------------------------------------- a consent and its commitments

    /// @notice The consents that opened ones stand for, commitments made plainly.
    function seal(OpenedConsent[] calldata opened) external pure returns (Consent[] memory consents) {
        consents = new Consent[](opened.length);
        for (uint256 i; i < opened.length; ++i) {
            OpenedConsent calldata one = opened[i];
            Consent memory consent = consents[i];
            consent.subject = one.subject;
            consent.consumer = keccak256(abi.encode(one.consumer, _salt(one.seed, 0)));
            consent.provider = keccak256(abi.encode(one.provider, _salt(one.seed, 1)));
            consent.scope = keccak256(abi.encode(one.schema, one.purpose, one.assurance, _salt(one.seed, 2)));
            consent.terms = one.terms;
            consent.validFrom = one.validFrom;
            consent.validUntil = one.validUntil;
            consent.eraseBy = one.eraseBy;
            consent.maxUses = one.maxUses;
            consent.nonce = one.nonce;
        }
    }

    function _salt(bytes32 seed, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(seed, index));
    }
}
