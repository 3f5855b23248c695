"""Disputes.submit: a dispute goes before the arbitrator in force, once."""

import pytest

from consentry.client.exchanges import Shares
from tests.helpers.arbitration import CHOICES, extra_data
from tests.helpers.events import told_by
from tests.helpers.network import NOBODY

# As in the conftest beside.
COST = 10**15


def test_brings_the_dispute_when_anybody_pays_the_cost(
    disputes, arbitrator, disputed, stranger, consumer, provider, coordinator, channel_partner, other_channel_partner
):
    case = disputed()

    tx = disputes.submit(*case.description(), {"from": stranger, "value": COST})

    assert tx.return_value == 0
    assert told_by(tx) == [
        ("DisputeCreation", {"_disputeID": 0, "_arbitrable": disputes}),
        (
            "Dispute",
            {
                "_arbitrator": arbitrator,
                "_disputeID": 0,
                "_metaEvidenceID": 0,
                "_evidenceGroupID": int.from_bytes(case.id, "big"),
            },
        ),
    ]
    assert tuple(disputes.caseOf(case.id)) == (arbitrator, 0, False, False, 0)
    assert disputes.exchangeOf(arbitrator, 0) == "0x" + case.id.hex()
    interested = [consumer, provider, coordinator, channel_partner, other_channel_partner]
    choices, told = arbitrator.told(0)
    assert (choices, bytes(told)) == (CHOICES, extra_data(interested, hosts_share=True))
    assert (arbitrator.balance(), disputes.balance()) == (COST, 0)


@pytest.mark.parametrize(
    ("shares", "recruiters", "hosts_share"),
    [
        pytest.param(Shares(10_000, 0, 0, 0, 0), [], False, id="the provider alone"),
        pytest.param(Shares(9_999, 0, 1, 0, 0), [], True, id="the hosts"),
        pytest.param(Shares(9_999, 0, 0, 1, 0), ["channel_partner"], False, id="the consumer's recruiter"),
        pytest.param(Shares(9_999, 0, 0, 0, 1), ["other_channel_partner"], False, id="the provider's recruiter"),
    ],
)
def test_h101_names_those_that_share_when_shares_are_missing(
    disputes, arbitrator, disputed, submit, actors, shares, recruiters, hosts_share
):
    dispute_id = submit(disputed(shares))

    interested = [actors[role] for role in ("consumer", "provider", "coordinator", *recruiters)]
    assert bytes(arbitrator.told(dispute_id)[1]) == extra_data(interested, hosts_share)


def test_returns_what_is_beyond_the_cost_when_more_comes_along(disputes, arbitrator, disputed, stranger):
    case, before = disputed(), stranger.balance()

    tx = disputes.submit(*case.description(), {"from": stranger, "value": 3 * COST})

    assert before - stranger.balance() == COST + tx.gas_used * tx.gas_price
    assert (arbitrator.balance(), disputes.balance()) == (COST, 0)


def test_goes_to_the_arbitrator_in_force_when_another_was_voted_in(
    disputes, arbitrator, other_arbitrator, disputed, submit, council
):
    before, after = disputed(), disputed()
    assert submit(before) == 0

    disputes.setArbitrator(other_arbitrator, {"from": council})
    assert submit(after) == 0

    assert [disputes.caseOf(case.id)[0] for case in (before, after)] == [arbitrator, other_arbitrator]
    assert disputes.exchangeOf(arbitrator, 0) == "0x" + before.id.hex()
    assert disputes.exchangeOf(other_arbitrator, 0) == "0x" + after.id.hex()


def test_takes_it_to_the_last_second_when_a_ruling_is_still_in_time(disputes, disputed, stranger, travel_to):
    case = disputed()
    travel_to(case.ruling_until)

    disputes.submit(*case.description(), {"from": stranger, "value": COST})

    assert disputes.caseOf(case.id)[0] != NOBODY


def test_reverts_when_no_ruling_would_be_in_time(disputes, disputed, stranger, travel_to, reverts_with):
    case = disputed()
    travel_to(case.ruling_until + 1)

    with reverts_with("DisputesSubmissionTooLate", case.id, case.ruling_until):
        disputes.submit(*case.description(), {"from": stranger, "value": COST})


def test_reverts_when_it_was_submitted(disputes, arbitrator, other_arbitrator, disputed, submit, council, reverts_with):
    case = disputed()
    submit(case)
    disputes.setArbitrator(other_arbitrator, {"from": council})

    # With its arbitrator it stays, also where another is in force by now.
    with reverts_with("DisputesSubmitted", case.id, arbitrator):
        disputes.submit(*case.description(), {"from": council, "value": COST})


def test_reverts_when_the_value_is_below_the_cost(disputes, disputed, stranger, reverts_with):
    case = disputed()

    for value in (0, COST - 1):
        with reverts_with("DisputesValueTooLow", value, COST):
            disputes.submit.call(*case.description(), {"from": stranger, "value": value})


def test_h098_reverts_when_it_is_not_disputed_or_is_another(
    disputes, described, disputed, stranger, consumer, reverts_with
):
    undisputed, case = described(), disputed()
    exchange, *others = case.description()
    for given in (
        undisputed.description(),
        ((exchange[0], exchange[2], *exchange[2:]), *others),
        (*case.description()[:-1], case.disputed_at + 1),
    ):
        with reverts_with("DisputedEscrowMismatch", ...):
            disputes.submit.call(*given, {"from": stranger, "value": COST})


def test_h100_blocks_nothing_else_when_the_arbitrator_refuses(
    disputes, arbitrator, other_arbitrator, disputed, submit, council, stranger, reverts_with
):
    case = disputed()
    arbitrator.setAnswer(1, b"", {"from": stranger})
    with reverts_with("CentralArbitratorRefused"):
        disputes.submit(*case.description(), {"from": stranger, "value": COST})
    assert disputes.caseOf(case.id)[0] == NOBODY

    disputes.setArbitrator(other_arbitrator, {"from": council})
    submit(case)

    assert disputes.caseOf(case.id)[0] == other_arbitrator


def test_reverts_when_the_arbitrator_gives_a_number_twice(
    disputes, arbitrator, disputed, submit, stranger, reverts_with
):
    first, second = disputed(), disputed()
    dispute_id = submit(first)
    arbitrator.setAnswer(2, b"", {"from": stranger})

    with reverts_with("DisputesIdTaken", arbitrator, dispute_id):
        disputes.submit(*second.description(), {"from": stranger, "value": COST})

    assert disputes.exchangeOf(arbitrator, dispute_id) == "0x" + first.id.hex()


def test_reverts_when_the_arbitrator_calls_back(disputes, arbitrator, disputed, stranger, reverts_with):
    case = disputed()
    for inner, error, values in (
        (disputes.submit.encode_input(*case.description()), "DisputesSubmitted", (case.id, arbitrator)),
        (disputes.rule.encode_input(0, 1), "DisputesUnknown", (arbitrator, 0)),
    ):
        arbitrator.setAnswer(3, inner, {"from": stranger})
        with reverts_with(error, *values):
            disputes.submit.call(*case.description(), {"from": stranger, "value": COST})
