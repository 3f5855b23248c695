"""IdentityRegistry.setAdmissionsPausedUntil: the council stops admissions until an instant, or lets them go on."""

DAY_SECONDS = 86_400
LONGEST_SECONDS = 30 * DAY_SECONDS


def test_stops_admissions_when_the_council_says_so(
    identities, council, chain, unused_account, enrolled, told_by, travel_to, reverts_with
):
    until, admission = chain[-1].timestamp + 5 * DAY_SECONDS, enrolled(unused_account())

    tx = identities.setAdmissionsPausedUntil(until, {"from": council})

    assert told_by(tx) == [("AdmissionsPaused", {"until": until, "urgent": False})]
    assert tuple(identities.admissionsPause()) == (until, False)
    travel_to(until - 1)
    with reverts_with("IdentityRegistryAdmissionsPaused", until):
        identities.admit(admission, {"from": council})
    travel_to(until)
    identities.admit(admission, {"from": council})


def test_lets_admissions_go_on_when_the_instant_is_past(
    identities, council, guardian, unused_account, enrolled, told_by
):
    identities.pauseAdmissions({"from": guardian})

    tx = identities.setAdmissionsPausedUntil(0, {"from": council})

    assert told_by(tx) == [("AdmissionsPaused", {"until": 0, "urgent": False})]
    assert tuple(identities.admissionsPause()) == (0, False)
    identities.admit(enrolled(unused_account()), {"from": council})


def test_h014_stops_them_for_30_days_when_it_is_the_longest(identities, council, chain, travel_to, reverts_with):
    now = chain[-1].timestamp + 100
    latest = now + LONGEST_SECONDS

    travel_to(now)
    with reverts_with("IdentityRegistryPauseTooLong", latest + 1, latest):
        identities.setAdmissionsPausedUntil(latest + 1, {"from": council})
    travel_to(now + 1)
    identities.setAdmissionsPausedUntil(latest + 1, {"from": council})

    assert identities.admissionsPause()[0] == latest + 1


def test_h036_reverts_when_the_caller_has_no_vote(identities, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.setAdmissionsPausedUntil.call(0, {"from": caller})
