"""IdentityRegistry.revokeDelegateSigned: a key acts for a participant no more, by its owner's signature."""

import pytest

from tests.helpers.network import CONSUMER

EXCHANGE, DELIVERY = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery"))
DAY_SECONDS = 86_400


@pytest.fixture
def added(identities, consumer, delegate):
    """The consumer's delegate for exchanges: the transaction that made it."""
    return identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})


@pytest.fixture
def change(sign, consumer, delegate, added):
    """The consumer's word that this delegate acts no more."""
    return sign("RevokeDelegate", consumer, delegateType=EXCHANGE, delegate=delegate)


def test_ends_the_delegate_when_its_owner_signed(identities, consumer, delegate, added, change, relayer, told_by):
    tx = change.carry(relayer)

    told = {
        "identity": consumer,
        "delegateType": EXCHANGE,
        "delegate": delegate,
        "validTo": tx.timestamp - 1,
        "previousChange": added.block_number,
    }
    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("DIDDelegateChanged", told),
    ]
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False


def test_h001_reverts_when_it_is_carried_twice(identities, consumer, delegate, change, relayer, reverts_with):
    change.carry(relayer)
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h014_reverts_when_the_deadline_is_over(change, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)


def test_h018_reverts_when_what_is_carried_is_not_what_was_signed(change, consumer, provider, relayer, reverts_with):
    for carried in (
        {"delegateType": DELIVERY},
        {"delegate": relayer},
        {"nonce": change.nonce + 1},
        {"deadline": change.deadline + 1},
    ):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.function.call(*change.arguments(**carried), {"from": relayer})
    with reverts_with("IdentityRegistryNotOwner", provider, consumer):
        change.function.call(*change.arguments(identity=provider), {"from": relayer})


def test_h030_reverts_when_the_participant_is_no_member(participant_in, sign, delegate, relayer, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            sign("RevokeDelegate", participant, delegateType=EXCHANGE, delegate=delegate).carry(relayer)


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})
