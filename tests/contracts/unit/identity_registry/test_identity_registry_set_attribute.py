"""IdentityRegistry.setAttribute: what a participant publishes in its DID document."""

from tests.helpers.network import CONSUMER

ISSUER_KEY = b"did/pub/Ed25519/veriKey/hex".ljust(32, b"\0")
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
KEY = bytes.fromhex("e7" * 32)
URL = b"https://node.example"
DAY_SECONDS = 86_400
LONGEST_SECONDS = 3_652 * DAY_SECONDS
LONGEST_BYTES = 4_096


def test_publishes_the_attribute_when_its_owner_says_so(identities, consumer, told_by):
    before = identities.participantOf(consumer)

    tx = identities.setAttribute(consumer, ISSUER_KEY, KEY, DAY_SECONDS, {"from": consumer})

    told = {
        "identity": consumer,
        "name": ISSUER_KEY,
        "value": KEY,
        "validTo": tx.timestamp + DAY_SECONDS,
        "previousChange": 0,
    }
    assert told_by(tx) == [("DIDAttributeChanged", told)]
    assert identities.changed(consumer) == tx.block_number
    assert identities.participantOf(consumer) == before


def test_points_to_the_change_before_when_there_was_one(identities, consumer, provider, told_by):
    first = identities.setAttribute(consumer, ISSUER_KEY, KEY, DAY_SECONDS, {"from": consumer})
    identities.setAttribute(provider, ISSUER_KEY, KEY, DAY_SECONDS, {"from": provider})

    tx = identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer})

    ((_, told),) = told_by(tx)
    assert (told["name"], told["value"], told["previousChange"]) == (ENDPOINT, URL, first.block_number)


def test_h040_publishes_the_value_when_it_has_one_or_the_most_bytes(identities, consumer, told_by):
    for value in (b"\0", b"x" * LONGEST_BYTES):
        tx = identities.setAttribute(consumer, ENDPOINT, value, DAY_SECONDS, {"from": consumer})

        ((_, told),) = told_by(tx)
        assert told["value"] == value


def test_h040_reverts_when_the_value_is_empty_or_too_long(identities, consumer, reverts_with):
    for length in (0, LONGEST_BYTES + 1, 64 * 1024):
        with reverts_with("IdentityRegistryValueLengthInvalid", length, LONGEST_BYTES):
            identities.setAttribute.call(consumer, ENDPOINT, b"x" * length, DAY_SECONDS, {"from": consumer})


def test_h014_takes_the_longest_validity_when_it_is_ten_years(identities, consumer, told_by, reverts_with):
    tx = identities.setAttribute(consumer, ENDPOINT, URL, LONGEST_SECONDS, {"from": consumer})

    ((_, told),) = told_by(tx)
    assert told["validTo"] == tx.timestamp + LONGEST_SECONDS
    for validity in (0, LONGEST_SECONDS + 1, 2**256 - 1):
        with reverts_with("IdentityRegistryValidityInvalid", validity, LONGEST_SECONDS):
            identities.setAttribute.call(consumer, ENDPOINT, URL, validity, {"from": consumer})


def test_h030_publishes_the_attribute_when_the_participant_is_suspended(identities, participant_in, told_by):
    participant = participant_in("suspended", CONSUMER)

    tx = identities.setAttribute(participant, ENDPOINT, URL, DAY_SECONDS, {"from": participant})

    assert [name for name, _ in told_by(tx)] == ["DIDAttributeChanged"]


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            identities.setAttribute(participant, ENDPOINT, URL, DAY_SECONDS, {"from": participant})


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.setAttribute(deactivated, ENDPOINT, URL, DAY_SECONDS, {"from": deactivated})


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.setAttribute.call(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": caller})
