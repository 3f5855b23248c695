"""ArbitrationPanel.createDispute: contracts bring disputes, and say who shares."""

import pytest
from eth_abi.abi import encode

from tests.helpers.arbitration import WAITING, extra_data
from tests.helpers.events import told_by

CHOICES, MOST_CHOICES = 3, 2**208 - 1


def test_opens_a_dispute_when_a_contract_brings_it(panel, arbitrable, consumer, provider, relayer):
    for number in (1, 2):
        tx = arbitrable.bring(panel, CHOICES, extra_data([consumer, provider]), {"from": relayer})

        assert tx.return_value == panel.disputeCount() == number
        assert told_by(tx) == [
            ("DisputeCreation", {"_disputeID": number, "_arbitrable": arbitrable}),
            (
                "SharersExcluded",
                {"disputeID": number, "choices": CHOICES, "sharers": (consumer, provider), "hostsShare": False},
            ),
        ]
        assert tuple(panel.disputeOf(number)) == (arbitrable, CHOICES)
        assert (panel.disputeStatus(number), panel.currentRuling(number)) == (WAITING, 0)


def test_names_the_seats_that_are_hosts_when_the_hosts_share(panel, arbitrable, seats, provider, relayer, give_weight):
    give_weight(seats[1])

    tx = arbitrable.bring(panel, CHOICES, extra_data([provider], hosts_share=True), {"from": relayer})

    assert tx.events["SharersExcluded"]["sharers"] == (provider, seats[1])
    assert tx.events["SharersExcluded"]["hostsShare"] is True
    assert tuple(panel.eligibleSeats(tx.return_value)) == (seats[0], seats[2])


def test_takes_as_much_as_it_bounds_when_it_is_at_the_bound(panel, arbitrable, accounts, relayer):
    tx = arbitrable.bring(panel, MOST_CHOICES, extra_data(accounts[:16]), {"from": relayer})

    assert tuple(panel.disputeOf(tx.return_value)) == (arbitrable, MOST_CHOICES)
    assert tx.events["SharersExcluded"]["sharers"] == tuple(accounts[:16])


def test_reverts_when_the_caller_is_no_contract(panel, stranger, reverts_with):
    with reverts_with("ArbitrationPanelNotContract", stranger):
        panel.createDispute(CHOICES, extra_data([]), {"from": stranger})

    assert panel.disputeCount() == 0


def test_reverts_when_value_comes_along(panel, arbitrable, stranger, reverts_with):
    with reverts_with("ArbitrationPanelValueRefused", 1):
        arbitrable.bring.call(panel, CHOICES, extra_data([]), {"from": stranger, "value": 1})


@pytest.mark.parametrize("choices", [0, MOST_CHOICES + 1])
def test_reverts_when_the_choices_are_none_or_too_many(panel, arbitrable, stranger, choices, reverts_with):
    with reverts_with("ArbitrationPanelChoicesInvalid", choices):
        arbitrable.bring.call(panel, choices, extra_data([]), {"from": stranger})


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param([64, 0], id="no list"),
        pytest.param([96, 0, 0], id="the list elsewhere"),
        pytest.param([64, 2, 0], id="neither true nor false"),
        pytest.param([64, 0, 2, 1], id="fewer than it says"),
        pytest.param([64, 0, 1, 1, 1], id="more than it says"),
        pytest.param([64, 0, 2**255, 1], id="more than there can be"),
        pytest.param([64, 0, 1, 2**160], id="no address"),
        pytest.param([64, 0, 17, *range(1, 18)], id="too many"),
    ],
)
def test_reverts_when_the_extra_data_is_no_list_of_the_interested(panel, arbitrable, stranger, words, reverts_with):
    with reverts_with("ArbitrationPanelExtraDataInvalid"):
        arbitrable.bring.call(panel, CHOICES, encode(["uint256"] * len(words), words), {"from": stranger})


def test_reverts_when_the_extra_data_does_not_end_with_a_word(panel, arbitrable, stranger, consumer, reverts_with):
    for given in (extra_data([consumer])[:-1], extra_data([consumer]) + b"\0"):
        with reverts_with("ArbitrationPanelExtraDataInvalid"):
            arbitrable.bring.call(panel, CHOICES, given, {"from": stranger})
