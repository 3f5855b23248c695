"""Who may call administrative functions."""

import pytest

from tests.helpers import events


@pytest.fixture
def access(system):
    """The network's access manager."""
    return system.access


@pytest.fixture
def second_admin(access, unused_account, council):
    """Another holder of the admin role."""
    account = unused_account()
    access.grantRole(0, account, 0, {"from": council})
    return account


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by
