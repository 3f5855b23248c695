"""Disputes.submitEvidence: what both parties show the arbiters, in ERC-1497's event."""

import pytest

from tests.helpers.events import told_by

EVIDENCE = "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
KINDS = {"consumer": "exchange", "provider": "delivery"}


def shown(case, arbitrator, participant, evidence=EVIDENCE):
    values = {"_arbitrator": arbitrator, "_evidenceGroupID": int.from_bytes(case.id, "big")}
    return [("Evidence", {**values, "_party": participant, "_evidence": evidence})]


@pytest.mark.parametrize("role", KINDS)
def test_shows_it_when_a_party_submits(disputes, arbitrator, disputed, submit, actors, role):
    case, party = disputed(), actors[role]
    submit(case)

    tx = disputes.submitEvidence(*case.description(), party, EVIDENCE, {"from": party})

    assert told_by(tx) == shown(case, arbitrator, party)


@pytest.mark.parametrize("role", KINDS)
def test_shows_it_when_a_partys_delegate_submits(disputes, arbitrator, disputed, actors, add_delegates, role):
    case, party = disputed(), actors[role]
    delegate = add_delegates(party)[KINDS[role]]

    tx = disputes.submitEvidence(*case.description(), party, EVIDENCE, {"from": delegate})

    assert told_by(tx) == shown(case, arbitrator, party)


def test_names_the_cases_arbitrator_when_another_was_voted_in(
    disputes, arbitrator, other_arbitrator, disputed, submit, council, consumer
):
    submitted, waiting = disputed(), disputed()
    submit(submitted)

    disputes.setArbitrator(other_arbitrator, {"from": council})

    for case, named in ((submitted, arbitrator), (waiting, other_arbitrator)):
        tx = disputes.submitEvidence(*case.description(), consumer, EVIDENCE, {"from": consumer})
        assert told_by(tx) == shown(case, named, consumer)


@pytest.mark.parametrize("length", [1, 512])
def test_shows_it_when_its_length_is_at_a_bound(disputes, arbitrator, disputed, consumer, length):
    case, evidence = disputed(), "u" * length

    tx = disputes.submitEvidence(*case.description(), consumer, evidence, {"from": consumer})

    assert told_by(tx) == shown(case, arbitrator, consumer, evidence)


@pytest.mark.parametrize("length", [0, 513])
def test_reverts_when_its_length_is_beyond_a_bound(disputes, disputed, consumer, length, reverts_with):
    case = disputed()

    with reverts_with("DisputesEvidenceLengthInvalid", length, 512):
        disputes.submitEvidence.call(*case.description(), consumer, "u" * length, {"from": consumer})


def test_shows_it_to_the_last_second(disputes, arbitrator, disputed, provider, travel_to):
    case = disputed()
    travel_to(case.evidence_until)

    tx = disputes.submitEvidence(*case.description(), provider, EVIDENCE, {"from": provider})

    assert told_by(tx) == shown(case, arbitrator, provider)


def test_reverts_when_the_time_for_evidence_is_over(disputes, disputed, provider, travel_to, reverts_with):
    case = disputed()
    travel_to(case.evidence_until + 1)

    with reverts_with("DisputesEvidenceTooLate", case.id, case.evidence_until):
        disputes.submitEvidence(*case.description(), provider, EVIDENCE, {"from": provider})


def test_reverts_when_it_is_shown_for_another_than_a_party(
    disputes, disputed, coordinator, channel_partner, stranger, reverts_with
):
    case = disputed()

    for other in (coordinator, channel_partner, stranger):
        with reverts_with("DisputesNotParty", case.id, other):
            disputes.submitEvidence.call(*case.description(), other, EVIDENCE, {"from": other})


@pytest.mark.parametrize("role", KINDS)
def test_reverts_when_another_calls(disputes, disputed, actors, council, add_delegates, role, reverts_with):
    case, party, delegates = disputed(), actors[role], add_delegates(actors[role])
    del delegates[KINDS[role]]
    other = actors["provider" if role == "consumer" else "consumer"]

    for caller in (other, actors["stranger"], council, *delegates.values()):
        with reverts_with("IdentityRegistryNotActor", party, KINDS[role].encode(), caller):
            disputes.submitEvidence.call(*case.description(), party, EVIDENCE, {"from": caller})


def test_h098_reverts_when_it_is_not_disputed(disputes, described, consumer, reverts_with):
    case = described()

    with reverts_with("DisputedEscrowMismatch", case.id):
        disputes.submitEvidence.call(*case.description(), consumer, EVIDENCE, {"from": consumer})
