"""FeeEscrow.constructor: contracts that are there and spans that fit together, or no escrow."""

import pytest

NOTICE, LAPSE, ORDER_LIFE, DELIVERY, SHORTEST, LONGEST, DISPUTE, BOND = range(8)


def test_keeps_what_it_is_given_when_the_spans_are_the_closest_allowed(deploy_escrow, system):
    spans = (1, 1, 1, 1, 1, 1, 1, 10_000)

    escrow = deploy_escrow(system.credit, spans)

    assert tuple(escrow.parameters()) == spans
    assert tuple(escrow.wiring()) == (system.credit, system.identities, system.consents, system.schedule)


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (ORDER_LIFE, 0),
        (ORDER_LIFE, 101),  # longer than the notice
        (LAPSE, 0),
        (DELIVERY, 0),
        (SHORTEST, 0),
        (SHORTEST, 101),  # longer than the longest
        (DISPUTE, 0),
        (BOND, 10_001),
    ],
)
def test_h118_reverts_when_spans_do_not_fit_together(deploy_escrow, system, reverts_with, position, value):
    spans = [100] * 8
    spans[position] = value

    with reverts_with("FeeEscrowParametersInvalid"):
        deploy_escrow(system.credit, tuple(spans))


@pytest.mark.parametrize("position", range(5))
def test_h118_reverts_when_an_address_is_no_contract(FeeEscrow, system, council, stranger, reverts_with, position):
    wiring = [system.access, system.credit, system.identities, system.consents, system.schedule]

    for nothing in ("0x" + "00" * 20, stranger):
        wiring[position] = nothing
        with reverts_with("FeeEscrowAddressInvalid", nothing):
            FeeEscrow.deploy(*wiring, system.escrow.parameters(), {"from": council})
