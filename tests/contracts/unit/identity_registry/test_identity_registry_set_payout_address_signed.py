"""IdentityRegistry.setPayoutAddressSigned: where a participant's money is paid, by its account holder's signature."""

import pytest

from tests.helpers.network import CONSUMER


@pytest.fixture
def change(sign, consumer, stranger):
    """The consumer's word where its money is paid."""
    return sign("SetPayoutAddress", consumer, payoutAddress=stranger)


def test_pays_there_when_its_owner_signed(identities, consumer, stranger, change, relayer, told_by):
    tx = change.carry(relayer)

    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("PayoutAddressSet", {"identity": consumer, "payoutAddress": stranger}),
    ]
    assert identities.payoutAddressOf(consumer) == stranger


def test_h001_reverts_when_it_is_carried_twice(identities, consumer, provider, change, relayer, reverts_with):
    change.carry(relayer)
    identities.setPayoutAddress(consumer, provider, {"from": consumer})

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)

    assert identities.payoutAddressOf(consumer) == provider


def test_h014_reverts_when_the_deadline_is_over(change, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)


def test_h018_reverts_when_the_relayer_would_be_paid_instead(
    identities, change, consumer, provider, relayer, reverts_with
):
    for carried in ({"payoutAddress": relayer}, {"nonce": change.nonce + 1}, {"deadline": change.deadline + 1}):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.carry(relayer, **carried)
    for carried in ({"identity": provider}, {"signer": relayer}):
        who = {"identity": consumer, "signer": consumer, **carried}
        with reverts_with("IdentityRegistryNotOwner", who["identity"], who["signer"]):
            change.carry(relayer, **carried)

    assert identities.payoutAddressOf(consumer) == consumer


def test_h030_pays_there_when_the_participant_was_removed_or_deactivated(
    identities, participant_in, deactivated, sign, stranger, relayer
):
    for participant in (participant_in("removed", CONSUMER), deactivated):
        sign("SetPayoutAddress", participant, payoutAddress=stranger).carry(relayer)

        assert identities.payoutAddressOf(participant) == stranger


def test_h030_reverts_when_it_was_never_registered(sign, stranger, relayer, reverts_with):
    with reverts_with("IdentityRegistryNotWriter", stranger):
        sign("SetPayoutAddress", stranger, payoutAddress=relayer).carry(relayer)


def test_h034_reverts_when_the_former_owner_signed(change, consumer, rotate_owner, relayer, reverts_with):
    rotate_owner(consumer)

    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        change.carry(relayer)


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})
