"""IdentityRegistry.setAttributeSigned: what a participant publishes, by its owner's signature."""

import pytest

from tests.helpers.network import CONSUMER

ENDPOINT, OTHER_SERVICE = (name.ljust(32, b"\0") for name in (b"did/svc/ConsentryNode", b"did/svc/Elsewhere"))
URL = b"https://node.example"
DAY_SECONDS = 86_400
LONGEST_BYTES = 4_096


@pytest.fixture
def change(sign, consumer):
    """The consumer's word that this is its endpoint for a day."""
    return sign("SetAttribute", consumer, name=ENDPOINT, value=URL, validity=DAY_SECONDS)


def test_publishes_the_attribute_when_its_owner_signed(identities, consumer, change, relayer, told_by):
    tx = change.carry(relayer)

    told = {
        "identity": consumer,
        "name": ENDPOINT,
        "value": URL,
        "validTo": tx.timestamp + DAY_SECONDS,
        "previousChange": 0,
    }
    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("DIDAttributeChanged", told),
    ]
    assert identities.changed(consumer) == tx.block_number


def test_h001_reverts_when_it_is_carried_twice(consumer, change, relayer, reverts_with):
    change.carry(relayer)

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)


def test_h014_reverts_when_the_deadline_is_over(change, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)


def test_h018_reverts_when_what_is_carried_is_not_what_was_signed(change, consumer, provider, relayer, reverts_with):
    for carried in (
        {"name": OTHER_SERVICE},
        {"value": URL + b"/"},
        {"validity": DAY_SECONDS + 1},
        {"nonce": change.nonce + 1},
        {"deadline": change.deadline + 1},
    ):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.function.call(*change.arguments(**carried), {"from": relayer})
    with reverts_with("IdentityRegistryNotOwner", provider, consumer):
        change.function.call(*change.arguments(identity=provider), {"from": relayer})


def test_h030_reverts_when_the_participant_is_no_member(participant_in, sign, relayer, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            sign("SetAttribute", participant, name=ENDPOINT, value=URL, validity=DAY_SECONDS).carry(relayer)


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})


def test_h040_reverts_when_the_value_is_empty_or_too_long(sign, consumer, relayer, reverts_with):
    for length in (0, LONGEST_BYTES + 1, 64 * 1024):
        change = sign("SetAttribute", consumer, name=ENDPOINT, value=b"x" * length, validity=DAY_SECONDS)
        with reverts_with("IdentityRegistryValueLengthInvalid", length, LONGEST_BYTES):
            change.function.call(*change.arguments(), {"from": relayer})
