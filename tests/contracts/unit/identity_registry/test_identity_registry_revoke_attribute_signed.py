"""IdentityRegistry.revokeAttributeSigned: what a participant no longer publishes, by its owner's signature."""

import pytest

from tests.helpers.network import CONSUMER

ENDPOINT, OTHER_SERVICE = (name.ljust(32, b"\0") for name in (b"did/svc/ConsentryNode", b"did/svc/Elsewhere"))
URL = b"https://node.example"


@pytest.fixture
def change(sign, consumer):
    """The consumer's word that this is its endpoint no more."""
    return sign("RevokeAttribute", consumer, name=ENDPOINT, value=URL)


def test_ends_the_attribute_when_its_owner_signed(identities, consumer, change, relayer, told_by):
    tx = change.carry(relayer)

    told = {"identity": consumer, "name": ENDPOINT, "value": URL, "validTo": 0, "previousChange": 0}
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
            sign("RevokeAttribute", participant, name=ENDPOINT, value=URL).carry(relayer)


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})
