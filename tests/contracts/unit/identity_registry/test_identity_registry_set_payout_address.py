"""IdentityRegistry.setPayoutAddress: where a participant's money is paid."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY


def test_pays_there_when_its_owner_says_so(identities, consumer, stranger, told_by):
    changed = identities.changed(consumer)

    tx = identities.setPayoutAddress(consumer, stranger, {"from": consumer})

    assert told_by(tx) == [("PayoutAddressSet", {"identity": consumer, "payoutAddress": stranger})]
    assert identities.payoutAddressOf(consumer) == stranger
    assert identities.accountHolderOf(consumer) == consumer
    assert identities.changed(consumer) == changed


def test_pays_the_owner_again_when_it_is_set_to_nobody(identities, consumer, stranger, told_by, rotate_owner):
    identities.setPayoutAddress(consumer, stranger, {"from": consumer})
    owner = rotate_owner(consumer)

    tx = identities.setPayoutAddress(consumer, NOBODY, {"from": owner})

    assert told_by(tx) == [("PayoutAddressSet", {"identity": consumer, "payoutAddress": NOBODY})]
    assert identities.payoutAddressOf(consumer) == owner


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_pays_there_when_the_participant_is_suspended_or_removed(identities, participant_in, stranger, standing):
    participant = participant_in(standing, CONSUMER)

    identities.setPayoutAddress(participant, stranger, {"from": participant})

    assert identities.payoutAddressOf(participant) == stranger


def test_h030_pays_there_when_the_last_owner_of_a_deactivated_one_says_so(identities, deactivated, stranger):
    identities.setPayoutAddress(deactivated, stranger, {"from": deactivated})

    assert identities.payoutAddressOf(deactivated) == stranger


def test_h030_reverts_when_it_was_never_registered(identities, stranger, relayer, reverts_with):
    with reverts_with("IdentityRegistryNotWriter", stranger):
        identities.setPayoutAddress(stranger, relayer, {"from": stranger})


def test_h034_reverts_when_the_former_owner_says_so(identities, consumer, rotate_owner, stranger, reverts_with):
    owner = rotate_owner(consumer)

    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        identities.setPayoutAddress(consumer, stranger, {"from": consumer})

    assert identities.payoutAddressOf(consumer) == owner


def test_h036_reverts_when_the_caller_does_not_hold_its_account(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.setPayoutAddress.call(consumer, caller, {"from": caller})
