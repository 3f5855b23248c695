"""IdentityRegistry.deactivate: the end of a DID."""

from tests.helpers.network import ACTIVE, CONSUMER, NOBODY

DEACTIVATED, OWNER_CHANGED = 2, 1
EXCHANGE = b"exchange".ljust(32, b"\0")
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
URL = b"https://node.example"
DAY_SECONDS = 86_400


def test_leaves_no_owner_when_its_owner_says_so(identities, consumer, told_by, reverts_with):
    before = identities.participantOf(consumer).dict()

    tx = identities.deactivate(consumer, {"from": consumer})

    assert told_by(tx) == [("DIDOwnerChanged", {"identity": consumer, "owner": NOBODY, "previousChange": 0})]
    assert identities.identityOwner(consumer) == NOBODY
    assert identities.changed(consumer) == tx.block_number
    assert identities.participantOf(consumer).dict() == {**before, "flags": DEACTIVATED}
    assert before["status"] == ACTIVE
    for actor in (consumer, NOBODY):
        with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, actor):
            identities.checkActor(consumer, EXCHANGE, actor)


def test_leaves_the_money_with_the_last_owner_when_it_was_handed_on(identities, consumer, rotate_owner):
    owner = rotate_owner(consumer)

    identities.deactivate(consumer, {"from": owner})

    assert identities.identityOwner(consumer) == NOBODY
    assert identities.accountHolderOf(consumer) == owner
    assert identities.payoutAddressOf(consumer) == owner
    assert identities.participantOf(consumer).dict()["flags"] == DEACTIVATED | OWNER_CHANGED


def test_ends_its_delegates_when_it_had_some(identities, consumer, delegate, reverts_with):
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    identities.deactivate(consumer, {"from": consumer})

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        identities.checkActor(consumer, EXCHANGE, delegate)


def test_nothing_is_written_any_more_when_it_is_over(identities, consumer, delegate, sign, reverts_with):
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})
    signed = (
        sign("ChangeOwner", consumer, newOwner=delegate),
        sign("AddDelegate", consumer, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS),
        sign("RevokeDelegate", consumer, delegateType=EXCHANGE, delegate=delegate),
        sign("SetAttribute", consumer, name=ENDPOINT, value=URL, validity=DAY_SECONDS),
        sign("RevokeAttribute", consumer, name=ENDPOINT, value=URL),
        sign("Deactivate", consumer),
    )
    identities.deactivate(consumer, {"from": consumer})
    changed = identities.changed(consumer)

    for change, arguments in (
        (identities.changeOwner, (consumer, delegate)),
        (identities.addDelegate, (consumer, EXCHANGE, delegate, DAY_SECONDS)),
        (identities.revokeDelegate, (consumer, EXCHANGE, delegate)),
        (identities.setAttribute, (consumer, ENDPOINT, URL, DAY_SECONDS)),
        (identities.revokeAttribute, (consumer, ENDPOINT, URL)),
        (identities.deactivate, (consumer,)),
        *((change.function, change.arguments()) for change in signed),
    ):
        with reverts_with("IdentityRegistryDeactivated", consumer):
            change.call(*arguments, {"from": consumer})

    assert identities.changed(consumer) == changed


def test_h030_ends_it_when_the_participant_is_suspended(identities, participant_in):
    participant = participant_in("suspended", CONSUMER)

    identities.deactivate(participant, {"from": participant})

    assert identities.identityOwner(participant) == NOBODY


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            identities.deactivate(participant, {"from": participant})
        assert identities.identityOwner(participant) == participant


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.deactivate.call(consumer, {"from": caller})
