"""ErasureRegister.constructor: contracts that are there and time to erase, or no register."""

import pytest

from tests.contracts.unit.erasure_register.conftest import ERASURE_SECONDS


def test_keeps_what_it_is_given(ErasureRegister, system, consents, council):
    wiring = system.access, system.identities, consents
    register = ErasureRegister.deploy(*wiring, ERASURE_SECONDS, {"from": council})

    assert register.authority() == system.access
    assert tuple(register.wiring()) == (system.identities, consents)
    assert register.erasureSeconds() == ERASURE_SECONDS
    assert register.overdueCount() == 0


@pytest.mark.parametrize("position", range(3))
def test_h118_reverts_when_an_address_is_no_contract(
    ErasureRegister, system, consents, council, stranger, reverts_with, position
):
    wiring = [system.access, system.identities, consents]

    for nothing in ("0x" + "00" * 20, stranger):
        wiring[position] = nothing
        with reverts_with("ErasureRegisterAddressInvalid", nothing):
            ErasureRegister.deploy(*wiring, ERASURE_SECONDS, {"from": council})


def test_h118_reverts_when_there_is_no_time_to_erase(ErasureRegister, system, consents, council, reverts_with):
    with reverts_with("ErasureRegisterSecondsInvalid", 0):
        ErasureRegister.deploy(system.access, system.identities, consents, 0, {"from": council})
