"""IdentityRegistry.addDelegate: a key acts for a participant, in one way, until it expires."""

from tests.helpers.network import CONSUMER, NOBODY

EXCHANGE, DELIVERY, DEPOSIT = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery", b"deposit"))
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
DAY_SECONDS = 86_400
LONGEST_SECONDS = 3_652 * DAY_SECONDS


def test_lets_the_key_act_when_its_owner_says_so(identities, consumer, delegate, told_by, reverts_with):
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        identities.checkActor(consumer, EXCHANGE, delegate)

    tx = identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    told = {
        "identity": consumer,
        "delegateType": EXCHANGE,
        "delegate": delegate,
        "validTo": tx.timestamp + DAY_SECONDS,
        "previousChange": 0,
    }
    assert told_by(tx) == [("DIDDelegateChanged", told)]
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    identities.checkActor(consumer, EXCHANGE, delegate)
    assert identities.changed(consumer) == tx.block_number


def test_acts_in_its_kind_for_its_identity_only_when_added(identities, consumer, provider, delegate, reverts_with):
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    for identity, kind in ((consumer, DELIVERY), (consumer, DEPOSIT), (consumer, bytes(32)), (provider, EXCHANGE)):
        assert identities.validDelegate(identity, kind, delegate) is False
        with reverts_with("IdentityRegistryNotActor", identity, kind, delegate):
            identities.checkActor(identity, kind, delegate)


def test_h014_acts_until_its_last_second_when_time_passes(identities, consumer, delegate, mine_at, reverts_with):
    tx = identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    mine_at(tx.timestamp + DAY_SECONDS)
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    identities.checkActor(consumer, EXCHANGE, delegate)

    mine_at(tx.timestamp + DAY_SECONDS + 1)
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        identities.checkActor(consumer, EXCHANGE, delegate)


def test_replaces_its_term_when_added_again(identities, consumer, delegate, told_by, mine_at):
    first = identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})

    tx = identities.addDelegate(consumer, EXCHANGE, delegate, 60, {"from": consumer})

    ((_, told),) = told_by(tx)
    assert (told["validTo"], told["previousChange"]) == (tx.timestamp + 60, first.block_number)
    mine_at(tx.timestamp + 61)
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False


def test_h014_takes_the_longest_validity_when_it_is_ten_years(identities, consumer, delegate, told_by, reverts_with):
    tx = identities.addDelegate(consumer, EXCHANGE, delegate, LONGEST_SECONDS, {"from": consumer})

    ((_, told),) = told_by(tx)
    assert told["validTo"] == tx.timestamp + LONGEST_SECONDS
    for validity in (0, LONGEST_SECONDS + 1, 2**48, 2**256 - 1):
        with reverts_with("IdentityRegistryValidityInvalid", validity, LONGEST_SECONDS):
            identities.addDelegate.call(consumer, EXCHANGE, delegate, validity, {"from": consumer})


def test_gives_no_power_over_keys_and_money_when_the_key_has_every_kind(
    identities, consumer, delegate, others, reverts_with
):
    assert delegate in others
    for change, arguments in (
        (identities.changeOwner, (delegate,)),
        (identities.addDelegate, (EXCHANGE, delegate, DAY_SECONDS)),
        (identities.revokeDelegate, (EXCHANGE, delegate)),
        (identities.setAttribute, (ENDPOINT, b"https://elsewhere.example", DAY_SECONDS)),
        (identities.revokeAttribute, (ENDPOINT, b"https://elsewhere.example")),
        (identities.setPayoutAddress, (delegate,)),
        (identities.deactivate, ()),
    ):
        with reverts_with("IdentityRegistryNotOwner", consumer, delegate):
            change.call(consumer, *arguments, {"from": delegate})


def test_h030_lets_the_key_act_when_the_participant_is_suspended(identities, participant_in, delegate):
    participant = participant_in("suspended", CONSUMER)

    identities.addDelegate(participant, EXCHANGE, delegate, DAY_SECONDS, {"from": participant})

    assert identities.validDelegate(participant, EXCHANGE, delegate) is True


def test_h030_reverts_when_the_participant_is_no_member(identities, participant_in, delegate, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("IdentityRegistryNotWriter", participant):
            identities.addDelegate(participant, EXCHANGE, delegate, DAY_SECONDS, {"from": participant})
        assert identities.validDelegate(participant, EXCHANGE, delegate) is False


def test_h030_reverts_when_it_is_deactivated(identities, deactivated, delegate, reverts_with):
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.addDelegate(deactivated, EXCHANGE, delegate, DAY_SECONDS, {"from": deactivated})


def test_h036_reverts_when_the_caller_is_not_its_owner(identities, consumer, others, reverts_with):
    for caller in others:
        with reverts_with("IdentityRegistryNotOwner", consumer, caller):
            identities.addDelegate.call(consumer, EXCHANGE, caller, DAY_SECONDS, {"from": caller})


def test_h038_reverts_when_the_key_is_nobodys(identities, consumer, reverts_with):
    with reverts_with("IdentityRegistryDelegateInvalid", NOBODY):
        identities.addDelegate(consumer, EXCHANGE, NOBODY, DAY_SECONDS, {"from": consumer})
