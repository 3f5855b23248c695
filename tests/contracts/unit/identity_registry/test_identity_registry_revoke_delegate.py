"""IdentityRegistry.revokeDelegate: a key acts for a participant no more."""

import pytest

from tests.helpers.network import CONSUMER

EXCHANGE, DELIVERY = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery"))
DAY_SECONDS = 86_400


@pytest.fixture
def added(identities, consumer, delegate):
    """The consumer's delegate for exchanges: the transaction that made it."""
    return identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})


def test_ends_the_delegate_when_its_owner_says_so(identities, consumer, delegate, added, told_by, reverts_with):
    tx = identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})

    told = {
        "identity": consumer,
        "delegateType": EXCHANGE,
        "delegate": delegate,
        "validTo": tx.timestamp - 1,
        "previousChange": added.block_number,
    }
    assert told_by(tx) == [("DIDDelegateChanged", told)]
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        identities.checkActor(consumer, EXCHANGE, delegate)
    assert identities.changed(consumer) == tx.block_number


def test_leaves_other_kinds_and_keys_alone_when_one_is_ended(identities, consumer, delegate, relayer, added):
    identities.addDelegate(consumer, DELIVERY, delegate, DAY_SECONDS, {"from": consumer})
    identities.addDelegate(consumer, EXCHANGE, relayer, DAY_SECONDS, {"from": consumer})

    identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})

    assert identities.validDelegate(consumer, DELIVERY, delegate) is True
    assert identities.validDelegate(consumer, EXCHANGE, relayer) is True


def test_lets_it_act_again_when_it_is_added_again(identities, consumer, delegate, added):
    identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})

    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_tells_it_when_there_was_no_such_delegate(identities, consumer, stranger, told_by):
    tx = identities.revokeDelegate(consumer, EXCHANGE, stranger, {"from": consumer})

    ((name, told),) = told_by(tx)
    assert (name, told["delegate"], told["validTo"]) == ("DIDDelegateChanged", stranger, tx.timestamp - 1)
    assert identities.validDelegate(consumer, EXCHANGE, stranger) is False


def test_h031_the_order_decides_when_it_acts_in_the_same_block(
    identities, consumer, delegate, stranger, mine_together, raise_if_refused, reverts_with
):
    add = (consumer, identities.addDelegate, (consumer, EXCHANGE, delegate, DAY_SECONDS))
    revoke = (consumer, identities.revokeDelegate, (consumer, EXCHANGE, delegate))
    act = (stranger, identities.checkActor, (consumer, EXCHANGE, delegate))

    receipts = mine_together(act, add, act, revoke, act, add, act)

    assert [receipt.status for receipt in receipts] == [0, 1, 1, 1, 0, 1, 1]
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        raise_if_refused(receipts[4])
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h030_ends_the_delegate_when_the_participant_is_suspended(identities, consumer, delegate, added, bring_to):
    bring_to(consumer, "suspended")

    identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, delegate, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            identities.revokeDelegate(participant, EXCHANGE, delegate, {"from": participant})


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, delegate, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.revokeDelegate(deactivated, EXCHANGE, delegate, {"from": deactivated})


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, delegate, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.revokeDelegate.call(consumer, EXCHANGE, delegate, {"from": caller})
