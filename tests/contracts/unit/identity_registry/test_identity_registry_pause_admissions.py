"""IdentityRegistry.pauseAdmissions: the guardian stops admissions, and nothing else, for 72 hours, once."""

import pytest

from tests.helpers.network import HOST, PROVIDER

EXCHANGE = b"exchange".ljust(32, b"\0")
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
URL = b"https://node.example"
DAY_SECONDS = 86_400
URGENT_SECONDS = 72 * 3_600


@pytest.fixture
def paused_until(identities, guardian):
    """The guardian paused admissions: until when."""
    return identities.pauseAdmissions({"from": guardian}).timestamp + URGENT_SECONDS


def test_stops_admissions_for_72_hours_when_the_guardian_says_so(
    identities, guardian, council, unused_account, enrolled, told_by, travel_to, reverts_with
):
    admission = enrolled(unused_account())

    tx = identities.pauseAdmissions({"from": guardian})

    until = tx.timestamp + URGENT_SECONDS
    assert told_by(tx) == [("AdmissionsPaused", {"until": until, "urgent": True})]
    assert tuple(identities.admissionsPause()) == (until, True)
    with reverts_with("IdentityRegistryAdmissionsPaused", until):
        identities.admit(admission, {"from": council})
    travel_to(until - 1)
    with reverts_with("IdentityRegistryAdmissionsPaused", until):
        identities.admit(admission, {"from": council})
    travel_to(until)
    identities.admit(admission, {"from": council})


def test_stops_admissions_again_too_when_the_participant_was_removed(
    identities, consumer, council, bring_to, admission_of, paused_until, reverts_with
):
    bring_to(consumer, "removed")

    with reverts_with("IdentityRegistryAdmissionsPaused", paused_until):
        identities.admit(admission_of(consumer), {"from": council})


def test_h115_stops_nothing_else_when_admissions_are_paused(
    identities,
    sign,
    paused_until,
    consumer,
    provider,
    host,
    coordinator,
    council,
    guardian,
    delegate,
    stranger,
    relayer,
    unused_account,
):
    # Every other function that writes, each in a standing in which it works.
    owner = unused_account()
    identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})
    identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})
    identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer})
    identities.revokeAttribute(consumer, ENDPOINT, URL, {"from": consumer})
    identities.setPayoutAddress(consumer, stranger, {"from": consumer})
    identities.invalidateNonces(0, 1, {"from": consumer})
    fields = {"delegateType": EXCHANGE, "delegate": delegate}
    sign("AddDelegate", consumer, **fields, validity=DAY_SECONDS).carry(relayer)
    sign("RevokeDelegate", consumer, **fields).carry(relayer)
    sign("SetAttribute", consumer, name=ENDPOINT, value=URL, validity=DAY_SECONDS).carry(relayer)
    sign("RevokeAttribute", consumer, name=ENDPOINT, value=URL).carry(relayer)
    sign("SetPayoutAddress", consumer, payoutAddress=stranger).carry(relayer)
    sign("ChangeOwner", consumer, newOwner=owner).carry(relayer)
    identities.changeOwner(consumer, stranger, {"from": owner})
    identities.recoverOwner(consumer, owner, {"from": council})
    identities.suspend(consumer, {"from": council})
    identities.reinstate(consumer, {"from": council})
    identities.setRoles(consumer, PROVIDER, {"from": council})
    identities.remove(consumer, {"from": council})
    identities.suspendUrgently(provider, {"from": guardian})
    identities.deactivate(host, {"from": host})
    sign("Deactivate", coordinator).carry(relayer)

    assert identities.admissionsPause()[0] == paused_until
    assert identities.hasActiveRole(host, HOST) is True


def test_reverts_when_the_guardian_paused_before(identities, guardian, paused_until, travel_to, reverts_with):
    with reverts_with("IdentityRegistryPauseSpent"):
        identities.pauseAdmissions({"from": guardian})
    travel_to(paused_until + DAY_SECONDS)

    with reverts_with("IdentityRegistryPauseSpent"):
        identities.pauseAdmissions({"from": guardian})


def test_pauses_again_when_the_council_decided_in_between(identities, guardian, council, paused_until):
    identities.setAdmissionsPausedUntil(0, {"from": council})

    identities.pauseAdmissions({"from": guardian})

    assert identities.admissionsPause()[1] is True


def test_cuts_no_longer_pause_short_when_the_council_voted_one(identities, guardian, council, chain, told_by):
    until = chain[-1].timestamp + 10 * DAY_SECONDS
    identities.setAdmissionsPausedUntil(until, {"from": council})

    tx = identities.pauseAdmissions({"from": guardian})

    assert told_by(tx) == [("AdmissionsPaused", {"until": until, "urgent": True})]
    assert tuple(identities.admissionsPause()) == (until, True)


def test_h036_reverts_when_the_caller_is_not_the_guardian(identities, no_guardians, reverts_with):
    for caller in no_guardians:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.pauseAdmissions.call({"from": caller})
