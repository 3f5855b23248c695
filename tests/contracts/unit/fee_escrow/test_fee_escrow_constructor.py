"""FeeEscrow.constructor: contracts that are there and spans that fit together, or no escrow."""

import pytest

from tests.helpers.network import ESCROW_PARTS, NOBODY, deploy_exchange

NOTICE, LAPSE, ORDER_LIFE, DELIVERY, SHORTEST, LONGEST, BOND = range(7)


def test_keeps_what_it_is_given_when_the_spans_are_the_closest_allowed(system, council):
    spans = (1, 1, 1, 1, 1, 1, 10_000)

    contracts = deploy_exchange(system, council, spans)

    escrow = contracts["FeeEscrow"]
    assert tuple(escrow.parameters()) == spans
    wiring = dict(zip(ESCROW_PARTS, escrow.wiring(), strict=True))
    assert wiring["token"] == system.credit
    assert wiring["identities"] == system.identities
    assert wiring["consents"] == system.consents
    assert wiring["schedule"] == system.schedule
    assert wiring["hostRewards"] == contracts["HostRewards"]
    assert wiring["batches"] == contracts["ExchangeBatches"]


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (ORDER_LIFE, 0),
        (ORDER_LIFE, 101),  # longer than the notice
        (LAPSE, 0),
        (DELIVERY, 0),
        (SHORTEST, 0),
        (SHORTEST, 101),  # longer than the longest
        (BOND, 10_001),
    ],
)
def test_h118_reverts_when_spans_do_not_fit_together(FeeEscrow, system, council, reverts_with, position, value):
    spans = [100] * 7
    spans[position] = value

    with reverts_with("FeeEscrowParametersInvalid"):
        FeeEscrow.deploy(system.escrow.wiring(), tuple(spans), {"from": council})


@pytest.mark.parametrize("part", ["token", "identities", "consents", "schedule"])
def test_h118_reverts_when_an_address_is_no_contract(FeeEscrow, system, council, stranger, reverts_with, part):
    parts = dict(zip(ESCROW_PARTS, system.escrow.wiring(), strict=True))

    for nothing in (NOBODY, stranger.address):
        parts[part] = nothing
        with reverts_with("FeeEscrowAddressInvalid", nothing):
            FeeEscrow.deploy(tuple(parts.values()), system.escrow.parameters(), {"from": council})


@pytest.mark.parametrize("part", ["hostRewards", "disputes", "batches"])
def test_h118_reverts_when_nobody_is_foretold(FeeEscrow, system, council, reverts_with, part):
    parts = {**dict(zip(ESCROW_PARTS, system.escrow.wiring(), strict=True)), part: NOBODY}

    with reverts_with("FeeEscrowAddressInvalid", NOBODY):
        FeeEscrow.deploy(tuple(parts.values()), system.escrow.parameters(), {"from": council})
