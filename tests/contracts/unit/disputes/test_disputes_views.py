"""Disputes' constructor and views."""

import json

import brownie
import pytest

from tests.helpers.events import ever_told_by
from tests.helpers.network import NOBODY

# As in the conftest beside.
COST = 10**15
EVIDENCE_SECONDS, RULING_SECONDS = 3 * 86_400, 10 * 86_400


def test_says_what_rulings_mean_when_it_is_deployed(disputes, arbitrator):
    (first, second) = ever_told_by(disputes)[-2:]

    assert first == ("ArbitratorSet", {"arbitrator": arbitrator.address})
    assert (second[0], second[1]["_metaEvidenceID"]) == ("MetaEvidence", 0)
    kind, document = second[1]["_evidence"].split(",", 1)
    assert kind == "data:application/json;charset=utf-8"
    stated = json.loads(document)
    assert set(stated) == {"category", "title", "description", "question", "rulingOptions"}
    assert stated["rulingOptions"]["type"] == "uint"


def test_tells_its_deadlines_when_it_is_asked(disputes):
    assert tuple(disputes.spans()) == (EVIDENCE_SECONDS, RULING_SECONDS)
    assert tuple(disputes.deadlines(100)) == (100 + EVIDENCE_SECONDS, 100 + RULING_SECONDS)
    latest = 2**48 - 1
    assert tuple(disputes.deadlines(latest)) == (latest + EVIDENCE_SECONDS, latest + RULING_SECONDS)


def test_tells_what_a_submission_costs_when_it_is_asked(disputes, other_arbitrator, disputed, council):
    exchange = disputed().exchange.arguments()
    assert disputes.submissionCost(exchange) == COST

    disputes.setArbitrator(other_arbitrator, {"from": council})

    assert disputes.submissionCost(exchange) == 0


def test_tells_nothing_when_there_is_no_case(disputes, arbitrator, disputed):
    assert tuple(disputes.caseOf(disputed().id)) == (NOBODY, 0, False, False, 0)
    assert disputes.exchangeOf(arbitrator, 0) == "0x" + "00" * 32


def test_names_its_wiring_when_it_is_asked(disputes, system, disputed_escrow, arbitrator):
    assert tuple(disputes.wiring()) == (disputed_escrow, system.identities)
    assert (disputes.arbitrator(), disputes.authority()) == (arbitrator, system.access)


def test_h078_refuses_ether_when_it_is_sent(disputes, stranger):
    with pytest.raises((brownie.exceptions.VirtualMachineError, ValueError)):
        stranger.transfer(disputes.address, 1)

    assert disputes.balance() == 0


# ---------------------------------------------------------------- constructor


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_h118_reverts_when_a_constructor_argument_is_no_contract(
    Disputes, system, disputed_escrow, arbitrator, stranger, position, reverts_with
):
    for nowhere in (NOBODY, stranger.address):
        given = [system.access, disputed_escrow, system.identities, arbitrator, EVIDENCE_SECONDS, RULING_SECONDS]
        given[position] = nowhere
        with reverts_with("DisputesAddressInvalid", nowhere):
            Disputes.deploy(*given, {"from": stranger})


@pytest.mark.parametrize("spans", [(0, 1), (0, 0), (1, 1), (2, 1)])
def test_h118_reverts_when_the_spans_do_not_fit_together(
    Disputes, system, disputed_escrow, arbitrator, stranger, spans, reverts_with
):
    with reverts_with("DisputesSpansInvalid", *spans):
        Disputes.deploy(system.access, disputed_escrow, system.identities, arbitrator, *spans, {"from": stranger})
