"""IdentityRegistry.changeOwnerSigned: a participant goes to another key, by its owner's signature."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400


@pytest.fixture
def owner(unused_account):
    """Who shall own the consumer."""
    return unused_account()


@pytest.fixture
def change(sign, consumer, owner):
    """The consumer's word that it goes to another owner."""
    return sign("ChangeOwner", consumer, newOwner=owner)


def test_hands_the_identity_on_when_its_owner_signed(identities, consumer, owner, change, relayer, told_by):
    tx = change.carry(relayer)

    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("DIDOwnerChanged", {"identity": consumer, "owner": owner, "previousChange": 0}),
    ]
    assert identities.identityOwner(consumer) == owner
    assert identities.isNonceUsed(consumer, change.nonce) is True


def test_h001_reverts_when_it_is_carried_twice(identities, consumer, owner, change, relayer, reverts_with):
    change.carry(relayer)
    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        change.carry(relayer)

    identities.changeOwner(consumer, consumer, {"from": owner})

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)
    assert identities.identityOwner(consumer) == consumer


def test_h014_reverts_when_the_deadline_is_over(change, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)


def test_h018_reverts_when_what_is_carried_is_not_what_was_signed(change, consumer, provider, relayer, reverts_with):
    for carried in ({"newOwner": relayer}, {"nonce": change.nonce + 1}, {"deadline": change.deadline + 1}):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.function.call(*change.arguments(**carried), {"from": relayer})
    with reverts_with("IdentityRegistryNotOwner", provider, consumer):
        change.function.call(*change.arguments(identity=provider), {"from": relayer})


def test_h030_hands_it_on_when_the_participant_was_removed(identities, participant_in, sign, owner, relayer):
    participant = participant_in("removed", CONSUMER)

    sign("ChangeOwner", participant, newOwner=owner).carry(relayer)

    assert identities.identityOwner(participant) == owner


def test_h030_reverts_when_it_was_never_registered(sign, stranger, owner, relayer, reverts_with):
    with reverts_with("IdentityRegistryNotWriter", stranger):
        sign("ChangeOwner", stranger, newOwner=owner).carry(relayer)


def test_h034_voids_what_the_former_key_signed_when_it_is_handed_on(
    identities, sign, change, consumer, owner, delegate, relayer, reverts_with
):
    pending = sign("AddDelegate", consumer, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS)

    change.carry(relayer)

    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        pending.carry(relayer)
    sign("AddDelegate", consumer, signer=owner, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS).carry(
        relayer
    )
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h031_the_order_decides_when_the_former_owner_signed_too(
    identities, sign, change, consumer, owner, delegate, relayer, mine_together, raise_if_refused, reverts_with
):
    fields = {"delegateType": EXCHANGE, "delegate": delegate, "validity": DAY_SECONDS}
    early, late = sign("AddDelegate", consumer, **fields), sign("AddDelegate", consumer, **fields)

    receipts = mine_together(*((relayer, each.function, each.arguments()) for each in (early, change, late)))

    for receipt in receipts[:2]:
        raise_if_refused(receipt)
    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        raise_if_refused(receipts[2])
    assert identities.identityOwner(consumer) == owner


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})


def test_h038_reverts_when_the_new_owner_is_nobody_or_the_registry(identities, sign, consumer, relayer, reverts_with):
    for nobody in (NOBODY, identities.address):
        with reverts_with("IdentityRegistryOwnerInvalid", nobody):
            sign("ChangeOwner", consumer, newOwner=nobody).carry(relayer)
