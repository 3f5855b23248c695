"""IdentityRegistry.revokeAttribute: what a participant no longer publishes in its DID document."""

from tests.helpers.network import CONSUMER

ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
URL = b"https://node.example"
DAY_SECONDS = 86_400
LONGEST_BYTES = 4_096


def test_ends_the_attribute_when_its_owner_says_so(identities, consumer, told_by):
    published = identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer})

    tx = identities.revokeAttribute(consumer, ENDPOINT, URL, {"from": consumer})

    told = {
        "identity": consumer,
        "name": ENDPOINT,
        "value": URL,
        "validTo": 0,
        "previousChange": published.block_number,
    }
    assert told_by(tx) == [("DIDAttributeChanged", told)]
    assert identities.changed(consumer) == tx.block_number


def test_h040_reverts_when_the_value_is_empty_or_too_long(identities, consumer, reverts_with):
    for length in (0, LONGEST_BYTES + 1, 64 * 1024):
        with reverts_with("IdentityRegistryValueLengthInvalid", length, LONGEST_BYTES):
            identities.revokeAttribute.call(consumer, ENDPOINT, b"x" * length, {"from": consumer})


def test_h030_ends_the_attribute_when_the_participant_is_suspended(identities, participant_in, told_by):
    participant = participant_in("suspended", CONSUMER)

    tx = identities.revokeAttribute(participant, ENDPOINT, URL, {"from": participant})

    assert [name for name, _ in told_by(tx)] == ["DIDAttributeChanged"]


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            identities.revokeAttribute(participant, ENDPOINT, URL, {"from": participant})


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.revokeAttribute(deactivated, ENDPOINT, URL, {"from": deactivated})


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.revokeAttribute.call(consumer, ENDPOINT, URL, {"from": caller})
