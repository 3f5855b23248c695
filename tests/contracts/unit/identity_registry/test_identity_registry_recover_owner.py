"""IdentityRegistry.recoverOwner: the council hands a participant whose key is lost to a new owner."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY, NONE

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400
OWNER_CHANGED = 1


def test_hands_the_identity_on_when_the_council_says_so(identities, consumer, unused_account, council, told_by):
    owner, before = unused_account(), identities.participantOf(consumer).dict()

    tx = identities.recoverOwner(consumer, owner, {"from": council})

    assert told_by(tx) == [
        ("DIDOwnerChanged", {"identity": consumer, "owner": owner, "previousChange": 0}),
        ("OwnerRecovered", {"identity": consumer, "owner": owner}),
    ]
    assert identities.identityOwner(consumer) == owner
    assert identities.accountHolderOf(consumer) == owner
    assert identities.changed(consumer) == tx.block_number
    assert identities.participantOf(consumer).dict() == {**before, "flags": OWNER_CHANGED}


def test_h034_leaves_the_lost_key_nothing_when_it_is_handed_on(
    identities, sign, consumer, unused_account, delegate, council, relayer, reverts_with
):
    pending = sign("AddDelegate", consumer, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS)

    identities.recoverOwner(consumer, unused_account(), {"from": council})

    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        pending.carry(relayer)
    with reverts_with("IdentityRegistryNotOwner", consumer, consumer):
        identities.changeOwner(consumer, consumer, {"from": consumer})


def test_pays_the_new_owner_when_the_lost_key_had_named_another_address(
    identities, consumer, unused_account, stranger, council, told_by
):
    identities.setPayoutAddress(consumer, stranger, {"from": consumer})
    owner = unused_account()

    tx = identities.recoverOwner(consumer, owner, {"from": council})

    assert [name for name, _ in told_by(tx)] == ["DIDOwnerChanged", "OwnerRecovered", "PayoutAddressSet"]
    assert identities.payoutAddressOf(consumer) == owner


@pytest.mark.parametrize("kind", ["exchange", "delivery", "deposit", "veriKey", "sigAuth"])
def test_h034_leaves_no_delegate_of_the_lost_key_when_it_is_handed_on(
    identities, consumer, delegate, unused_account, rotate_owner, council, kind, reverts_with
):
    # Whoever found the key handed the identity on to itself, and added a delegate before and after.
    before, kind = unused_account(), kind.encode().ljust(32, b"\0")
    identities.addDelegate(consumer, kind, before, DAY_SECONDS, {"from": consumer})
    thief = rotate_owner(consumer)
    identities.addDelegate(consumer, kind, delegate, DAY_SECONDS, {"from": thief})
    assert [identities.validDelegate(consumer, kind, each) for each in (before, delegate)] == [True, True]

    owner = unused_account()
    identities.recoverOwner(consumer, owner, {"from": council})

    for each in (before, delegate):
        assert identities.validDelegate(consumer, kind, each) is False
        with reverts_with("IdentityRegistryNotActor", consumer, kind, each):
            identities.checkActor(consumer, kind, each)
    # What the new owner adds counts, whoever had it before.
    identities.addDelegate(consumer, kind, before, DAY_SECONDS, {"from": owner})
    assert [identities.validDelegate(consumer, kind, each) for each in (before, delegate)] == [True, False]
    # And it stays when the owner hands the identity on, as in ERC-1056.
    identities.changeOwner(consumer, unused_account(), {"from": owner})
    assert identities.validDelegate(consumer, kind, before) is True
    identities.recoverOwner(consumer, owner, {"from": council})
    assert identities.validDelegate(consumer, kind, before) is False


def test_h031_the_order_decides_when_delegates_are_added_in_the_same_block(
    identities, consumer, delegate, unused_account, council, mine_together
):
    owner, later = unused_account(), unused_account()

    mine_together(
        (consumer, identities.addDelegate, (consumer, EXCHANGE, delegate, DAY_SECONDS)),
        (council, identities.recoverOwner, (consumer, owner)),
        (owner, identities.addDelegate, (consumer, EXCHANGE, later, DAY_SECONDS)),
    )

    assert [identities.validDelegate(consumer, EXCHANGE, each) for each in (delegate, later)] == [False, True]


def test_keeps_consents_and_accreditations_when_it_is_handed_on(
    system, identities, words, consumer, unused_account, council, schema, purpose, fresh_subject
):
    given = words.give(fresh_subject())

    identities.recoverOwner(consumer, unused_account(), {"from": council})

    assert system.schemas.isConsumerAccredited(schema, purpose, consumer) is True
    assert system.consents.isConsentUsable(given.opened.arguments(), given.signature) is True


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_hands_it_on_when_the_participant_is_suspended_or_removed(
    identities, participant_in, unused_account, council, standing
):
    participant, owner = participant_in(standing, CONSUMER), unused_account()

    identities.recoverOwner(participant, owner, {"from": council})

    assert identities.accountHolderOf(participant) == owner


def test_h030_reverts_when_it_was_never_registered(identities, stranger, relayer, council, reverts_with):
    with reverts_with("IdentityRegistryStatusInvalid", stranger, NONE):
        identities.recoverOwner(stranger, relayer, {"from": council})


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, stranger, council, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.recoverOwner(deactivated, stranger, {"from": council})

    assert identities.identityOwner(deactivated) == NOBODY


def test_h036_reverts_when_the_caller_has_no_vote(identities, consumer, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.recoverOwner.call(consumer, caller, {"from": caller})


def test_h038_reverts_when_the_new_owner_is_nobody_or_the_registry(identities, consumer, council, reverts_with):
    for nobody in (NOBODY, identities.address):
        with reverts_with("IdentityRegistryOwnerInvalid", nobody):
            identities.recoverOwner.call(consumer, nobody, {"from": council})
