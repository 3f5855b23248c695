"""ArbitrationPanel.vote: who rules, who does not, and when it is decided."""

import pytest

from tests.helpers.arbitration import SOLVED, WAITING
from tests.helpers.events import told_by
from tests.helpers.network import HOST, NOBODY, admit

DAY_SECONDS = 86_400


def test_keeps_the_vote_when_a_seat_votes(panel, bring, seats):
    dispute_id = bring()

    tx = panel.vote(dispute_id, seats[0], 2, {"from": seats[0]})

    assert told_by(tx) == [("RulingVoted", {"disputeID": dispute_id, "seat": seats[0], "ruling": 2})]
    assert tuple(panel.voteOf(dispute_id, seats[0])) == (True, 2)
    assert tuple(panel.leadingOf(dispute_id)) == (2, 1, 2)
    assert panel.disputeStatus(dispute_id) == WAITING


@pytest.mark.parametrize("ruling", [0, 1, 3])
def test_gives_the_ruling_when_more_than_half_voted_for_it(panel, bring, arbitrable, seats, ruling):
    dispute_id = bring()
    panel.vote(dispute_id, seats[2], ruling, {"from": seats[2]})

    tx = panel.vote(dispute_id, seats[0], ruling, {"from": seats[0]})

    assert told_by(tx) == [
        ("RulingVoted", {"disputeID": dispute_id, "seat": seats[0], "ruling": ruling}),
        ("RulingGiven", {"disputeID": dispute_id, "ruling": ruling, "votes": 2, "required": 2}),
        ("Ruling", {"_arbitrator": panel, "_disputeID": dispute_id, "_ruling": ruling}),
    ]
    assert (panel.disputeStatus(dispute_id), panel.currentRuling(dispute_id)) == (SOLVED, ruling)


def test_gives_nothing_when_rulings_differ(panel, bring, seats):
    dispute_id = bring()

    for ruling, seat in enumerate(seats, start=1):
        panel.vote(dispute_id, seat, ruling, {"from": seat})

    assert panel.disputeStatus(dispute_id) == WAITING
    assert tuple(panel.leadingOf(dispute_id))[1:] == (1, 2)


def test_gives_the_ruling_when_a_seat_changes_its_vote(panel, bring, seats):
    dispute_id = bring()
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    panel.vote(dispute_id, seats[1], 2, {"from": seats[1]})

    panel.vote(dispute_id, seats[0], 2, {"from": seats[0]})

    assert panel.currentRuling(dispute_id) == 2
    assert [panel.votesFor(dispute_id, ruling) for ruling in (1, 2)] == [0, 2]


def test_counts_a_seat_once_when_it_votes_twice(panel, bring, seats):
    dispute_id = bring()
    for _ in range(2):
        panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    assert panel.votesFor(dispute_id, 1) == 1
    assert panel.disputeStatus(dispute_id) == WAITING


def test_decides_each_alone_when_two_disputes_are_open(panel, bring, seats):
    first, second = bring(), bring()
    panel.vote(first, seats[0], 1, {"from": seats[0]})
    panel.vote(second, seats[1], 1, {"from": seats[1]})

    panel.vote(second, seats[0], 1, {"from": seats[0]})

    assert [panel.disputeStatus(each) for each in (first, second)] == [WAITING, SOLVED]


# ---------------------------------------------------------------- who shares


def test_h101_reverts_when_the_seat_is_interested(panel, bring, seats, reverts_with):
    dispute_id = bring(seats[1])

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, seats[1]):
        panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})

    assert tuple(panel.eligibleSeats(dispute_id)) == (seats[0], seats[2])


def test_h101_reverts_when_the_seat_was_a_host_as_the_dispute_was_brought(
    panel, bring, system, seats, give_weight, reverts_with
):
    give_weight(seats[0])
    dispute_id = bring(hosts_share=True)
    system.host_rewards.resign(seats[0], {"from": seats[0]})

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, seats[0]):
        panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})


