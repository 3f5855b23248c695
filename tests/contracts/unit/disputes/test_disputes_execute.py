"""Disputes.execute: how each dispute ends, and when."""

import pytest

from tests.helpers.arbitration import CIPHERTEXT_MISSING, NOT_RULED, REFUSED, RULED, ruling_of
from tests.helpers.events import told_by


def ended(case, outcome, provider_bps, is_bond_forfeit):
    return [
        ("DisputeExecuted", {"exchangeId": case.id, "outcome": outcome}),
        (
            "ExchangeResolved",
            {"exchangeId": case.id, "providerBps": provider_bps, "isBondForfeit": is_bond_forfeit},
        ),
    ]


@pytest.mark.parametrize(
    ("ruling", "provider_bps", "is_bond_forfeit"),
    [
        (REFUSED, 0, False),
        (ruling_of(0), 0, False),
        (ruling_of(1), 1, False),
        (ruling_of(5_000), 5_000, False),
        (ruling_of(9_999), 9_999, False),
        (ruling_of(10_000), 10_000, True),
    ],
)
def test_h102_divides_the_fee_as_ruled_when_it_was_ruled(
    disputes, disputed, file, ruled, stranger, ruling, provider_bps, is_bond_forfeit
):
    case = disputed()
    file(case)
    ruled(case, ruling)

    tx = disputes.execute(*case.description(), {"from": stranger})

    assert told_by(tx) == ended(case, RULED, provider_bps, is_bond_forfeit)


def test_divides_the_fee_as_ruled_when_the_time_for_a_ruling_is_over(
    disputes, disputed, file, ruled, stranger, travel_to
):
    case = disputed()
    file(case)
    ruled(case, ruling_of(2_500))
    travel_to(case.ruling_until + 1)

    tx = disputes.execute(*case.description(), {"from": stranger})

    assert told_by(tx) == ended(case, RULED, 2_500, False)


def test_counts_the_ruling_when_the_ciphertext_is_filed_after_it(disputes, disputed, file, ruled, stranger):
    case = disputed()
    ruled(case, ruling_of(10_000))
    file(case)

    tx = disputes.execute(*case.description(), {"from": stranger})

    assert told_by(tx) == ended(case, RULED, 10_000, True)


@pytest.mark.parametrize("ruling", [None, REFUSED, ruling_of(10_000)])
def test_returns_all_to_the_consumer_when_no_ciphertext_was_filed(
    disputes, disputed, ruled, stranger, travel_to, ruling
):
    case = disputed()
    if ruling is not None:
        ruled(case, ruling)
    travel_to(case.evidence_until + 1)

    tx = disputes.execute(*case.description(), {"from": stranger})

    assert told_by(tx) == ended(case, CIPHERTEXT_MISSING, 0, False)


@pytest.mark.parametrize("ruling", [None, REFUSED, ruling_of(10_000)])
def test_reverts_when_the_ciphertext_can_still_be_filed(
    disputes, disputed, ruled, stranger, travel_to, reverts_with, ruling
):
    case = disputed()
    if ruling is not None:
        ruled(case, ruling)
    travel_to(case.evidence_until)

    with reverts_with("DisputesUndecided", case.id, case.evidence_until):
        disputes.execute(*case.description(), {"from": stranger})


@pytest.mark.parametrize("is_submitted", [True, False])
def test_h100_divides_in_halves_when_nobody_ruled(disputes, disputed, file, submit, stranger, travel_to, is_submitted):
    case = disputed()
    file(case)
    if is_submitted:
        submit(case)
    travel_to(case.ruling_until + 1)

    tx = disputes.execute(*case.description(), {"from": stranger})

    assert told_by(tx) == ended(case, NOT_RULED, 5_000, False)


def test_reverts_when_a_ruling_can_still_come(disputes, disputed, file, submit, stranger, travel_to, reverts_with):
    case = disputed()
    file(case)
    submit(case)
    with reverts_with("DisputesUndecided", case.id, case.ruling_until):
        disputes.execute.call(*case.description(), {"from": stranger})
    travel_to(case.ruling_until)

    with reverts_with("DisputesUndecided", case.id, case.ruling_until):
        disputes.execute(*case.description(), {"from": stranger})


def test_reverts_when_it_was_executed(disputes, disputed, file, ruled, stranger, reverts_with):
    case = disputed()
    file(case)
    ruled(case, ruling_of(1))
    disputes.execute(*case.description(), {"from": stranger})

    with reverts_with("DisputedEscrowMismatch", case.id):
        disputes.execute(*case.description(), {"from": stranger})


def test_h098_reverts_when_it_is_not_disputed_or_is_another(
    disputes, described, disputed, stranger, travel_to, mine_at, reverts_with
):
    undisputed, case = described(), disputed()
    mine_at(case.ruling_until + 1)

    for given in (undisputed.description(), (*case.description()[:-1], case.disputed_at - 1)):
        with reverts_with("DisputedEscrowMismatch", ...):
            disputes.execute.call(*given, {"from": stranger})
