"""Disputes.rule: the case's own arbitrator, once, in time."""

import pytest

from tests.helpers.arbitration import CHOICES, REFUSED, ruling_of
from tests.helpers.events import told_by


@pytest.mark.parametrize("ruling", [REFUSED, ruling_of(0), ruling_of(5_000), ruling_of(10_000)])
def test_keeps_the_ruling_when_the_arbitrator_rules(disputes, arbitrator, disputed, submit, arbiter, ruling):
    case = disputed()
    dispute_id = submit(case)

    tx = arbitrator.giveRuling(dispute_id, ruling, {"from": arbiter})

    assert told_by(tx) == [("Ruling", {"_arbitrator": arbitrator, "_disputeID": dispute_id, "_ruling": ruling})]
    assert tuple(disputes.caseOf(case.id)) == (arbitrator, dispute_id, False, True, ruling)


def test_h104_keeps_the_ruling_when_another_arbitrator_was_voted_in(
    disputes, arbitrator, other_arbitrator, disputed, submit, arbiter, council
):
    case = disputed()
    dispute_id = submit(case)
    disputes.setArbitrator(other_arbitrator, {"from": council})

    arbitrator.giveRuling(dispute_id, ruling_of(3_000), {"from": arbiter})

    assert tuple(disputes.caseOf(case.id))[3:] == (True, ruling_of(3_000))


def test_keeps_the_ruling_to_the_last_second(disputes, arbitrator, disputed, submit, arbiter, travel_to):
    case = disputed()
    dispute_id = submit(case)
    travel_to(case.ruling_until)

    arbitrator.giveRuling(dispute_id, ruling_of(1), {"from": arbiter})

    assert disputes.caseOf(case.id)[3]


def test_h100_reverts_when_the_time_for_a_ruling_is_over(
    disputes, arbitrator, disputed, submit, arbiter, travel_to, reverts_with
):
    case = disputed()
    dispute_id = submit(case)
    travel_to(case.ruling_until + 1)

    with reverts_with("DisputesRulingTooLate", case.id, case.ruling_until):
        arbitrator.giveRuling(dispute_id, ruling_of(1), {"from": arbiter})

    assert not disputes.caseOf(case.id)[3]


def test_a16_reverts_when_it_was_ruled(disputes, arbitrator, disputed, submit, arbiter, reverts_with):
    case = disputed()
    dispute_id = submit(case)
    arbitrator.giveRuling(dispute_id, REFUSED, {"from": arbiter})

    for ruling in (REFUSED, ruling_of(10_000)):
        with reverts_with("DisputesRuled", case.id, REFUSED):
            arbitrator.giveRuling(dispute_id, ruling, {"from": arbiter})

    assert tuple(disputes.caseOf(case.id))[3:] == (True, REFUSED)


@pytest.mark.parametrize("ruling", [CHOICES + 1, 2**16, 2**16 + 1, 2**256 - 1])
def test_h102_reverts_when_the_ruling_gives_more_than_there_is(
    disputes, arbitrator, disputed, submit, arbiter, ruling, reverts_with
):
    case = disputed()
    dispute_id = submit(case)

    with reverts_with("DisputesRulingInvalid", ruling, CHOICES):
        arbitrator.giveRuling(dispute_id, ruling, {"from": arbiter})

    assert not disputes.caseOf(case.id)[3]


def test_reverts_when_another_rules(
    disputes, other_arbitrator, disputed, submit, arbiter, consumer, provider, council, stranger, reverts_with
):
    dispute_id = submit(disputed())

    for caller in (arbiter, consumer, provider, council, stranger, other_arbitrator):
        with reverts_with("DisputesUnknown", caller, dispute_id):
            disputes.rule.call(dispute_id, 1, {"from": caller})


def test_reverts_when_the_arbitrator_has_no_such_dispute(disputes, arbitrator, disputed, submit, reverts_with):
    dispute_id = submit(disputed())

    with reverts_with("DisputesUnknown", arbitrator, dispute_id + 1):
        disputes.rule.call(dispute_id + 1, 1, {"from": arbitrator})