def test_h101_reverts_when_the_seat_is_a_host_by_now(panel, bring, seats, give_weight, reverts_with):
    dispute_id = bring(hosts_share=True)
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    give_weight(seats[0])

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, seats[0]):
        panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    # What it voted before counts no more either.
    assert tuple(panel.voteOf(dispute_id, seats[0])) == (False, 1)
    assert tuple(panel.leadingOf(dispute_id)) == (0, 0, 2)


def test_counts_a_host_when_the_hosts_do_not_share(panel, bring, seats, give_weight):
    give_weight(seats[0])
    dispute_id = bring(hosts_share=False)

    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    assert tuple(panel.voteOf(dispute_id, seats[0])) == (True, 1)


def test_counts_a_host_when_it_has_no_weight(panel, bring, system, council, seats):
    admit(system, council, seats[0], HOST)
    dispute_id = bring(hosts_share=True)

    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    assert tuple(panel.voteOf(dispute_id, seats[0])) == (True, 1)


def test_gives_the_ruling_when_one_seat_alone_may_rule(panel, bring, seats):
    dispute_id = bring(seats[0], seats[2])

    tx = panel.vote(dispute_id, seats[1], 3, {"from": seats[1]})

    assert (tx.events["RulingGiven"]["votes"], tx.events["RulingGiven"]["required"]) == (1, 1)
    assert panel.currentRuling(dispute_id) == 3


def test_takes_both_of_two_when_one_seat_shares(panel, bring, seats):
    dispute_id = bring(seats[0])
    panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})
    assert panel.disputeStatus(dispute_id) == WAITING

    panel.vote(dispute_id, seats[2], 1, {"from": seats[2]})

    assert panel.disputeStatus(dispute_id) == SOLVED


def test_h101_gives_nothing_when_every_seat_shares(panel, bring, seats, stranger, reverts_with):
    dispute_id = bring(*seats)

    for seat in seats:
        with reverts_with("ArbitrationPanelSeatShares", dispute_id, seat):
            panel.vote.call(dispute_id, seat, 1, {"from": seat})
    with reverts_with("ArbitrationPanelNoMajority", dispute_id, 0, 1):
        panel.give.call(dispute_id, {"from": stranger})


# ---------------------------------------------------------------- who speaks


def test_listens_to_the_owner_when_the_seats_key_was_handed_on(panel, bring, seats, own_second_seat, reverts_with):
    dispute_id = bring(seats[2])

    with reverts_with("ArbitrationPanelNotSeat", seats[1], own_second_seat):
        panel.vote(dispute_id, seats[1], 1, {"from": own_second_seat})
    panel.vote(dispute_id, seats[1], 1, {"from": seats[0]})

    assert [tuple(panel.voteOf(dispute_id, seat)) for seat in seats] == [(False, 0), (True, 1), (False, 0)]


@pytest.mark.usefixtures("own_second_seat")
def test_votes_for_each_when_one_account_speaks_for_two(panel, bring, seats):
    dispute_id = bring()

    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    assert panel.disputeStatus(dispute_id) == WAITING
    panel.vote(dispute_id, seats[1], 1, {"from": seats[0]})

    assert panel.currentRuling(dispute_id) == 1


@pytest.mark.usefixtures("own_second_seat")
def test_h101_counts_the_other_seat_alone_when_an_accounts_first_seat_shares(panel, bring, seats, reverts_with):
    dispute_id = bring(seats[0])

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, seats[0]):
        panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    panel.vote(dispute_id, seats[1], 1, {"from": seats[0]})

    assert panel.votesFor(dispute_id, 1) == 1


def test_reverts_when_the_caller_does_not_speak_for_the_seat(
    panel, bring, system, council, seats, stranger, guardian, unused_account, reverts_with
):
    dispute_id = bring()
    admit(system, council, seats[0], HOST)
    delegate = unused_account()
    for kind in (b"exchange", b"delivery", b"sigAuth"):
        padded = kind.ljust(32, b"\0")
        system.identities.addDelegate(seats[0], padded, delegate, DAY_SECONDS, {"from": seats[0]})

    for caller in (stranger, guardian, council, delegate, seats[1]):
        with reverts_with("ArbitrationPanelNotSeat", seats[0], caller):
            panel.vote.call(dispute_id, seats[0], 1, {"from": caller})


