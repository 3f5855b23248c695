"""ConsentToken.constructor: contracts that are there, or no token."""

import pytest


def test_keeps_what_it_is_given(ConsentToken, system, council):
    token = ConsentToken.deploy(system.access, system.identities, system.schemas, {"from": council})

    assert token.authority() == system.access
    assert tuple(token.registries()) == (system.identities, system.schemas)


@pytest.mark.parametrize("position", range(3))
def test_h118_reverts_when_an_address_is_no_contract(ConsentToken, system, council, stranger, reverts_with, position):
    wiring = [system.access, system.identities, system.schemas]

    for nothing in ("0x" + "00" * 20, stranger):
        wiring[position] = nothing
        with reverts_with("ConsentTokenAddressInvalid", nothing):
            ConsentToken.deploy(*wiring, {"from": council})
