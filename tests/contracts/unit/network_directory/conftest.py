"""The directory of the network, and contracts to list in it."""

import pytest

from tests.helpers import events


@pytest.fixture
def directory(system):
    """The network's directory."""
    return system.directory


@pytest.fixture
def successor(NetworkDirectory, system, council):
    """A contract that no name of the directory has."""
    return NetworkDirectory.deploy(system.access, {"from": council})


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by