def test_reverts_when_there_is_no_such_seat(panel, bring, host, stranger, reverts_with):
    dispute_id = bring()

    for nobody, caller in ((host, host), (stranger, stranger), (NOBODY, stranger)):
        with reverts_with("ArbitrationPanelNotSeat", nobody, caller):
            panel.vote.call(dispute_id, nobody, 1, {"from": caller})


# ---------------------------------------------------------------- seats that come and go


def test_h104_counts_the_seats_there_are_when_one_was_handed_on(
    panel, bring, seats, replace_seat, unused_account, reverts_with
):
    dispute_id, newcomer = bring(), unused_account()
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    replace_seat(seats[0], newcomer)

    # The vote went with the seat, and whoever came later may vote.
    assert tuple(panel.voteOf(dispute_id, seats[0])) == (False, 1)
    with reverts_with("ArbitrationPanelNotSeat", seats[0], seats[0]):
        panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})
    assert panel.disputeStatus(dispute_id) == WAITING
    panel.vote(dispute_id, newcomer, 1, {"from": newcomer})
    assert panel.currentRuling(dispute_id) == 1


def test_h104_a17_counts_the_former_vote_no_more_when_a_seat_left_and_came_back(
    panel, bring, seats, replace_seat, unused_account
):
    dispute_id, newcomer = bring(), unused_account()
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    replace_seat(seats[0], newcomer)
    replace_seat(newcomer, seats[0])

    panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})
    assert tuple(panel.leadingOf(dispute_id)) == (1, 1, 2)
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    assert panel.currentRuling(dispute_id) == 1


def test_h101_reverts_when_the_interested_get_a_seat_later(panel, bring, seats, consumer, replace_seat, reverts_with):
    dispute_id = bring(consumer)

    replace_seat(seats[0], consumer)

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, consumer):
        panel.vote(dispute_id, consumer, 1, {"from": consumer})


# ---------------------------------------------------------------- what is refused


def test_reverts_when_the_ruling_is_no_choice(panel, bring, seats, reverts_with):
    dispute_id = bring()

    for ruling in (4, 2**208 + 1, 2**256 - 1):
        with reverts_with("ArbitrationPanelRulingInvalid", ruling, 3):
            panel.vote.call(dispute_id, seats[0], ruling, {"from": seats[0]})


def test_reverts_when_there_is_no_such_dispute(panel, bring, seats, reverts_with):
    dispute_id = bring()

    for unknown in (0, dispute_id + 1):
        with reverts_with("ArbitrationPanelDisputeUnknown", unknown):
            panel.vote.call(unknown, seats[0], 0, {"from": seats[0]})


def test_a16_reverts_when_the_ruling_was_given(panel, bring, seats, reverts_with):
    dispute_id = bring()
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, 1, {"from": seat})

    for seat in seats:
        with reverts_with("ArbitrationPanelDisputeSolved", dispute_id, 1):
            panel.vote(dispute_id, seat, 2, {"from": seat})

    assert panel.currentRuling(dispute_id) == 1


def test_reverts_when_the_ruling_is_refused_where_it_goes(panel, bring, arbitrable, seats, stranger, reverts_with):
    dispute_id = bring()
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    arbitrable.setAnswer(True, b"", {"from": stranger})

    with reverts_with("ArbitrableContractRefused", dispute_id, 1):
        panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})

    assert tuple(panel.voteOf(dispute_id, seats[1])) == (False, 0)
    assert panel.disputeStatus(dispute_id) == WAITING


def test_rules_once_when_the_dispute_calls_back(panel, bring, arbitrable, seats, stranger, reverts_with):
    dispute_id = bring()
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})
    arbitrable.setAnswer(False, panel.give.encode_input(dispute_id), {"from": stranger})

    with reverts_with("ArbitrationPanelDisputeSolved", dispute_id, 1):
        panel.vote(dispute_id, seats[1], 1, {"from": seats[1]})
