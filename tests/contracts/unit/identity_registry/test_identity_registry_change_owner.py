"""IdentityRegistry.changeOwner: a participant goes to another key."""

import pytest

from tests.helpers.network import NOBODY

OWNER_CHANGED = 1
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400


def test_hands_the_identity_on_when_its_owner_says_so(identities, consumer, unused_account, told_by):
    owner, before = unused_account(), identities.participantOf(consumer).dict()

    tx = identities.changeOwner(consumer, owner, {"from": consumer})

    assert told_by(tx) == [("DIDOwnerChanged", {"identity": consumer, "owner": owner, "previousChange": 0})]
    assert identities.identityOwner(consumer) == owner
    assert identities.accountHolderOf(consumer) == owner
    assert identities.payoutAddressOf(consumer) == owner
    assert identities.changed(consumer) == tx.block_number
    assert identities.participantOf(consumer).dict() == {**before, "flags": OWNER_CHANGED}


def test_hands_it_on_again_when_the_new_owner_says_so(identities, consumer, unused_account, told_by):
    owner, next_owner = unused_account(), unused_account()
    first = identities.changeOwner(consumer, owner, {"from": consumer})

    tx = identities.changeOwner(consumer, next_owner, {"from": owner})

    told = {"identity": consumer, "owner": next_owner, "previousChange": first.block_number}
    assert told_by(tx) == [("DIDOwnerChanged", told)]
    assert identities.identityOwner(consumer) == next_owner


def test_hands_it_back_when_the_new_owner_is_the_identity_itself(identities, consumer, rotate_owner):
    owner = rotate_owner(consumer)

    identities.changeOwner(consumer, consumer, {"from": owner})

    assert identities.identityOwner(consumer) == consumer
    identities.setPayoutAddress(consumer, owner, {"from": consumer})


def test_keeps_delegates_and_money_where_they_are_when_it_is_handed_on(
    identities, consumer, delegate, stranger, rotate_owner
):
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})
    identities.setPayoutAddress(consumer, stranger, {"from": consumer})

    rotate_owner(consumer)

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    assert identities.payoutAddressOf(consumer) == stranger


@pytest.mark.parametrize("standing", ["active", "suspended", "removed"])
def test_h030_hands_it_on_when_the_participant_is_in_any_standing(
    identities, participant_in, unused_account, standing, told_by
):
    participant, owner = participant_in(standing, 1), unused_account()

    tx = identities.changeOwner(participant, owner, {"from": participant})

    assert told_by(tx) == [("DIDOwnerChanged", {"identity": participant, "owner": owner, "previousChange": 0})]
    assert identities.identityOwner(participant) == owner


def test_h030_reverts_when_it_was_never_registered(identities, stranger, consumer, reverts_with):
    with reverts_with("IdentityRegistryNotWriter", stranger):
        identities.changeOwner(stranger, consumer, {"from": stranger})


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, consumer, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.changeOwner(deactivated, consumer, {"from": deactivated})


def test_h034_leaves_the_former_key_nothing_when_it_is_handed_on(identities, consumer, rotate_owner, reverts_with):
    owner = rotate_owner(consumer)

    for change, arguments in (
        (identities.changeOwner, (consumer,)),
        (identities.addDelegate, (EXCHANGE, consumer, DAY_SECONDS)),
        (identities.setAttribute, (ENDPOINT, b"https://elsewhere.example", DAY_SECONDS)),
        (identities.setPayoutAddress, (consumer,)),
        (identities.deactivate, ()),
    ):
        with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
            change.call(consumer, *arguments, {"from": consumer})
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, consumer):
        identities.checkActor(consumer, EXCHANGE, consumer)
    identities.checkActor(consumer, EXCHANGE, owner)


def test_h034_keeps_the_former_owner_readable_when_an_earlier_block_is_asked(identities, consumer, unused_account):
    owner = unused_account()
    tx = identities.changeOwner(consumer, owner, {"from": consumer})

    assert identities.identityOwner(consumer, block_identifier=tx.block_number - 1) == consumer
    assert identities.identityOwner(consumer, block_identifier=tx.block_number) == owner


def test_h031_the_order_decides_when_the_former_owner_writes_in_the_same_block(
    identities, consumer, unused_account, mine_together, raise_if_refused, reverts_with
):
    owner = unused_account()
    attribute = (consumer, identities.setAttribute, (consumer, ENDPOINT, b"https://node.example", DAY_SECONDS))

    before, change, after = mine_together(attribute, (consumer, identities.changeOwner, (consumer, owner)), attribute)

    raise_if_refused(before)
    raise_if_refused(change)
    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        raise_if_refused(after)
    assert identities.identityOwner(consumer) == owner


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.changeOwner.call(consumer, caller, {"from": caller})


def test_h038_reverts_when_the_new_owner_is_nobody_or_the_registry(identities, consumer, reverts_with):
    for nobody in (NOBODY, identities.address):
        with reverts_with("IdentityRegistryOwnerInvalid", nobody):
            identities.changeOwner(consumer, nobody, {"from": consumer})

    assert identities.identityOwner(consumer) == consumer
