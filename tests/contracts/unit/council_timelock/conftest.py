"""The council's timelock, and its council as an account."""

import pytest

from tests.helpers import events, network


@pytest.fixture
def timelock(system):
    """The council's timelock."""
    return system.timelock


@pytest.fixture(scope="session")
def council_contract(system):
    """Acts as the council, without a vote."""
    return network.account_of(system.council)


@pytest.fixture
def operation(system):
    """Something to carry out: target, value, data, predecessor, salt."""
    return system.credit, 0, system.credit.setCeiling.encode_input(123_000_000), bytes(32), bytes(32)


@pytest.fixture
def role_ids(timelock):
    """The timelock's roles, its admin role last."""
    return (*(getattr(timelock, f"{name}_ROLE")() for name in ("PROPOSER", "CANCELLER", "EXECUTOR")), bytes(32))


@pytest.fixture(scope="session")
def others(deployer, founder, guardian, treasurer, coordinator, regulator, stranger, council):
    """Everybody but the council: its seats, whoever holds an office, and the timelock itself."""
    return deployer, founder, guardian, treasurer, coordinator, regulator, stranger, council


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by
