"""IdentityRegistry.deactivateSigned: the end of a DID, by its owner's signature."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY


@pytest.fixture
def change(sign, consumer):
    """The consumer's word that its DID is over."""
    return sign("Deactivate", consumer)


def test_leaves_no_owner_when_its_owner_signed(identities, consumer, change, relayer, told_by):
    tx = change.carry(relayer)

    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("DIDOwnerChanged", {"identity": consumer, "owner": NOBODY, "previousChange": 0}),
    ]
    assert identities.identityOwner(consumer) == NOBODY
    assert identities.accountHolderOf(consumer) == consumer


def test_h001_reverts_when_it_is_carried_twice(consumer, change, relayer, reverts_with):
    change.carry(relayer)

    with reverts_with("IdentityRegistryDeactivated", consumer):
        change.carry(relayer)


def test_h014_reverts_when_the_deadline_is_over(identities, consumer, change, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)

    assert identities.identityOwner(consumer) == consumer


def test_h018_reverts_when_what_is_carried_is_not_what_was_signed(change, consumer, provider, relayer, reverts_with):
    for carried in ({"nonce": change.nonce + 1}, {"deadline": change.deadline + 1}):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.function.call(*change.arguments(**carried), {"from": relayer})
    with reverts_with("IdentityRegistryNotOwner", provider, consumer):
        change.function.call(*change.arguments(identity=provider), {"from": relayer})


def test_h030_reverts_when_the_participant_is_no_member(participant_in, sign, relayer, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            sign("Deactivate", participant).carry(relayer)


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})
